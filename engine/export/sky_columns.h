// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// Which columns of a foreign table are right ascension and declination, and in which form.

#include "core/sky_position.h"
#include "export/foreign_table.h"

#include <optional>
#include <string>
#include <vector>

namespace voorwerp::exporting {

enum class AngleForm {
    Degrees,
    Hours,
    Radians,
    Text
}; ///< Text: sexagesimal or decimal degrees, a cell at a time

struct SkyColumns
{
    std::size_t ra = 0, dec = 0; ///< indices of the columns
    AngleForm raForm = AngleForm::Text, decForm = AngleForm::Text;
    std::string reason; ///< "by UCD", "by name", "as named"
};

/// By UCD (pos.eq.ra;meta.main before pos.eq.ra, also the old POS_EQ_RA_MAIN), else by name, the commoner
/// first: RA, TARGET_RA, RAJ2000, _RAJ2000, RA_ICRS, RA_DEG ... Columns named by the person (any case) go
/// before everything. Throws FormatError with the names of the columns when nothing fits, UserError when a
/// named column is not there.
SkyColumns findSkyColumns(const std::vector<ForeignColumn>& columns, const std::string& raName = {},
                          const std::string& decName = {});

/// The place of a row; nullopt, with the reason in problem: none.
std::optional<core::SkyPosition> positionOf(const ForeignRow& row, const SkyColumns& columns,
                                            std::string& problem);

} // namespace voorwerp::exporting
