// SPDX-License-Identifier: GPL-3.0-or-later
// TLS with certificates that the test makes, and passwords that nobody gets to see.
#include "catalog/connection_string.h"
#include "catalog/database.h"
#include "catalog/maintenance.h"
#include "catalog/secrets.h"
#include "core/error.h"
#include "core/process.h"
#include "support/shared_server.h"

#include <catch2/catch.hpp>
#include <cstdlib>
#include <fstream>
#include <pqxx/pqxx>

using namespace voorwerp;
using namespace voorwerp::catalog;
using Catch::Matchers::Contains;
using test::SharedServer;

namespace {

std::string verified(const std::filesystem::path& authority)
{
    return "sslmode=verify-full&sslrootcert=" + authority.string();
}

/// What a person reads when connecting fails; empty when it works.
std::string failure(const std::string& uri)
{
    try {
        databaseInfo(Database(uri));
        return {};
    } catch (const core::DatabaseError& error) {
        CHECK(error.kind() == core::DatabaseError::Kind::Unreachable);
        CHECK_FALSE(error.remedy().empty());
        return std::string(error.what()) + " | " + error.remedy();
    }
}

} // namespace

TEST_CASE("A server is trusted by its certificate, and each way to fail says what to do")
{
    const SharedServer server;
    ::setenv("PGPASSFILE", server.passwordFile().c_str(), 1);
    const std::string good = server.uri("desi", verified(server.authority()));
    CHECK(failure(good).empty());
    pqxx::connection connection(good);
    CHECK(pqxx::nontransaction(connection)
              .exec1("SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()")[0]
              .as<bool>());

    CHECK_THAT(failure(server.uri("desi", verified(server.otherAuthority()))),
               Contains("not signed by an authority") && Contains("other.crt") &&
                   Contains("sslrootcert=FILE"));
    CHECK_THAT(failure(server.uri("desi", verified("/nowhere/root.crt"))),
               Contains("there is no file /nowhere/root.crt"));
    // The same server under an address that its certificate does not name.
    std::string numeric = good;
    numeric.replace(numeric.find("localhost"), 9, "127.0.0.1");
    CHECK_THAT(failure(numeric), Contains("is for localhost, not for 127.0.0.1") && Contains("Use the name"));
    // What pg_dump gets is what we connect with.
    const auto environment = libpqEnvironment(Database(good));
    CHECK(environment.at("PGSSLMODE") == "verify-full");
    CHECK(environment.at("PGSSLROOTCERT") == server.authority().string());
    CHECK(environment.count("PGPASSWORD") == 0);
    const auto dump = [&](const std::filesystem::path& authority) {
        auto tool = environment;
        tool["PGSSLROOTCERT"] = authority.string();
        return core::runProcess(
            {.command = {"pg_dump", "--no-password", "--schema-only"}, .environment = tool});
    };
    CHECK(dump(server.authority()).ok());
    CHECK_FALSE(dump(server.otherAuthority()).ok());
}

TEST_CASE("A certificate that expired or is for another name is refused with its reason")
{
    const SharedServer expired(SharedServer::Certificate::Expired);
    CHECK_THAT(failure(expired.uri("desi", verified(expired.authority()))),
               Contains("expired on 20") && Contains("check the clock"));
    const SharedServer other(SharedServer::Certificate::OtherName);
    CHECK_THAT(failure(other.uri("desi", verified(other.authority()))),
               Contains("is for elsewhere.example.org, not for localhost"));
}

TEST_CASE("A server without TLS is refused unless it is asked for")
{
    const SharedServer plain(SharedServer::Certificate::None);
    ::setenv("PGPASSFILE", plain.passwordFile().c_str(), 1);
    CHECK_THAT(failure(plain.uri("desi", verified(plain.authority()))),
               Contains("does not offer TLS") && Contains("sslmode=disable"));
    CHECK_THAT(failure(plain.uri("desi", "sslmode=require")), Contains("does not offer TLS"));
    CHECK(failure(plain.uri("desi")).empty()); // on this machine
    CHECK(failure(plain.uri("desi", "sslmode=disable")).empty());
}

