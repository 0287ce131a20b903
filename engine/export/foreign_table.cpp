// SPDX-License-Identifier: GPL-3.0-or-later
#include "export/foreign_table.h"

#include "core/error.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <string_view>

namespace voorwerp::exporting {

namespace {

constexpr std::string_view kGzip = "\x1f\x8b";
constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

std::string firstBytes(const std::filesystem::path& path)
{
    std::error_code ignored;
    if (std::filesystem::is_directory(path, ignored))
        throw core::SystemError(path.string() + " is a folder", "Choose a file: FITS, VOTable or CSV.");
    std::ifstream in(path, std::ios::binary);
    if (!in)
        throw core::SystemError("cannot read " + path.string() + ": " + std::strerror(errno),
                                "Check the path and the permissions of the file.");
    std::array<char, 1024> bytes{};
    in.read(bytes.data(), bytes.size());
    return {bytes.data(), static_cast<std::size_t>(in.gcount())};
}

/// A picture, an archive, a text in UTF-16: characters that no table of text has.
bool looksBinary(std::string_view bytes)
{
    return std::any_of(bytes.begin(), bytes.end(), [](unsigned char c) {
        return c < 0x20 && c != '\t' && c != '\n' && c != '\r' && c != '\v' && c != '\f';
    });
}

} // namespace

std::unique_ptr<ForeignTable> openForeignTable(const std::filesystem::path& path)
{
    std::string bytes = firstBytes(path);
    if (bytes.starts_with(kByteOrderMark))
        bytes.erase(0, kByteOrderMark.size());
    bytes.erase(0, std::min(bytes.find_first_not_of(" \t\r\n"), bytes.size()));
    if (bytes.empty())
        throw core::FormatError(path.string() + " is empty", "Choose a FITS, VOTable or CSV table.");
    if (bytes.starts_with("SIMPLE  ="))
        return openFitsTable(path);
    if (bytes.starts_with(kGzip)) {
        if (path.string().ends_with(".fits.gz") || path.string().ends_with(".fit.gz"))
            return openFitsTable(path);
        throw core::FormatError(path.string() + " is compressed", "Unpack it with gunzip first.");
    }
    if (looksBinary(bytes))
        throw core::FormatError(path.string() + " is neither text nor FITS nor VOTable",
                                "Choose a FITS, VOTable or CSV table.");
    if (bytes.starts_with('<'))
        return openVotable(path);
    return openDelimitedTable(path);
}

} // namespace voorwerp::exporting
