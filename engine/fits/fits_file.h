// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// Private to this folder: a FITS file open for reading, its list of HDUs, and errors that name file and HDU.
// All calls of cfitsio for reading go through here. cfitsio keeps one stack of error texts for the whole
// process, so messages are made of status codes (which belong to the call) and the stack is cleared.

#include <fitsio.h>

#include <cstdint>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace voorwerp::fits {

struct HduInfo
{
    int number = 0;      ///< 1 = primary
    std::string extname; ///< upper case; empty: none
    bool isImage = false;
    std::vector<long long> axes; ///< of an image (uncompressed); axes[0] runs fastest
    bool holdsInt32 = false;     ///< an image of whole numbers that fit into 32 bits with sign
    long long rows = 0;          ///< of a table
};

/// A column of a binary table as it stands in the file.
struct RawColumn
{
    std::string name;     ///< upper case
    int type = 0;         ///< cfitsio's type code; negative: variable length
    long long repeat = 0; ///< numbers a row; of a text the characters
    long long offset = 0; ///< bytes from the start of the row
    long long bytes = 0;  ///< of the column in a row
    double scale = 1.0, zero = 0.0;
};

class FitsFile
{
public:
    /// Opens a file, gzipped or not, and looks at all its HDUs. Throws SystemError when it cannot be read and
    /// FormatError when it is no FITS file, is truncated, or goes on behind its last HDU.
    explicit FitsFile(std::filesystem::path path);
    ~FitsFile();
    FitsFile(const FitsFile&) = delete;
    FitsFile& operator=(const FitsFile&) = delete;

    const std::filesystem::path& path() const { return m_path; }
    const std::vector<HduInfo>& hdus() const { return m_hdus; }
    /// The first HDU of that name (upper case), or nullptr.
    const HduInfo* find(std::string_view extname) const;
    /// The same, which must be a binary table; nullptr when there is none. Throws FormatError when it is an
    /// image.
    const HduInfo* findTable(std::string_view extname) const;

    /// Values of an image, count of them from element first on (0-based). Undefined pixels become NaN.
    void readImage(const HduInfo& hdu, long long first, std::span<float> values);
    void readImage(const HduInfo& hdu, long long first, std::span<double> values);
    /// Of an HDU that holdsInt32, as bits; undefined pixels become the given value.
    void readImage(const HduInfo& hdu, long long first, std::span<std::uint32_t> values,
                   std::uint32_t undefined);

    /// A header card of an HDU as text without quotes, or nothing.
    std::optional<std::string> card(const HduInfo& hdu, const std::string& keyword);
    std::optional<std::int64_t> integerCard(const HduInfo& hdu, const std::string& keyword);
    /// Keyword and value of all cards whose keyword begins with prefix.
    std::vector<std::pair<std::string, std::string>> cards(const HduInfo& hdu, std::string_view prefix);

    /// A table column with one value a row, or nothing when there is no such column (or it is a vector).
    /// Throws FormatError when it cannot be read as that type.
    std::optional<std::vector<std::int64_t>> integers(const HduInfo& hdu, const std::string& column);
    std::optional<std::vector<double>> numbers(const HduInfo& hdu, const std::string& column);
    std::optional<std::vector<std::string>> strings(const HduInfo& hdu, const std::string& column);

    /// All columns of a table.
    std::vector<RawColumn> rawColumns(const HduInfo& hdu);
    /// Rows of a table from first on (0-based), byte by byte; bytes are whole rows.
    void readRowBytes(const HduInfo& hdu, long long first, std::span<unsigned char> bytes);

    /// The handle, moved to that HDU: for the readers of this folder.
    fitsfile* at(const HduInfo& hdu)
    {
        moveTo(hdu);
        return m_file;
    }

    /// FormatError "<file>, HDU <name>: <cause>".
    [[noreturn]] void fail(const HduInfo& hdu, const std::string& cause) const;

private:
    void listHdus();
    HduInfo describeHdu(int number, int hduType, int& status);
    long long fileSize() const;
    void checkLength(long long end) const;
    [[noreturn]] void failAfterLast(const std::string& cause) const;
    void moveTo(const HduInfo& hdu);
    double numberCard(const std::string& keyword, double otherwise); ///< of the current HDU
    int findColumn(const HduInfo& hdu, const std::string& column);
    void readImageAs(const HduInfo& hdu, int type, long long first, long long count, void* undefined,
                     void* values);
    [[noreturn]] void failWithStatus(const HduInfo& hdu, const std::string& action, int status) const;

    std::filesystem::path m_path;
    fitsfile* m_file = nullptr;
    std::vector<HduInfo> m_hdus;
    int m_current = 1;
};

/// Text of a cfitsio status, and clears the stack of error texts.
std::string statusText(int status);
/// Throws SystemError when cfitsio was built without thread support.
void requireReentrantCfitsio();

} // namespace voorwerp::fits
