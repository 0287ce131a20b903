// SPDX-License-Identifier: GPL-3.0-or-later
#include "fits/table_writer.h"

#include "core/error.h"
#include "core/file_io.h"
#include "fits/fits_file.h"

extern "C" { // this header of cfitsio does not say so itself
#include <fitsio2.h>
}

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <numeric>
#include <type_traits>

namespace voorwerp::fits {

namespace {

[[noreturn]] void throwWriteError(const std::filesystem::path& path, int status)
{
    throw core::SystemError("cannot write " + path.string() + ": " + statusText(status),
                            "Check that the disk has space left and that the folder may be written to.");
}

void check(const std::filesystem::path& path, int status)
{
    if (status != 0)
        throwWriteError(path, status);
}

void writeCards(fitsfile* file, const Header& header, int& status)
{
    for (const Card& card : header.cards) {
        const char* key = card.keyword.c_str();
        const char* comment = card.comment.c_str();
        if (const auto* text = std::get_if<std::string>(&card.value)) {
            fits_update_key_longstr(file, key, text->c_str(), comment, &status);
        } else if (const auto* integer = std::get_if<std::int64_t>(&card.value)) {
            fits_update_key_lng(file, key, *integer, comment, &status);
        } else if (const auto* number = std::get_if<double>(&card.value)) {
            fits_update_key_dbl(file, key, *number, -15, comment, &status);
        } else {
            fits_update_key_log(file, key, std::get<bool>(card.value) ? 1 : 0, comment, &status);
        }
    }
    for (const std::string& line : header.comments)
        fits_write_comment(file, line.c_str(), &status);
    for (const std::string& line : header.history)
        fits_write_history(file, line.c_str(), &status);
}

template <typename T> struct FitsType;
template <> struct FitsType<std::uint8_t>
{
    static constexpr int code = TBYTE, bitpix = BYTE_IMG;
    static constexpr char letter = 'B';
};
template <> struct FitsType<std::int16_t>
{
    static constexpr int code = TSHORT, bitpix = SHORT_IMG;
    static constexpr char letter = 'I';
};
template <> struct FitsType<std::int32_t>
{
    static constexpr int code = TINT, bitpix = LONG_IMG;
    static constexpr char letter = 'J';
};
template <> struct FitsType<std::int64_t>
{
    static constexpr int code = TLONGLONG, bitpix = LONGLONG_IMG;
    static constexpr char letter = 'K';
};
template <> struct FitsType<float>
{
    static constexpr int code = TFLOAT, bitpix = FLOAT_IMG;
    static constexpr char letter = 'E';
};
template <> struct FitsType<double>
{
    static constexpr int code = TDOUBLE, bitpix = DOUBLE_IMG;
    static constexpr char letter = 'D';
};

std::size_t stringWidth(const Column& column, const std::vector<std::string>& values)
{
    std::size_t width = std::max<std::size_t>(1, column.width);
    for (const std::string& value : values)
        width = std::max(width, value.size());
    return width;
}

std::string tform(const Column& column)
{
    return std::visit(
        [&](const auto& values) -> std::string {
            using T = typename std::decay_t<decltype(values)>::value_type;
            if constexpr (std::is_same_v<T, std::string>)
                return std::to_string(stringWidth(column, values)) + "A";
            else if constexpr (std::is_same_v<T, bool>)
                return std::to_string(column.width) + "L";
            else
                return std::to_string(column.width) + FitsType<T>::letter;
        },
        column.values);
}

std::size_t rowsOf(const Column& column)
{
    const std::size_t count = std::visit([](const auto& values) { return values.size(); }, column.values);
    if (std::holds_alternative<std::vector<std::string>>(column.values))
        return count;
    if (column.width == 0 || count % column.width != 0)
        throw core::UserError("column " + column.name + " has " + std::to_string(count) +
                              " values, which do not make rows of " + std::to_string(column.width));
    return count / column.width;
}

void writeValues(fitsfile* file, int number, const Column& column, int& status)
{
    std::visit(
        [&](const auto& values) {
            using T = typename std::decay_t<decltype(values)>::value_type;
            const auto count = static_cast<LONGLONG>(values.size());
            if (count == 0)
                return;
            if constexpr (std::is_same_v<T, std::string>) {
                std::vector<char*> texts;
                for (const std::string& value : values)
                    texts.push_back(const_cast<char*>(value.c_str())); // cfitsio does not write to it
                fits_write_col(file, TSTRING, number, 1, 1, count, texts.data(), &status);
            } else if constexpr (std::is_same_v<T, bool>) {
                std::vector<char> flags(values.begin(), values.end());
                fits_write_col(file, TLOGICAL, number, 1, 1, count, flags.data(), &status);
            } else {
                fits_write_col(file, FitsType<T>::code, number, 1, 1, count, const_cast<T*>(values.data()),
                               &status);
            }
        },
        column.values);
}

} // namespace

class FitsWriter::Private
{
public:
    Private(std::filesystem::path path, bool gzip)
        : m_path(std::move(path))
        , m_gzip(gzip)
    {
        constexpr std::size_t kGrowth = 16 << 20;
        requireReentrantCfitsio();
        std::error_code ignored;
        std::filesystem::remove(m_path, ignored);
        int status = 0;
        if (gzip)
            fits_create_memfile(&m_file, &m_memory, &m_memorySize, kGrowth, std::realloc, &status);
        else
            fits_create_diskfile(&m_file, m_path.c_str(), &status);
        if (status != 0)
            m_file = nullptr;
        fits_create_img(m_file, BYTE_IMG, 0, nullptr, &status);
        check(m_path, status);
    }

