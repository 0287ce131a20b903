// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// Names of the bits in DESI's columns, by production (resources/mask_bits.csv, which names its sources). Any
// thread.

#include <cstdint>
#include <string>
#include <vector>

namespace voorwerp::core {

struct MaskBit
{
    int bit = 0;
    std::string name;    ///< "SMALL_DELTA_CHI2"; of a bit without a name "BIT27"
    std::string meaning; ///< "best fit hardly better than the next"; may be empty
};

/// Names of a mask ("ZWARN", "FIBERSTATUS", "SPECMASK", "DESI_TARGET", "SCND_TARGET", "QSO_MASKBITS") in a
/// production
/// ("iron"; empty or unknown: as in DR2), by bit.
std::vector<MaskBit> maskBits(const std::string& mask, const std::string& specprod = {});
/// The names of a mask in all productions; two of one bit where it changed its meaning.
std::vector<MaskBit> maskBitsOfAll(const std::string& mask);
/// The bits that are set in a value, by bit.
std::vector<MaskBit> setBits(const std::string& mask, std::int64_t value, const std::string& specprod = {});
/// "SMALL_DELTA_CHI2 | LOW_DEL_CHI2"; empty for 0.
std::string maskNames(const std::string& mask, std::int64_t value, const std::string& specprod = {});
/// The mask that a column of the catalogue holds: "zwarn" ZWARN, "coadd_fiberstatus" FIBERSTATUS, ...; empty:
/// none.
std::string maskOfColumn(const std::string& column);

} // namespace voorwerp::core
