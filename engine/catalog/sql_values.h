// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// Inside the room: numbers and texts to and from what PostgreSQL writes, without loss and without locale.

#include "core/error.h"

#include <charconv>
#include <cmath>
#include <limits>
#include <optional>
#include <pqxx/pqxx>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace voorwerp::catalog {

/// SQL that formats a timestamptz as ISO 8601 UTC, "2026-03-01T12:00:00.123Z"; empty for NULL.
inline std::string isoTime(const std::string& column)
{
    return "coalesce(to_char(" + column + ", 'YYYY-MM-DD\"T\"HH24:MI:SS.MS\"Z\"'), '')";
}

template <typename Number> std::string numberText(Number value)
{
    char text[64];
    const auto end = std::to_chars(text, text + sizeof text, value).ptr;
    return {text, end};
}

/// NULL for NaN and infinities: the catalogue has neither.
template <typename Number> std::optional<std::string> finiteText(Number value)
{
    if (!std::isfinite(value))
        return std::nullopt;
    return numberText(value);
}

template <typename Integer> std::optional<std::string> integerText(const std::optional<Integer>& value)
{
    if (!value)
        return std::nullopt;
    return numberText(*value);
}

template <typename Number> Number parseNumber(std::string_view text)
{
    Number value{};
    const auto result = std::from_chars(text.data(), text.data() + text.size(), value);
    if (result.ec == std::errc::result_out_of_range)
        return value;
    if (result.ec != std::errc() || result.ptr != text.data() + text.size())
        throw core::DatabaseError(core::DatabaseError::Kind::Refused, "the database sent '" +
                                                                          std::string(text) +
                                                                          "' where a number was expected");
    return value;
}

/// NaN for NULL.
template <typename Real> Real realOf(const pqxx::field& field)
{
    return field.is_null() ? std::numeric_limits<Real>::quiet_NaN()
                           : parseNumber<Real>({field.c_str(), field.size()});
}

template <typename Integer> std::optional<Integer> integerOf(const pqxx::field& field)
{
    if (field.is_null())
        return std::nullopt;
    return parseNumber<Integer>({field.c_str(), field.size()});
}

inline std::string textOf(const pqxx::field& field)
{
    return {field.c_str(), field.size()};
}

/// Bytes that are not UTF-8, and zeros, become '?': PostgreSQL refuses them. For texts out of files.
std::string cleanText(std::string_view text);
/// Bytes up to the first that would become one.
std::size_t cleanPrefix(std::string_view text);

/// "{1,2,3}" for an int8[] parameter.
template <typename Range> std::string arrayText(const Range& values)
{
    std::string text = "{";
    for (const auto value : values) {
        if (text.size() > 1)
            text += ',';
        text += numberText(value);
    }
    return text + "}";
}

/// "{\"a\",NULL}" for a text[] parameter or COPY; texts are cleaned.
std::string textArrayText(std::span<const std::optional<std::string>> values);
std::vector<std::optional<std::string>> textArrayOf(const pqxx::field& field);

/// Bytes of a bytea column as PostgreSQL writes it ("\x0102").
std::string bytesOf(const pqxx::field& field);

} // namespace voorwerp::catalog
