// SPDX-License-Identifier: GPL-3.0-or-later
// The command line on a server that several people share: roles, refusals, the audit, and a password that
// nobody sees.
#include "cli/end_to_end/cli_process.h"
#include "core/file_io.h"
#include "support/shared_server.h"

#include <catch2/catch.hpp>

#include <algorithm>
#include <atomic>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <thread>

using namespace voorwerp::test;
namespace fs = std::filesystem;
using Json = nlohmann::json;
using Catch::Matchers::Contains;

namespace {

/// voorwerp-cli of one login in one workspace, with --json unless a format is asked for.
class Person
{
public:
    Person(const TemporaryFolder& folder, std::string uri)
        : m_folder(folder)
        , m_uri(std::move(uri))
    {
    }
    CliResult plain(std::vector<std::string> arguments) const
    {
        arguments.insert(arguments.end(), {"--workspace", m_folder / "w", "--db", m_uri});
        return CliProcess(arguments, m_folder.path()).wait();
    }
    CliResult run(std::vector<std::string> arguments) const
    {
        arguments.emplace_back("--json");
        return plain(std::move(arguments));
    }
    Json require(const std::vector<std::string>& arguments) const
    {
        const CliResult result = run(arguments);
        INFO(arguments[0] << ": " << result.output << result.error);
        REQUIRE(result.exitCode == 0);
        return result.json();
    }

private:
    const TemporaryFolder& m_folder;
    std::string m_uri;
};

/// The arguments of a process, which may end meanwhile.
std::string argumentsOf(const fs::path& process)
{
    std::string text;
    if (std::FILE* file = std::fopen((process / "cmdline").c_str(), "r")) {
        char buffer[8192];
        text.assign(buffer, std::fread(buffer, 1, sizeof buffer, file));
        std::fclose(file);
    }
    return text;
}

/// Programs other than voorwerp-cli whose arguments hold the word, as ps shows them; looked at again and
/// again.
class ProcessWatch
{
public:
    explicit ProcessWatch(std::string word)
        : m_word(std::move(word))
        , m_thread([this](std::stop_token stop) {
            while (!stop.stop_requested())
                look();
        })
    {
    }
    std::string found() const { return m_hits > 0 ? m_first : std::string(); }
    int looks() const { return m_looks; }

private:
    void look()
    {
        std::error_code ignored;
        for (const auto& entry : fs::directory_iterator("/proc", ignored)) {
            const std::string text = argumentsOf(entry.path());
            const bool own = text.find("voorwerp-cli") != std::string::npos;
            if (!own && text.find(m_word) != std::string::npos && m_hits++ == 0)
                m_first = text;
        }
        ++m_looks;
    }

    std::string m_word, m_first;
    std::atomic<int> m_hits{0}, m_looks{0};
    std::jthread m_thread;
};

/// Files below a folder that hold the word.
std::vector<fs::path> filesWith(const fs::path& folder, const std::string& word)
{
    std::vector<fs::path> found;
    for (const auto& entry : fs::recursive_directory_iterator(folder))
        if (entry.is_regular_file() && voorwerp::core::readText(entry.path()).find(word) != std::string::npos)
            found.push_back(entry.path());
    return found;
}

void checkRefused(const CliResult& result, const std::string& login, const std::string& role)
{
    INFO(result.output << result.error);
    CHECK(result.exitCode == 1);
    CHECK_THAT(result.json()["error"].get<std::string>(),
               Contains("You are connected as " + login + " (voorwerp_"));
    CHECK_THAT(result.json()["remedy"].get<std::string>(), Contains("for the role " + role));
}

} // namespace

