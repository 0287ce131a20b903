// SPDX-License-Identifier: GPL-3.0-or-later
#include "registry/model_folder.h"

#include "core/error.h"
#include "core/file_io.h"

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <unistd.h>

namespace voorwerp::registry {

namespace fs = std::filesystem;

namespace {

constexpr const char* kModelFile = "model.h5";
constexpr const char* kLineageFile = "lineage.json";
constexpr int kAttempts = 100;

bool isPlainName(const std::string& name)
{
    const auto plain = [](unsigned char c) {
        return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-' ||
               c == '_' || c == '.';
    };
    return !name.empty() && name.front() != '.' && std::all_of(name.begin(), name.end(), plain);
}

void requirePlainName(const std::string& name)
{
    if (!isPlainName(name))
        throw core::UserError("'" + name + "' cannot be the name of a model",
                              "Use letters, digits, '-', '_' and '.', and do not start with a '.'.");
}

[[noreturn]] void throwCannotCreate(const fs::path& path, const std::string& cause)
{
    throw core::SystemError("cannot create " + path.string() + ": " + cause,
                            "Check the permissions of that folder and the space on its disk.");
}

/// A name that no other writer uses now.
std::string temporaryName()
{
    static std::atomic<unsigned> counter = 0;
    return ".new-" + std::to_string(::getpid()) + "-" + std::to_string(counter++);
}

/// The version that a folder's name says, or 0.
int versionOf(const std::string& text)
{
    int version = 0;
    const auto result = std::from_chars(text.data(), text.data() + text.size(), version);
    const bool whole = result.ec == std::errc() && result.ptr == text.data() + text.size();
    return whole && version > 0 && std::to_string(version) == text ? version : 0;
}

std::vector<int> versionsIn(const fs::path& folder)
{
    std::vector<int> versions;
    if (fs::is_directory(folder))
        for (const auto& entry : fs::directory_iterator(folder))
            if (const int version = versionOf(entry.path().filename().string()))
                versions.push_back(version);
    return versions;
}

/// A folder that is removed unless it was renamed away.
class TemporaryVersion
{
public:
    explicit TemporaryVersion(fs::path path)
        : m_path(std::move(path))
    {
        std::error_code ignored;
        fs::remove_all(m_path, ignored);
        std::error_code failure;
        fs::create_directories(m_path, failure);
        if (failure)
            throwCannotCreate(m_path, failure.message());
    }
    TemporaryVersion(const TemporaryVersion&) = delete;
    TemporaryVersion& operator=(const TemporaryVersion&) = delete;
    ~TemporaryVersion()
    {
        std::error_code ignored;
        fs::remove_all(m_path, ignored);
    }
    const fs::path& path() const { return m_path; }
    /// False when the target is taken.
    bool renameTo(const fs::path& target) const
    {
        if (::rename(m_path.c_str(), target.c_str()) == 0)
            return true;
        if (errno == EEXIST || errno == ENOTEMPTY)
            return false;
        throwCannotCreate(target, std::strerror(errno));
    }

private:
    fs::path m_path;
};

} // namespace

ModelFolder::ModelFolder(fs::path folder)
    : m_folder(std::move(folder))
{
}

fs::path ModelFolder::file(const std::string& name, int version) const
{
    requirePlainName(name);
    return m_folder / name / std::to_string(version) / kModelFile;
}

int ModelFolder::nextVersion(const std::string& name, int atLeast) const
{
    requirePlainName(name);
    int highest = atLeast - 1;
    for (const int version : versionsIn(m_folder / name))
        highest = std::max(highest, version);
    return highest + 1;
}

StoredModel ModelFolder::store(const std::string& name, const ModelFile& model, int atLeast) const
{
    requirePlainName(name);
    const TemporaryVersion temporary(m_folder / name / temporaryName());
    StoredModel stored{name, 0, {}, writeModelFile(temporary.path() / kModelFile, model)};
    for (int attempt = 0; attempt < kAttempts; ++attempt) {
        stored.version = nextVersion(name, atLeast);
        const nlohmann::json lineage{{"model", name},
                                     {"version", stored.version},
                                     {"sha256", stored.sha256},
                                     {"lineage", model.lineage}};
        core::writeTextAtomically(temporary.path() / kLineageFile, lineage.dump(2) + "\n");
        stored.file = file(name, stored.version);
        if (temporary.renameTo(stored.file.parent_path())) {
            core::syncFolder(m_folder / name);
            return stored;
        }
    }
    throw core::SystemError("no free version number for model " + name + " in " + m_folder.string());
}

void ModelFolder::remove(const std::string& name, int version) const
{
    fs::remove_all(file(name, version).parent_path());
}

} // namespace voorwerp::registry
