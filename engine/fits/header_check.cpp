// SPDX-License-Identifier: GPL-3.0-or-later
#include "fits/header_check.h"

extern "C" { // this header of cfitsio does not say so itself
#include <fitsio2.h>
}

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <fstream>
#include <map>
#include <set>
#include <vector>

namespace voorwerp::fits {

namespace {

constexpr std::size_t kBlock = 2880, kCard = 80;
constexpr int kMostBlocks = 4000;                // 144,000 cards; DESI's longest headers have a few hundred
constexpr long long kMostGzipRatio = 1040;       // deflate reaches 1032
constexpr long long kMostUnpacked = 900'000'000; // bytes of a gzip file, which cfitsio unpacks into memory
constexpr double kMostBytes = 1e15;              // of an HDU; a product that stays below does not overflow
constexpr double kMostTileRatio = 4096;          // gzip's, and several times that where tiles are left empty
constexpr double kAlwaysPlausible = 16 << 20;    // bytes of a small image

using Problem = std::optional<std::string>;
using Cards = std::map<std::string, std::string>; // keyword → value as it stands, without its comment

std::string trimmed(const std::string& text, const char* characters = " ")
{
    const std::size_t first = text.find_first_not_of(characters), last = text.find_last_not_of(characters);
    return first == std::string::npos ? std::string() : text.substr(first, last - first + 1);
}

/// The text of a card, without quotes, or "".
std::string textOf(const Cards& cards, const std::string& keyword)
{
    const auto found = cards.find(keyword);
    return found == cards.end() ? std::string() : trimmed(found->second, " '");
}

/// The cards of a header; nothing when it has no END within the file.
std::optional<std::vector<std::string>> readHeader(fitsfile* file, LONGLONG start)
{
    std::vector<std::string> header;
    std::array<char, kBlock> block{};
    for (int i = 0; i < kMostBlocks; ++i) {
        int status = 0;
        ffmbyt(file, start + i * static_cast<LONGLONG>(kBlock), REPORT_EOF, &status);
        ffgbyt(file, kBlock, block.data(), &status);
        if (status != 0)
            return std::nullopt;
        for (std::size_t position = 0; position < kBlock; position += kCard) {
            header.emplace_back(block.data() + position, kCard);
            if (header.back().starts_with("END     "))
                return header;
        }
    }
    return std::nullopt;
}

Cards valuesOf(const std::vector<std::string>& header)
{
    Cards cards;
    for (const std::string& card : header)
        if (card[8] == '=')
            cards.emplace(trimmed(card.substr(0, 8)), trimmed(card.substr(10, card.find('/', 10) - 10)));
    return cards;
}

/// The integer of a card, or what it is when there is none; nothing when it is no integer.
std::optional<long long> integerOf(const Cards& cards, const std::string& keyword, long long otherwise)
{
    const auto found = cards.find(keyword);
    if (found == cards.end())
        return otherwise;
    std::string_view text = found->second;
    if (text.starts_with('+'))
        text.remove_prefix(1);
    long long value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    return error == std::errc() && end == text.data() + text.size() ? std::optional(value) : std::nullopt;
}

/// An integer card within limits; a missing card passes.
bool within(const Cards& cards, const std::string& keyword, long long low, long long high)
{
    const auto value = integerOf(cards, keyword, low);
    return value && *value >= low && *value <= high;
}

std::string axis(const char* keyword, int number)
{
    return keyword + std::to_string(number);
}

/// Of a card that passed within().
double numberOf(const Cards& cards, const std::string& keyword, long long otherwise)
{
    return static_cast<double>(integerOf(cards, keyword, otherwise).value_or(otherwise));
}

/// Of the cards that say how large the HDU is.
Problem sizeProblem(const Cards& cards)
{
    static constexpr std::array<long long, 6> kDepths{8, 16, 32, 64, -32, -64};
    constexpr auto kMost = static_cast<long long>(kMostBytes);
    const auto damaged = [](const std::string& keyword) { return keyword + " is damaged"; };
    const auto depth = integerOf(cards, "BITPIX", 8);
    if (!depth || std::find(kDepths.begin(), kDepths.end(), *depth) == kDepths.end())
        return damaged("BITPIX");
    for (const auto& [keyword, low, high] :
         {std::tuple{"NAXIS", 0LL, 999LL}, std::tuple{"PCOUNT", 0LL, kMost}, std::tuple{"GCOUNT", 1LL, kMost},
          std::tuple{"TFIELDS", 0LL, 999LL}}) {
        if (!within(cards, keyword, low, high))
            return damaged(keyword);
    }
    double values = 1.0;
    for (int i = 1; i <= static_cast<int>(numberOf(cards, "NAXIS", 0)); ++i) {
        if (!within(cards, axis("NAXIS", i), 0, kMost))
            return damaged(axis("NAXIS", i));
        values *= std::max(1.0, numberOf(cards, axis("NAXIS", i), 0));
    }
    values = (values + numberOf(cards, "PCOUNT", 0)) * numberOf(cards, "GCOUNT", 1);
    if (values * std::abs(static_cast<double>(*depth)) / 8.0 > kMostBytes)
        return "its header claims more bytes than any file has";
    return std::nullopt;
}

/// Of the cards that a table begins with. cfitsio goes on with numbers that were never set where it cannot
/// parse one of them, be it for a strange character in a comment.
Problem tableProblem(const std::vector<std::string>& header, const Cards& cards)
{
    static constexpr std::array<std::string_view, 7> kBeginnings{
        "BITPIX  = ", "NAXIS   = ", "NAXIS1  = ", "NAXIS2  = ", "PCOUNT  = ", "GCOUNT  = ", "TFIELDS = "};
    if (textOf(cards, "XTENSION").find("TABLE") == std::string::npos)
        return std::nullopt;
    for (std::size_t i = 0; i < kBeginnings.size(); ++i) {
        const std::string keyword = trimmed(std::string(kBeginnings[i].substr(0, 8)));
        const std::string card = i + 1 < header.size() ? header[i + 1] : std::string();
        const bool printable =
            std::all_of(card.begin(), card.end(), [](char c) { return c >= ' ' && c <= '~'; });
        if (!printable || !card.starts_with(kBeginnings[i]) || !integerOf(cards, keyword, 0))
            return keyword + " is damaged";
    }
    return std::nullopt;
}

/// Of the size of a compressed image, whose other cards are sound.
Problem imageSizeProblem(const Cards& cards)
{
    double pixels = 1.0, tilePixels = 1.0, tiles = 1.0;
    for (int i = 1; i <= static_cast<int>(numberOf(cards, "ZNAXIS", 0)); ++i) {
        const auto length = integerOf(cards, axis("ZNAXIS", i), 0).value_or(0);
        const auto tile = integerOf(cards, axis("ZTILE", i), i == 1 ? std::max(1LL, length) : 1).value_or(1);
        pixels *= static_cast<double>(length);
        tilePixels *= static_cast<double>(tile);
        tiles *= static_cast<double>((length - 1) / tile + 1); // as cfitsio counts
    }
    if (const double rows = numberOf(cards, "NAXIS2", 0); rows != tiles)
        return "its image has " + std::to_string(std::llround(std::min(tiles, kMostBytes))) + " tiles, not " +
               std::to_string(std::llround(rows));
    const double bytes = std::max(pixels, tilePixels) * std::abs(numberOf(cards, "ZBITPIX", 8)) / 8.0;
    const double packed =
        numberOf(cards, "NAXIS1", 0) * numberOf(cards, "NAXIS2", 0) + numberOf(cards, "PCOUNT", 0);
    if (bytes > std::max(kAlwaysPlausible, kMostTileRatio * packed))
        return "its image claims more pixels than " + std::to_string(std::llround(packed)) +
               " compressed bytes can hold";
    return std::nullopt;
}

Problem compressionProblem(const Cards& cards)
{
    // not PLIO_1 and HCOMPRESS_1, which DESI does not use and cfitsio reads without looking where their bytes
    // end
    static const std::set<std::string> kMethods{"GZIP_1", "GZIP_2", "RICE_1", "RICE_ONE", "NOCOMPRESS"};
    if (!kMethods.contains(textOf(cards, "ZCMPTYPE")))
        return "compressed by a method that is not DESI's";
    if (!cards.contains("ZNAXIS") || !within(cards, "ZNAXIS", 1, 3) || !cards.contains("ZBITPIX") ||
        !within(cards, "ZBITPIX", -64, 64))
        return "ZNAXIS or ZBITPIX is damaged";
    for (int i = 1; i <= 3; ++i) {
        if (!within(cards, axis("ZNAXIS", i), 0, 100'000'000) ||
            !within(cards, axis("ZTILE", i), 1, 100'000'000))
            return axis("ZNAXIS", i) + " or " + axis("ZTILE", i) + " is damaged";
        const std::string name = textOf(cards, axis("ZNAME", i));
        if ((name == "BLOCKSIZE" && !within(cards, axis("ZVAL", i), 1, 128)) ||
            (name == "BYTEPIX" && !within(cards, axis("ZVAL", i), 1, 8)))
            return axis("ZVAL", i) + " is damaged";
    }
    return imageSizeProblem(cards);
}

/// Of the tiles of one column of the current HDU, which may have no such column.
bool tilesAreWithinHeap(fitsfile* file, std::string column)
{
    int number = 0, type = 0, status = 0;
    LONGLONG repeat = 0, width = 0;
    fits_get_colnum(file, CASEINSEN, column.data(), &number, &status);
    fits_get_coltypell(file, number, &type, &repeat, &width, &status);
    fits_clear_errmsg();
    if (status != 0 || type >= 0)
        return true;
    const LONGLONG rows = file->Fptr->numrows, heap = file->Fptr->heapsize;
    std::vector<LONGLONG> lengths(static_cast<std::size_t>(rows)), offsets(lengths.size());
    fits_read_descriptsll(file, number, 1, rows, lengths.data(), offsets.data(), &status);
    fits_clear_errmsg();
    for (std::size_t i = 0; status == 0 && i < lengths.size(); ++i)
        if (lengths[i] < 0 || offsets[i] < 0 || offsets[i] > heap ||
            lengths[i] > (heap - offsets[i]) / std::max<LONGLONG>(1, width))
            return false;
    return status == 0;
}

/// The first bytes of files that cfitsio would unpack: zip, pack, compress, lzh, bzip2.
bool isPackedOtherwise(const std::string& magic)
{
    static const std::set<std::string> kMagics{"PK", "\x1f\x1e", "\x1f\x9d", "\x1f\xa0", "BZ"};
    return kMagics.contains(magic);
}

} // namespace

Problem packingProblem(const std::filesystem::path& path)
{
    std::ifstream in(path, std::ios::binary);
    std::string magic(2, '\0');
    in.read(magic.data(), 2);
    if (!in || isPackedOtherwise(magic))
        return in ? Problem("it is packed by another method than gzip: unpack it first") : std::nullopt;
    if (magic != "\x1f\x8b")
        return std::nullopt;
    std::array<unsigned char, 4> last{};
    in.seekg(-4, std::ios::end);
    in.read(reinterpret_cast<char*>(last.data()), last.size());
    const long long size = in.tellg();
    if (!in || size < 18) // a gzip header and trailer
        return "it is an incomplete gzip file";
    long long claimed = 0; // modulo 2^32
    for (std::size_t i = last.size(); i-- > 0;)
        claimed = claimed << 8 | last[i];
    while (size > 10'000 &&
           claimed + size / 1000 < size) // as cfitsio guesses; what cannot be packed grows by less
        claimed += 1LL << 32;
    if (claimed > kMostGzipRatio * size)
        return "it claims to hold " + std::to_string(claimed) + " bytes, more than a gzip file of " +
               std::to_string(size) + " bytes can";
    if (claimed > kMostUnpacked)
        return "it holds " + std::to_string(claimed) +
               " bytes, too many to unpack in memory: unpack it with gunzip first";
    return std::nullopt;
}

Problem headerProblem(fitsfile* file, LONGLONG start)
{
    const auto header = readHeader(file, start);
    fits_clear_errmsg();
    if (!header)
        return "the bytes that follow are no complete HDU";
    const Cards cards = valuesOf(*header);
    for (const Problem& problem : {sizeProblem(cards), tableProblem(*header, cards)})
        if (problem)
            return problem;
    return cards.contains("ZIMAGE") ? compressionProblem(cards) : std::nullopt;
}

Problem tileProblem(fitsfile* file)
{
    if (file->Fptr->compressimg == 0)
        return std::nullopt;
    for (const char* column : {"COMPRESSED_DATA", "GZIP_COMPRESSED_DATA", "UNCOMPRESSED_DATA"})
        if (!tilesAreWithinHeap(file, column))
            return "tiles in its column " + std::string(column) + " are damaged";
    return std::nullopt;
}

} // namespace voorwerp::fits
