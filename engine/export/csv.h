// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// Comma-separated values as RFC 4180 has them, and numbers that come back as they were.
// Reading is tolerant: BOM, CRLF, quoted commas and line breaks, '#' comments before the header.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace voorwerp::exporting {

/// A cell, quoted where it must be (comma, quote, line break, leading '#', space at an end).
std::string csvCell(std::string_view text);
/// The shortest decimal that reads back as the same double; empty for NaN, "inf"/"-inf".
std::string csvNumber(double value);
/// The same for a float: 0.1f is "0.1".
std::string csvNumber(float value);

/// One record of a file: its cells and the line it starts on (1-based).
struct CsvRecord
{
    std::vector<std::string> cells;
    std::size_t line = 0;
};

/// Reads records one after the other. Blank lines are skipped.
class CsvReader
{
public:
    /// text must outlive the reader. A UTF-8 byte order mark is skipped.
    explicit CsvReader(std::string_view text, char separator = ',');
    /// The next record, or nothing at the end. Comment lines (first character '#') are collected, not
    /// returned.
    std::optional<CsvRecord> next();
    /// Comment lines seen so far, without their '#'.
    const std::vector<std::string>& comments() const { return m_comments; }
    /// True when the last record's quote was never closed.
    bool unterminatedQuote() const { return m_unterminated; }

private:
    bool skipToRecord();
    std::string readCell(bool& endOfRecord);
    std::string_view takeLine();

    std::string_view m_text;
    char m_separator;
    std::size_t m_position = 0;
    std::size_t m_line = 1;
    bool m_unterminated = false;
    std::vector<std::string> m_comments;
};

} // namespace voorwerp::exporting