    ~Private()
    {
        int ignored = 0;
        if (m_file != nullptr)
            fits_delete_file(m_file, &ignored);
        fits_clear_errmsg();
        std::free(m_memory);
    }

    void addHeader(const std::string& extname, const Header& header)
    {
        int status = 0;
        if (!extname.empty())
            fits_update_key_str(m_file, "EXTNAME", extname.c_str(), "extension name", &status);
        writeCards(m_file, header, status);
        check(m_path, status);
    }

    template <typename T>
    void addImage(const std::string& extname, std::vector<long> axes, std::span<const T> values,
                  const Header& header)
    {
        const long size = std::accumulate(axes.begin(), axes.end(), 1L, std::multiplies<>());
        if (axes.empty() || static_cast<std::size_t>(size) != values.size())
            throw core::UserError("image " + extname + " has " + std::to_string(values.size()) +
                                  " values, which do not fill its axes");
        int status = 0;
        fits_create_img(m_file, FitsType<T>::bitpix, static_cast<int>(axes.size()), axes.data(), &status);
        check(m_path, status);
        addHeader(extname, header);
        if (!values.empty())
            fits_write_img(m_file, FitsType<T>::code, 1, size, const_cast<T*>(values.data()), &status);
        check(m_path, status);
    }

    void close()
    {
        int status = 0;
        fits_flush_file(m_file, &status);
        const auto size = static_cast<std::size_t>(m_file->Fptr->filesize);
        fits_close_file(m_file, &status);
        m_file = nullptr;
        check(m_path, status);
        if (m_gzip)
            pack(size);
    }

    const std::filesystem::path m_path;
    fitsfile* m_file = nullptr;

private:
    void pack(std::size_t size)
    {
        int status = FILE_NOT_CREATED;
        if (std::FILE* out = std::fopen(m_path.c_str(), "wb")) {
            status = 0;
            compress2file_from_mem(static_cast<char*>(m_memory), size, out, nullptr, &status);
            if (std::fclose(out) != 0 && status == 0)
                status = WRITE_ERROR;
        }
        check(m_path, status);
    }

    const bool m_gzip;
    void* m_memory =
        nullptr; ///< the whole file until it is packed; cfitsio writes only plain ones piece by piece
    std::size_t m_memorySize = 0;
};

FitsWriter::FitsWriter(const std::filesystem::path& path, bool gzip)
    : m_d(std::make_unique<Private>(path, gzip))
{
}

FitsWriter::~FitsWriter() = default;

void FitsWriter::setPrimaryHeader(const Header& header)
{
    m_d->addHeader({}, header);
}

void FitsWriter::addTable(const std::string& extname, const std::vector<Column>& columns,
                          const Header& header)
{
    std::vector<std::string> forms;
    std::vector<char*> names, formats, units;
    const std::size_t rows = columns.empty() ? 0 : rowsOf(columns.front());
    for (const Column& column : columns) {
        if (rowsOf(column) != rows)
            throw core::UserError("table " + extname + ": column " + column.name + " has " +
                                  std::to_string(rowsOf(column)) + " rows, the first one has " +
                                  std::to_string(rows));
        forms.push_back(tform(column));
    }
    for (std::size_t i = 0; i < columns.size(); ++i) { // cfitsio does not write to them
        names.push_back(const_cast<char*>(columns[i].name.c_str()));
        formats.push_back(forms[i].data());
        units.push_back(const_cast<char*>(columns[i].unit.c_str()));
    }
    int status = 0;
    fits_create_tbl(m_d->m_file, BINARY_TBL, static_cast<LONGLONG>(rows), static_cast<int>(columns.size()),
                    names.data(), formats.data(), units.data(), extname.c_str(), &status);
    check(m_d->m_path, status);
    m_d->addHeader({}, header);
    for (std::size_t i = 0; i < columns.size(); ++i)
        writeValues(m_d->m_file, static_cast<int>(i) + 1, columns[i], status);
    check(m_d->m_path, status);
}

void FitsWriter::addImage(const std::string& extname, const std::vector<long>& axes,
                          std::span<const float> values, const Header& header)
{
    m_d->addImage(extname, axes, values, header);
}

void FitsWriter::addImage(const std::string& extname, const std::vector<long>& axes,
                          std::span<const double> values, const Header& header)
{
    m_d->addImage(extname, axes, values, header);
}

void FitsWriter::addImage(const std::string& extname, const std::vector<long>& axes,
                          std::span<const std::int32_t> values, const Header& header)
{
    m_d->addImage(extname, axes, values, header);
}

void FitsWriter::addImage(const std::string& extname, const std::vector<long>& axes,
                          std::span<const std::uint8_t> values, const Header& header)
{
    m_d->addImage(extname, axes, values, header);
}

void FitsWriter::close()
{
    m_d->close();
}

void writeFitsFile(const std::filesystem::path& path, const std::function<void(FitsWriter&)>& write)
{
    core::writeFileAtomically(path, [&](const std::filesystem::path& temporary) {
        FitsWriter writer(temporary, path.extension() == ".gz");
        write(writer);
        writer.close();
    });
}

} // namespace voorwerp::fits
