// SPDX-License-Identifier: GPL-3.0-or-later
#include "dataset/sky_mask.h"

#include "core/resources.h"
#include "dataset/pixel_loops.h"
#include "dataset/pixel_math.h"

#include <Eigen/Core>
#include <algorithm>
#include <cmath>
#include <utility>

namespace voorwerp::dataset {
namespace {

using core::DesiGrid;

void maskRange(std::vector<unsigned char>& mask, double first, double last)
{
    const double from = std::max(0.0, std::ceil(DesiGrid::pixelOf(first)));
    const double to = std::min<double>(DesiGrid::kPixels - 1, std::floor(DesiGrid::pixelOf(last)));
    for (double pixel = from; pixel <= to; pixel += 1.0)
        mask[static_cast<std::size_t>(pixel)] = 1;
}

using BlockValues = Eigen::Array<float, 1, Eigen::Dynamic>;

/// One value of each block of pixels; ofAll takes it of many columns, of a block each.
template <class OfAll> BlockValues ofBlocks(const std::vector<float>& values, OfAll ofAll)
{
    const auto whole = static_cast<Eigen::Index>(values.size() / kGuardBlock);
    const auto rest = static_cast<Eigen::Index>(values.size() % kGuardBlock);
    BlockValues all(whole + (rest > 0 ? 1 : 0));
    using Blocks = Eigen::Array<float, kGuardBlock, Eigen::Dynamic>;
    all.head(whole) = ofAll(Eigen::Map<const Blocks>(values.data(), kGuardBlock, whole));
    if (rest > 0)
        all.tail(1) = ofAll(Eigen::Map<const Eigen::ArrayXf>(values.data() + whole * kGuardBlock, rest));
    return all;
}

/// Of each block; the largest float where none is positive.
BlockValues smallestPositive(const std::vector<float>& ivar)
{
    std::vector<float> positive(ivar.size());
    largestWhereNone(ivar.size(), ivar.data(), positive.data());
    return ofBlocks(positive, [](const auto& blocks) { return blocks.colwise().minCoeff().eval(); });
}

/// The largest of all blocks within reach of each.
BlockValues largestAround(const std::vector<float>& ivar, Eigen::Index reach)
{
    const BlockValues each =
        ofBlocks(ivar, [](const auto& blocks) { return blocks.colwise().maxCoeff().eval(); });
    const Eigen::Index count = each.size(), width = 2 * reach + 1;
    BlockValues largest = BlockValues::Zero(count + 2 * reach);
    largest.segment(reach, count) = each;
    Eigen::Index span = 1; // of what each now is the largest, itself the first
    for (; 2 * span <= width; span *= 2)
        for (Eigen::Index i = 0; i + span < largest.size(); ++i)
            largest[i] = std::max(largest[i], largest[i + span]);
    return largest.head(count).max(largest.segment(width - span, count));
}

/// Fraction of the median of the positive values among every fourth of the range.
float limitOf(const std::vector<float>& ivar, const GuardRange& range, float fraction)
{
    std::vector<float> positive;
    for (std::size_t i = range.first; i < range.last; i += kGuardStep)
        if (ivar[i] > 0.0F)
            positive.push_back(ivar[i]);
    if (positive.empty())
        return 0.0F;
    const auto middle = positive.begin() + static_cast<std::ptrdiff_t>(positive.size() / 2);
    std::nth_element(positive.begin(), middle, positive.end());
    return fraction * *middle;
}

} // namespace

std::vector<unsigned char> skyMaskOnDesiGrid(const SkyMaskSettings& settings)
{
    std::vector<unsigned char> mask(DesiGrid::kPixels, 0);
    if (!settings.enabled)
        return mask;
    for (const auto& row : core::resourceCsv("sky_lines.csv")) {
        const double wavelength = std::stod(row.at(0)), intensity = std::stod(row.at(1));
        if (intensity <= settings.minIntensity)
            continue;
        const double half =
            settings.halfWidthAngstrom * (1.0 + std::log10(intensity / settings.minIntensity));
        maskRange(mask, wavelength - half, wavelength + half);
    }
    for (const WavelengthRange& range : settings.ranges)
        maskRange(mask, range.firstAngstrom, range.lastAngstrom);
    return mask;
}

void applyIvarGuard(std::vector<float>& ivar, const SkyMaskSettings& settings)
{
    if (!settings.enabled || settings.guardFraction <= 0.0)
        return;
    const std::size_t half = guardHalfWidth(settings);
    const auto fraction = static_cast<float>(settings.guardFraction);
    const BlockValues smallest = smallestPositive(ivar);
    const auto reach = std::min(static_cast<Eigen::Index>(half / kGuardBlock + 1), smallest.size());
    const BlockValues largest = largestAround(ivar, reach);
    std::vector<std::pair<std::size_t, float>> limits; // of pixels from; all before one is set to 0
    for (Eigen::Index block = 0; block < smallest.size(); ++block) {
        if (!(smallest[block] < fraction * largest[block])) // no median is above the largest: nearly all
            continue;
        const std::size_t begin = static_cast<std::size_t>(block) * kGuardBlock;
        limits.emplace_back(begin, limitOf(ivar, guardRange(begin, half), fraction));
    }
    for (const auto& [begin, limit] : limits)
        for (std::size_t i = begin; i < std::min(ivar.size(), begin + kGuardBlock); ++i)
            ivar[i] = ivar[i] < limit ? 0.0F : ivar[i];
}

} // namespace voorwerp::dataset
