// SPDX-License-Identifier: GPL-3.0-or-later
#include "catalog/cluster_server.h"

#include "catalog/cluster_settings.h"
#include "catalog/session.h"
#include "core/file_io.h"
#include "core/process.h"

#include <algorithm>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <fcntl.h>
#include <fstream>
#include <thread>
#include <unistd.h>

namespace voorwerp::catalog {

namespace fs = std::filesystem;

namespace {

constexpr int kOldestVersion = 14;
constexpr const char* kPackagesFolder = "/usr/lib/postgresql";
constexpr const char* kAdministrator =
    "voorwerp_admin"; ///< initdb's superuser; the program uses it for set-up only
const std::string kUnfinished = "data.unfinished-";
constexpr std::uintmax_t kLargestLog = 4U << 20U;
constexpr std::streamoff kShownLog = 1500;
constexpr int kStatusLine = 8; ///< of postmaster.pid: "starting", "ready", ...
constexpr auto kPoll = std::chrono::milliseconds(10);
constexpr auto kFastShutdown = std::chrono::seconds(120);
constexpr auto kImmediateShutdown = std::chrono::seconds(20);
constexpr auto kWaitForOldProcesses = std::chrono::seconds(30);
constexpr auto kWaitForDying = std::chrono::seconds(5);

int leadingNumber(const std::string& text)
{
    return std::atoi(text.c_str());
}

/// Process id whose working folder is the data folder: the server or one of its children. 0: none.
bool worksIn(const fs::path& process, const fs::path& data)
{
    std::error_code error;
    const fs::path folder = fs::read_symlink(process / "cwd", error);
    return !error && folder == data;
}

bool anyProcessIn(const fs::path& data)
{
    std::error_code ignored;
    for (const auto& entry : fs::directory_iterator("/proc", ignored))
        if (leadingNumber(entry.path().filename().string()) > 0 && worksIn(entry.path(), data))
            return true;
    return false;
}

/// Neither gone nor a zombie.
bool alive(long pid)
{
    std::error_code error;
    const fs::path program = fs::read_symlink(fs::path("/proc") / std::to_string(pid) / "exe", error);
    return !error && !program.empty();
}

/// What half-made data folders left, as far as it can be removed now.
void removeUnfinished(const fs::path& server)
{
    std::error_code ignored;
    for (const auto& entry : fs::directory_iterator(server, ignored))
        if (entry.path().filename().string().starts_with(kUnfinished))
            fs::remove_all(entry.path(), ignored);
}

void syncFileSystem(const fs::path& folder)
{
    const int descriptor = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    const bool synced = descriptor >= 0 && ::syncfs(descriptor) == 0;
    if (descriptor >= 0)
        ::close(descriptor);
    if (!synced)
        throw core::SystemError("cannot write " + folder.string() + " to disk");
}

std::string tailOf(const fs::path& log, std::uintmax_t from)
{
    std::ifstream in(log, std::ios::binary | std::ios::ate);
    if (!in)
        return {};
    const std::streamoff size = in.tellg();
    in.seekg(std::max(static_cast<std::streamoff>(from), size - kShownLog));
    return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

std::uintmax_t sizeOf(const fs::path& file)
{
    std::error_code error;
    const auto size = fs::file_size(file, error);
    return error ? 0 : size;
}

core::ProcessResult runAsServer(std::vector<std::string> command, std::stop_token stop = {})
{
    return core::runProcess({.command = std::move(command),
                             .environment = {{"LC_ALL", "C"}},
                             .workingFolder = "/",
                             .runAsUser = serverUser()},
                            std::move(stop));
}

} // namespace

int ClusterServer::dataVersion() const
{
    std::ifstream in(m_layout.data / "PG_VERSION");
    int version = 0;
    in >> version;
    return version;
}

long ClusterServer::pid() const
{
    std::ifstream in(m_layout.data / "postmaster.pid");
    long pid = 0;
    if (!(in >> pid) || pid <= 0)
        return 0;
    std::error_code error;
    const fs::path data = fs::canonical(m_layout.data, error);
    return !error && worksIn(fs::path("/proc") / std::to_string(pid), data) ? pid : 0;
}

fs::path ClusterServer::binFolder() const
{
    const int wanted = dataVersion();
    int best = 0;
    std::error_code ignored;
    for (const auto& entry : fs::directory_iterator(kPackagesFolder, ignored)) {
        const int version = leadingNumber(entry.path().filename().string());
        const bool complete =
            fs::exists(entry.path() / "bin" / "initdb") && fs::exists(entry.path() / "bin" / "postgres");
        if (complete && version >= kOldestVersion && (wanted == 0 ? version > best : version == wanted))
            best = version;
    }
    if (best > 0)
        return fs::path(kPackagesFolder) / std::to_string(best) / "bin";
    if (wanted > 0)
        throw core::SystemError("the database in " + m_layout.data.string() + " was made by PostgreSQL " +
                                    std::to_string(wanted) + ", which is not installed here",
                                "Install the package postgresql-" + std::to_string(wanted) +
                                    ", or restore a backup into a new workspace.");
    throw core::SystemError("no PostgreSQL of version " + std::to_string(kOldestVersion) +
                                " or newer is installed in " + kPackagesFolder,
                            "Install the package postgresql-15, or name a server with --db.");
}

void ClusterServer::fail(const std::string& what, const std::string& said, std::uintmax_t logStart) const
{
    const std::string log = tailOf(m_layout.log, logStart);
    const std::string all = said + "\n" + log;
    std::string remedy = "The whole log is " + m_layout.log.string() + ".";
    if (all.find("No space left on device") != std::string::npos)
        remedy =
            "The disk that holds " + m_layout.server.string() + " is full: free some space and try again.";
    throw core::SystemError(what + ":\n" + (log.empty() ? said : log), remedy);
}

void ClusterServer::bringUp(core::JobContext& context) const
{
    if (dataVersion() == 0)
        initialise(context);
    // A server that was killed this moment refuses connections before its process is gone.
    const auto deadline = std::chrono::steady_clock::now() + kWaitForDying;
    for (bool found = pid() != 0;; std::this_thread::sleep_for(kPoll)) {
        if (pid() == 0) {
            start(context);
            found = false;
        }
        try {
            createRoleAndDatabase();
            return;
        } catch (const core::SystemError&) {
            if (!found || std::chrono::steady_clock::now() > deadline)
                throw;
        }
    }
}

void ClusterServer::initialise(core::JobContext& context) const
{
    context.beginPhase("Creating the database", "", 0);
    if (fs::exists(m_layout.data) && !fs::is_empty(m_layout.data))
        throw core::SystemError(m_layout.data.string() + " is there but is not a PostgreSQL data folder",
                                "Move it away; a restored backup goes into a new workspace.");
    removeUnfinished(m_layout.server);
    // A name of its own: processes of an initdb that was killed a moment ago may still write into theirs.
    const fs::path unfinished = m_layout.server / (kUnfinished + std::to_string(::getpid()));
    const auto result =
        runAsServer({(binFolder() / "initdb").string(), "--pgdata=" + unfinished.string(),
                     "--username=" + std::string(kAdministrator), "--data-checksums", "--encoding=UTF8",
                     "--locale=C.UTF-8", "--auth-local=peer", "--auth-host=reject", "--no-sync"},
                    context.stopToken());
    if (!result.ok()) {
        removeUnfinished(m_layout.server);
        fail("cannot create a database in " + m_layout.server.string(), result.error, sizeOf(m_layout.log));
    }
    syncFileSystem(m_layout.server); // in one go: initdb's own sync of a thousand files takes seconds
    std::error_code error;
    fs::rename(unfinished, m_layout.data, error);
    if (error)
        throw core::SystemError("cannot rename " + unfinished.string() + ": " + error.message());
}

void ClusterServer::configure() const
{
    const auto write = [this](const std::string& name, const std::string& text) {
        core::writeTextAtomically(m_layout.data / name, text);
        giveToServerUser(m_layout.data / name);
    };
    write("postgresql.conf", clusterSettings(m_layout.socket));
    write("pg_hba.conf", "local all all peer map=voorwerp\n");
    write("pg_ident.conf", clusterIdentities(kAdministrator));
    if (sizeOf(m_layout.log) > kLargestLog)
        fs::rename(m_layout.log, m_layout.log.string() + ".old");
}

void ClusterServer::removeStaleLocks() const
{
    // After a crash, PostgreSQL finds out by itself unless the recorded process id belongs to another program
    // now, or to a zombie that a container's first process does not collect. Both lock files are in folders
    // of ours alone.
    const auto deadline = std::chrono::steady_clock::now() + kWaitForOldProcesses;
    std::error_code ignored;
    const fs::path data = fs::canonical(m_layout.data, ignored);
    while (anyProcessIn(data) && std::chrono::steady_clock::now() < deadline)
        std::this_thread::sleep_for(
            std::chrono::milliseconds(20)); // children of a killed server end by themselves
    if (anyProcessIn(data))
        return;
    for (const fs::path& file : {m_layout.data / "postmaster.pid", m_layout.socket / ".s.PGSQL.5432.lock"})
        fs::remove(file, ignored);
}

void ClusterServer::start(core::JobContext& context) const
{
    context.beginPhase("Starting the database", "", 0);
    const fs::path postgres = binFolder() / "postgres";
    removeStaleLocks();
    configure();
    const auto logStart = sizeOf(m_layout.log);
    // A session of its own: neither Ctrl+C nor the end of this program reaches it. (pg_ctl would put the
    // paths into a shell command; here they are arguments.)
    const auto launched =
        runAsServer({"/bin/sh", "-c", R"(setsid "$1" -D "$2" </dev/null >>"$3" 2>&1 & echo $!)", "sh",
                     postgres.string(), m_layout.data.string(), m_layout.log.string()});
    const long started = std::atol(launched.output.c_str());
    if (!launched.ok() || started <= 0)
        fail("the database server does not start", launched.error, logStart);
    while (!ready()) {
        if (!alive(started))
            fail("the database server does not start", launched.error, logStart);
        if (context.stopRequested()) {
            ::kill(static_cast<pid_t>(started), SIGTERM);
            throw core::Cancelled();
        }
        std::this_thread::sleep_for(kPoll);
    }
}

bool ClusterServer::ready() const
{
    std::ifstream in(m_layout.data / "postmaster.pid");
    std::string line;
    for (int i = 0; i < kStatusLine; ++i)
        if (!std::getline(in, line))
            return false;
    return line.starts_with("ready") && pid() != 0;
}

/// The package is installed, but not in this database: only the administrator may change that.
static bool lacksQ3c(pqxx::connection& connection)
{
    return !pqxx::nontransaction(connection)
                .exec("SELECT FROM pg_available_extensions WHERE name = 'q3c' AND installed_version IS NULL")
                .empty();
}

void ClusterServer::createRoleAndDatabase() const
{
    try {
        pqxx::connection connection(m_layout.uri("voorwerp", "voorwerp"));
        if (!lacksQ3c(connection))
            return;
    } catch (const pqxx::failure&) {
        // Not there yet: a first start, or one that was interrupted here.
    }
    try {
        pqxx::connection connection(m_layout.uri(kAdministrator, "postgres"));
        pqxx::nontransaction administrator(connection);
        if (administrator.exec("SELECT FROM pg_roles WHERE rolname = 'voorwerp'").empty())
            administrator.exec("CREATE ROLE voorwerp LOGIN CREATEDB NOSUPERUSER NOCREATEROLE");
        if (administrator.exec("SELECT FROM pg_database WHERE datname = 'voorwerp'").empty())
            administrator.exec("CREATE DATABASE voorwerp OWNER voorwerp");
        pqxx::connection database(m_layout.uri(kAdministrator, "voorwerp"));
        if (lacksQ3c(database))
            pqxx::nontransaction(database).exec("CREATE EXTENSION IF NOT EXISTS q3c SCHEMA public");
    } catch (const pqxx::failure& error) {
        throw core::SystemError(std::string("the private database server runs but cannot be used: ") +
                                    error.what(),
                                "The server's log is " + m_layout.log.string() + ".");
    }
}

void ClusterServer::stop() const
{
    const long server = pid();
    const auto signalAndWait = [server](int signal, std::chrono::seconds patience) {
        ::kill(static_cast<pid_t>(server), signal);
        const auto deadline = std::chrono::steady_clock::now() + patience;
        while (alive(server) && std::chrono::steady_clock::now() < deadline)
            std::this_thread::sleep_for(kPoll);
        return !alive(server);
    };
    // Fast: rolls back what runs and writes a checkpoint. Immediate: the next start recovers.
    if (server != 0 && !signalAndWait(SIGINT, kFastShutdown) && !signalAndWait(SIGQUIT, kImmediateShutdown))
        throw core::SystemError("the database server (process " + std::to_string(server) + ") does not stop",
                                "Its log is " + m_layout.log.string() + ".");
    if (m_layout.socket.parent_path() != m_layout.server) {
        std::error_code ignored;
        fs::remove(m_layout.socket, ignored); // the next start makes it again
    }
}

} // namespace voorwerp::catalog
