// SPDX-License-Identifier: GPL-3.0-or-later
// VOTable 1.1 to 1.5 (IVOA), the first TABLE of the file: TABLEDATA, and BINARY or BINARY2 in base64. Read in
// blocks through expat, so that neither the XML nor the rows are ever in memory as a whole.
#include "core/error.h"
#include "export/foreign_table.h"
#include "export/votable_binary.h"

#include <expat.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <deque>
#include <fstream>
#include <string_view>

namespace voorwerp::exporting {

namespace {

constexpr std::size_t kBlock = 1 << 16;
constexpr std::size_t kLongestText = 16 << 20; // of one cell

std::string localName(const char* name)
{
    const char* colon = std::strrchr(name, ':');
    return colon != nullptr ? colon + 1 : name;
}

std::string attribute(const char** attributes, std::string_view name)
{
    for (; *attributes != nullptr; attributes += 2)
        if (localName(attributes[0]) == name)
            return attributes[1];
    return {};
}

class Votable : public ForeignTable
{
public:
    explicit Votable(const std::filesystem::path& path)
        : m_path(path)
        , m_in(path, std::ios::binary)
        , m_size(static_cast<double>(std::filesystem::file_size(path)))
        , m_parser(XML_ParserCreate(nullptr), &XML_ParserFree)
    {
        XML_SetUserData(m_parser.get(), this);
        XML_SetElementHandler(
            m_parser.get(),
            [](void* self, const char* name, const char** attributes) {
                static_cast<Votable*>(self)->onStart(localName(name), attributes);
            },
            [](void* self, const char* name) { static_cast<Votable*>(self)->onEnd(localName(name)); });
        XML_SetCharacterDataHandler(m_parser.get(), [](void* self, const char* text, int length) {
            static_cast<Votable*>(self)->onText({text, static_cast<std::size_t>(length)});
        });
        while (!m_inData && !m_over)
            parseBlock();
        if (m_fields.empty())
            throw core::FormatError(m_path.string() + " is XML without a VOTable's TABLE and FIELDs",
                                    "Choose a VOTable with data.");
    }

    const std::vector<ForeignColumn>& columns() const override { return m_columns; }
    double fractionRead() const override { return m_size > 0.0 ? m_read / m_size : 1.0; }
    std::string format() const override { return "VOTable"; }

    bool next(ForeignRow& row) override
    {
        while (m_rows.empty() && !m_over)
            parseBlock();
        if (m_rows.empty())
            return false;
        row.number = ++m_number;
        row.place = "row " + std::to_string(m_number);
        row.cells = std::move(m_rows.front());
        m_rows.pop_front();
        row.problem.clear();
        if (row.cells.size() != m_columns.size())
            row.problem = "has " + std::to_string(row.cells.size()) + " cells where the table has " +
                          std::to_string(m_columns.size()) + " fields";
        row.cells.resize(m_columns.size());
        return true;
    }

private:
    [[noreturn]] void fail(const std::string& cause) const
    {
        throw core::FormatError(m_path.string() + ", line " +
                                    std::to_string(XML_GetCurrentLineNumber(m_parser.get())) + ": " + cause,
                                "The file may be damaged or cut off: fetch it again.");
    }

    void parseBlock()
    {
        std::string block(kBlock, '\0');
        m_in.read(block.data(), static_cast<std::streamsize>(block.size()));
        const auto count = m_in.gcount();
        m_read += static_cast<double>(count);
        const bool last = m_in.eof();
        if (m_in.bad())
            throw core::SystemError("cannot read " + m_path.string() + ": " + std::strerror(errno));
        if (XML_Parse(m_parser.get(), block.data(), static_cast<int>(count), last) == XML_STATUS_ERROR &&
            m_problem.empty())
            m_problem = XML_ErrorString(XML_GetErrorCode(m_parser.get()));
        if (!m_problem.empty())
            fail(m_problem);
        m_over = m_over || last;
    }

