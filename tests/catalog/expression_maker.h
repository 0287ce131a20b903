// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// Expressions for tests: right ones by grammar, with extreme numbers; wrong ones by cutting and mixing. Same
// seed, same expressions.

#include "catalog/where.h"

#include <cstdint>
#include <random>
#include <string>
#include <vector>

namespace voorwerp::test {

class ExpressionMaker
{
public:
    explicit ExpressionMaker(std::uint32_t seed, bool withModel = false)
        : m_random(seed)
        , m_withModel(withModel)
    {
    }

    /// One that the parser must take.
    std::string condition(int depth = 3)
    {
        switch (depth > 0 ? m_random() % 9 : 3 + m_random() % 6) {
        case 0:
            return "(" + condition(depth - 1) + ") or " + condition(depth - 1);
        case 1:
            return condition(depth - 1) + " and (" + condition(depth - 1) + ")";
        case 2:
            return "not (" + condition(depth - 1) + ")";
        case 3:
            return number(depth) + pick({" = ", " != ", " < ", " <= ", " > ", " >= ", "<>", "=="}) +
                   number(depth);
        case 4:
            return column(false) +
                   pick({" like '%a%'", " = 'QSO'", " in ('QSO', 'it''s', \"x\")", " not like '_'",
                         " is not null", " like '%\\'", " like '\\'", " like '[(*'", " != 'é\\'",
                         " not in ('{', '}', '\"', '\\', 'NULL')", " < 'b'", " like ''"});
        case 5:
            return column(true) + pick({" between 1 and 2.5", " not in (1, 2, -3)", " in (0.5, 1)",
                                        " is null", " in (9223372036854775807, 1e300)",
                                        " not between -1e-300 and 1e39", " in (1e-46, 1e-320, -0.0)"});
        case 6:
            return pick({"zwarn & 4", "cone(10, -5.5, 30)", "cone(0, 89.99, 7200)", "box(350, 10, -1, 1)",
                         "matched('c')", "separation('c') < 1", "separation('c') != 1",
                         "desi_target & 4 != 0", "desi_target has QSO", "not zwarn has 'small_delta_chi2'",
                         "0 < z < 3 < 4", "cone(0, 90, 648000)", "zwarn & -1 & 9223372036854775807",
                         "cone(360, -90, 0)", "not zwarn & 1", "1 < 2 < 3"});
        case 7:
            return number(depth) + " < " + column(true) + pick({" <= ", " = "}) + number(depth);
        default:
            return pick({"label != 'BAL'", "problem = ''", "file like '%'", "label_quality >= 3",
                         "(" + number(depth) + ") is null", number(depth) + " between 0 and " + number(0)});
        }
    }

    /// Words and bytes in no order.
    std::string garbage()
    {
        static const std::vector<std::string> parts{
            "z",         "spectype",    "and",  "or",
            "not",       "in",          "like", "is",
            "null",      "between",     "cone", "box(1,2,",
            "matched('", "separation(", "(",    ")",
            ",",         "=",           "!=",   "<",
            ">=",        "&",           "+",    "-",
            "*",         "/",           "1",    "2.5",
            "1e9",       "'",           "\"",   "'QSO'",
            ";",         "--",          "/*",   "$1",
            "%",         "\\",          "é",    "\xff",
            "::text",    "||",          "t.id", "DROP TABLE",
            "select",    "score",       " ",    "\n",
            "log10(",    "min(",        "sqrt", "9999999999999999999"};
        std::string text;
        for (std::size_t n = m_random() % 14; n > 0; --n)
            text += (m_random() % 12 == 0 ? std::string(1, byte()) : parts[m_random() % parts.size()]) + " ";
        return text;
    }

    /// A right one with some bytes changed, cut out or doubled.
    std::string damaged()
    {
        std::string text = condition();
        for (std::size_t n = 1 + m_random() % 4; n > 0 && !text.empty(); --n) {
            const std::size_t at = m_random() % text.size();
            switch (m_random() % 4) {
            case 0:
                text[at] = byte();
                break;
            case 1:
                text.erase(at, 1 + m_random() % 6);
                break;
            case 2:
                text.insert(at, text.substr(m_random() % text.size(), 1 + m_random() % 12));
                break;
            default:
                text.insert(at, 1, byte());
            }
        }
        return text;
    }

    std::mt19937& random() { return m_random; }

private:
    char byte() { return static_cast<char>(m_random()); }
    std::string pick(const std::vector<std::string>& choices) { return choices[m_random() % choices.size()]; }

    std::string column(bool number)
    {
        for (;;) {
            const auto& column = catalog::columns()[m_random() % catalog::columns().size()];
            if ((m_withModel || !column.needsModel) && (column.type != catalog::ColumnType::Text) == number)
                return column.name;
        }
    }

    std::string number(int depth)
    {
        if (depth > 0 && m_random() % 3 == 0)
            return "(" + number(depth - 1) + pick({" + ", " - ", " * ", " / "}) + number(depth - 1) + ")";
        if (depth > 0 && m_random() % 3 == 0)
            return pick({"abs", "sqrt", "ln", "log10", "exp", "floor", "Log10", "-"}) + "(" +
                   number(depth - 1) + ")";
        if (depth > 0 && m_random() % 5 == 0)
            return pick({"min", "max"}) + "(" + number(depth - 1) + ", " + number(depth - 1) + ")";
        if (m_random() % 2 == 0)
            return column(true);
        return pick({"0", "1", "-2", "0.25", "1e30", "-1.5e-40", "39627000000000001", "1e308", "-1.7e308",
                     "5e-324", "-1e-300", "9223372036854775807", "-0.0", "snr * 2", "(zwarn & 6)"});
    }

    std::mt19937 m_random;
    bool m_withModel;
};

} // namespace voorwerp::test