TEST_CASE("A server on another machine is asked for a certificate unless somebody says otherwise")
{
    const auto mode = [](const std::string& uri) {
        const auto settings = connectionSettings(uri);
        const auto found = settings.find("sslmode");
        return found == settings.end() ? std::string() : found->second;
    };
    ::unsetenv("PGSSLMODE");
    CHECK(mode("postgresql://ann@db.example.org/survey") == "verify-full");
    CHECK(mode("host=10.0.0.7 dbname=survey") == "verify-full");
    CHECK(mode("hostaddr=10.0.0.7 dbname=survey") == "verify-full");
    CHECK(mode("postgresql://ann@localhost,db.example.org/survey") == "verify-full");
    CHECK(mode("postgresql://ann@db.example.org/survey?sslmode=require") == "require");
    // A service of a file that says nothing about TLS is no exception.
    const test::TemporaryFolder folder;
    std::ofstream(folder / "services") << "# ours\n[desi]\nhost=db.example.org\ndbname=desi\n\n[own]\n"
                                          "host=db.example.org\nsslmode=require\n[local]\nhost=/tmp\n";
    ::setenv("PGSERVICEFILE", (folder / "services").c_str(), 1);
    CHECK(mode("service=desi") == "verify-full");
    CHECK(mode("service=own").empty());
    CHECK(mode("service=local").empty());
    CHECK(mode("service=unknown").empty());
    ::setenv("PGSERVICE", "desi", 1);
    CHECK(mode("dbname=desi") == "verify-full");
    ::unsetenv("PGSERVICE");
    ::unsetenv("PGSERVICEFILE");
    for (const char* local : {"postgresql:///survey", "postgresql://ann@localhost/survey", "host=127.0.0.1",
                              "host=/run/postgresql", "postgresql://ann@[::1]/survey"})
        CHECK(mode(local).empty());
    ::setenv("PGHOST", "db.example.org", 1);
    CHECK(mode("dbname=survey") == "verify-full");
    ::setenv("PGSSLMODE", "prefer", 1);
    CHECK(mode("postgresql://ann@db.example.org/survey").empty());
    ::unsetenv("PGSSLMODE");
    ::unsetenv("PGHOST");
}

TEST_CASE("Passwords of addresses are found and hidden in any text")
{
    CHECK(hideSecrets("cannot use postgresql://ann:p%40ss:w@host:5432/db?x=1 now") ==
          "cannot use postgresql://ann:***@host:5432/db?x=1 now");
    CHECK(hideSecrets("host=h password='it\\'s it' user=ann") == "host=h password='***' user=ann");
    CHECK(hideSecrets("postgresql://h/db?password=abc&sslpassword=def&user=u") ==
          "postgresql://h/db?password=***&sslpassword=***&user=u");
    // As libpq reads key=value pairs, and an address that should have been encoded.
    CHECK(hideSecrets("host=h password = s3&cret user=u") == "host=h password = *** user=u");
    CHECK(hideSecrets("password=it\\ s user=u") == "password=*** user=u");
    CHECK(hideSecrets("--db=postgresql://ann:s3/cret@host/db?x=a@b") ==
          "--db=postgresql://ann:***@host/db?x=a@b");
    try {
        parseConnectionString("postgresql://ann:s3/cret@host/db");
        FAIL("accepted");
    } catch (const core::UserError& error) {
        CHECK_THAT(std::string(error.what()) + error.remedy(), !Contains("s3") && Contains("percent-encode"));
    }
    for (const char* harmless :
         {"the password of ann", "postgresql://ann@host:5432/db", "http://example.org:80/a@b",
          "no address at all", "postgresql://host:5432", "password=", "://"}) {
        CHECK(hideSecrets(harmless) == harmless);
        CHECK_FALSE(hasSecret(harmless));
    }
    std::string program = "voorwerp-cli", option = "--db=postgresql://ann:abc@host/db";
    char* arguments[] = {program.data(), option.data()};
    CHECK(takeArguments(2, arguments)[1] == "--db=postgresql://ann:abc@host/db");
    CHECK(option == "--db=postgresql://ann:***@host/db");
}
