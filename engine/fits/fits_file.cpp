// SPDX-License-Identifier: GPL-3.0-or-later
#include "fits/fits_file.h"

#include "core/error.h"
#include "fits/header_check.h"

#include <algorithm>
#include <cctype>
#include <limits>

namespace voorwerp::fits {

namespace {

constexpr const char* kDamagedRemedy =
    "Copy or download the file again and compare its checksum; the other files are not affected.";
constexpr long long kMostRows = 200'000'000; // of a table; more than any catalogue of DESI has

std::string upper(std::string text)
{
    std::transform(text.begin(), text.end(), text.begin(), [](unsigned char c) { return std::toupper(c); });
    return text;
}

std::string hduName(const HduInfo& hdu)
{
    return hdu.extname.empty() ? std::to_string(hdu.number) : hdu.extname;
}

/// Of a column in a row; negative when there is no such size.
long long bytesOf(int type, long long repeat, long long width, const std::string& form)
{
    constexpr long long kLargest = 1LL << 31;
    if (repeat < 0 || repeat > kLargest || width < 0 || width > kLargest)
        return -1;
    if (type < 0) // a descriptor of 32 or 64 bits
        return form.find('Q') == std::string::npos ? 8 : 16;
    if (type == TSTRING)
        return repeat;
    return type == TBIT ? (repeat + 7) / 8 : repeat * width;
}

void trimRight(std::string& text)
{
    while (!text.empty() && text.back() == ' ')
        text.pop_back();
}

} // namespace

std::string statusText(int status)
{
    char text[FLEN_STATUS] = "";
    fits_get_errstatus(status, text);
    fits_clear_errmsg();
    return std::string(text) + " (cfitsio " + std::to_string(status) + ")";
}

void requireReentrantCfitsio()
{
    if (fits_is_reentrant() == 0) {
        throw core::SystemError("this cfitsio was built without thread support",
                                "Install a cfitsio that was configured with --enable-reentrant.");
    }
}

HduInfo rowsOf(const HduInfo& table, long long first, long long count)
{
    HduInfo part = table;
    part.firstRow = table.firstRow + first;
    part.rows = std::min(count, table.rows - first);
    return part;
}

FitsFile::FitsFile(std::filesystem::path path)
    : m_path(std::move(path))
{
    requireReentrantCfitsio();
    std::error_code error;
    if (!std::filesystem::is_regular_file(m_path, error))
        throw core::SystemError("cannot open " + m_path.string() + ": it is not a file", "Check the path.");
    if (const auto problem = packingProblem(m_path))
        throw core::FormatError(m_path.string() + ": " + *problem, kDamagedRemedy);
    int status = 0;
    fits_open_diskfile(&m_file, m_path.c_str(), READONLY, &status);
    if (status != 0) {
        m_file = nullptr;
        throw core::FormatError(m_path.string() + ": cannot be opened as FITS: " + statusText(status),
                                kDamagedRemedy);
    }
    try {
        listHdus();
    } catch (...) {
        int ignored = 0;
        fits_close_file(m_file, &ignored);
        fits_clear_errmsg();
        throw;
    }
}

FitsFile::~FitsFile()
{
    int ignored = 0;
    fits_close_file(m_file, &ignored);
    if (ignored != 0)
        fits_clear_errmsg();
}

void FitsFile::listHdus()
{
    LONGLONG end = 0;
    do {
        const int number = static_cast<int>(m_hdus.size()) + 1;
        if (const auto problem = headerProblem(m_file, end))
            failAfterLast(*problem);
        int status = 0, type = 0;
        fits_movabs_hdu(m_file, number, &type, &status);
        m_current = number;
        if (status == 0)
            m_hdus.push_back(describeHdu(number, type, status));
        LONGLONG headerStart = 0, dataStart = 0;
        const LONGLONG begin = end;
        fits_get_hduaddrll(m_file, &headerStart, &dataStart, &end, &status);
        if (status != 0)
            failAfterLast("its header cannot be read: " + statusText(status));
        if (end <= begin || dataStart > end)
            fail(m_hdus.back(), "its header claims an impossible size");
        checkLength(end);
        if (const auto problem = tileProblem(m_file))
            fail(m_hdus.back(), *problem);
    } while (end < fileSize());
}

HduInfo FitsFile::describeHdu(int number, int hduType, int& status)
{
    HduInfo hdu{.number = number};
    char name[FLEN_VALUE] = "";
    int keyStatus = 0;
    fits_read_key(m_file, TSTRING, "EXTNAME", name, nullptr, &keyStatus);
    fits_clear_errmsg();
    hdu.extname = upper(name);
    trimRight(hdu.extname);
    hdu.isImage = hduType == IMAGE_HDU;
    if (hdu.isImage) {
        int axes = 0;
        fits_get_img_dim(m_file, &axes, &status);
        hdu.axes.resize(static_cast<std::size_t>(std::clamp(axes, 0, 9)));
        if (!hdu.axes.empty())
            fits_get_img_sizell(m_file, static_cast<int>(hdu.axes.size()), hdu.axes.data(), &status);
        int type = 0;
        fits_get_img_equivtype(m_file, &type, &status);
        hdu.holdsInt32 = type == BYTE_IMG || type == SBYTE_IMG || type == SHORT_IMG || type == USHORT_IMG ||
                         type == LONG_IMG;
    } else {
        LONGLONG rows = 0;
        fits_get_num_rowsll(m_file, &rows, &status);
        hdu.rows = rows;
    }
    return hdu;
}

long long FitsFile::fileSize() const
{
    // Of a compressed file, cfitsio holds the unpacked bytes in memory: logfilesize is their number.
    return std::max(m_file->Fptr->filesize, m_file->Fptr->logfilesize);
}

void FitsFile::checkLength(long long end) const
{
    if (end > fileSize()) {
        throw core::FormatError(m_path.string() + ", HDU " + hduName(m_hdus.back()) +
                                    ": the file is truncated: it has " + std::to_string(fileSize()) + " of " +
                                    std::to_string(end) + " bytes",
                                kDamagedRemedy);
    }
}

void FitsFile::failAfterLast(const std::string& cause) const
{
    const std::string where = m_hdus.empty() ? "first HDU" : "after HDU " + hduName(m_hdus.back());
    throw core::FormatError(m_path.string() + ": truncated or damaged, " + where + ": " + cause,
                            kDamagedRemedy);
}

const HduInfo* FitsFile::find(std::string_view extname) const
{
    const auto found = std::find_if(m_hdus.begin(), m_hdus.end(),
                                    [&](const HduInfo& hdu) { return hdu.extname == extname; });
    return found == m_hdus.end() ? nullptr : &*found;
}

const HduInfo* FitsFile::findTable(std::string_view extname) const
{
    const HduInfo* hdu = find(extname);
    if (hdu != nullptr && hdu->isImage)
        fail(*hdu, "this is an image where a table is expected");
    if (hdu != nullptr && (hdu->rows < 0 || hdu->rows > kMostRows))
        fail(*hdu, "it claims to have " + std::to_string(hdu->rows) + " rows");
    return hdu;
}

void FitsFile::moveTo(const HduInfo& hdu)
{
    if (m_current == hdu.number)
        return;
    int status = 0;
    fits_movabs_hdu(m_file, hdu.number, nullptr, &status);
    if (status != 0)
        failWithStatus(hdu, "cannot be found again", status);
    m_current = hdu.number;
}

void FitsFile::readImageAs(const HduInfo& hdu, int type, long long first, long long count, void* undefined,
                           void* values)
{
    if (count == 0)
        return;
    moveTo(hdu);
    const long long width = hdu.axes.empty() ? 1 : std::max(1LL, hdu.axes[0]);
    std::vector<LONGLONG> position(std::max<std::size_t>(1, hdu.axes.size()), 1);
    position[0] = first % width + 1;
    if (position.size() > 1)
        position[1] = first / width + 1;
    int status = 0, anyUndefined = 0;
    fits_read_pixll(m_file, type, position.data(), count, undefined, values, &anyUndefined, &status);
    if (status != 0) {
        const std::string row = hdu.axes.size() > 1
                                    ? "row " + std::to_string(first / width) + " on cannot be read"
                                    : "cannot be read";
        failWithStatus(hdu, row, status);
    }
}

void FitsFile::readImage(const HduInfo& hdu, long long first, std::span<float> values)
{
    float undefined = std::numeric_limits<float>::quiet_NaN();
    readImageAs(hdu, TFLOAT, first, static_cast<long long>(values.size()), &undefined, values.data());
}

void FitsFile::readImage(const HduInfo& hdu, long long first, std::span<double> values)
{
    double undefined = std::numeric_limits<double>::quiet_NaN();
    readImageAs(hdu, TDOUBLE, first, static_cast<long long>(values.size()), &undefined, values.data());
}

void FitsFile::readImage(const HduInfo& hdu, long long first, std::span<std::uint32_t> values,
                         std::uint32_t undefined)
{
    static_assert(sizeof(int) == sizeof(std::uint32_t));
    readImageAs(hdu, TINT, first, static_cast<long long>(values.size()), &undefined, values.data());
}

std::optional<std::string> FitsFile::card(const HduInfo& hdu, const std::string& keyword)
{
    moveTo(hdu);
    char value[FLEN_VALUE] = "";
    int status = 0;
    fits_read_key(m_file, TSTRING, keyword.c_str(), value, nullptr, &status);
    if (status != 0) {
        fits_clear_errmsg();
        return std::nullopt;
    }
    std::string text = value;
    trimRight(text);
    return text;
}

std::optional<std::int64_t> FitsFile::integerCard(const HduInfo& hdu, const std::string& keyword)
{
    moveTo(hdu);
    LONGLONG value = 0;
    int status = 0;
    fits_read_key(m_file, TLONGLONG, keyword.c_str(), &value, nullptr, &status);
    if (status != 0) {
        fits_clear_errmsg();
        return std::nullopt;
    }
    return value;
}

std::vector<std::pair<std::string, std::string>> FitsFile::cards(const HduInfo& hdu, std::string_view prefix)
{
    moveTo(hdu);
    int count = 0, status = 0;
    fits_get_hdrspace(m_file, &count, nullptr, &status);
    std::vector<std::pair<std::string, std::string>> result;
    for (int i = 1; i <= count && status == 0; ++i) {
        char keyword[FLEN_KEYWORD] = "", raw[FLEN_VALUE] = "", comment[FLEN_COMMENT] = "";
        fits_read_keyn(m_file, i, keyword, raw, comment, &status);
        if (status != 0 || !std::string_view(keyword).starts_with(prefix))
            continue;
        if (const auto text = card(hdu, keyword))
            result.emplace_back(keyword, *text);
    }
    fits_clear_errmsg();
    return result;
}

int FitsFile::findColumn(const HduInfo& hdu, const std::string& column)
{
    moveTo(hdu);
    std::string name = column;
    int number = 0, status = 0, type = 0;
    fits_get_colnum(m_file, CASEINSEN, name.data(), &number, &status);
    LONGLONG repeat = 0, width = 0;
    fits_get_coltypell(m_file, number, &type, &repeat, &width, &status);
    fits_clear_errmsg();
    const bool scalar = type == TSTRING ? repeat == width && repeat > 0 : type > 0 && repeat == 1;
    return status == 0 && scalar ? number : 0;
}

std::optional<std::vector<std::int64_t>> FitsFile::integers(const HduInfo& hdu, const std::string& column)
{
    const int number = findColumn(hdu, column);
    if (number == 0)
        return std::nullopt;
    std::vector<std::int64_t> values(static_cast<std::size_t>(hdu.rows));
    static_assert(sizeof(LONGLONG) == sizeof(std::int64_t));
    int status = 0;
    fits_read_col(m_file, TLONGLONG, number, hdu.firstRow + 1, 1, hdu.rows, nullptr, values.data(), nullptr,
                  &status);
    if (status != 0)
        failWithStatus(hdu, "column " + column + " cannot be read as integers", status);
    return values;
}

std::optional<std::vector<double>> FitsFile::numbers(const HduInfo& hdu, const std::string& column)
{
    const int number = findColumn(hdu, column);
    if (number == 0)
        return std::nullopt;
    std::vector<double> values(static_cast<std::size_t>(hdu.rows));
    int status = 0;
    fits_read_col(m_file, TDOUBLE, number, hdu.firstRow + 1, 1, hdu.rows, nullptr, values.data(), nullptr,
                  &status);
    if (status != 0)
        failWithStatus(hdu, "column " + column + " cannot be read as numbers", status);
    return values;
}

std::optional<std::vector<bool>> FitsFile::flags(const HduInfo& hdu, const std::string& column)
{
    const int number = findColumn(hdu, column);
    if (number == 0)
        return std::nullopt;
    int type = 0, status = 0;
    LONGLONG repeat = 0, width = 0;
    fits_get_coltypell(m_file, number, &type, &repeat, &width, &status);
    if (type != TLOGICAL) {
        const auto values = integers(hdu, column);
        std::vector<bool> result;
        for (const std::int64_t value : *values)
            result.push_back(value != 0);
        return result;
    }
    std::vector<char> values(static_cast<std::size_t>(hdu.rows));
    char undefined = 0;
    fits_read_col(m_file, TLOGICAL, number, hdu.firstRow + 1, 1, hdu.rows, &undefined, values.data(), nullptr,
                  &status);
    if (status != 0)
        failWithStatus(hdu, "column " + column + " cannot be read as true or false", status);
    return std::vector<bool>(values.begin(), values.end());
}

std::optional<std::vector<std::string>> FitsFile::strings(const HduInfo& hdu, const std::string& column)
{
    const int number = findColumn(hdu, column);
    if (number == 0)
        return std::nullopt;
    int type = 0, status = 0;
    LONGLONG repeat = 0, width = 0;
    fits_get_coltypell(m_file, number, &type, &repeat, &width, &status);
    if (status != 0 || type != TSTRING)
        return std::nullopt;
    std::vector<std::string> values(static_cast<std::size_t>(hdu.rows));
    if (values.empty())
        return values;
    std::vector<char> text(static_cast<std::size_t>(width) + 1);
    for (std::size_t row = 0; row < values.size(); ++row) {
        char* target = text.data();
        fits_read_col(m_file, TSTRING, number, hdu.firstRow + static_cast<LONGLONG>(row) + 1, 1, 1, nullptr,
                      &target, nullptr, &status);
        if (status != 0)
            failWithStatus(hdu, "column " + column + ", row " + std::to_string(row) + " cannot be read",
                           status);
        values[row] = target;
        trimRight(values[row]);
    }
    return values;
}

std::vector<RawColumn> FitsFile::rawColumns(const HduInfo& hdu)
{
    moveTo(hdu);
    int count = 0, status = 0, type = 0;
    fits_get_hdu_type(m_file, &type, &status);
    if (type != BINARY_TBL)
        fail(hdu, "this is no binary table");
    fits_get_num_cols(m_file, &count, &status);
    std::vector<RawColumn> columns;
    long long offset = 0;
    for (int number = 1; number <= count && status == 0; ++number) {
        RawColumn column;
        const std::string suffix = std::to_string(number);
        column.name = upper(card(hdu, "TTYPE" + suffix).value_or(std::string()));
        LONGLONG repeat = 0, width = 0;
        fits_get_coltypell(m_file, number, &column.type, &repeat, &width, &status);
        column.repeat = repeat;
        column.offset = offset;
        column.bytes =
            bytesOf(column.type, repeat, width, card(hdu, "TFORM" + suffix).value_or(std::string()));
        if (column.bytes < 0)
            fail(hdu, "column " + suffix + " has an impossible size");
        column.scale = numberCard("TSCAL" + suffix, 1.0);
        column.zero = numberCard("TZERO" + suffix, 0.0);
        offset += column.bytes;
        columns.push_back(std::move(column));
    }
    if (status != 0)
        failWithStatus(hdu, "its columns cannot be read", status);
    return columns;
}

double FitsFile::numberCard(const std::string& keyword, double otherwise)
{
    double value = otherwise;
    int status = 0;
    fits_read_key(m_file, TDOUBLE, keyword.c_str(), &value, nullptr, &status);
    if (status != 0)
        fits_clear_errmsg();
    return status == 0 ? value : otherwise;
}

void FitsFile::readRowBytes(const HduInfo& hdu, long long first, std::span<unsigned char> bytes)
{
    moveTo(hdu);
    int status = 0;
    fits_read_tblbytes(m_file, first + 1, 1, static_cast<LONGLONG>(bytes.size()), bytes.data(), &status);
    if (status != 0)
        failWithStatus(hdu, "row " + std::to_string(first) + " on cannot be read", status);
}

void FitsFile::fail(const HduInfo& hdu, const std::string& cause) const
{
    throw core::FormatError(m_path.string() + ", HDU " + hduName(hdu) + ": " + cause,
                            "Check the file: it is not a DESI file of the expected kind, or it is damaged.");
}

void FitsFile::failWithStatus(const HduInfo& hdu, const std::string& action, int status) const
{
    throw core::FormatError(m_path.string() + ", HDU " + hduName(hdu) + ": " + action + ": " +
                                statusText(status),
                            kDamagedRemedy);
}

} // namespace voorwerp::fits
