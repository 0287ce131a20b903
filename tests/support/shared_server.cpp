// SPDX-License-Identifier: GPL-3.0-or-later
#include "support/shared_server.h"

#include "core/process.h"

#include <algorithm>
#include <arpa/inet.h>
#include <atomic>
#include <cstdlib>
#include <fstream>
#include <netinet/in.h>
#include <pwd.h>
#include <stdexcept>
#include <sys/socket.h>
#include <unistd.h>

namespace voorwerp::test {

namespace fs = std::filesystem;

namespace {

/// Of the newest installed server.
std::string bin(const std::string& program)
{
    int newest = 0;
    for (const auto& entry : fs::directory_iterator("/usr/lib/postgresql"))
        if (fs::exists(entry.path() / "bin/initdb"))
            newest = std::max(newest, std::atoi(entry.path().filename().c_str()));
    return "/usr/lib/postgresql/" + std::to_string(newest) + "/bin/" + program;
}

std::string serverUser()
{
    return ::geteuid() == 0 ? "postgres" : "";
}

int freePort()
{
    const int descriptor = ::socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    ::bind(descriptor, reinterpret_cast<sockaddr*>(&address), size);
    ::getsockname(descriptor, reinterpret_cast<sockaddr*>(&address), &size);
    ::close(descriptor);
    return ntohs(address.sin_port);
}

void write(const fs::path& file, const std::string& text)
{
    std::ofstream(file) << text;
}

} // namespace

SharedServer::SharedServer(Certificate certificate)
    : m_port(freePort())
{
    const fs::path own = m_folder / "server";
    fs::create_directory(own);
    if (const passwd* user = ::geteuid() == 0 ? ::getpwnam("postgres") : nullptr)
        if (::chown(own.c_str(), user->pw_uid, user->pw_gid) != 0)
            throw std::runtime_error("cannot give the folder to the server");
    makeAuthority("authority");
    makeAuthority("other");
    run({bin("initdb"), "--pgdata=" + (own / "data").string(), "--username=admin", "--auth=trust",
         "--encoding=UTF8", "--locale=C.UTF-8", "--no-sync"});
    if (certificate != Certificate::None)
        makeCertificate(certificate);
    configure(certificate);
    run({bin("pg_ctl"), "-D", (own / "data").string(), "-l", (own / "log").string(), "-w", "start"});
    run({"createdb", "-h", own.string(), "-p", std::to_string(m_port), "-U", "admin", "survey"});
    makeLogin("desi", "CREATEROLE");
    value("ALTER DATABASE survey OWNER TO desi");
    write(passwordFile(), std::string("*:*:*:*:") + kPassword + "\n");
    fs::permissions(passwordFile(), fs::perms::owner_read | fs::perms::owner_write);
}

SharedServer::~SharedServer()
{
    try {
        run({bin("pg_ctl"), "-D", (m_folder / "server/data").string(), "-m", "immediate", "-w", "stop"});
    } catch (const std::exception&) {
        // It ends by itself when its folder is gone.
    }
}

std::string SharedServer::run(const std::vector<std::string>& command) const
{
    core::ProcessRequest request;
    request.command = command;
    request.workingFolder = "/";
    request.runAsUser = serverUser();
    request.environment = {{"LC_ALL", "C"}};
    const auto result = core::runProcess(request);
    if (!result.ok())
        throw std::runtime_error(command.front() + ": " + result.error + result.output);
    return result.output;
}

void SharedServer::makeAuthority(const std::string& name) const
{
    const std::string base = (m_folder / name).string();
    core::runProcess({.command = {"openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
                                  "ec_paramgen_curve:prime256v1", "-nodes", "-keyout", base + ".key", "-out",
                                  base + ".crt", "-subj", "/CN=" + name, "-days", "2"}});
    if (!fs::exists(base + ".crt"))
        throw std::runtime_error("openssl made no certificate: install the package openssl");
}

void SharedServer::makeCertificate(Certificate certificate) const
{
    const std::string base = (m_folder / "server/tls").string();
    const std::string name = certificate == Certificate::OtherName ? "elsewhere.example.org" : "localhost";
    write(m_folder / "names", "subjectAltName=DNS:" + name + "\n");
    fs::permissions(m_folder / "authority.key", fs::perms::owner_all);
    core::runProcess(
        {.command = {"openssl", "req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
                     "-keyout", base + ".key", "-out", base + ".csr", "-subj", "/CN=" + name}});
    core::runProcess(
        {.command = {"openssl", "x509", "-req", "-in", base + ".csr", "-CA", authority().string(), "-CAkey",
                     (m_folder / "authority.key").string(), "-CAcreateserial", "-days",
                     certificate == Certificate::Expired ? "-1" : "2", "-extfile",
                     (m_folder / "names").string(), "-out", base + ".crt"}});
    if (const passwd* user = ::geteuid() == 0 ? ::getpwnam("postgres") : nullptr)
        for (const char* file : {".key", ".crt"})
            if (::chown((base + file).c_str(), user->pw_uid, user->pw_gid) != 0)
                throw std::runtime_error("cannot give the certificate to the server");
    fs::permissions(base + ".key", fs::perms::owner_read);
}

void SharedServer::configure(Certificate certificate) const
{
    const fs::path own = m_folder / "server";
    std::ofstream settings(own / "data/postgresql.conf", std::ios::app);
    settings << "listen_addresses = '127.0.0.1'\nport = " << m_port << "\nunix_socket_directories = '"
             << own.string()
             << "'\nfsync = off\nmax_connections = 40\nshared_buffers = 32MB\npassword_encryption = "
                "'scram-sha-256'\n"
             << "log_statement = 'none'\ndynamic_shared_memory_type = mmap\n";
    if (certificate != Certificate::None)
        settings << "ssl = on\nssl_cert_file = '" << (own / "tls.crt").string() << "'\nssl_key_file = '"
                 << (own / "tls.key").string() << "'\n";
    write(own / "data/pg_hba.conf", "local all admin trust\nhost all all 127.0.0.1/32 scram-sha-256\n");
}

void SharedServer::makeLogin(const std::string& name, const std::string& options) const
{
    value("CREATE ROLE \"" + name + "\" LOGIN " + options + " PASSWORD '" + kPassword + "'");
}

std::string SharedServer::value(const std::string& sql) const
{
    // In a file: other tests look for passwords in the arguments of processes.
    static std::atomic<int> counter = 0;
    const fs::path file = m_folder / ("statement-" + std::to_string(++counter) + ".sql");
    write(file, sql);
    std::string text =
        run({"psql", "-h", (m_folder / "server").string(), "-p", std::to_string(m_port), "-U", "admin", "-d",
             "survey", "-X", "-At", "-q", "-v", "ON_ERROR_STOP=1", "-f", file.string()});
    fs::remove(file);
    return text.substr(0, text.find('\n'));
}

std::string SharedServer::uri(const std::string& login, const std::string& rest) const
{
    return "postgresql://" + login + "@localhost:" + std::to_string(m_port) + "/survey" +
           (rest.empty() ? "" : "?" + rest);
}

std::string SharedServer::uriWithPassword(const std::string& login, const std::string& rest) const
{
    return "postgresql://" + login + ":" + kPassword + "@localhost:" + std::to_string(m_port) + "/survey" +
           (rest.empty() ? "" : "?" + rest);
}

} // namespace voorwerp::test
