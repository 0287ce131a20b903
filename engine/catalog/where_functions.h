// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// Inside the room: functions and arithmetic of expressions, as SQL that never fails. Where mathematics has no
// answer (x / 0, the root or logarithm of a negative number) it is NULL; numbers beyond 1e150 count as 1e150,
// so that nothing overflows. Every operand stands in the SQL once, however deep an expression is.

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace voorwerp::catalog {

struct WhereFunction
{
    std::string_view name;
    std::size_t arguments = 1;                                    ///< all of them numbers
    std::string (*sql)(const std::vector<std::string>& operands); ///< operands are double precision
};
/// Name in lower case. nullptr: no such function.
const WhereFunction* findFunction(std::string_view name);
/// "abs, log10, ..." for hints.
std::string functionNames();

/// left + - * / right. tame: both are known to lie within 1e-100 to 1e100, or to be 0, and need no guard.
std::string arithmeticSql(const std::string& left, char sign, const std::string& right, bool tame);

} // namespace voorwerp::catalog
