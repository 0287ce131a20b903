// SPDX-License-Identifier: GPL-3.0-or-later
#include "catalog/binary_copy.h"

#include <libpq-fe.h>

#include <memory>

namespace voorwerp::catalog {

namespace {

constexpr std::size_t kSendBytes = 256 * 1024;
constexpr std::string_view kHeader("PGCOPY\n\377\r\n\0\0\0\0\0\0\0\0\0",
                                   19); // signature, flags, no extension

using Result = std::unique_ptr<PGresult, decltype(&PQclear)>;

Result take(PGresult* result)
{
    return {result, &PQclear};
}

/// What pqxx would have thrown.
[[noreturn]] void throwError(PGconn* connection, const PGresult* result, const std::string& query)
{
    if (PQstatus(connection) != CONNECTION_OK)
        throw pqxx::broken_connection(PQerrorMessage(connection));
    const char* state = result != nullptr ? PQresultErrorField(result, PG_DIAG_SQLSTATE) : nullptr;
    throw pqxx::sql_error(PQerrorMessage(connection), query, state);
}

} // namespace

BinaryCopy::BinaryCopy(Connection& connection, const std::string& table, const std::string& columns)
    : m_connection(connection)
    , m_buffer(kHeader)
{
    const std::string query = "COPY " + table + " (" + columns + ") FROM STDIN (FORMAT binary)";
    const Result result = take(PQexec(m_connection.handle(), query.c_str()));
    if (PQresultStatus(result.get()) != PGRES_COPY_IN)
        throwError(m_connection.handle(), result.get(), query);
    m_open = true;
}

BinaryCopy::~BinaryCopy()
{
    if (!m_open)
        return;
    PQputCopyEnd(m_connection.handle(), "not finished");
    while (take(PQgetResult(m_connection.handle())) != nullptr) {
    }
}

template <typename Integer> void BinaryCopy::append(Integer value)
{
    for (int shift = 8 * (static_cast<int>(sizeof value) - 1); shift >= 0; shift -= 8)
        m_buffer.push_back(static_cast<char>(value >> shift));
}
template void BinaryCopy::append(std::int16_t);

void BinaryCopy::addInt8(std::int64_t value)
{
    append(static_cast<std::int32_t>(sizeof value));
    append(value);
}

void BinaryCopy::addBytes(std::string_view value)
{
    append(static_cast<std::int32_t>(value.size()));
    m_buffer += value;
    if (m_buffer.size() >= kSendBytes)
        send();
}

void BinaryCopy::send()
{
    if (PQputCopyData(m_connection.handle(), m_buffer.data(), static_cast<int>(m_buffer.size())) != 1)
        fail();
    m_buffer.clear();
}

void BinaryCopy::finish()
{
    append(std::int16_t{-1});
    send();
    if (PQputCopyEnd(m_connection.handle(), nullptr) != 1)
        fail();
    m_open = false;
    Result last = take(PQgetResult(m_connection.handle()));
    if (PQresultStatus(last.get()) != PGRES_COMMAND_OK)
        throwError(m_connection.handle(), last.get(), "COPY");
    while (take(PQgetResult(m_connection.handle())) != nullptr) {
    }
}

void BinaryCopy::fail()
{
    m_open = false;
    throwError(m_connection.handle(), take(PQgetResult(m_connection.handle())).get(), "COPY");
}

} // namespace voorwerp::catalog
