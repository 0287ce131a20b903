// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// Inside the room: rows of a VOTable's BINARY and BINARY2 streams (VOTable 1.4, sections 6.3 and 6.4),
// big-endian, as base64 in the XML. BINARY2 begins each row with a bit a field that says which are null.

#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace voorwerp::exporting {

struct VotableField
{
    std::string datatype; ///< boolean, bit, unsignedByte, short, int, long, char, unicodeChar, float, double,
                          ///< ...Complex
    std::string arraysize; ///< empty: one value; "8", "*", "8*", "2x3"
    std::string null;      ///< the text that stands for no value; empty: none

    std::string columnType() const;
};

using VotableRow = std::vector<std::optional<std::string>>;

class VotableBinary
{
public:
    VotableBinary(std::vector<VotableField> fields, bool withNullFlags);
    /// More of the base64 text; finished rows go to the end of rows.
    void add(std::string_view base64, std::deque<VotableRow>& rows);
    /// No row was begun and not finished.
    bool complete() const { return m_bytes.size() == m_used; }
    /// What is wrong with the data; empty: nothing.
    const std::string& problem() const { return m_problem; }

private:
    bool readRow(VotableRow& row);
    bool readField(const VotableField& field, std::size_t& at, std::optional<std::string>& cell);

    std::vector<VotableField> m_fields;
    bool m_withNullFlags;
    std::string m_bytes, m_problem;
    std::size_t m_used = 0;
    std::size_t m_needed = 0; ///< bytes that the next row has at least: before, it is not looked at again
    std::uint32_t m_bits = 0;
    int m_bitCount = 0;
};

} // namespace voorwerp::exporting
