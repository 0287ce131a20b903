// SPDX-License-Identifier: GPL-3.0-or-later
#include "score/artefact.h"

#include "score/sentence.h"

#include "core/rank_selection.h"
#include "core/wavelength_grid.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <span>
#include <vector>

namespace voorwerp::score {
namespace {

using core::DesiGrid;

constexpr float kSpikeSigma = 5.0F;
constexpr std::size_t kLongestSpike = 5; // pixels of 0.8 Å: no line of a quasar is as narrow
// Camera overlaps, arXiv:1907.10688 table 1.
constexpr std::array<std::pair<double, double>, 2> kSplices{{{5660.0, 5930.0}, {7470.0, 7720.0}}};
constexpr double kForestEnd = 1220.0;  // Å, rest frame
constexpr double kSpliceReach = 150.0; // Å on either side

std::size_t pixelAt(double angstrom)
{
    return static_cast<std::size_t>(
        std::clamp(DesiGrid::pixelOf(angstrom) + 0.5, 0.0, static_cast<double>(DesiGrid::kPixels - 1)));
}

/// Whether the residual falls off at once on both sides of a run: a line that the model misses, or that the
/// grid cannot follow, has neighbours that are off too.
bool isolated(const std::vector<float>& r, std::size_t first, std::size_t end, double peak)
{
    for (std::size_t i = first > 4 ? first - 4 : 0; i < std::min(r.size(), end + 4); ++i) {
        const bool near = i + 1 == first || i == end;
        if ((i < first || i >= end) && std::abs(r[i]) > (near ? 0.6 : 0.35) * peak)
            return false;
    }
    return true;
}

void measureSpikes(const core::Spectrum& spectrum, const ObservedModel& observed, std::size_t forestEnd,
                   ArtefactFeatures& features)
{
    double all = 0.0, spikes = 0.0;
    const auto& r = observed.residual;
    for (std::size_t i = 0; i < r.size();) {
        all += static_cast<double>(r[i]) * r[i];
        if (std::abs(r[i]) < kSpikeSigma) {
            ++i;
            continue;
        }
        std::size_t end = i + 1;
        double run = static_cast<double>(r[i]) * r[i], peak = std::abs(r[i]);
        for (; end < r.size() && std::abs(r[end]) >= kSpikeSigma; ++end) {
            run += static_cast<double>(r[end]) * r[end];
            all += static_cast<double>(r[end]) * r[end];
            peak = std::max<double>(peak, std::abs(r[end]));
        }
        const bool forest = i < forestEnd && !(spectrum.flux[i] > 2.0F * observed.model[i]);
        if (!forest && end - i <= kLongestSpike && isolated(r, i, end, peak)) {
            spikes += run;
            features.spikePeak = std::max(features.spikePeak, peak);
        }
        i = end;
    }
    features.spikeShare = all > 0.0 ? spikes / all : 0.0;
}

/// What a pixel has over the mean of the pixels two to its left and right, in units of its noise: sky
/// residuals and bad pixels are as narrow as the line spread function (2 to 3 pixels), lines of a quasar or a
/// galaxy are wider. 0 where one of the three has no data.
std::vector<float> sharpResidual(const core::Spectrum& spectrum, const ObservedModel& observed)
{
    const std::size_t n = observed.used.size();
    std::vector<float> sharp(n, 0.0F), difference(n), variance(n);
    std::vector<unsigned char> known(n);
    for (std::size_t i = 0; i < n; ++i) {
        known[i] = static_cast<unsigned char>((observed.used[i] | observed.sky[i]) != 0);
        difference[i] = spectrum.flux[i] - observed.model[i];
        variance[i] = 1.0F / spectrum.ivar[i];
    }
    for (std::size_t i = 2; i + 2 < n; ++i) {
        const float sum = variance[i] + 0.25F * variance[i - 2] + 0.25F * variance[i + 2];
        const float value = (difference[i] - 0.5F * (difference[i - 2] + difference[i + 2])) / std::sqrt(sum);
        sharp[i] = (known[i] & known[i - 2] & known[i + 2]) != 0 ? value : 0.0F; // no branch: in vectors
    }
    return sharp;
}

/// Sky windows are judged against the rest of the same spectrum: a model that fits badly everywhere is no
/// sky.
void measureSky(const core::Spectrum& spectrum, const ObservedModel& observed, ArtefactFeatures& features)
{
    const std::vector<float> sharp = sharpResidual(spectrum, observed);
    double sky = 0.0, other = 0.0, skyPeak = 0.0, otherPeak = 0.0;
    std::size_t skyCount = 0, otherCount = 0;
    for (std::size_t i = 0; i < sharp.size(); ++i) {
        const double square = std::min(static_cast<double>(sharp[i]) * sharp[i], 400.0);
        if (sharp[i] == 0.0F)
            continue;
        (observed.sky[i] != 0 ? sky : other) += square;
        ++(observed.sky[i] != 0 ? skyCount : otherCount);
        double& peak = observed.sky[i] != 0 ? skyPeak : otherPeak;
        peak = std::max(peak, std::abs(static_cast<double>(sharp[i])));
    }
    if (skyCount < 20 || otherCount < 20)
        return;
    const double usual = std::max(1.0, other / static_cast<double>(otherCount));
    features.skyExcess = std::max(0.0, sky / static_cast<double>(skyCount) / usual - 1.0);
    features.skyPeak = skyPeak > 1.3 * otherPeak ? skyPeak : 0.0;
}

struct Ratio
{
    double value = 1.0, error = 1.0;
    bool valid = false;
};

/// Weighted mean of flux/model in [first, last) Å, its error from ivar; pixels beyond 8 σ are left out.
Ratio ratioIn(const core::Spectrum& spectrum, const ObservedModel& observed, double first, double last)
{
    double my = 0.0, mm = 0.0;
    std::size_t count = 0;
    for (std::size_t i = pixelAt(first); i < pixelAt(last); ++i) {
        const bool known = observed.used[i] != 0 || observed.sky[i] != 0;
        if (!known || std::abs(observed.residual[i] + observed.skyResidual[i]) > 8.0F)
            continue;
        my += static_cast<double>(observed.model[i]) * spectrum.ivar[i] * spectrum.flux[i];
        mm += static_cast<double>(observed.model[i]) * spectrum.ivar[i] * observed.model[i];
        ++count;
    }
    if (count < 40 || !(mm > 0.0))
        return {};
    return {my / mm, 1.0 / std::sqrt(mm), true};
}

/// The step is the change of flux/model between the sides of a splice, less the change that the ratio makes
/// anyway over the same distance away from it: a broad misfit has a slope everywhere, a splice has a step.
void measureSplices(const core::Spectrum& spectrum, const ObservedModel& observed, ArtefactFeatures& features)
{
    for (const auto& [first, last] : kSplices) {
        const Ratio farLeft = ratioIn(spectrum, observed, first - 2 * kSpliceReach, first - kSpliceReach);
        const Ratio left = ratioIn(spectrum, observed, first - kSpliceReach, first);
        const Ratio right = ratioIn(spectrum, observed, last, last + kSpliceReach);
        const Ratio farRight = ratioIn(spectrum, observed, last + kSpliceReach, last + 2 * kSpliceReach);
        if (!left.valid || !right.valid || !farLeft.valid || !farRight.valid)
            continue;
        const double step = right.value - left.value;
        const double drift = std::abs(left.value - farLeft.value) + std::abs(farRight.value - right.value);
        const double size = std::max(0.0, std::abs(step) - drift);
        const double error = std::hypot(left.error, right.error, 0.02);
        if (size / error > features.spliceSigma) {
            features.spliceSigma = size / error;
            features.spliceStep = size;
        }
    }
}

void measureGaps(const ObservedModel& observed, ArtefactFeatures& features)
{
    std::size_t empty = 0, run = 0, longest = 0, reach = 0;
    bool inside = false;
    for (std::size_t i = 0; i < observed.used.size(); ++i) {
        if (std::isnan(observed.model[i]))
            continue;
        ++reach;
        if (observed.used[i] != 0 || observed.sky[i] != 0) {
            longest = inside ? std::max(longest, run) : longest;
            run = 0;
            inside = true;
        } else {
            ++run;
            ++empty;
        }
    }
    features.maskedShare = reach == 0 ? 1.0 : static_cast<double>(empty) / static_cast<double>(reach);
    features.longestGap = static_cast<double>(longest) * DesiGrid::kStepAngstrom;
}

/// Differences of neighbours know nothing of any smooth misfit; the median is blind to spikes.
void measureNoise(const ObservedModel& observed, std::size_t forestEnd, ArtefactFeatures& features)
{
    std::vector<std::uint32_t> squares(observed.used.size()); // as core::orderedBits
    std::size_t count = 0;
    for (std::size_t i = forestEnd; i + 1 < observed.used.size(); ++i) {
        const float d = observed.residual[i + 1] - observed.residual[i];
        squares[count] = core::orderedBits(0.5F * d * d);
        count += observed.used[i] != 0 && observed.used[i + 1] != 0 ? 1 : 0;
    }
    if (count < 200)
        return;
    const float median =
        core::floatOfOrderedBits(core::elementOfRank(std::span(squares).first(count), count / 2));
    constexpr double kMedianOfChi2 = 0.4549; // one degree of freedom
    features.noiseExcess = std::max(0.0, median / kMedianOfChi2 - 1.0);
}

/// 0 at or below low, 1 at or above high, linear between.
double ramp(double value, double low, double high)
{
    return std::clamp((value - low) / (high - low), 0.0, 1.0);
}

} // namespace

ArtefactFeatures artefactFeatures(const core::Spectrum& spectrum, const ObservedModel& observed, double z)
{
    const std::size_t forestEnd = pixelAt(kForestEnd * (1.0 + z));
    ArtefactFeatures features;
    measureSpikes(spectrum, observed, forestEnd, features);
    measureSky(spectrum, observed, features);
    measureSplices(spectrum, observed, features);
    measureGaps(observed, features);
    measureNoise(observed, forestEnd, features);
    return features;
}

ArtefactVerdict judgeArtefact(const ArtefactFeatures& f)
{
    struct Sign
    {
        double strength;
        const char* kind;
        std::string reason;
    };
    const std::array<Sign, 5> signs{{
        {std::max(ramp(f.skyExcess, 0.4, 1.2), ramp(f.skyPeak, 6.5, 10.0)), "sky residual",
         sentence("residuals in sky windows reach %.0f σ (mean square %.1f)", f.skyPeak, f.skyExcess + 1.0)},
        {ramp(f.spikePeak, 8.0, 16.0) * ramp(f.spikeShare, 0.02, 0.1), "cosmic ray",
         sentence("a run of at most 5 pixels reaches %.0f σ; such runs hold %.0f %% of χ²", f.spikePeak,
                  100.0 * f.spikeShare)},
        {ramp(f.spliceSigma, 4.0, 8.0) * ramp(f.spliceStep, 0.05, 0.12), "camera step",
         sentence("flux over model changes by %.0f %% across a camera splice (%.0f σ)", 100.0 * f.spliceStep,
                  f.spliceSigma)},
        {std::max(ramp(f.maskedShare, 0.15, 0.35), ramp(f.longestGap, 150.0, 400.0)), "masked block",
         sentence("%.0f %% of the spectrum has no data, %.0f Å of it in one block", 100.0 * f.maskedShare,
                  f.longestGap)},
        {ramp(f.noiseExcess, 0.25, 0.75), "noisy fibre",
         sentence("pixels scatter %.2f times as much as their inverse variance says (excess variance %.2f)",
                  std::sqrt(1.0 + f.noiseExcess), f.noiseExcess)},
    }};
    const Sign& strongest = *std::max_element(
        signs.begin(), signs.end(), [](const Sign& a, const Sign& b) { return a.strength < b.strength; });
    ArtefactVerdict verdict;
    verdict.score = static_cast<float>(strongest.strength);
    if (strongest.strength >= 0.5) {
        verdict.kind = strongest.kind;
        verdict.reason = strongest.reason;
    }
    return verdict;
}

} // namespace voorwerp::score
