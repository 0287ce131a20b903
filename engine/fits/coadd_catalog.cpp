// SPDX-License-Identifier: GPL-3.0-or-later
#include "fits/coadd_catalog.h"

#include "fits/table_rows.h"

#include <algorithm>
#include <optional>
#include <string_view>
#include <type_traits>
#include <unordered_map>

namespace voorwerp::fits {

namespace {

using core::TableChunk;
using core::TableColumn;
using Targets = std::vector<core::TargetInfo>;

constexpr std::size_t kNoRow = static_cast<std::size_t>(-1);

/// The rows of a column; kNoRow gives an empty value, NaN where there is such a thing.
TableColumn picked(const TableColumn& column, const std::vector<std::size_t>& rows)
{
    return std::visit(
        [&](const auto& values) {
            using Value = typename std::decay_t<decltype(values)>::value_type;
            std::vector<Value> chosen;
            chosen.reserve(rows.size() * column.width);
            for (const std::size_t row : rows)
                for (std::size_t i = 0; i < column.width; ++i)
                    if (row != kNoRow)
                        chosen.push_back(values[row * column.width + i]);
                    else if constexpr (std::is_floating_point_v<Value>)
                        chosen.push_back(std::numeric_limits<Value>::quiet_NaN());
                    else
                        chosen.push_back(Value());
            return TableColumn{column.name, std::move(chosen), column.width};
        },
        column.values);
}

/// Adds the columns whose names begin with prefix, at the given rows of the table.
void addColumns(TableChunk& chunk, const TableChunk& table, std::string_view prefix,
                const std::vector<std::size_t>& rows)
{
    for (const TableColumn& column : table.columns)
        if (column.name.starts_with(prefix) && chunk.find(column.name) == nullptr)
            chunk.columns.push_back(picked(column, rows));
}

TableChunk wholeTable(FitsFile& file, const char* extname)
{
    const HduInfo* hdu = file.findTable(extname);
    return hdu == nullptr ? TableChunk() : TableRows(file, *hdu).read(0, static_cast<std::size_t>(hdu->rows));
}

/// Where each target is in a table by TARGETID.
std::vector<std::size_t> rowsOf(const Targets& targets, const TableChunk& table)
{
    const TableColumn* column = table.find("TARGETID");
    const auto* ids = column == nullptr ? nullptr : std::get_if<std::vector<std::int64_t>>(&column->values);
    std::unordered_map<std::int64_t, std::size_t> place;
    for (std::size_t row = 0; ids != nullptr && row < ids->size(); ++row)
        place.emplace((*ids)[row], row);
    std::vector<std::size_t> rows;
    for (const core::TargetInfo& target : targets) {
        const auto found = place.find(target.key.targetId.value);
        rows.push_back(found == place.end() ? kNoRow : found->second);
    }
    return rows;
}

template <typename Value, typename Of>
void addKey(TableChunk& chunk, const Targets& targets, const char* name, Of of)
{
    std::vector<Value> values;
    values.reserve(targets.size());
    for (const core::TargetInfo& target : targets)
        values.push_back(of(target.key));
    chunk.columns.push_back({name, std::move(values), 1});
}

void addKeys(TableChunk& chunk, const Targets& targets)
{
    using Key = core::SpectrumKey;
    addKey<std::int64_t>(chunk, targets, "TARGETID", [](const Key& key) { return key.targetId.value; });
    addKey<std::string>(chunk, targets, "SURVEY", [](const Key& key) { return key.survey; });
    addKey<std::string>(chunk, targets, "PROGRAM", [](const Key& key) { return key.program; });
    addKey<std::string>(chunk, targets, "SPGRP", [](const Key& key) { return key.spgrp; });
    addKey<std::int64_t>(chunk, targets, "SPGRPVAL", [](const Key& key) { return key.spgrpval; });
    const bool ofTiles = !targets.empty() && targets.front().key.tileid >= 0;
    addKey<std::int64_t>(chunk, targets, ofTiles ? "LASTNIGHT" : "HEALPIX",
                         [](const Key& key) { return key.spgrpval; });
    if (ofTiles)
        addKey<std::int64_t>(chunk, targets, "TILEID", [](const Key& key) { return key.tileid; });
}

} // namespace

TableChunk readCoaddCatalog(FitsFile& coadd, const Targets& targets, const std::filesystem::path& redrock)
{
    TableChunk chunk;
    chunk.rows = targets.size();
    addKeys(chunk, targets);
    std::vector<std::size_t> rows;
    for (const core::TargetInfo& target : targets)
        rows.push_back(static_cast<std::size_t>(target.fileRow));
    const std::size_t last = rows.empty() ? 0 : *std::max_element(rows.begin(), rows.end());
    if (const TableChunk fibers = wholeTable(coadd, "FIBERMAP"); last < fibers.rows)
        addColumns(chunk, fibers, "", rows);
    if (const TableChunk scores = wholeTable(coadd, "SCORES"); last < scores.rows)
        addColumns(chunk, scores, "TSNR2_", rows);
    if (!redrock.empty()) {
        FitsFile file(redrock);
        const TableChunk redshifts = wholeTable(file, "REDSHIFTS");
        addColumns(chunk, redshifts, "", rowsOf(targets, redshifts));
    }
    return chunk;
}

} // namespace voorwerp::fits