TEST_CASE("On a shared server each role gets what it may, others exit code 1 and a sentence, and the audit "
          "has it all")
{
    const SharedServer server;
    ::setenv("PGPASSFILE", server.passwordFile().c_str(), 1);
    const TemporaryFolder folder;
    const Person owner(folder, server.uri("desi"));
    owner.require({"mock", folder / "survey", "--targets", "60", "--seed", "3"});
    owner.require({"workspace", "init"});
    CHECK(owner.require({"workspace", "roles", "list"})["created"] == false);
    CHECK(owner.require({"workspace", "roles", "create"})["roles"].size() == 4);
    for (const char* role : {"reader", "researcher", "lead", "operator"}) {
        server.makeLogin(role);
        owner.require({"workspace", "roles", "grant", role, role});
    }
    CHECK(owner.require({"workspace", "roles", "list"})["members"].size() == 4);
    CHECK(owner.run({"workspace", "roles", "grant", "boss", "lead"}).exitCode == 2);

    const Person reader(folder, server.uri("reader")), researcher(folder, server.uri("researcher"));
    const Person lead(folder, server.uri("lead")), keeper(folder, server.uri("operator"));
    checkRefused(researcher.run({"ingest", folder / "survey"}), "researcher", "voorwerp_lead");
    lead.require({"ingest", folder / "survey", "--specprod", "mock"});
    CHECK(reader.require({"catalog", "count"})["count"].get<int>() > 0);
    CHECK(reader.require({"workspace", "status"})["role"] == "voorwerp_reader");
    CHECK(reader.require({"jobs", "list"})["jobs"].empty());
    checkRefused(reader.run({"label", "set", "1", "--class", "BAL"}), "reader", "voorwerp_researcher");
    checkRefused(reader.run({"selection", "save", "all", "--where", "z > 0"}), "reader",
                 "voorwerp_researcher");
    checkRefused(reader.run({"backup", "run"}), "reader", "voorwerp_operator");
    checkRefused(reader.run({"audit", "list"}), "reader", "voorwerp_operator");
    CHECK(lead.run({"workspace", "roles", "create"}).exitCode == 1);

    researcher.require({"selection", "save", "all", "--where", "z > 0"});
    researcher.require({"label", "set", "1", "--class", "BAL"});
    researcher.require({"dataset", "build", "d", "--selection", "all"});
    researcher.require({"train", "--dataset", "d", "--model", "vae", "--device", "cpu", "--set", "epochs=2",
                        "--set", "hidden=[16]", "--set", "latent=3"});
    checkRefused(reader.run({"train", "--dataset", "d", "--model", "vae", "--device", "cpu"}), "reader",
                 "voorwerp_researcher");
    researcher.require({"score", "--model", "vae", "--selection", "all", "--device", "cpu"});
    checkRefused(researcher.run({"models", "alias", "vae@1", "champion", "--global"}), "researcher",
                 "voorwerp_lead");
    lead.require({"models", "alias", "vae@1", "champion", "--global"});
    keeper.require({"backup", "init"});
    keeper.require({"backup", "run"});
    keeper.require({"backup", "verify"});

    const Json entries = keeper.require({"audit", "list", "--limit", "1000"})["entries"];
    const auto has = [&](const std::string& login, const std::string& action) {
        return std::any_of(entries.begin(), entries.end(),
                           [&](const Json& e) { return e["login"] == login && e["action"] == action; });
    };
    CHECK(has("desi", "roles created"));
    CHECK(has("desi", "role granted"));
    CHECK(has("lead", "file ingested"));
    CHECK(has("researcher", "selection saved"));
    CHECK(has("researcher", "label set"));
    CHECK(has("researcher", "training set built"));
    CHECK(has("researcher", "model added"));
    CHECK(has("researcher", "scored"));
    CHECK(has("lead", "alias set"));
    CHECK(has("operator", "backup made"));
    CHECK(has("operator", "backup verified"));
    CHECK(keeper.require({"audit", "list", "--who", "lead", "--action", "alias set"})["entries"].size() == 1);
    CHECK_THAT(keeper.plain({"audit", "list", "--format", "csv", "--limit", "1"}).output,
               Contains("id,time,login,role,application,action,object,detail") &&
                   Contains("backup verified"));
}

TEST_CASE("A password in the address is in no file, message, row, or list of processes")
{
    const std::string password = SharedServer::kPassword;
    const SharedServer server;
    ::unsetenv("PGPASSFILE");
    const TemporaryFolder folder;
    const Person owner(folder, server.uriWithPassword("desi"));
    const ProcessWatch watch(password);
    owner.require({"mock", folder / "survey", "--targets", "60", "--seed", "3"});
    owner.require({"ingest", folder / "survey", "--specprod", "mock"});
    owner.require({"selection", "save", "all", "--where", "z > 0"});
    owner.require({"dataset", "build", "d", "--selection", "all"});
    owner.require({"train", "--dataset", "d", "--model", "vae", "--device", "cpu", "--set", "epochs=2",
                   "--set", "hidden=[16]", "--set", "latent=3"});
    owner.require({"score", "--model", "vae", "--selection", "all", "--device", "cpu"});
    owner.require(
        {"candidates", "export", "--model", "vae", "--format", "csv", "--out", folder / "list.csv"});
    owner.require({"backup", "init"});
    owner.require({"backup", "run"});
    owner.require({"backup", "restore", "--to", folder / "restored"});
    owner.require({"workspace", "status"});
    CHECK_THAT(owner.plain({"workspace", "status"}).error,
               Contains("warning: a password on the command line"));
    // Where things go wrong, too.
    owner.run({"catalog", "count", "--where", "zz"});
    owner.plain({"frobnicate", server.uriWithPassword("desi")});
    owner.plain({"ingest", server.uriWithPassword("desi")});
    Person(folder, "postgresql://desi:" + password + "@localhost:1/survey").run({"catalog", "count"});
    Person(folder,
           "postgresql://desi:" + password + "x@localhost:" + std::to_string(server.port()) + "/survey")
        .run({"catalog", "count"});
    Person(folder, "postgresql://desi:" + password + "@localhost/survey?nonsense=1")
        .run({"catalog", "count"});

    CHECK(watch.looks() > 10);
    CHECK(watch.found() == "");
    CHECK(filesWith(folder.path(), password) == std::vector<fs::path>{}); // outputs of all commands are there
    for (const char* table : {"job", "audit", "dataset", "model_version", "score_run", "file"})
        CHECK(server.value(std::string("SELECT count(*) FROM voorwerp.") + table +
                           " t WHERE t::text LIKE '%" + password + "%'") == "0");
}

TEST_CASE("A command's own arguments show no password while it runs")
{
    const SharedServer server;
    const TemporaryFolder folder;
    CliProcess process({"mock", folder / "survey", "--targets", "4000", "--workspace", folder / "w", "--db",
                        server.uriWithPassword("desi")},
                       folder.path());
    REQUIRE(process.waitForError("warning: "));
    std::string shown;
    for (const auto& entry : fs::directory_iterator("/proc")) {
        const std::string text = argumentsOf(entry.path());
        if (text.find(folder / "survey") != std::string::npos)
            shown += text;
    }
    CHECK_THAT(shown, Contains("desi:*****") && !Contains(SharedServer::kPassword));
    process.send(SIGTERM);
    process.wait();
}
