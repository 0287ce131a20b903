// SPDX-License-Identifier: GPL-3.0-or-later
#include "catalog/cluster_settings.h"

#include "catalog/cluster_layout.h"
#include "core/error.h"

#include <algorithm>
#include <cstdint>
#include <pwd.h>
#include <set>
#include <sys/statvfs.h>
#include <unistd.h>

namespace voorwerp::catalog {

namespace {

std::int64_t ramMegabytes()
{
    return static_cast<std::int64_t>(::sysconf(_SC_PHYS_PAGES)) * ::sysconf(_SC_PAGESIZE) / (1 << 20);
}

/// Containers often have 64 MB there, too little for parallel queries.
bool sharedMemoryIsRoomy()
{
    struct statvfs info
    {
    };
    constexpr std::uint64_t kEnough = 256U << 20U;
    return ::statvfs("/dev/shm", &info) == 0 && info.f_bavail * info.f_frsize >= kEnough;
}

/// For a list of folders: in double quotes, inside PostgreSQL's single quotes.
std::string quotedFolder(const std::string& path)
{
    std::string text = "'\"";
    for (const char c : path) {
        if (c == '\'' || c == '"' || c == '\\')
            text += c;
        text += c;
    }
    return text + "\"'";
}

std::string userName(uid_t uid)
{
    const passwd* entry = ::getpwuid(uid);
    if (entry == nullptr)
        throw core::SystemError("the user with id " + std::to_string(uid) + " has no name on this machine",
                                "Add it to /etc/passwd: PostgreSQL needs a name.");
    return entry->pw_name;
}

} // namespace

std::string clusterSettings(const std::filesystem::path& socketFolder)
{
    const std::int64_t ram = ramMegabytes();
    const auto megabytes = [](std::int64_t value) { return std::to_string(value) + "MB\n"; };
    return "# Written by Voorwerp at each start of the server.\n"
           "listen_addresses = ''\n"
           "port = 5432\n"
           "unix_socket_directories = " +
           quotedFolder(socketFolder.string()) +
           "\n"
           "max_connections = 60\n"
           "shared_buffers = " +
           megabytes(std::clamp<std::int64_t>(ram / 32, 64, 1024)) +
           "effective_cache_size = " + megabytes(std::max<std::int64_t>(ram / 2, 256)) +
           "maintenance_work_mem = " + megabytes(std::clamp<std::int64_t>(ram / 32, 64, 512)) +
           "work_mem = " + megabytes(std::clamp<std::int64_t>(ram / 512, 8, 64)) +
           "huge_pages = off\n"
           "dynamic_shared_memory_type = " +
           (sharedMemoryIsRoomy() ? "posix\n" : "mmap\n") +
           // One machine, no replicas: less is written ahead.
           "wal_level = minimal\n"
           "max_wal_senders = 0\n"
           "max_wal_size = 2GB\n"
           "checkpoint_timeout = 15min\n"
           "fsync = on\n"
           "synchronous_commit = on\n"
           "full_page_writes = on\n"
           "random_page_cost = 1.1\n"
           "jit = off\n"
           "timezone = 'UTC'\n"
           "log_timezone = 'UTC'\n"
           "lc_messages = 'C'\n"
           "log_checkpoints = off\n";
}

std::string clusterIdentities(const std::string& administrator)
{
    std::set<std::string> users{userName(::geteuid())};
    if (const std::string server = serverUser(); !server.empty())
        users.insert(server);
    std::string text;
    for (const std::string& user : users)
        for (const std::string& role : {std::string("voorwerp"), administrator})
            text += "voorwerp \"" + user + "\" " + role + "\n";
    return text;
}

} // namespace voorwerp::catalog
