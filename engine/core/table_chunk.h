// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// A few rows of a catalogue, column by column, whatever the columns are: what a reader of files hands to a
// writer of tables without either knowing the other. Values only; any thread.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace voorwerp::core {

/// A column as its file names it. Truth values are 0 and 1. width numbers a row; a text column has width 1.
struct TableColumn
{
    using Values = std::variant<std::vector<std::int64_t>, std::vector<float>, std::vector<double>,
                                std::vector<std::string>>;
    std::string name; ///< upper case
    Values values;
    std::size_t width = 1;
};

struct TableChunk
{
    std::size_t rows = 0;
    std::vector<TableColumn> columns;

    /// nullptr: there is none of that name (upper case).
    const TableColumn* find(std::string_view name) const
    {
        const auto found = std::find_if(columns.begin(), columns.end(),
                                        [&](const TableColumn& c) { return c.name == name; });
        return found == columns.end() ? nullptr : &*found;
    }
    /// A column with one value for all rows, where there is none of that name yet.
    template <typename Value> void addConstant(std::string name, const Value& value)
    {
        if (find(name) == nullptr)
            columns.push_back({std::move(name), std::vector<Value>(rows, value), 1});
    }
};

} // namespace voorwerp::core
