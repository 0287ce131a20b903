// SPDX-License-Identifier: GPL-3.0-or-later
#include "catalog/specprod_id.h"

#include <algorithm>
#include <array>
#include <span>

namespace voorwerp::catalog {

namespace {

__extension__ typedef unsigned __int128 Wide; // NOLINT(modernize-use-using): GCC wants it so

constexpr std::array<std::string_view, 6> kSurveys = {"cmx", "special", "sv1", "sv2", "sv3", "main"};
constexpr std::array<std::string_view, 4> kPrograms = {"backup", "bright", "dark", "other"};
constexpr std::array<std::string_view, 7> kGroups = {"1x_depth", "4x_depth", "cumulative", "lowspeed",
                                                     "perexp",   "pernight", "healpix"};
constexpr int kGroupShift = 27;
/// Where the five bits of survey and program go, lowest first: the main survey keeps ids positive.
constexpr std::array<int, 5> kFreeBits = {56, 57, 59, 62, 63};

std::optional<std::uint32_t> numberOf(std::span<const std::string_view> names, std::string_view name)
{
    const auto found = std::find(names.begin(), names.end(), name);
    if (found == names.end())
        return std::nullopt;
    return static_cast<std::uint32_t>(found - names.begin() + 1);
}

std::uint64_t joined(std::uint32_t high, std::uint32_t low)
{
    return std::uint64_t{high} << 32U | low;
}

constexpr std::uint64_t freeMask()
{
    std::uint64_t mask = 0;
    for (const int bit : kFreeBits)
        mask |= std::uint64_t{1} << bit;
    return mask;
}

} // namespace

std::string SpecprodId::decimal() const
{
    std::string text;
    Wide value = Wide{high} << 64U | low;
    do {
        text += static_cast<char>('0' + static_cast<int>(value % 10));
        value /= 10;
    } while (value != 0);
    std::reverse(text.begin(), text.end());
    return text;
}

std::optional<SpecprodId> SpecprodId::parse(std::string_view decimal)
{
    constexpr Wide kMost = ~Wide{0};
    Wide value = 0;
    for (const char c : decimal) {
        if (c < '0' || c > '9')
            return std::nullopt;
        const auto digit = static_cast<unsigned>(c - '0');
        if (value > (kMost - digit) / 10)
            return std::nullopt;
        value = value * 10 + digit;
    }
    if (decimal.empty())
        return std::nullopt;
    return SpecprodId{static_cast<std::uint64_t>(value >> 64U), static_cast<std::uint64_t>(value)};
}

std::optional<std::uint32_t> surveyNumber(std::string_view survey)
{
    return numberOf(kSurveys, survey);
}

std::optional<std::uint32_t> programNumber(std::string_view program)
{
    return numberOf(kPrograms, program);
}

std::optional<std::uint32_t> groupNumber(std::string_view spgrp)
{
    return numberOf(kGroups, spgrp);
}

std::optional<SpecprodId> zpixId(core::TargetId target, std::string_view survey, std::string_view program)
{
    const auto surveyPart = surveyNumber(survey);
    const auto programPart = programNumber(program);
    if (!surveyPart || !programPart)
        return std::nullopt;
    return SpecprodId{joined(*programPart, *surveyPart), static_cast<std::uint64_t>(target.value)};
}

std::optional<SpecprodId> ztileId(core::TargetId target, std::string_view spgrp, std::int32_t spgrpval,
                                  std::int32_t tileid)
{
    const auto group = groupNumber(spgrp);
    if (!group)
        return std::nullopt;
    return SpecprodId{joined(*group << kGroupShift | static_cast<std::uint32_t>(spgrpval),
                             static_cast<std::uint32_t>(tileid)),
                      static_cast<std::uint64_t>(target.value)};
}

std::optional<SpecprodId> targetRowId(core::TargetId target, std::int32_t tileid, std::string_view survey)
{
    const auto surveyPart = surveyNumber(survey);
    if (!surveyPart)
        return std::nullopt;
    return SpecprodId{joined(*surveyPart, static_cast<std::uint32_t>(tileid)),
                      static_cast<std::uint64_t>(target.value)};
}

SpecprodId fiberassignId(core::TargetId target, std::int32_t tileid, std::int32_t location)
{
    return {joined(static_cast<std::uint32_t>(location), static_cast<std::uint32_t>(tileid)),
            static_cast<std::uint64_t>(target.value)};
}

std::optional<core::SpectrumId> spectrumIdOf(const SpecprodId& zpix)
{
    const auto program = static_cast<std::uint32_t>(zpix.high >> 32U);
    const auto survey = static_cast<std::uint32_t>(zpix.high);
    if (program < 1 || program > kPrograms.size() || survey < 1 || survey > kSurveys.size() ||
        (zpix.low & freeMask()) != 0)
        return std::nullopt;
    const std::uint32_t code = (kSurveys.size() - survey) * kPrograms.size() + (program - 1);
    std::uint64_t packed = zpix.low;
    for (std::size_t i = 0; i < kFreeBits.size(); ++i)
        packed |= std::uint64_t{code >> i & 1U} << kFreeBits[i];
    return core::SpectrumId{static_cast<std::int64_t>(packed)};
}

std::optional<SpecprodId> zpixIdOf(core::SpectrumId id)
{
    const auto packed = static_cast<std::uint64_t>(id.value);
    std::uint32_t code = 0;
    for (std::size_t i = 0; i < kFreeBits.size(); ++i)
        code |= static_cast<std::uint32_t>(packed >> kFreeBits[i] & 1U) << i;
    if (code >= kSurveys.size() * kPrograms.size())
        return std::nullopt;
    const auto survey = static_cast<std::uint32_t>(kSurveys.size() - code / kPrograms.size());
    const auto program = static_cast<std::uint32_t>(code % kPrograms.size() + 1);
    return SpecprodId{joined(program, survey), packed & ~freeMask()};
}

} // namespace voorwerp::catalog
