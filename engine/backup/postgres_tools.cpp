// SPDX-License-Identifier: GPL-3.0-or-later
#include "backup/postgres_tools.h"

#include "backup/restic.h"
#include "core/error.h"
#include "core/file_io.h"
#include "core/process.h"

#include <algorithm>
#include <cctype>
#include <map>
#include <sstream>
#include <utility>

namespace voorwerp::backup {

namespace fs = std::filesystem;

namespace {

constexpr const char* kDebianFolder = "/usr/lib/postgresql";

bool contains(const std::string& text, const char* part)
{
    return text.find(part) != std::string::npos;
}

/// Major version → bin folder, newest first.
std::map<int, fs::path, std::greater<>> installedVersions()
{
    std::map<int, fs::path, std::greater<>> versions;
    std::error_code ignored;
    for (const auto& entry : fs::directory_iterator(kDebianFolder, ignored)) {
        const std::string name = entry.path().filename().string();
        if (!name.empty() &&
            std::all_of(name.begin(), name.end(), [](unsigned char c) { return std::isdigit(c); }))
            versions[std::stoi(name)] = entry.path() / "bin";
    }
    return versions;
}

/// "pg_dump (PostgreSQL) 15.4 (Debian ...)" → 15
int majorVersionOf(const fs::path& program)
{
    const auto result = core::runProcess({.command = {program.string(), "--version"}});
    const auto digit = result.output.find_first_of("0123456789");
    return result.ok() && digit != std::string::npos ? std::stoi(result.output.substr(digit)) : 0;
}

[[noreturn]] void throwFailure(const std::string& what, const core::ProcessResult& result)
{
    const std::string message = what + ": " + lastWords(result.error);
    if (contains(result.error, "No space left on device") || contains(result.error, "Disk quota exceeded"))
        throw core::SystemError(message, "Free some space on that disk and start again.");
    for (const char* sign : {"connection to server", "could not connect", "server closed the connection",
                             "terminating connection", "no connection to the server"})
        if (contains(result.error, sign))
            throw core::DatabaseError(core::DatabaseError::Kind::Unreachable, message,
                                      "Check that the PostgreSQL server runs, then start again.");
    throw core::DatabaseError(
        core::DatabaseError::Kind::Refused, message,
        "The message is PostgreSQL's own; check the role's permissions on that database.");
}

std::string runTool(const std::string& what, std::vector<std::string> command,
                    const ConnectionEnvironment& environment, core::JobContext& context)
{
    core::ProcessRequest request;
    request.command = std::move(command);
    request.environment = environment;
    auto result = core::runProcess(request, context.stopToken());
    if (!result.ok())
        throwFailure(what, result);
    return std::move(result.output);
}

/// pg_restore's list of contents without what belongs to the extension q3c: only a superuser may create it,
/// the new server may not have it, and the program makes it again where it can.
std::string contentsWithoutQ3c(const std::string& contents)
{
    std::istringstream lines(contents);
    std::string kept;
    for (std::string line; std::getline(lines, line);)
        if (!contains(line, "EXTENSION - q3c") && !contains(line, "EXTENSION q3c") &&
            !contains(line, "INDEX voorwerp target_q3c"))
            kept += line + '\n';
    return kept;
}

} // namespace

fs::path findPostgresTool(const std::string& name, int leastMajorVersion)
{
    for (const auto& [version, folder] : installedVersions())
        if (const fs::path program = folder / name; version >= leastMajorVersion && fs::exists(program))
            return program;
    const fs::path inPath = core::findProgram(name);
    if (!inPath.empty() && majorVersionOf(inPath) >= leastMajorVersion)
        return inPath;
    throw core::SystemError(name + " of PostgreSQL " + std::to_string(leastMajorVersion) +
                                " or newer is not installed; the server is of that version",
                            "Install the package postgresql-client-" + std::to_string(leastMajorVersion) +
                                ".");
}

void dumpDatabase(const DatabaseAccess& database, const std::string& snapshotName, const fs::path& folder,
                  core::JobContext& context)
{
    const fs::path program = findPostgresTool("pg_dump", database.serverMajorVersion);
    runTool("the database could not be dumped",
            {program.string(), "--format=directory", "--compress=0", "--no-sync", "--no-password",
             "--snapshot=" + snapshotName, "--file=" + folder.string()},
            database.environment, context);
}

void restoreDatabase(const ConnectionEnvironment& database, int serverMajorVersion, const fs::path& folder,
                     core::JobContext& context)
{
    const fs::path program = findPostgresTool("pg_restore", serverMajorVersion);
    const std::string contents = runTool("the dump could not be read",
                                         {program.string(), "--list", folder.string()}, database, context);
    const fs::path list = folder / "restore.list";
    core::writeTextAtomically(list, contentsWithoutQ3c(contents));
    runTool("the database could not be restored",
            {program.string(), "--exit-on-error", "--single-transaction", "--no-owner", "--no-privileges",
             "--no-password", "--use-list=" + list.string(), "--dbname=" + database.at("PGDATABASE"),
             folder.string()},
            database, context);
}

} // namespace voorwerp::backup
