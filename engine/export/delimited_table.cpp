// SPDX-License-Identifier: GPL-3.0-or-later
// CSV with any usual separator, and ECSV (Astropy Proposal for Enhancement 6): the YAML comments on top give
// units, types and descriptions.
#include "core/error.h"
#include "export/csv.h"
#include "export/foreign_table.h"

#include <algorithm>
#include <array>
#include <fstream>
#include <string_view>

namespace voorwerp::exporting {

namespace {

constexpr std::size_t kLongestRecord = 1 << 20;

std::string trimmed(std::string_view text)
{
    const auto first = text.find_first_not_of(" \t");
    return first == std::string_view::npos
               ? std::string()
               : std::string(text.substr(first, text.find_last_not_of(" \t") - first + 1));
}

/// Whether a record goes on in the next line: a cell that begins with a quote is still open. Looks at each
/// character once, however many lines the record has.
class QuoteScan
{
public:
    void add(std::string_view text, char separator)
    {
        for (const char c : text) {
            if (c == '"' && (m_quoted || m_atStart || m_justClosed))
                m_quoted = !m_quoted;
            m_justClosed = c == '"' && !m_quoted;
            m_atStart = !m_quoted && c == separator;
        }
    }
    bool insideQuotes() const { return m_quoted; }

private:
    bool m_quoted = false;
    bool m_atStart = true;
    bool m_justClosed = false; ///< a quote right after it is a doubled one
};

/// The separator that splits the header into most parts.
char separatorOf(const std::string& header)
{
    static constexpr std::array<char, 4> kSeparators{',', '\t', ';', '|'};
    const auto parts = [&header](char separator) {
        return std::count(header.begin(), header.end(), separator);
    };
    const char best = *std::max_element(kSeparators.begin(), kSeparators.end(),
                                        [&](char a, char b) { return parts(a) < parts(b); });
    return parts(best) > 0 ? best : ' ';
}

/// The value of a key in a line of ECSV's YAML: "- {name: ra, unit: deg, datatype: float64}".
std::string yamlValue(std::string_view line, std::string_view key)
{
    const std::string wanted = std::string(key) + ":";
    for (auto at = line.find(wanted); at != std::string_view::npos; at = line.find(wanted, at + 1)) {
        if (at > 0 && std::string_view(" {,").find(line[at - 1]) == std::string_view::npos)
            continue;
        std::string_view rest = line.substr(at + wanted.size());
        rest.remove_prefix(std::min(rest.find_first_not_of(' '), rest.size()));
        if (!rest.empty() && (rest.front() == '\'' || rest.front() == '"')) {
            const auto end = rest.find(rest.front(), 1);
            return std::string(rest.substr(1, end == std::string_view::npos ? rest.size() : end - 1));
        }
        return trimmed(rest.substr(0, std::min(rest.find_first_of(",}"), rest.size())));
    }
    return {};
}

std::string typeOf(const std::string& datatype)
{
    if (datatype.starts_with("int") || datatype.starts_with("uint"))
        return "integer";
    if (datatype.starts_with("float"))
        return "real";
    return datatype == "bool" ? "boolean" : "text";
}

class DelimitedTable : public ForeignTable
{
public:
    explicit DelimitedTable(const std::filesystem::path& path)
        : m_path(path)
        , m_in(path, std::ios::binary)
        , m_size(static_cast<double>(std::filesystem::file_size(path)))
    {
        readHeader();
    }

    const std::vector<ForeignColumn>& columns() const override { return m_columns; }
    double fractionRead() const override { return m_size > 0.0 ? m_read / m_size : 1.0; }
    std::string format() const override { return m_ecsv ? "ECSV" : "CSV"; }

    bool next(ForeignRow& row) override
    {
        for (;;) {
            const auto record = nextRecord();
            if (!record)
                return false;
            if (m_skipUnits && m_separator != ',' && !looksLikeData(*record))
                continue;
            fill(row, *record);
            return true;
        }
    }

private:
    bool takeLine(std::string& line)
    {
        if (!std::getline(m_in, line))
            return false;
        m_read += static_cast<double>(line.size() + 1);
        ++m_line;
        if (!line.empty() && line.back() == '\r')
            line.pop_back();
        return true;
    }

