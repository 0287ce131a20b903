// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// Named selections: an expression (where.h) that training sets and scorings start from.

#include "catalog/database.h"

#include <cstdint>
#include <string>
#include <vector>

namespace voorwerp::catalog {

struct Selection
{
    std::string name;       ///< letters, digits, '-', '_', '.'
    std::string where;      ///< empty: everything
    std::string rule;       ///< ids of the quasar rules (quasar_rule.h) that where uses; empty: none
    std::int64_t count = 0; ///< spectra when it was saved
    std::string created;    ///< ISO 8601
};

/// Counts and stores the expression, limited by a quasar rule unless rule is empty. The same name again
/// replaces it (training sets keep the expression they were made with). Throws WhereError, UserError (bad
/// name, no such rule).
Selection saveSelection(const Database& database, const std::string& name, const std::string& where,
                        const std::string& rule = {});
/// By name.
std::vector<Selection> listSelections(const Database& database);
/// Throws UserError naming near names when there is none.
Selection findSelection(const Database& database, const std::string& name);
/// False when there was none.
bool deleteSelection(const Database& database, const std::string& name);

} // namespace voorwerp::catalog
