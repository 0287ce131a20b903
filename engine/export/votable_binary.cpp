// SPDX-License-Identifier: GPL-3.0-or-later
#include "export/votable_binary.h"

#include <algorithm>
#include <array>
#include <bit>
#include <charconv>
#include <cmath>
#include <type_traits>

namespace voorwerp::exporting {

namespace {

constexpr std::uint64_t kMostValues = 1 << 24; // in one cell

struct Datatype
{
    const char* name;
    std::size_t bytes;
};
constexpr std::array<Datatype, 9> kDatatypes{{{"boolean", 1},
                                              {"unsignedByte", 1},
                                              {"char", 1},
                                              {"short", 2},
                                              {"unicodeChar", 2},
                                              {"int", 4},
                                              {"float", 4},
                                              {"long", 8},
                                              {"double", 8}}};

/// 0: not known.
std::size_t bytesOf(const std::string& datatype)
{
    for (const Datatype& known : kDatatypes)
        if (datatype == known.name)
            return known.bytes;
    return 0;
}

std::uint64_t bigEndian(std::string_view bytes)
{
    std::uint64_t value = 0;
    for (const char c : bytes)
        value = value << 8 | static_cast<unsigned char>(c);
    return value;
}

template <typename Number> std::string numberText(Number value)
{
    if constexpr (std::is_floating_point_v<Number>)
        if (!std::isfinite(value))
            return {};
    std::array<char, 64> text{};
    return {text.data(), std::to_chars(text.data(), text.data() + text.size(), value).ptr};
}

/// One value; empty: none.
std::string valueText(const std::string& datatype, std::string_view bytes)
{
    const std::uint64_t raw = bigEndian(bytes);
    if (datatype == "boolean")
        return std::string("TtYy1").find(bytes[0]) != std::string::npos   ? "true"
               : std::string("FfNn0").find(bytes[0]) != std::string::npos ? "false"
                                                                          : "";
    if (datatype == "short")
        return numberText(static_cast<std::int16_t>(raw));
    if (datatype == "int")
        return numberText(static_cast<std::int32_t>(raw));
    if (datatype == "long")
        return numberText(static_cast<std::int64_t>(raw));
    if (datatype == "float")
        return numberText(std::bit_cast<float>(static_cast<std::uint32_t>(raw)));
    if (datatype == "double")
        return numberText(std::bit_cast<double>(raw));
    return numberText(raw); // unsignedByte
}

/// UCS-2 as UTF-8.
std::string utf8(std::string_view bytes)
{
    std::string text;
    for (std::size_t i = 0; i + 1 < bytes.size(); i += 2) {
        const auto c = static_cast<std::uint32_t>(bigEndian(bytes.substr(i, 2)));
        if (c < 0x80) {
            text += static_cast<char>(c);
        } else if (c < 0x800) {
            text += static_cast<char>(0xC0 | c >> 6);
            text += static_cast<char>(0x80 | (c & 0x3F));
        } else {
            text += static_cast<char>(0xE0 | c >> 12);
            text += static_cast<char>(0x80 | (c >> 6 & 0x3F));
            text += static_cast<char>(0x80 | (c & 0x3F));
        }
    }
    return text;
}

int base64Value(char c)
{
    if (c >= 'A' && c <= 'Z')
        return c - 'A';
    if (c >= 'a' && c <= 'z')
        return c - 'a' + 26;
    if (c >= '0' && c <= '9')
        return c - '0' + 52;
    return c == '+' ? 62 : c == '/' ? 63 : -1;
}

/// Values in a cell when it is fixed: "2x3" are 6; nullopt: the stream says how many ("*", "8*").
std::optional<std::uint64_t> fixedCount(const std::string& arraysize)
{
    if (arraysize.find('*') != std::string::npos)
        return std::nullopt;
    std::uint64_t product = 1;
    for (std::size_t at = 0; at < arraysize.size();) {
        std::uint64_t value = 0;
        const auto end =
            std::from_chars(arraysize.data() + at, arraysize.data() + arraysize.size(), value).ptr;
        product = std::min(kMostValues + 1, product * std::min(kMostValues + 1, value));
        at = static_cast<std::size_t>(end - arraysize.data()) + 1;
    }
    return product;
}

} // namespace

std::string VotableField::columnType() const
{
    const bool single = arraysize.empty() || arraysize == "1";
    if (datatype == "char" || datatype == "unicodeChar" || !single)
        return "text";
    if (datatype == "float" || datatype == "double")
        return "real";
    return datatype == "boolean" ? "boolean" : "integer";
}

VotableBinary::VotableBinary(std::vector<VotableField> fields, bool withNullFlags)
    : m_fields(std::move(fields))
    , m_withNullFlags(withNullFlags)
{
    for (const VotableField& field : m_fields)
        if (bytesOf(field.datatype) == 0)
            m_problem = "binary data of the type '" + field.datatype + "' cannot be read";
}

void VotableBinary::add(std::string_view base64, std::deque<VotableRow>& rows)
{
    for (const char c : base64) {
        const int value = base64Value(c);
        if (value < 0)
            continue; // line breaks, and the padding at the end
        m_bits = m_bits << 6 | static_cast<std::uint32_t>(value);
        m_bitCount += 6;
        if (m_bitCount < 8)
            continue;
        m_bitCount -= 8;
        m_bytes += static_cast<char>(m_bits >> m_bitCount & 0xFF);
    }
    if (m_bytes.size() < m_needed)
        return;
    VotableRow row;
    while (m_problem.empty() && m_used < m_bytes.size()) {
        const std::size_t before = m_used;
        if (!readRow(row))
            break;
        rows.push_back(std::move(row));
        if (m_used == before)
            m_problem = "the fields of a row have no bytes";
    }
    m_bytes.erase(0, m_used);
    m_used = 0;
}

/// False: the row is not whole yet.
bool VotableBinary::readRow(VotableRow& row)
{
    std::size_t at = m_used;
    const std::size_t flags = m_withNullFlags ? (m_fields.size() + 7) / 8 : 0;
    if (m_bytes.size() - at < flags)
        return false;
    const std::size_t flagsAt = at;
    at += flags;
    row.clear();
    for (std::size_t i = 0; i < m_fields.size(); ++i) {
        std::optional<std::string> cell;
        if (!readField(m_fields[i], at, cell))
            return false;
        const bool flagged = m_withNullFlags &&
                             (static_cast<unsigned char>(m_bytes[flagsAt + i / 8]) >> (7 - i % 8) & 1U) != 0;
        const bool null = flagged || (cell && (cell->empty() || *cell == m_fields[i].null));
        row.push_back(null ? std::nullopt : std::move(cell));
    }
    m_used = at;
    return true;
}

bool VotableBinary::readField(const VotableField& field, std::size_t& at, std::optional<std::string>& cell)
{
    const std::size_t width = bytesOf(field.datatype);
    auto count = fixedCount(field.arraysize);
    if (!count) {
        if (m_bytes.size() - at < 4)
            return false;
        count = bigEndian(std::string_view(m_bytes).substr(at, 4));
        at += 4;
    }
    if (*count > kMostValues) {
        m_problem = "a cell claims to have " + std::to_string(*count) + " values";
        return false;
    }
    const std::size_t size = static_cast<std::size_t>(*count) * width;
    if (m_bytes.size() - at < size) {
        m_needed = at + size - m_used;
        return false;
    }
    const std::string_view bytes = std::string_view(m_bytes).substr(at, size);
    at += size;
    if (field.datatype == "char") {
        cell = std::string(bytes.substr(0, std::min(bytes.find('\0'), bytes.size())));
    } else if (field.datatype == "unicodeChar") {
        cell = utf8(bytes);
    } else {
        cell = std::string();
        for (std::size_t i = 0; i < size; i += width)
            *cell += (i > 0 ? " " : "") + valueText(field.datatype, bytes.substr(i, width));
    }
    if (cell)
        cell->erase(cell->find_last_not_of(' ') + 1);
    return true;
}

} // namespace voorwerp::exporting