    // Called by expat, which is C: no exception may pass it.
    void onStart(const std::string& name, const char** attributes)
    {
        m_text.clear();
        if (m_over || !m_problem.empty())
            return;
        if (name == "FIELD")
            addField(attributes);
        else if (name == "TABLE")
            forgetFields(); // of a table without data
        else if (name == "VALUES" && m_inField)
            m_fields.back().null = attribute(attributes, "null");
        else if (name == "DATA")
            m_inData = true;
        else if (name == "TR")
            m_row.clear();
        else if (name == "STREAM")
            startStream(attributes);
        else if (name == "FITS")
            stop("the data are a FITS file inside of the VOTable");
        else if (name == "BINARY" || name == "BINARY2")
            m_binary2 = name == "BINARY2";
        m_inField = name == "FIELD" || (m_inField && name != "TABLE");
    }

    void onEnd(const std::string& name)
    {
        if (m_over || !m_problem.empty())
            return;
        if (name == "DESCRIPTION" && m_inField && !m_columns.empty())
            m_columns.back().description = m_text;
        else if (name == "FIELD")
            m_inField = false;
        else if (name == "TD")
            addCell();
        else if (name == "TR")
            m_rows.push_back(std::move(m_row));
        else if (name == "STREAM" && m_decoder && !m_decoder->complete())
            stop("the binary data end in the middle of a row");
        else if (name == "TABLE" && m_inData)
            m_over = true;
        m_text.clear();
    }

    void onText(std::string_view text)
    {
        if (m_over || !m_problem.empty())
            return;
        if (m_decoder) {
            m_decoder->add(text, m_rows);
            if (!m_decoder->problem().empty())
                stop(m_decoder->problem());
        } else if (m_text.size() + text.size() <= kLongestText) {
            m_text += text;
        } else {
            stop("a text of more than 16 MB");
        }
    }

    void stop(const std::string& problem)
    {
        m_problem = problem;
        XML_StopParser(m_parser.get(), XML_FALSE);
    }

    void forgetFields()
    {
        m_columns.clear();
        m_fields.clear();
    }

    void addField(const char** attributes)
    {
        VotableField field;
        field.datatype = attribute(attributes, "datatype");
        field.arraysize = attribute(attributes, "arraysize");
        std::string name = attribute(attributes, "name");
        if (name.empty())
            name = attribute(attributes, "ID");
        m_columns.push_back(
            {name, field.columnType(), attribute(attributes, "unit"), attribute(attributes, "ucd"), {}});
        m_fields.push_back(std::move(field));
    }

    void startStream(const char** attributes)
    {
        if (!attribute(attributes, "href").empty())
            return stop("the data are in another file");
        if (const std::string encoding = attribute(attributes, "encoding"); encoding != "base64")
            return stop("the data are in the encoding '" + encoding + "', not in base64");
        m_decoder.emplace(m_fields, m_binary2);
    }

    void addCell()
    {
        const auto first = m_text.find_first_not_of(" \t\r\n");
        const std::string text = first == std::string::npos
                                     ? ""
                                     : m_text.substr(first, m_text.find_last_not_of(" \t\r\n") - first + 1);
        const std::size_t at = m_row.size();
        const bool null =
            text.empty() || text == "NaN" || (at < m_fields.size() && text == m_fields[at].null);
        m_row.push_back(null ? std::nullopt : std::optional(text));
    }

    std::filesystem::path m_path;
    std::ifstream m_in;
    double m_size = 0.0, m_read = 0.0;
    std::unique_ptr<std::remove_pointer_t<XML_Parser>, decltype(&XML_ParserFree)> m_parser;
    std::vector<ForeignColumn> m_columns;
    std::vector<VotableField> m_fields;
    std::optional<VotableBinary> m_decoder; ///< while in a STREAM
    std::deque<VotableRow> m_rows;
    VotableRow m_row;
    std::string m_text, m_problem;
    std::size_t m_number = 0;
    bool m_inData = false, m_inField = false, m_binary2 = false, m_over = false;
};

} // namespace

std::unique_ptr<ForeignTable> openVotable(const std::filesystem::path& path)
{
    return std::make_unique<Votable>(path);
}

} // namespace voorwerp::exporting
