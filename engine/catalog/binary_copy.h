// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// Inside the room: rows into a table by COPY ... (FORMAT binary), for columns that would be large as text.
// Format: PostgreSQL's manual, "COPY", section "Binary Format".

#include "catalog/connection.h"

#include <cstdint>
#include <string>
#include <string_view>

namespace voorwerp::catalog {

/// Begins the COPY inside the open transaction of a connection. Nothing else may run there until finish(); a
/// copy that goes away without it spoils the transaction, as it should. The types of the values must be the
/// columns'. Throws pqxx::sql_error or pqxx::broken_connection.
class BinaryCopy
{
public:
    BinaryCopy(Connection& connection, const std::string& table, const std::string& columns);
    BinaryCopy(const BinaryCopy&) = delete;
    BinaryCopy& operator=(const BinaryCopy&) = delete;
    ~BinaryCopy();
    void beginRow(std::int16_t columns) { append(columns); }
    void addInt8(std::int64_t value);
    void addBytes(std::string_view value); ///< bytea or text
    void finish();

private:
    template <typename Integer> void append(Integer value);
    void send();
    [[noreturn]] void fail();

    Connection& m_connection;
    std::string m_buffer;
    bool m_open = false;
};

} // namespace voorwerp::catalog
