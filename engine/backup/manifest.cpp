// SPDX-License-Identifier: GPL-3.0-or-later
#include "backup/manifest.h"

#include "core/error.h"
#include "core/file_io.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <ctime>
#include <map>

namespace voorwerp::backup {

namespace fs = std::filesystem;
using nlohmann::json;

namespace {

constexpr const char* kMagic = "voorwerp backup";
constexpr int kFormat = 1;

/// Relative path → size of every regular file below folder but the manifest, sorted.
std::map<std::string, std::int64_t> filesBelow(const fs::path& folder)
{
    std::map<std::string, std::int64_t> files;
    for (const auto& entry : fs::recursive_directory_iterator(folder))
        if (entry.is_regular_file())
            files[entry.path().lexically_relative(folder).generic_string()] =
                static_cast<std::int64_t>(entry.file_size());
    files.erase(kManifestFile);
    return files;
}

} // namespace

std::int64_t Manifest::totalBytes() const
{
    std::int64_t bytes = 0;
    for (const ManifestFile& file : files)
        bytes += file.bytes;
    return bytes;
}

std::int64_t Manifest::totalRows() const
{
    std::int64_t rows = 0;
    for (const auto& [table, count] : tables)
        rows += count;
    return rows;
}

std::vector<ManifestFile> hashFiles(const fs::path& folder, core::JobContext& context)
{
    const auto sizes = filesBelow(folder);
    std::int64_t total = 0;
    for (const auto& [path, bytes] : sizes)
        total += bytes;
    context.beginPhase("Hashing files", "bytes", static_cast<double>(total));
    std::vector<ManifestFile> files;
    std::int64_t done = 0;
    for (const auto& [path, bytes] : sizes) {
        files.push_back({path, bytes, core::sha256OfFile(folder / path, context.stopToken())});
        done += bytes;
        context.advanceTo(static_cast<double>(done), path);
    }
    return files;
}

void writeManifest(const fs::path& folder, const Manifest& manifest)
{
    json files = json::array();
    for (const ManifestFile& file : manifest.files)
        files.push_back({{"path", file.path}, {"bytes", file.bytes}, {"sha256", file.sha256}});
    const json text{{"magic", kMagic},
                    {"format", kFormat},
                    {"created", manifest.created},
                    {"software", manifest.software},
                    {"server_major_version", manifest.serverMajorVersion},
                    {"tables", manifest.tables},
                    {"files", files}};
    core::writeTextAtomically(folder / kManifestFile, text.dump(1) + "\n");
}

Manifest readManifest(const fs::path& folder)
{
    const fs::path path = folder / kManifestFile;
    if (!fs::exists(path))
        throw core::FormatError("the snapshot has no " + std::string(kManifestFile),
                                "It was not made by Voorwerp, or it is damaged; choose another one.");
    try {
        const json text = json::parse(core::readText(path));
        if (text.at("magic") != kMagic)
            throw core::FormatError("the snapshot's manifest is not one of Voorwerp",
                                    "Choose another snapshot.");
        if (text.at("format").get<int>() > kFormat)
            throw core::FormatError("the snapshot was made by a newer Voorwerp (manifest format " +
                                        text.at("format").dump() + ")",
                                    "Update Voorwerp on this machine.");
        Manifest manifest;
        manifest.created = text.at("created").get<std::string>();
        manifest.software = text.at("software").get<std::string>();
        manifest.serverMajorVersion = text.at("server_major_version").get<int>();
        manifest.tables = text.at("tables").get<RowCounts>();
        for (const json& file : text.at("files"))
            manifest.files.push_back({file.at("path").get<std::string>(),
                                      file.at("bytes").get<std::int64_t>(),
                                      file.at("sha256").get<std::string>()});
        return manifest;
    } catch (const json::exception& error) {
        throw core::FormatError(std::string("the snapshot's manifest is damaged: ") + error.what(),
                                "Choose another snapshot.");
    }
}

std::vector<std::string> compareFiles(const Manifest& manifest, const fs::path& folder,
                                      core::JobContext& context)
{
    auto found = filesBelow(folder);
    std::vector<std::string> problems;
    context.beginPhase("Comparing files", "bytes", static_cast<double>(manifest.totalBytes()));
    std::int64_t done = 0;
    for (const ManifestFile& file : manifest.files) {
        if (found.erase(file.path) == 0)
            problems.push_back(file.path + " is missing");
        else if (const auto sha256 = core::sha256OfFile(folder / file.path, context.stopToken());
                 sha256 != file.sha256)
            problems.push_back(file.path + " differs: SHA-256 " + sha256 + ", expected " + file.sha256);
        done += file.bytes;
        context.advanceTo(static_cast<double>(done), file.path);
    }
    for (const auto& [path, bytes] : found)
        problems.push_back(path + " is not in the manifest");
    return problems;
}

std::vector<std::string> compareRows(const Manifest& manifest, const RowCounts& rows)
{
    std::vector<std::string> problems;
    for (const auto& [table, count] : manifest.tables) {
        const auto found = rows.find(table);
        if (found == rows.end())
            problems.push_back("table " + table + " is missing");
        else if (found->second != count)
            problems.push_back("table " + table + " has " + std::to_string(found->second) +
                               " rows, expected " + std::to_string(count));
    }
    for (const auto& [table, count] : rows)
        if (manifest.tables.find(table) == manifest.tables.end())
            problems.push_back("table " + table + " is not in the manifest");
    return problems;
}

std::string utcNow()
{
    const std::time_t now = std::time(nullptr);
    std::tm parts{};
    ::gmtime_r(&now, &parts);
    char text[32] = "";
    std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &parts);
    return text;
}

} // namespace voorwerp::backup
