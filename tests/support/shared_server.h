// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// A PostgreSQL server as a group shares one: logins with passwords, TCP on 127.0.0.1, TLS with a certificate
// made here.

#include "support/test_support.h"

#include <filesystem>
#include <string>
#include <vector>

namespace voorwerp::test {

class SharedServer
{
public:
    static constexpr const char* kPassword = "s3cret-of-the-login";

    enum class Certificate { Good, Expired, OtherName, None };
    /// Starts it with the database "survey", which belongs to the login "desi" (with CREATEROLE).
    explicit SharedServer(Certificate certificate = Certificate::Good);
    ~SharedServer();
    SharedServer(const SharedServer&) = delete;
    SharedServer& operator=(const SharedServer&) = delete;

    /// A login with kPassword.
    void makeLogin(const std::string& name, const std::string& options = {}) const;
    /// As the superuser, in the database "survey"; the first column of the first row.
    std::string value(const std::string& sql) const;
    /// postgresql://login@localhost:port/survey with the rest (sslmode=...&...), and the password where it is
    /// wanted.
    std::string uri(const std::string& login, const std::string& rest = {}) const;
    std::string uriWithPassword(const std::string& login, const std::string& rest = {}) const;
    /// The authority that signed the server's certificate, and one that signed nothing.
    std::filesystem::path authority() const { return m_folder / "authority.crt"; }
    std::filesystem::path otherAuthority() const { return m_folder / "other.crt"; }
    /// The password of every login in libpq's format: for PGPASSFILE.
    std::filesystem::path passwordFile() const { return m_folder / "pgpass"; }
    int port() const { return m_port; }

private:
    std::string run(const std::vector<std::string>& command) const;
    void makeAuthority(const std::string& name) const;
    void makeCertificate(Certificate certificate) const;
    void configure(Certificate certificate) const;

    TemporaryFolder m_folder;
    int m_port = 0;
};

} // namespace voorwerp::test
