// SPDX-License-Identifier: GPL-3.0-or-later
#include "catalog/session.h"

#include "catalog/catalog_source.h"
#include "catalog/connection_string.h"
#include "catalog/role_sql.h"
#include "catalog/secrets.h"
#include "catalog/tls_check.h"

#include <libpq-fe.h>

#include <cerrno>
#include <mutex>
#include <sys/socket.h>
#include <vector>

namespace voorwerp::catalog {

namespace {

constexpr std::size_t kMostIdle = 4;
constexpr const char* kLostRemedy = "Check that the PostgreSQL server runs, can be reached and takes this "
                                    "user and password (kept in ~/.pgpass), then "
                                    "try again.";

/// What every connection of ours assumes, whatever the server's defaults are.
constexpr const char* kConnectionSettings =
    "SET client_encoding = 'UTF8'; SET extra_float_digits = 1; SET bytea_output = 'hex'; SET timezone = "
    "'UTC';"
    "SET datestyle = 'ISO'; SET standard_conforming_strings = on; SET client_min_messages = error";

/// A server that is only browsed refuses what would change it, even to a role that might.
constexpr const char* kReadOnly = "SET default_transaction_read_only = on";

std::string describe(const std::map<std::string, std::string>& settings)
{
    const auto valueOf = [&](const char* keyword, const char* otherwise) {
        const auto found = settings.find(keyword);
        return found != settings.end() && !found->second.empty() ? found->second : std::string(otherwise);
    };
    return valueOf("dbname", "the default database") + " on " + valueOf("host", "this machine");
}

/// False when the server has closed the idle connection (it was restarted): seen without a round trip.
bool stillConnected(const Connection& connection)
{
    if (!connection.is_open())
        return false;
    char byte = 0;
    const auto got = ::recv(connection.sock(), &byte, 1, MSG_PEEK | MSG_DONTWAIT);
    return got < 0 && (errno == EAGAIN || errno == EWOULDBLOCK);
}

/// A connection that libpqxx reopens by itself would lack our settings and hide a lost server.
void neverReconnect(Connection& connection)
{
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wdeprecated-declarations"
    connection.inhibit_reactivation(true);
#pragma GCC diagnostic pop
}

} // namespace

/// The idle connections of a database, and what may be said about it.
class Database::Pool
{
public:
    Pool(std::string uri, CatalogSource source)
        : m_uri(std::move(uri))
        , m_source(std::move(source))
        , m_settings(connectionSettings(m_uri))
        , m_description(describe(m_settings))
    {
    }

    std::unique_ptr<Connection> borrow()
    {
        for (;;) {
            std::unique_ptr<Connection> connection;
            {
                const std::lock_guard lock(m_mutex);
                if (m_idle.empty())
                    break;
                connection = std::move(m_idle.back());
                m_idle.pop_back();
            }
            if (stillConnected(*connection))
                return connection;
        }
        return connect();
    }

    void giveBack(std::unique_ptr<Connection> connection)
    {
        const std::lock_guard lock(m_mutex);
        if (m_idle.size() < kMostIdle)
            m_idle.push_back(std::move(connection));
    }

    const std::string& uri() const { return m_uri; }
    const CatalogSource& source() const { return m_source; }
    const std::string& description() const { return m_description; }
    /// libpq's message without the password and the line end.
    std::string safe(const std::string& text) const
    {
        std::string safe = hideSecrets(hidePassword(text, m_settings));
        while (!safe.empty() && safe.back() == '\n')
            safe.pop_back();
        return safe;
    }

private:
    std::unique_ptr<Connection> connect() const
    {
        auto settings = m_settings;
        settings.try_emplace("application_name", "voorwerp");
        settings.try_emplace("connect_timeout", "10");
        try {
            auto connection = std::make_unique<Connection>(makeConnectionString(settings));
            neverReconnect(*connection);
            pqxx::nontransaction(*connection).exec(kConnectionSettings);
            if (m_source.isProduction())
                pqxx::nontransaction(*connection).exec(kReadOnly);
            return connection;
        } catch (const pqxx::failure& failure) {
            const auto tls = explainTls(m_settings, failure.what());
            throw core::DatabaseError(core::DatabaseError::Kind::Unreachable,
                                      "cannot connect to " + m_description + ": " +
                                          (tls ? tls->message : safe(failure.what())),
                                      tls ? tls->remedy : kLostRemedy);
        }
    }

