// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/mask_bits.h"

#include "core/error.h"
#include "core/resources.h"

#include <algorithm>
#include <array>
#include <sstream>
#include <utility>

namespace voorwerp::core {

namespace {

constexpr int kBits = 64;
constexpr const char* kUsualRelease = "DR2";

struct NamedBit
{
    std::string mask;
    MaskBit bit;
    std::vector<std::string> releases; ///< empty: all
};

std::vector<std::string> wordsOf(const std::string& text)
{
    std::istringstream stream(text);
    std::vector<std::string> words;
    for (std::string word; stream >> word;)
        words.push_back(word);
    return words;
}

const std::vector<NamedBit>& table()
{
    static const std::vector<NamedBit> rows = [] {
        std::vector<NamedBit> list;
        for (const auto& row : resourceCsv("mask_bits.csv")) {
            if (row.size() < 5)
                throw FormatError("mask_bits.csv: cannot read the bit \"" + (row.empty() ? "" : row[0]) +
                                      "\"",
                                  "Each row needs mask,bit,name,meaning,releases.");
            list.push_back({row[0], {std::stoi(row[1]), row[2], row[3]}, wordsOf(row[4])});
        }
        return list;
    }();
    return rows;
}

/// The release of a production, else its own name where the table knows that, else DR2.
std::string releaseOf(const std::string& specprod)
{
    static constexpr std::array<std::pair<const char*, const char*>, 4> kReleases{
        {{"fuji", "EDR"}, {"guadalupe", "DR1"}, {"iron", "DR1"}, {"loa", "DR2"}}};
    for (const auto& [production, release] : kReleases)
        if (specprod == production)
            return release;
    const auto& rows = table();
    const bool known = std::any_of(rows.begin(), rows.end(), [&](const NamedBit& row) {
        return std::find(row.releases.begin(), row.releases.end(), specprod) != row.releases.end();
    });
    return known ? specprod : kUsualRelease;
}

} // namespace

std::vector<MaskBit> maskBits(const std::string& mask, const std::string& specprod)
{
    const std::string release = releaseOf(specprod);
    std::vector<MaskBit> bits;
    for (const NamedBit& row : table()) {
        const bool here = row.releases.empty() ||
                          std::find(row.releases.begin(), row.releases.end(), release) != row.releases.end();
        if (row.mask == mask && here)
            bits.push_back(row.bit);
    }
    std::sort(bits.begin(), bits.end(), [](const MaskBit& a, const MaskBit& b) { return a.bit < b.bit; });
    return bits;
}

std::vector<MaskBit> maskBitsOfAll(const std::string& mask)
{
    std::vector<MaskBit> bits;
    for (const NamedBit& row : table())
        if (row.mask == mask)
            bits.push_back(row.bit);
    return bits;
}

std::vector<MaskBit> setBits(const std::string& mask, std::int64_t value, const std::string& specprod)
{
    if (value == 0)
        return {};
    const std::vector<MaskBit> named = maskBits(mask, specprod);
    std::vector<MaskBit> bits;
    for (int bit = 0; bit < kBits; ++bit) {
        if ((static_cast<std::uint64_t>(value) >> bit & 1U) == 0)
            continue;
        const auto found = std::find_if(named.begin(), named.end(),
                                        [bit](const MaskBit& known) { return known.bit == bit; });
        bits.push_back(found != named.end() ? *found : MaskBit{bit, "BIT" + std::to_string(bit), {}});
    }
    return bits;
}

std::string maskNames(const std::string& mask, std::int64_t value, const std::string& specprod)
{
    std::string names;
    for (const MaskBit& bit : setBits(mask, value, specprod))
        names += (names.empty() ? "" : " | ") + bit.name;
    return names;
}

std::string maskOfColumn(const std::string& column)
{
    static constexpr std::array<std::pair<const char*, const char*>, 5> kColumns{
        {{"zwarn", "ZWARN"},
         {"coadd_fiberstatus", "FIBERSTATUS"},
         {"desi_target", "DESI_TARGET"},
         {"scnd_target", "SCND_TARGET"},
         {"qso_maskbits", "QSO_MASKBITS"}}};
    for (const auto& [name, mask] : kColumns)
        if (column == name)
            return mask;
    return {};
}

} // namespace voorwerp::core
