// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// Tables of other people, row by row: CSV (any usual separator), ECSV, VOTable (TABLEDATA, BINARY, BINARY2),
// FITS. All cells are texts as exact as the file has them, so that every column can be kept; memory does not
// grow with the file.

#include <cstddef>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace voorwerp::exporting {

struct ForeignColumn
{
    std::string name;
    std::string type; ///< "integer", "real", "text", "boolean"; of CSV: "text"
    std::string unit; ///< empty: not said
    std::string ucd;  ///< "pos.eq.ra;meta.main"; empty: not said
    std::string description;
};

struct ForeignRow
{
    std::size_t number = 0;                        ///< of the table, from 1
    std::string place;                             ///< "line 17", "row 17": for messages
    std::vector<std::optional<std::string>> cells; ///< as many as columns; nothing: no value
    std::string problem;                           ///< not empty: the row cannot be read, and why
};

/// One thread. Every call throws FormatError (file, place and cause) or SystemError.
class ForeignTable
{
public:
    virtual ~ForeignTable() = default;
    virtual const std::vector<ForeignColumn>& columns() const = 0;
    virtual bool next(ForeignRow& row) = 0; ///< false: the end
    virtual double fractionRead() const = 0;
    virtual std::string format() const = 0; ///< "CSV", "ECSV", "VOTable", "FITS"
    /// What the table has that cannot be kept ("column SPEC: arrays of variable length").
    virtual std::vector<std::string> notes() const { return {}; }
};

/// Found out by the first bytes, not by the name. Reads as far as the columns.
std::unique_ptr<ForeignTable> openForeignTable(const std::filesystem::path& path);

// The readers behind it.
std::unique_ptr<ForeignTable> openDelimitedTable(const std::filesystem::path& path);
std::unique_ptr<ForeignTable> openVotable(const std::filesystem::path& path);
std::unique_ptr<ForeignTable> openFitsTable(const std::filesystem::path& path);

} // namespace voorwerp::exporting
