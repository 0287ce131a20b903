// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// Inside the room: rows into a table by COPY.

#include <array>
#include <optional>
#include <pqxx/pqxx>
#include <span>
#include <string>
#include <vector>

namespace voorwerp::catalog {

/// A row is a list of texts or NULLs in the order of the columns. finish() must be called; a stream that goes
/// away without it spoils the transaction, as it should.
template <std::size_t Columns> class CopyStream
{
public:
    CopyStream(pqxx::transaction_base& work, const std::string& table,
               const std::array<const char*, Columns>& columns)
        : m_stream(work, table, columns)
    {
    }
    void add(std::span<const std::optional<std::string>, Columns> values)
    {
        std::array<const char*, Columns> pointers{}; // libpqxx takes tuples and arrays only
        for (std::size_t i = 0; i < Columns; ++i)
            pointers[i] = values[i] ? values[i]->c_str() : nullptr;
        m_stream << pointers;
    }
    void finish() { m_stream.complete(); }

private:
    pqxx::stream_to m_stream;
};

} // namespace voorwerp::catalog
