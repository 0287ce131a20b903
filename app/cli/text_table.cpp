// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/text_table.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <cmath>
#include <cstdio>

namespace voorwerp::cli {

namespace {

/// Columns on a screen: UTF-8 continuation bytes do not count.
std::size_t columnsOf(const std::string& text)
{
    return static_cast<std::size_t>(
        std::count_if(text.begin(), text.end(), [](char c) { return (c & 0xC0) != 0x80; }));
}

std::string padded(const std::string& text, std::size_t width, bool right)
{
    const std::string space(width - std::min(width, columnsOf(text)), ' ');
    return right ? space + text : text + space;
}

template <typename... Arguments> std::string formatted(const char* format, Arguments... arguments)
{
    std::array<char, 64> buffer{};
    std::snprintf(buffer.data(), buffer.size(), format, arguments...);
    return buffer.data();
}

} // namespace

TextTable::TextTable(std::vector<std::string> headings)
    : m_headings(std::move(headings))
{
    for (std::string& heading : m_headings) {
        m_right.push_back(heading.starts_with('>'));
        if (m_right.back())
            heading.erase(0, 1);
    }
}

void TextTable::add(std::vector<std::string> cells)
{
    cells.resize(m_headings.size());
    for (std::string& cell : cells) // a comment's line ends would tear the row apart
        std::replace_if(
            cell.begin(), cell.end(), [](unsigned char c) { return std::iscntrl(c) != 0; }, ' ');
    m_rows.push_back(std::move(cells));
}

std::string TextTable::text() const
{
    std::vector<std::size_t> widths;
    for (std::size_t column = 0; column < m_headings.size(); ++column) {
        widths.push_back(columnsOf(m_headings[column]));
        for (const std::vector<std::string>& row : m_rows)
            widths.back() = std::max(widths.back(), columnsOf(row[column]));
    }
    std::string text;
    const auto addLine = [&](const std::vector<std::string>& cells) {
        std::string line;
        for (std::size_t column = 0; column < cells.size(); ++column)
            line += (column == 0 ? "" : "  ") + padded(cells[column], widths[column], m_right[column]);
        line.erase(line.find_last_not_of(' ') + 1);
        text += line + '\n';
    };
    addLine(m_headings);
    for (const std::vector<std::string>& row : m_rows)
        addLine(row);
    return text;
}

std::string fixedNumber(double value, int digits)
{
    return std::isnan(value) ? "-" : formatted("%.*f", digits, value);
}

std::string shortNumber(double value)
{
    return std::isnan(value) ? "-" : formatted("%.3g", value);
}

std::string byteText(std::int64_t bytes)
{
    constexpr std::array kUnits{"B", "kB", "MB", "GB", "TB", "PB"};
    double value = static_cast<double>(bytes);
    std::size_t unit = 0;
    while (value >= 1000.0 && unit + 1 < kUnits.size()) {
        value /= 1000.0;
        ++unit;
    }
    return formatted(unit == 0 ? "%.0f %s" : "%.1f %s", value, kUnits[unit]);
}

std::string joined(const std::vector<std::string>& words)
{
    std::string text;
    for (const std::string& word : words)
        text += (text.empty() ? "" : ", ") + word;
    return text;
}

std::string counted(std::int64_t count, const std::string& singular, const std::string& plural)
{
    const std::string many = plural.empty() ? singular + "s" : plural;
    return std::to_string(count) + " " + (count == 1 ? singular : many);
}

} // namespace voorwerp::cli
