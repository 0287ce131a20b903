// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/file_io.h"

#include "core/error.h"

#include <openssl/evp.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <fstream>
#include <memory>
#include <sstream>
#include <sys/file.h>
#include <unistd.h>
#include <utility>
#include <vector>

namespace voorwerp::core {

namespace fs = std::filesystem;

namespace {

[[noreturn]] void throwErrno(const char* action, const fs::path& path)
{
    const int code = errno;
    std::string remedy;
    if (code == ENOSPC || code == EDQUOT)
        remedy = "Free some space on that disk and start again; nothing that was there before is lost.";
    else if (code == EACCES || code == EPERM || code == EROFS)
        remedy = "Check the permissions of that folder, or choose another one.";
    else if (code == ENOENT || code == ENOTDIR)
        remedy = "Check the name, and that its folder is there.";
    throw SystemError(std::string("cannot ") + action + " " + path.string() + ": " + std::strerror(code),
                      remedy);
}

class Sha256
{
public:
    Sha256()
        : m_context(EVP_MD_CTX_new(), &EVP_MD_CTX_free)
    {
        EVP_DigestInit_ex(m_context.get(), EVP_sha256(), nullptr);
    }
    void update(const void* data, std::size_t size) { EVP_DigestUpdate(m_context.get(), data, size); }
    std::string hex()
    {
        std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
        unsigned int size = 0;
        EVP_DigestFinal_ex(m_context.get(), digest.data(), &size);
        static constexpr char kDigits[] = "0123456789abcdef";
        std::string text;
        for (unsigned int i = 0; i < size; ++i) {
            text += kDigits[digest[i] >> 4];
            text += kDigits[digest[i] & 15];
        }
        return text;
    }

private:
    std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> m_context;
};

void syncPath(const fs::path& path, int flags)
{
    const int descriptor = ::open(path.c_str(), flags | O_CLOEXEC);
    if (descriptor < 0)
        throwErrno("open", path);
    const int result = ::fsync(descriptor);
    const int code = errno;
    ::close(descriptor);
    errno = code;
    if (result != 0)
        throwErrno("write", path);
}

/// A rename would put a plain file in the place of a device (/dev/null), and fails late on a folder.
void requireReplaceable(const fs::path& path)
{
    std::error_code ignored;
    const fs::file_status status = fs::status(path, ignored);
    if (fs::is_directory(status))
        throw SystemError("cannot write " + path.string() + ": it is a folder",
                          "Give the name of a file in it.");
    if (fs::exists(status) && !fs::is_regular_file(status))
        throw SystemError("cannot write " + path.string() + ": it is not a plain file",
                          "Give the name of a file.");
}

int openForLock(const fs::path& path)
{
    const int descriptor = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (descriptor < 0)
        throwErrno("open", path);
    return descriptor;
}

} // namespace

std::string sha256OfFile(const fs::path& path, std::stop_token stop)
{
    std::ifstream in(path, std::ios::binary);
    if (!in)
        throwErrno("open", path);
    Sha256 hash;
    std::vector<char> block(1 << 20);
    while (in) {
        if (stop.stop_requested())
            throw Cancelled();
        in.read(block.data(), static_cast<std::streamsize>(block.size()));
        hash.update(block.data(), static_cast<std::size_t>(in.gcount()));
    }
    if (in.bad())
        throwErrno("read", path);
    return hash.hex();
}

std::string sha256OfBytes(std::span<const std::byte> bytes)
{
    Sha256 hash;
    hash.update(bytes.data(), bytes.size());
    return hash.hex();
}

void writeFileAtomically(const fs::path& path, const std::function<void(const fs::path&)>& write)
{
    requireReplaceable(path);
    fs::path temporary = path;
    temporary += ".tmp-" + std::to_string(::getpid());
    try {
        write(temporary);
        syncPath(temporary, O_RDONLY);
        if (::rename(temporary.c_str(), path.c_str()) != 0)
            throwErrno("rename", temporary);
    } catch (...) {
        std::error_code ignored;
        fs::remove(temporary, ignored);
        throw;
    }
    syncFolder(path.has_parent_path() ? path.parent_path() : fs::path("."));
}

void syncFolder(const fs::path& folder)
{
    syncPath(folder, O_RDONLY | O_DIRECTORY);
}

void writeTextAtomically(const fs::path& path, std::string_view text)
{
    writeFileAtomically(path, [&](const fs::path& temporary) {
        std::ofstream out(temporary, std::ios::binary | std::ios::trunc);
        out.write(text.data(), static_cast<std::streamsize>(text.size()));
        out.flush();
        if (!out)
            throwErrno("write", temporary);
    });
}

std::string readText(const fs::path& path)
{
    std::ifstream in(path, std::ios::binary);
    if (!in)
        throwErrno("open", path);
    std::ostringstream text;
    text << in.rdbuf();
    return text.str();
}

FileLock::FileLock(FileLock&& other) noexcept
    : m_descriptor(std::exchange(other.m_descriptor, -1))
{
}

FileLock& FileLock::operator=(FileLock&& other) noexcept
{
    if (this != &other) {
        release();
        m_descriptor = std::exchange(other.m_descriptor, -1);
    }
    return *this;
}

FileLock::~FileLock()
{
    release();
}

FileLock FileLock::acquire(const fs::path& path, Mode mode)
{
    FileLock lock(openForLock(path));
    while (::flock(lock.m_descriptor, mode == Mode::Shared ? LOCK_SH : LOCK_EX) != 0) {
        if (errno != EINTR)
            throwErrno("lock", path);
    }
    return lock;
}

FileLock FileLock::tryAcquire(const fs::path& path, Mode mode)
{
    FileLock lock(openForLock(path));
    if (::flock(lock.m_descriptor, (mode == Mode::Shared ? LOCK_SH : LOCK_EX) | LOCK_NB) != 0)
        lock.release();
    return lock;
}

bool FileLock::tryUpgrade()
{
    // flock converts by releasing first: on failure the shared lock must be taken again.
    if (::flock(m_descriptor, LOCK_EX | LOCK_NB) == 0)
        return true;
    while (::flock(m_descriptor, LOCK_SH) != 0 && errno == EINTR) {
    }
    return false;
}

void FileLock::release() noexcept
{
    if (m_descriptor >= 0)
        ::close(std::exchange(m_descriptor, -1));
}

} // namespace voorwerp::core