    void readHeader()
    {
        std::string line;
        std::vector<ForeignColumn> described;
        while (takeLine(line)) {
            if (m_line == 1 && line.starts_with("\xEF\xBB\xBF"))
                line.erase(0, 3);
            if (line.starts_with("# %ECSV"))
                m_ecsv = true;
            if (line.starts_with('#'))
                describe(line, described);
            if (line.starts_with('#') || trimmed(line).empty())
                continue;
            break;
        }
        if (trimmed(line).empty() || line.starts_with('#'))
            throw core::FormatError(m_path.string() + " has no line with column names",
                                    "The first line after the comments must name the columns.");
        if (m_separator == '\0')
            m_separator = m_ecsv ? ' ' : separatorOf(line);
        name(CsvReader(line, m_separator).next()->cells, described);
    }

    void describe(const std::string& line, std::vector<ForeignColumn>& described)
    {
        if (!m_ecsv)
            return;
        const std::string_view yaml = std::string_view(line).substr(1);
        if (const std::string delimiter = yamlValue(yaml, "delimiter"); !delimiter.empty())
            m_separator = delimiter == "\\t" ? '\t' : delimiter.front();
        if (yaml.find("- {name:") == std::string_view::npos && yaml.find("- name:") == std::string_view::npos)
            return;
        described.push_back({yamlValue(yaml, "name"), typeOf(yamlValue(yaml, "datatype")),
                             yamlValue(yaml, "unit"), yamlValue(yaml, "ucd"),
                             yamlValue(yaml, "description")});
    }

    void name(const std::vector<std::string>& cells, const std::vector<ForeignColumn>& described)
    {
        for (const std::string& cell : cells) {
            ForeignColumn column;
            column.name = trimmed(cell);
            column.type = "text";
            const auto known = std::find_if(described.begin(), described.end(),
                                            [&](const auto& other) { return other.name == column.name; });
            m_columns.push_back(known != described.end() ? *known : std::move(column));
        }
        while (m_separator == ' ' && !m_columns.empty() && m_columns.back().name.empty())
            m_columns.pop_back();
    }

    /// A line of dashes or units under the names, as VizieR writes it.
    static bool looksLikeData(const CsvRecord& record)
    {
        return std::any_of(record.cells.begin(), record.cells.end(), [](const std::string& cell) {
            return std::any_of(cell.begin(), cell.end(),
                               [](unsigned char c) { return std::isdigit(c) != 0; });
        });
    }

    std::optional<CsvRecord> nextRecord()
    {
        std::string text, line;
        QuoteScan scan;
        std::size_t first = 0;
        while (takeLine(line)) {
            if (text.empty() && (line.empty() || line.front() == '#'))
                continue;
            first = text.empty() ? m_line : first;
            if (!text.empty())
                line.insert(0, 1, '\n');
            scan.add(line, m_separator);
            text += line;
            if (text.size() > kLongestRecord)
                throw core::FormatError(
                    m_path.string() + ", line " + std::to_string(first) +
                        ": a row of more than a megabyte; a quote is opened and never closed",
                    "Mend this line.");
            if (!scan.insideQuotes())
                break;
        }
        if (text.empty())
            return std::nullopt;
        if (m_separator == ' ') {
            text = trimmed(text);
            text.erase(
                std::unique(text.begin(), text.end(), [](char a, char b) { return a == ' ' && b == ' '; }),
                text.end());
        }
        CsvReader reader(text, m_separator);
        auto record = reader.next();
        m_unterminated = reader.unterminatedQuote();
        if (record)
            record->line = first;
        return record;
    }

    void fill(ForeignRow& row, const CsvRecord& record)
    {
        m_skipUnits = false;
        row.number = ++m_row;
        row.place = "line " + std::to_string(record.line);
        row.problem.clear();
        row.cells.clear();
        for (const std::string& cell : record.cells) {
            std::string text = trimmed(cell);
            row.cells.push_back(text.empty() ? std::nullopt : std::optional(std::move(text)));
        }
        if (m_unterminated)
            row.problem = "a quote is opened here and never closed";
        else if (row.cells.size() != m_columns.size())
            row.problem = "has " + std::to_string(row.cells.size()) + " cells where the header has " +
                          std::to_string(m_columns.size());
        row.cells.resize(m_columns.size());
    }

    std::filesystem::path m_path;
    std::ifstream m_in;
    double m_size = 0.0, m_read = 0.0;
    std::size_t m_line = 0, m_row = 0;
    char m_separator = '\0';
    bool m_ecsv = false;
    bool m_skipUnits = true; ///< before the first row of data
    bool m_unterminated = false;
    std::vector<ForeignColumn> m_columns;
};

} // namespace

std::unique_ptr<ForeignTable> openDelimitedTable(const std::filesystem::path& path)
{
    return std::make_unique<DelimitedTable>(path);
}

} // namespace voorwerp::exporting
