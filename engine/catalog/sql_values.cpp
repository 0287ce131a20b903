// SPDX-License-Identifier: GPL-3.0-or-later
#include "catalog/sql_values.h"

#include <array>
#include <cstdint>

namespace voorwerp::catalog {

namespace {

/// Length of the UTF-8 sequence that text begins with, or 0 where it is none (RFC 3629: no overlong forms, no
/// surrogates).
std::size_t sequenceLength(std::string_view text)
{
    const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
    const unsigned char first = byte(0);
    if (first < 0x80)
        return first == 0 ? 0 : 1;
    const std::size_t length = first >= 0xC2 && first < 0xE0   ? 2
                               : first >= 0xE0 && first < 0xF0 ? 3
                               : first >= 0xF0 && first < 0xF5 ? 4
                                                               : 0;
    if (length == 0 || text.size() < length)
        return 0;
    for (std::size_t i = 1; i < length; ++i)
        if ((byte(i) & 0xC0) != 0x80)
            return 0;
    const unsigned char second = byte(1);
    const bool bad = (first == 0xE0 && second < 0xA0) || (first == 0xED && second > 0x9F) ||
                     (first == 0xF0 && second < 0x90) || (first == 0xF4 && second > 0x8F);
    return bad ? 0 : length;
}

constexpr std::array<std::int8_t, 256> hexValues()
{
    std::array<std::int8_t, 256> values{};
    values.fill(-1);
    for (int i = 0; i < 10; ++i)
        values[static_cast<std::size_t>('0' + i)] = static_cast<std::int8_t>(i);
    for (int i = 0; i < 6; ++i)
        values[static_cast<std::size_t>('a' + i)] = values[static_cast<std::size_t>('A' + i)] =
            static_cast<std::int8_t>(10 + i);
    return values;
}

constexpr auto kHexValues = hexValues();

} // namespace

std::string cleanText(std::string_view text)
{
    std::string clean;
    clean.reserve(text.size());
    while (!text.empty()) {
        const std::size_t length = sequenceLength(text);
        clean += length == 0 ? std::string_view("?") : text.substr(0, length);
        text.remove_prefix(std::max<std::size_t>(length, 1));
    }
    return clean;
}

std::size_t cleanPrefix(std::string_view text)
{
    std::size_t at = 0;
    while (at < text.size()) {
        const std::size_t length = sequenceLength(text.substr(at));
        if (length == 0)
            break;
        at += length;
    }
    return at;
}

std::string bytesOf(const pqxx::field& field)
{
    const std::string_view text(field.c_str(), field.size());
    if (!text.starts_with("\\x") || text.size() % 2 != 0)
        throw core::DatabaseError(core::DatabaseError::Kind::Refused,
                                  "the database sent bytes in an unknown form");
    std::string bytes(text.size() / 2 - 1, '\0');
    for (std::size_t i = 0; i < bytes.size(); ++i) {
        const int high = kHexValues[static_cast<unsigned char>(text[2 * i + 2])];
        const int low = kHexValues[static_cast<unsigned char>(text[2 * i + 3])];
        bytes[i] = static_cast<char>(high << 4 | low);
    }
    return bytes;
}

std::string textArrayText(std::span<const std::optional<std::string>> values)
{
    std::string text = "{";
    for (const auto& value : values) {
        text += text.size() > 1 ? "," : "";
        if (!value) {
            text += "NULL";
            continue;
        }
        text += '"';
        for (const char c : cleanText(*value)) {
            if (c == '"' || c == '\\')
                text += '\\';
            text += c;
        }
        text += '"';
    }
    return text + "}";
}

std::vector<std::optional<std::string>> textArrayOf(const pqxx::field& field)
{
    std::vector<std::optional<std::string>> values;
    auto parser = field.as_array();
    for (auto item = parser.get_next(); item.first != pqxx::array_parser::done; item = parser.get_next()) {
        if (item.first == pqxx::array_parser::null_value)
            values.emplace_back();
        else if (item.first == pqxx::array_parser::string_value)
            values.emplace_back(std::move(item.second));
    }
    return values;
}

} // namespace voorwerp::catalog
