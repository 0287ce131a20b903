// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/line_list.h"

#include "core/error.h"
#include "core/mask_bits.h"
#include "core/resources.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <map>

namespace voorwerp::widgets {

namespace {

std::vector<SpectralLine> readLines()
{
    std::vector<SpectralLine> lines;
    for (const auto& row : core::resourceCsv("lines.csv")) {
        bool number = false;
        const double wavelength = row.size() < 5 ? 0.0 : QString::fromStdString(row[2]).toDouble(&number);
        if (!number || !(wavelength > 0.0))
            throw core::FormatError("lines.csv: cannot read the line \"" + (row.empty() ? "" : row[0]) + "\"",
                                    "Each row needs name,longname,vacuum,kind,major.");
        lines.push_back({QString::fromStdString(row[0]), QString::fromStdString(row[1]), wavelength,
                         row[4] == "1", row[3] == "absorption"});
    }
    std::stable_sort(lines.begin(), lines.end(),
                     [](const auto& a, const auto& b) { return a.vacuumAngstrom < b.vacuumAngstrom; });
    return lines;
}

std::map<int, MaskBit> readSpecMask()
{
    std::map<int, MaskBit> bits;
    for (const core::MaskBit& bit : core::maskBits("SPECMASK"))
        bits[bit.bit] = {QString::fromStdString(bit.name), QString::fromStdString(bit.meaning)};
    return bits;
}

} // namespace

const std::vector<SpectralLine>& builtInLines()
{
    static const std::vector<SpectralLine> lines = readLines();
    return lines;
}

std::vector<SpectralLine> shownLines(bool onlyMajor)
{
    constexpr double kSameLineAngstrom = 15.0;
    std::vector<SpectralLine> shown;
    for (const bool absorption : {false, true}) {
        for (const SpectralLine& line : builtInLines()) {
            if (line.absorption != absorption || (onlyMajor && !line.major))
                continue;
            const bool repeated = std::any_of(shown.begin(), shown.end(), [&](const SpectralLine& other) {
                return other.name == line.name &&
                       std::abs(other.vacuumAngstrom - line.vacuumAngstrom) < kSameLineAngstrom;
            });
            if (!repeated)
                shown.push_back(line);
        }
    }
    return shown;
}

const std::vector<SkyBand>& skyBands()
{
    // [O I] 5577, 6300, 6364 and Na I D 5890/5896 (Osterbrock et al. 1996, PASP 108, 277, air, here in
    // vacuum); the water band and OH lines around 9400 Å where DESI's subtraction leaves ± spikes.
    static const std::vector<SkyBand> bands = {{5572.9, 5584.9, QStringLiteral("sky [O I] 5577")},
                                               {5887.0, 5902.0, QStringLiteral("sky Na I D")},
                                               {6297.0, 6307.0, QStringLiteral("sky [O I] 6300")},
                                               {6361.0, 6371.0, QStringLiteral("sky [O I] 6364")},
                                               {9370.0, 9425.0, QStringLiteral("sky OH and water, 9400")}};
    return bands;
}

MaskBit specMaskBit(int bit)
{
    static const std::map<int, MaskBit> bits = readSpecMask();
    const auto found = bits.find(bit);
    return found == bits.end() ? MaskBit{QStringLiteral("BIT%1").arg(bit), {}} : found->second;
}

QStringList specMaskNames(std::uint32_t bits)
{
    QStringList names;
    for (int bit = 0; bit < 32; ++bit) {
        if (bits & (1U << bit))
            names << specMaskBit(bit).name;
    }
    return names;
}

} // namespace voorwerp::widgets
