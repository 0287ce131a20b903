// SPDX-License-Identifier: GPL-3.0-or-later
#include "fits/table_rows.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>
#include <type_traits>

namespace voorwerp::fits {

namespace {

/// FITS is big-endian.
template <typename Unsigned> Unsigned bigEndian(const unsigned char* bytes)
{
    Unsigned value = 0;
    for (std::size_t i = 0; i < sizeof(Unsigned); ++i)
        value = static_cast<Unsigned>(value << 8U | bytes[i]);
    return value;
}

/// The numbers of a column in a block of rows.
class Decoder
{
public:
    Decoder(const std::vector<unsigned char>& bytes, long long rowBytes, const RawColumn& column,
            std::size_t rows)
        : m_bytes(bytes.data() + column.offset)
        , m_rowBytes(static_cast<std::size_t>(rowBytes))
        , m_column(column)
        , m_rows(rows)
    {
    }

    /// read(bytes of one number)
    template <typename Value, typename Read> std::vector<Value> all(std::size_t size, Read&& read) const
    {
        const auto width = static_cast<std::size_t>(m_column.repeat);
        std::vector<Value> values;
        values.reserve(m_rows * width);
        for (std::size_t row = 0; row < m_rows; ++row)
            for (std::size_t i = 0; i < width; ++i)
                values.push_back(read(m_bytes + row * m_rowBytes + i * size));
        return values;
    }

    /// Signed integers, with the offset that makes unsigned ones of them.
    template <typename Unsigned> core::TableColumn::Values integers() const
    {
        using Signed = std::make_signed_t<Unsigned>;
        const auto raw = [](const unsigned char* bytes) {
            return static_cast<std::int64_t>(static_cast<Signed>(bigEndian<Unsigned>(bytes)));
        };
        constexpr double kTwoTo62 = 4611686018427387904.0;
        if (m_column.scale == 1.0 && std::abs(m_column.zero) < kTwoTo62 &&
            std::trunc(m_column.zero) == m_column.zero) {
            const auto zero = static_cast<std::uint64_t>(static_cast<std::int64_t>(m_column.zero));
            return all<std::int64_t>(sizeof(Unsigned), [&](const unsigned char* bytes) {
                return static_cast<std::int64_t>(static_cast<std::uint64_t>(raw(bytes)) + zero);
            });
        }
        return all<double>(sizeof(Unsigned), [&](const unsigned char* bytes) {
            return static_cast<double>(raw(bytes)) * m_column.scale + m_column.zero;
        });
    }

    std::vector<std::string> texts() const
    {
        std::vector<std::string> values;
        values.reserve(m_rows);
        for (std::size_t row = 0; row < m_rows; ++row) {
            std::string_view text(reinterpret_cast<const char*>(m_bytes + row * m_rowBytes),
                                  static_cast<std::size_t>(m_column.repeat));
            text = text.substr(0, text.find('\0'));
            const auto end = text.find_last_not_of(' ');
            values.emplace_back(text.substr(0, end == std::string_view::npos ? 0 : end + 1));
        }
        return values;
    }

private:
    const unsigned char* m_bytes;
    std::size_t m_rowBytes;
    const RawColumn& m_column;
    std::size_t m_rows;
};

std::optional<core::TableColumn::Values> decode(const Decoder& decoder, int type)
{
    switch (type) {
    case TLOGICAL:
        return decoder.all<std::int64_t>(1, [](const unsigned char* byte) { return *byte == 'T' ? 1 : 0; });
    case TBYTE:
        return decoder.all<std::int64_t>(1, [](const unsigned char* byte) { return *byte; });
    case TSHORT:
        return decoder.integers<std::uint16_t>();
    case TLONG:
        return decoder.integers<std::uint32_t>();
    case TLONGLONG:
        return decoder.integers<std::uint64_t>();
    case TFLOAT:
        return decoder.all<float>(4, [](const unsigned char* bytes) {
            return std::bit_cast<float>(bigEndian<std::uint32_t>(bytes));
        });
    case TDOUBLE:
        return decoder.all<double>(8, [](const unsigned char* bytes) {
            return std::bit_cast<double>(bigEndian<std::uint64_t>(bytes));
        });
    case TSTRING:
        return decoder.texts();
    default:
        return std::nullopt;
    }
}

} // namespace

TableRows::TableRows(FitsFile& file, const HduInfo& hdu)
    : m_file(file)
    , m_hdu(hdu)
    , m_columns(file.rawColumns(hdu))
    , m_rowBytes(file.integerCard(hdu, "NAXIS1").value_or(0))
{
    const long long filled = m_columns.empty() ? 0 : m_columns.back().offset + m_columns.back().bytes;
    if (m_rowBytes <= 0 || filled != m_rowBytes)
        file.fail(hdu, "its columns have " + std::to_string(filled) + " bytes a row, not " +
                           std::to_string(m_rowBytes));
}

core::TableChunk TableRows::read(long long first, std::size_t count)
{
    core::TableChunk chunk;
    chunk.rows =
        static_cast<std::size_t>(std::clamp<long long>(m_hdu.rows - first, 0, static_cast<long long>(count)));
    if (chunk.rows == 0)
        return chunk;
    m_bytes.resize(chunk.rows * static_cast<std::size_t>(m_rowBytes));
    m_file.readRowBytes(m_hdu, first, m_bytes);
    for (const RawColumn& column : m_columns) {
        if (column.repeat == 0)
            continue;
        if (auto values = decode(Decoder(m_bytes, m_rowBytes, column, chunk.rows), column.type))
            chunk.columns.push_back({column.name, std::move(*values),
                                     column.type == TSTRING ? 1 : static_cast<std::size_t>(column.repeat)});
    }
    return chunk;
}

} // namespace voorwerp::fits
