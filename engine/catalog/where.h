// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// The expressions people type to choose spectra, and the columns they may use. An expression becomes a tree
// and then SQL with bound parameters: no text of the user ever enters a query.
//
//   expression  or, and, not, ( )
//   test        value = != <> < <= > >= value · value [not] in (literal, ...) · value [not] between a and b
//               value is [not] null · desi_target has QSO (a bit by its name in mask_bits.csv) · text [not]
//               like 'pattern' (% and _, any case)
//   sky         cone(ra, dec, radius_arcsec) · box(ra_min, ra_max, dec_min, dec_max), over RA 0 when
//               ra_min > ra_max · matched('name'): within the radius of the last match with an imported
//               catalogue · rule('id/version') of quasar_rule.h
//   value       column, number, 'text', separation('name') of that match in arcsec, and + - * / & (bit test:
//   zwarn & 4 != 0; "zwarn & 4" alone means "any bit set"), abs(x) sqrt(x) ln(x) log10(x) exp(x) floor(x)
//   min(x, y) max(x, y). Without an answer (x / 0, sqrt(-1)) there is no value; no number is too large to be
//   computed with.
//   !=, not, not in, not between and not like hold for all rows that the positive form does not hold for,
//   rows without a value included: label != 'BAL' keeps what nobody labelled.
// Comparisons chain: 2 < z < 3. Column names in any case; strings in '...' or "...", doubled to contain
// themselves.

#include "core/error.h"

#include <cstddef>
#include <string>
#include <vector>

namespace voorwerp::catalog {

enum class ColumnType { Integer, Real, Text };

/// A column for expressions and sorting.
struct ColumnInfo
{
    std::string name;
    ColumnType type = ColumnType::Real;
    std::string unit;        ///< empty: none
    std::string description; ///< one line
    bool needsModel = false; ///< a score: only where the query names a model
};

/// All columns, for completion and help: targets, the current label, scores.
const std::vector<ColumnInfo>& columns();

/// What is wrong with an expression, and where.
class WhereError : public core::UserError
{
public:
    WhereError(const std::string& message, const std::string& remedy, std::size_t position,
               std::size_t length)
        : UserError(message, remedy)
        , m_position(position)
        , m_length(length)
    {
    }
    std::size_t position() const { return m_position; } ///< byte of the expression, 0-based
    std::size_t length() const { return m_length; } ///< bytes that are wrong; 0 at the end of the expression

private:
    std::size_t m_position;
    std::size_t m_length;
};

/// Throws WhereError when the expression cannot be used; empty expressions are fine (everything).
/// withModel: score columns are allowed. Needs no database.
void checkWhere(const std::string& expression, bool withModel = true);

} // namespace voorwerp::catalog
