// SPDX-License-Identifier: GPL-3.0-or-later
#include "export/csv.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

namespace voorwerp::exporting {

namespace {

template <typename Number> std::string shortestText(Number value)
{
    if (std::isnan(value))
        return {};
    std::array<char, 64> buffer{};
    const auto result = std::to_chars(buffer.data(), buffer.data() + buffer.size(), value);
    return {buffer.data(), result.ptr};
}

constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

} // namespace

std::string csvCell(std::string_view text)
{
    const bool outerSpace = !text.empty() && (text.front() == ' ' || text.back() == ' ');
    const bool comment = !text.empty() && text.front() == '#';
    if (!outerSpace && !comment && text.find_first_of(",\"\r\n") == std::string_view::npos)
        return std::string(text);
    std::string quoted = "\"";
    for (const char character : text) {
        if (character == '"')
            quoted += '"';
        quoted += character;
    }
    return quoted + '"';
}

std::string csvNumber(double value)
{
    return shortestText(value);
}

std::string csvNumber(float value)
{
    return shortestText(value);
}

CsvReader::CsvReader(std::string_view text, char separator)
    : m_text(text)
    , m_separator(separator)
{
    if (m_text.substr(0, kByteOrderMark.size()) == kByteOrderMark)
        m_text.remove_prefix(kByteOrderMark.size());
}

std::string_view CsvReader::takeLine()
{
    const std::size_t end = std::min(m_text.find('\n', m_position), m_text.size());
    std::string_view line = m_text.substr(m_position, end - m_position);
    m_position = std::min(end + 1, m_text.size());
    ++m_line;
    if (!line.empty() && line.back() == '\r')
        line.remove_suffix(1);
    return line;
}

bool CsvReader::skipToRecord()
{
    while (m_position < m_text.size()) {
        const char first = m_text[m_position];
        if (first == '#')
            m_comments.emplace_back(takeLine().substr(1));
        else if (first == '\n' || m_text.substr(m_position, 2) == "\r\n")
            takeLine();
        else
            return true;
    }
    return false;
}

std::string CsvReader::readCell(bool& endOfRecord)
{
    std::string cell;
    bool quoted = m_position < m_text.size() && m_text[m_position] == '"';
    if (quoted)
        ++m_position;
    while (m_position < m_text.size()) {
        const char character = m_text[m_position++];
        if (character == '\n')
            ++m_line;
        if (quoted && character == '"') {
            if (m_position < m_text.size() && m_text[m_position] == '"')
                cell += m_text[m_position++];
            else
                quoted = false;
        } else if (quoted) {
            cell += character;
        } else if (character == m_separator) {
            return cell;
        } else if (character == '\n') {
            endOfRecord = true;
            return cell;
        } else if (character != '\r' || (m_position < m_text.size() && m_text[m_position] != '\n')) {
            cell += character;
        }
    }
    m_unterminated = quoted;
    endOfRecord = true;
    return cell;
}

std::optional<CsvRecord> CsvReader::next()
{
    if (!skipToRecord())
        return std::nullopt;
    CsvRecord record;
    record.line = m_line;
    for (bool end = false; !end;)
        record.cells.push_back(readCell(end));
    return record;
}

} // namespace voorwerp::exporting
