// SPDX-License-Identifier: GPL-3.0-or-later
#include "export/label_file.h"

#include "core/error.h"
#include "core/file_io.h"
#include "export/csv.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>

namespace voorwerp::exporting {

namespace {

enum Column : std::size_t { TargetIdColumn, Class, Quality, Comment, Author, Time, ColumnCount };
constexpr std::array<std::string_view, ColumnCount> kNames{"TARGETID", "CLASS",  "QUALITY",
                                                           "COMMENT",  "AUTHOR", "TIME"};
constexpr int kLargestQuality = 4;

std::string trimmed(std::string_view text)
{
    const auto first = text.find_first_not_of(" \t");
    if (first == std::string_view::npos)
        return {};
    return std::string(text.substr(first, text.find_last_not_of(" \t") - first + 1));
}

std::string upper(std::string text)
{
    std::transform(text.begin(), text.end(), text.begin(),
                   [](unsigned char character) { return static_cast<char>(std::toupper(character)); });
    return text;
}

template <typename Number> std::optional<Number> parseWhole(const std::string& text)
{
    Number value{};
    const auto result = std::from_chars(text.data(), text.data() + text.size(), value);
    if (result.ec != std::errc() || result.ptr != text.data() + text.size())
        return std::nullopt;
    return value;
}

/// Which cell of a record holds which column.
class Header
{
public:
    Header(const CsvRecord& record, const std::filesystem::path& path, LabelFile& file)
        : m_cells(record.cells.size())
    {
        m_positions.fill(m_cells);
        for (std::size_t i = 0; i < m_cells; ++i) {
            const std::string name = upper(trimmed(record.cells[i]));
            const auto known = std::find(kNames.begin(), kNames.end(), name);
            if (known == kNames.end())
                file.ignoredColumns.push_back(trimmed(record.cells[i]));
            else
                m_positions[static_cast<std::size_t>(known - kNames.begin())] = i;
        }
        if (m_positions[TargetIdColumn] == m_cells || m_positions[Class] == m_cells)
            throw core::FormatError(
                path.string() + ", line " + std::to_string(record.line) +
                    ": the header has no columns TARGETID and CLASS",
                "The first line must name the columns, "
                "TARGETID,CLASS,QUALITY,COMMENT,AUTHOR,TIME; only the first two are required.");
    }
    std::size_t cells() const { return m_cells; }
    std::string cell(const CsvRecord& record, Column column) const
    {
        const std::size_t position = m_positions[column];
        return position < record.cells.size() ? trimmed(record.cells[position]) : std::string();
    }

private:
    std::size_t m_cells;
    std::array<std::size_t, ColumnCount> m_positions{};
};

/// The label, or why the record is none.
std::string parseLabel(const CsvRecord& record, const Header& header, LabelRow& row)
{
    if (record.cells.size() != header.cells())
        return "has " + std::to_string(record.cells.size()) + " cells where the header has " +
               std::to_string(header.cells()) + " (a comma in a text needs quotes around the text)";
    const std::string id = header.cell(record, TargetIdColumn);
    const auto targetId = parseWhole<std::int64_t>(id);
    if (!targetId)
        return "TARGETID '" + id + "' is not a whole number";
    row.targetId.value = *targetId;
    row.labelClass = header.cell(record, Class);
    if (row.labelClass.empty())
        return "CLASS is empty";
    const std::string quality = header.cell(record, Quality);
    const auto parsed = parseWhole<int>(quality);
    if (!quality.empty() && (!parsed || *parsed < -1 || *parsed > kLargestQuality))
        return "QUALITY '" + quality + "' is not 0 to 4";
    if (parsed && *parsed >= 0)
        row.quality = parsed;
    row.comment = header.cell(record, Comment);
    row.author = header.cell(record, Author);
    row.time = header.cell(record, Time);
    return {};
}

} // namespace

LabelFile readLabelFile(const std::filesystem::path& path)
{
    const std::string text = core::readText(path);
    CsvReader reader(text);
    const auto first = reader.next();
    if (!first)
        throw core::FormatError(path.string() + " holds no lines",
                                "Choose a CSV file whose first line names TARGETID and CLASS.");
    LabelFile file;
    const Header header(*first, path, file);
    while (const auto record = reader.next()) {
        LabelRow row;
        std::string reason = parseLabel(*record, header, row);
        if (reader.unterminatedQuote())
            reason = "a quote is opened here and never closed; nothing after it was read";
        if (reason.empty())
            file.rows.push_back(std::move(row));
        else
            file.problems.push_back({record->line, std::move(reason)});
    }
    return file;
}

void writeLabelFile(const std::filesystem::path& path, std::span<const LabelRow> rows)
{
    std::string text = "TARGETID,CLASS,QUALITY,COMMENT,AUTHOR,TIME\n";
    for (const LabelRow& row : rows)
        text += std::to_string(row.targetId.value) + ',' + csvCell(row.labelClass) + ',' +
                (row.quality ? std::to_string(*row.quality) : std::string()) + ',' + csvCell(row.comment) +
                ',' + csvCell(row.author) + ',' + csvCell(row.time) + '\n';
    core::writeTextAtomically(path, text);
}

} // namespace voorwerp::exporting
