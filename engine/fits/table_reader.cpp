// SPDX-License-Identifier: GPL-3.0-or-later
#include "fits/table_reader.h"

#include "core/error.h"
#include "fits/fits_file.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

namespace voorwerp::fits {

namespace {

constexpr LONGLONG kLongestArray = 16;
constexpr LONGLONG kLongestText = 1 << 16;
using Cell = std::optional<std::string>;

struct Source
{
    int number = 0; ///< of the column, from 1
    int type = 0;   ///< of cfitsio, after scaling
    LONGLONG repeat = 0, width = 0;
};

template <typename Number> Cell numberCell(Number value)
{
    if constexpr (std::is_floating_point_v<Number>)
        if (!std::isfinite(value))
            return std::nullopt;
    std::array<char, 64> text{};
    return std::string(text.data(), std::to_chars(text.data(), text.data() + text.size(), value).ptr);
}

bool isWhole(int type)
{
    static constexpr std::array kTypes{TBYTE, TSBYTE, TSHORT, TUSHORT, TINT, TUINT, TLONG, TULONG, TLONGLONG};
    return std::find(kTypes.begin(), kTypes.end(), type) != kTypes.end();
}

std::string typeName(int type)
{
    return type == TSTRING                       ? "text"
           : type == TLOGICAL                    ? "boolean"
           : isWhole(type) || type == TULONGLONG ? "integer"
                                                 : "real";
}

} // namespace

class TableReader::Impl
{
public:
    explicit Impl(const std::filesystem::path& path)
        : m_file(path)
    {
        for (const HduInfo& hdu : m_file.hdus())
            if (m_hdu == nullptr && !hdu.isImage && hdu.rows > 0)
                m_hdu = &hdu;
        if (m_hdu == nullptr)
            throw core::FormatError(path.string() + " has no table with rows", "Choose a file with a table.");
        describe();
    }

    std::vector<std::vector<Cell>> read(std::int64_t first, std::int64_t count)
    {
        m_file.at(*m_hdu);
        std::vector<std::vector<Cell>> cells;
        for (std::size_t i = 0; i < m_sources.size(); ++i)
            cells.push_back(readColumn(i, first, count));
        return cells;
    }

    std::vector<TableColumn> columns;
    std::vector<std::string> notes;
    std::int64_t rows() const { return m_hdu->rows; }

private:
    std::string cardOr(const std::string& keyword, const std::string& otherwise = {})
    {
        return m_file.card(*m_hdu, keyword).value_or(otherwise);
    }

    void describe()
    {
        int count = 0, status = 0;
        fits_get_num_cols(m_file.at(*m_hdu), &count, &status);
        for (int number = 1; number <= count && status == 0; ++number) {
            const std::string n = std::to_string(number);
            TableColumn column;
            column.name = cardOr("TTYPE" + n, "column " + n);
            Source source{.number = number};
            fits_get_eqcoltypell(m_file.at(*m_hdu), number, &source.type, &source.repeat, &source.width,
                                 &status);
            const bool text = source.type == TSTRING && source.width <= kLongestText;
            const bool value = isWhole(source.type) || source.type == TULONGLONG || source.type == TFLOAT ||
                               source.type == TDOUBLE || source.type == TLOGICAL;
            if (!text && (!value || source.repeat < 1 || source.repeat > kLongestArray)) {
                notes.push_back("column " + column.name +
                                " is left out: it holds arrays, bits or complex numbers");
                continue;
            }
            column.type = source.repeat > 1 ? "text" : typeName(source.type);
            column.unit = cardOr("TUNIT" + n);
            column.ucd = cardOr("TUCD" + n, cardOr("UCD" + n));
            column.description = cardOr("TCOMM" + n);
            columns.push_back(std::move(column));
            m_sources.push_back(source);
        }
        fits_clear_errmsg();
        if (status != 0 || columns.empty())
            m_file.fail(*m_hdu, "its columns cannot be read");
    }

    std::vector<Cell> readColumn(std::size_t index, std::int64_t first, std::int64_t count)
    {
        const Source& source = m_sources[index];
        if (source.type == TSTRING)
            return readTexts(source, first, count);
        if (source.type == TLOGICAL)
            return readValues<char>(TLOGICAL, source, first, count);
        if (source.type == TFLOAT)
            return readValues<float>(TFLOAT, source, first, count);
        if (source.type == TDOUBLE)
            return readValues<double>(TDOUBLE, source, first, count);
        if (source.type == TULONGLONG)
            return readValues<ULONGLONG>(TULONGLONG, source, first, count);
        return readValues<LONGLONG>(TLONGLONG, source, first, count);
    }

    template <typename Value> static Cell cellOf(Value value)
    {
        if constexpr (std::is_same_v<Value, char>)
            return std::string(value != 0 ? "true" : "false");
        else
            return numberCell(value);
    }

    template <typename Value>
    std::vector<Cell> readValues(int type, const Source& source, std::int64_t first, std::int64_t count)
    {
        const auto repeat = static_cast<std::size_t>(source.repeat);
        const auto rows = static_cast<std::size_t>(count);
        std::vector<Value> values(rows * repeat);
        std::vector<char> undefined(values.size());
        int status = 0, any = 0;
        fits_read_colnull(m_file.at(*m_hdu), type, source.number, first + 1, 1,
                          static_cast<LONGLONG>(values.size()), values.data(), undefined.data(), &any,
                          &status);
        require(status, source, first);
        std::vector<Cell> cells(rows);
        for (std::size_t i = 0; i < values.size(); ++i) {
            const Cell value = undefined[i] != 0 ? Cell() : cellOf(values[i]);
            Cell& cell = cells[i / repeat];
            if (repeat == 1)
                cell = value;
            else
                cell = cell.value_or("") + (i % repeat > 0 ? " " : "") + value.value_or("nan");
        }
        return cells;
    }

    std::vector<Cell> readTexts(const Source& source, std::int64_t first, std::int64_t count)
    {
        std::vector<Cell> cells;
        std::vector<char> text(static_cast<std::size_t>(std::max(source.width, source.repeat)) + 1);
        for (std::int64_t row = first; row < first + count; ++row) {
            char* target = text.data();
            int status = 0, any = 0;
            fits_read_col(m_file.at(*m_hdu), TSTRING, source.number, row + 1, 1, 1, nullptr, &target, &any,
                          &status);
            require(status, source, row);
            std::string value = target;
            value.erase(value.find_last_not_of(' ') + 1);
            cells.push_back(value.empty() ? Cell() : Cell(std::move(value)));
        }
        return cells;
    }

    void require(int status, const Source& source, std::int64_t row) const
    {
        if (status != 0)
            m_file.fail(*m_hdu, "column " + std::to_string(source.number) + ", row " +
                                    std::to_string(row + 1) + " on cannot be read: " + statusText(status));
    }

    FitsFile m_file;
    const HduInfo* m_hdu = nullptr;
    std::vector<Source> m_sources;
};

TableReader::TableReader(const std::filesystem::path& path)
    : m_impl(std::make_unique<Impl>(path))
{
}

TableReader::~TableReader() = default;

const std::vector<TableColumn>& TableReader::columns() const
{
    return m_impl->columns;
}

const std::vector<std::string>& TableReader::notes() const
{
    return m_impl->notes;
}

std::int64_t TableReader::rows() const
{
    return m_impl->rows();
}

std::vector<std::vector<std::optional<std::string>>> TableReader::read(std::int64_t first, std::int64_t count)
{
    return m_impl->read(first, std::min(count, rows() - first));
}

} // namespace voorwerp::fits
