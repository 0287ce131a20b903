// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// Inside the room: an expression as a tree, checked for form and types.

#include "catalog/column_table.h"
#include "catalog/where_functions.h"

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace voorwerp::catalog {

enum class ValueType { Boolean, Integer, Real, Text };

struct WhereNode
{
    enum class Kind {
        Column,
        Integer,
        Real,
        Text,
        Negate,
        Arithmetic,
        Function,
        Compare,
        And,
        Or,
        Not,
        In,
        Between,
        IsNull,
        Like,
        Cone,
        Box,
        Matched,
        Separation,
        Rule ///< of quasar_rule.h; its id is the text
    };
    Kind kind = Kind::Integer;
    ValueType type = ValueType::Boolean;
    std::string text; ///< operator, name of a function, or the content of a text
    std::int64_t integer = 0;
    double real = 0.0;
    const ColumnSpec* column = nullptr;
    const WhereFunction* function = nullptr;
    bool negated = false; ///< not in, not between, is not null, not like
    std::vector<std::unique_ptr<WhereNode>> children;
    std::size_t depth = 1; ///< bounded by the parser: walks may recurse
    std::size_t position = 0;
    std::size_t length = 0;
};

/// nullptr for an empty expression. Throws WhereError.
std::unique_ptr<WhereNode> parseWhere(std::string_view expression, bool withModel);

} // namespace voorwerp::catalog
