// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// Ids that cannot be mixed up: each wraps the integer that DESI or the database uses.

#include <compare>
#include <cstdint>
#include <functional>

namespace voorwerp::core {

/// DESI's TARGETID (64 bit, may be negative for sky positions that were never targets).
struct TargetId
{
    std::int64_t value = 0;
    auto operator<=>(const TargetId&) const = default;
};

/// Row of voorwerp.target: one coadded spectrum of one target in one survey, program and group.
struct SpectrumId
{
    std::int64_t value = 0;
    auto operator<=>(const SpectrumId&) const = default;
};

/// Row of voorwerp.model_version.
struct ModelVersionId
{
    std::int64_t value = 0;
    auto operator<=>(const ModelVersionId&) const = default;
};

} // namespace voorwerp::core

template <> struct std::hash<voorwerp::core::TargetId>
{
    std::size_t operator()(voorwerp::core::TargetId id) const noexcept
    {
        return std::hash<std::int64_t>{}(id.value);
    }
};
template <> struct std::hash<voorwerp::core::SpectrumId>
{
    std::size_t operator()(voorwerp::core::SpectrumId id) const noexcept
    {
        return std::hash<std::int64_t>{}(id.value);
    }
};
