// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// The 128-bit ids of DESI's specprod-db (py/specprodDB/util.py), numeric(39) on the server: they travel as
// decimal text and never pass through an int64 or a double.
//
//     zpix         programid << 96 | surveyid << 64 | targetid
//     ztile        (spgrpid << 27 | spgrpval) << 96 | tileid << 64 | targetid
//     target       surveyid << 96 | tileid << 64 | targetid
//     fiberassign  location << 96 | tileid << 64 | targetid        (potential alike)

#include "core/ids.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace voorwerp::catalog {

/// 128 bits as specprod-db packs them.
struct SpecprodId
{
    std::uint64_t high = 0;
    std::uint64_t low = 0;
    bool operator==(const SpecprodId&) const = default;

    std::string decimal() const;
    /// nullopt: no whole number that fits into 128 bits.
    static std::optional<SpecprodId> parse(std::string_view decimal);
};

/// cmx 1, special 2, sv1 3, sv2 4, sv3 5, main 6; nullopt for other texts.
std::optional<std::uint32_t> surveyNumber(std::string_view survey);
/// backup 1, bright 2, dark 3, other 4.
std::optional<std::uint32_t> programNumber(std::string_view program);
/// 1x_depth 1, 4x_depth 2, cumulative 3, lowspeed 4, perexp 5, pernight 6, healpix 7.
std::optional<std::uint32_t> groupNumber(std::string_view spgrp);

/// nullopt: a survey, program or group that specprod-db does not know.
std::optional<SpecprodId> zpixId(core::TargetId target, std::string_view survey, std::string_view program);
std::optional<SpecprodId> ztileId(core::TargetId target, std::string_view spgrp, std::int32_t spgrpval,
                                  std::int32_t tileid);
std::optional<SpecprodId> targetRowId(core::TargetId target, std::int32_t tileid, std::string_view survey);
SpecprodId fiberassignId(core::TargetId target, std::int32_t tileid, std::int32_t location);

/// A zpix id in 64 bits, so that the window can hold rows of a server as it holds its own: DESI's TARGETID
/// leaves five bits free in targets that are no sky (59, the reserved 62 and 63, and 56 and 57: no RELEASE
/// reaches 16384), and survey and program need five. nullopt: an id that is not of this form.
std::optional<core::SpectrumId> spectrumIdOf(const SpecprodId& zpix);
/// The inverse; nullopt for numbers that spectrumIdOf() does not make.
std::optional<SpecprodId> zpixIdOf(core::SpectrumId id);

} // namespace voorwerp::catalog
