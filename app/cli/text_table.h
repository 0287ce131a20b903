// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// Rows for people: columns padded to their widest cell, two spaces apart.

#include <cstdint>
#include <string>
#include <vector>

namespace voorwerp::cli {

class TextTable
{
public:
    /// A heading that starts with '>' is aligned to the right (the sign is not shown).
    explicit TextTable(std::vector<std::string> headings);
    /// Missing cells are empty.
    void add(std::vector<std::string> cells);
    std::string text() const;

private:
    std::vector<std::string> m_headings;
    std::vector<bool> m_right;
    std::vector<std::vector<std::string>> m_rows;
};

/// "0.123"; "-" for NaN.
std::string fixedNumber(double value, int digits);
/// "1.2e-05"; "-" for NaN.
std::string shortNumber(double value);
/// "1.4 GB".
std::string byteText(std::int64_t bytes);
/// "a, b, c".
std::string joined(const std::vector<std::string>& words);
/// "1 file", "3 files".
std::string counted(std::int64_t count, const std::string& singular, const std::string& plural = {});

} // namespace voorwerp::cli
