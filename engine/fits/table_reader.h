// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// Any FITS table as texts, in blocks of rows: for catalogues of other people, whose columns are not known
// before.

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace voorwerp::fits {

struct TableColumn
{
    std::string name;
    std::string type;        ///< "integer", "real", "text", "boolean"
    std::string unit;        ///< TUNITn
    std::string ucd;         ///< TUCDn, or UCDn as older files have it
    std::string description; ///< TCOMMn, else the comment of TTYPEn
};

class TableReader
{
public:
    /// Opens the first table that has rows and columns. Throws FormatError, SystemError.
    explicit TableReader(const std::filesystem::path& path);
    ~TableReader();
    TableReader(const TableReader&) = delete;
    TableReader& operator=(const TableReader&) = delete;

    const std::vector<TableColumn>& columns() const;
    /// Columns that are left out: complex numbers, bits, long arrays and those of variable length.
    const std::vector<std::string>& notes() const;
    std::int64_t rows() const;
    /// cells[column][row] of rows first (0-based) to first + count. Numbers are the shortest decimals that
    /// read back as the same bits; short arrays are numbers with spaces between; nothing: TNULL, NaN, an
    /// empty text.
    std::vector<std::vector<std::optional<std::string>>> read(std::int64_t first, std::int64_t count);

private:
    class Impl;
    std::unique_ptr<Impl> m_impl;
};

} // namespace voorwerp::fits