    const std::string m_uri;
    const CatalogSource m_source;
    const std::map<std::string, std::string> m_settings;
    const std::string m_description;
    std::mutex m_mutex;
    std::vector<std::unique_ptr<Connection>> m_idle;
};

Database::Database(std::string uri)
    : Database(std::move(uri), CatalogSource())
{
}

Database::Database(std::string uri, CatalogSource source)
    : m_pool(std::make_shared<Pool>(std::move(uri), std::move(source)))
{
}

bool Database::isBrowsed() const
{
    return source().isProduction();
}

const CatalogSource& Database::source() const
{
    return m_pool->source();
}

const std::string& Database::uri() const
{
    return m_pool->uri();
}

const std::string& Database::description() const
{
    return m_pool->description();
}

Session::Session(const Database& database, std::stop_token stop)
    : m_database(database)
    , m_stop(std::move(stop))
    , m_connection(m_database.pool().borrow())
{
    if (!m_stop.stop_possible())
        return;
    m_cancelOnStop.emplace(m_stop, [this] {
        try {
            m_connection->cancel_query();
        } catch (const std::exception&) {
            m_reusable = false; // the connection is lost: the query that runs on it says so
        }
    });
    if (m_stop.stop_requested())
        throw core::Cancelled();
}

Session::~Session()
{
    m_cancelOnStop.reset();
    // A cancel request that came too late does nothing between queries, and libpq returns from one only when
    // the server has passed it on: it cannot hit the next user's query.
    const bool clean = m_reusable && m_connection && m_connection->is_open() &&
                       PQtransactionStatus(m_connection->handle()) == PQTRANS_IDLE;
    if (!clean)
        return;
    try {
        m_database.pool().giveBack(std::move(m_connection));
    } catch (const std::exception&) {
        // No memory for the list of idle connections: this one is closed instead.
    }
}

namespace {

using Kind = core::DatabaseError::Kind;

[[noreturn]] void throwSqlError(const pqxx::sql_error& error, const std::string& text)
{
    const std::string& state = error.sqlstate();
    if (state.starts_with("08") || state.starts_with("57P"))
        throw core::DatabaseError(Kind::Unreachable, "lost the connection: " + text, kLostRemedy);
    if (state.starts_with("40"))
        throw core::DatabaseError(Kind::Conflict, text, "Another program changed the same rows: try again.");
    if (const auto at = text.find("there is no imported catalogue");
        at != std::string::npos && state == "42704")
        throw core::UserError(text.substr(at, text.find('\n', at) - at),
                              "Import it, or correct the name: match list shows what is there.");
    if (state == "53100")
        throw core::DatabaseError(
            Kind::Refused, "the disk of the database is full: " + text,
            "Free space on the disk that holds the database, then start again: what was "
            "finished is kept.");
    if (state.starts_with("53"))
        throw core::DatabaseError(Kind::Refused, "the database server is out of resources: " + text,
                                  "Close other programs that use it, or raise its limits.");
    throw core::DatabaseError(Kind::Refused, text);
}

} // namespace

void Session::rethrow()
{
    const auto safe = [this](const std::exception& error) {
        return m_database.description() + ": " + m_database.pool().safe(error.what());
    };
    try {
        throw;
    } catch (const pqxx::in_doubt_error& error) {
        discard();
        throw core::DatabaseError(Kind::InDoubt,
                                  "the connection was lost while a change was being stored: " + safe(error),
                                  "Look whether the change is there before doing it again.");
    } catch (const pqxx::statement_completion_unknown& error) {
        discard();
        throw core::DatabaseError(Kind::InDoubt, safe(error),
                                  "Look whether the change is there before doing it again.");
    } catch (const pqxx::failure& error) {
        if (m_stop.stop_requested()) {
            if (!stillConnected(*m_connection))
                discard();
            throw core::Cancelled();
        }
        if (!stillConnected(*m_connection))
            discard();
        if (dynamic_cast<const pqxx::insufficient_privilege*>(&error) !=
            nullptr) { // has no state in libpqxx 6
            const Refusal refusal = refusalBy(m_database, m_database.pool().safe(error.what()));
            throw core::DatabaseError(Kind::Refused, refusal.message, refusal.remedy);
        }
        if (const auto* sql = dynamic_cast<const pqxx::sql_error*>(&error))
            throwSqlError(*sql, safe(error));
        if (dynamic_cast<const pqxx::transaction_rollback*>(&error) != nullptr)
            throw core::DatabaseError(Kind::Conflict, safe(error),
                                      "Another program changed the same rows: try again.");
        discard();
        throw core::DatabaseError(Kind::Unreachable, "lost the connection: " + safe(error), kLostRemedy);
    } catch (const pqxx::pqxx_exception& error) {
        throw core::DatabaseError(Kind::Refused, "unexpected answer: " + safe(error.base()));
    }
}

} // namespace voorwerp::catalog
