// SPDX-License-Identifier: GPL-3.0-or-later
#include "catalog/where_functions.h"

#include <algorithm>
#include <array>

namespace voorwerp::catalog {

namespace {

using Operands = std::vector<std::string>;

// float8larger and float8smaller are PostgreSQL's own maximum and minimum of two; unlike GREATEST and LEAST
// they give NULL for NULL.
std::string larger(const std::string& a, const std::string& b)
{
    return "float8larger(" + a + ", " + b + ")";
}

std::string smaller(const std::string& a, const std::string& b)
{
    return "float8smaller(" + a + ", " + b + ")";
}

std::string within(const std::string& a, const std::string& low, const std::string& high)
{
    return smaller(larger(a, low), high);
}

/// Sums and products of two of these are finite.
std::string bounded(const std::string& a)
{
    return within(a, "-1e150", "1e150");
}

/// Also no nearer to 0 than 1e-146, but for 0 itself: adding and taking away 1e-130 rounds to a multiple of
/// that. Numbers above 1e-114 stay what they are.
std::string rounded(const std::string& a)
{
    return "(" + bounded(a) + " + 1e-130 - 1e-130)";
}

const std::array<WhereFunction, 8>& functions()
{
    // The smallest number below 0 stands for all of them, so that 0 itself keeps its root.
    static const std::array<WhereFunction, 8> table{
        {{"abs", 1, [](const Operands& x) { return "abs(" + x[0] + ")"; }},
         {"log10", 1, [](const Operands& x) { return "log10(nullif(" + larger(x[0], "0") + ", 0))"; }},
         {"ln", 1, [](const Operands& x) { return "ln(nullif(" + larger(x[0], "0") + ", 0))"; }},
         {"sqrt", 1,
          [](const Operands& x) { return "sqrt(nullif(" + larger(x[0], "-5e-324") + ", -5e-324))"; }},
         {"exp", 1, [](const Operands& x) { return "exp(" + within(x[0], "-345", "345") + ")"; }},
         {"floor", 1, [](const Operands& x) { return "floor(" + x[0] + ")"; }},
         {"min", 2, [](const Operands& x) { return smaller(x[0], x[1]); }},
         {"max", 2, [](const Operands& x) { return larger(x[0], x[1]); }}}};
    return table;
}

} // namespace

const WhereFunction* findFunction(std::string_view name)
{
    const auto found = std::find_if(functions().begin(), functions().end(),
                                    [&](const WhereFunction& function) { return function.name == name; });
    return found != functions().end() ? &*found : nullptr;
}

std::string functionNames()
{
    std::string names;
    for (const WhereFunction& function : functions())
        names += (names.empty() ? "" : ", ") + std::string(function.name);
    return names;
}

std::string arithmeticSql(const std::string& left, char sign, const std::string& right, bool tame)
{
    const bool scales = sign == '*' || sign == '/';
    const auto guarded = [&](const std::string& operand) {
        return tame ? operand : scales ? rounded(operand) : bounded(operand);
    };
    const std::string second = guarded(right);
    return "(" + guarded(left) + " " + sign + " " + (sign == '/' ? "nullif(" + second + ", 0)" : second) +
           ")";
}

} // namespace voorwerp::catalog
