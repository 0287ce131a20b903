// SPDX-License-Identifier: GPL-3.0-or-later
#include "fits/header_check.h"

extern "C" { // this header of cfitsio does not say so itself
#include <fitsio2.h>
}

#include <array>
#include <charconv>
#include <map>
#include <set>

namespace voorwerp::fits {

namespace {

constexpr std::size_t kBlock = 2880, kCard = 80;
constexpr int kMostBlocks = 4000; // 144,000 cards; DESI's longest headers have a few hundred

using Cards = std::map<std::string, std::string>; // keyword → value, unquoted

std::string trimmed(std::string text)
{
    const std::size_t first = text.find_first_not_of(" '"), last = text.find_last_not_of(" '");
    return first == std::string::npos ? std::string() : text.substr(first, last - first + 1);
}

/// The cards of a header that concern its structure; nothing when it has no END within the file.
std::optional<Cards> readCards(fitsfile* file, LONGLONG start)
{
    Cards cards;
    std::array<char, kBlock> block{};
    for (int i = 0; i < kMostBlocks; ++i) {
        int status = 0;
        ffmbyt(file, start + i * static_cast<LONGLONG>(kBlock), REPORT_EOF, &status);
        ffgbyt(file, kBlock, block.data(), &status);
        if (status != 0)
            return std::nullopt;
        for (std::size_t position = 0; position < kBlock; position += kCard) {
            const std::string card(block.data() + position, kCard);
            if (card.starts_with("END     "))
                return cards;
            if (card[8] == '=')
                cards.emplace(trimmed(card.substr(0, 8)), trimmed(card.substr(10, card.find('/', 10) - 10)));
        }
    }
    return std::nullopt;
}

/// An integer card within limits; a missing card passes.
bool within(const Cards& cards, const std::string& keyword, long long low, long long high)
{
    const auto found = cards.find(keyword);
    if (found == cards.end())
        return true;
    long long value = 0;
    const std::string& text = found->second;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    return error == std::errc() && end == text.data() + text.size() && value >= low && value <= high;
}

std::string axis(const char* keyword, int number)
{
    return keyword + std::to_string(number);
}

std::optional<std::string> compressionProblem(const Cards& cards)
{
    static const std::set<std::string> kMethods{"GZIP_1",   "GZIP_2", "RICE_1",
                                                "RICE_ONE", "PLIO_1", "NOCOMPRESS"};
    const auto method = cards.find("ZCMPTYPE");
    if (method == cards.end() || !kMethods.contains(method->second))
        return "compressed by an unknown method";
    if (!cards.contains("ZNAXIS") || !within(cards, "ZNAXIS", 1, 3) || !cards.contains("ZBITPIX") ||
        !within(cards, "ZBITPIX", -64, 64))
        return "ZNAXIS or ZBITPIX is damaged";
    for (int i = 1; i <= 3; ++i) {
        if (!within(cards, axis("ZNAXIS", i), 0, 100'000'000) ||
            !within(cards, axis("ZTILE", i), 1, 100'000'000))
            return axis("ZNAXIS", i) + " or " + axis("ZTILE", i) + " is damaged";
        const auto name = cards.find(axis("ZNAME", i));
        const bool blockSize = name != cards.end() && name->second == "BLOCKSIZE";
        const bool bytes = name != cards.end() && name->second == "BYTEPIX";
        if ((blockSize && !within(cards, axis("ZVAL", i), 1, 128)) ||
            (bytes && !within(cards, axis("ZVAL", i), 1, 8)))
            return axis("ZVAL", i) + " is damaged";
    }
    return std::nullopt;
}

} // namespace

std::optional<std::string> headerProblem(fitsfile* file, LONGLONG start)
{
    const auto cards = readCards(file, start);
    fits_clear_errmsg();
    if (!cards)
        return "the bytes that follow are no complete HDU";
    if (cards->contains("ZIMAGE"))
        return compressionProblem(*cards);
    return std::nullopt;
}

} // namespace voorwerp::fits
