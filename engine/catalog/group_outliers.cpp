// SPDX-License-Identifier: GPL-3.0-or-later
#include "catalog/group_outliers.h"

#include <algorithm>
#include <cmath>
#include <functional>

namespace voorwerp::catalog {

namespace {

constexpr double kMadToSigma = 1.4826;
constexpr double kMedianError = 1.2533; ///< standard error of a median over that of a mean, normal case
constexpr std::size_t kLeastGroups = 5; ///< fewer say nothing about their scatter

double medianOf(std::vector<double> values)
{
    const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
    std::nth_element(values.begin(), middle, values.end());
    return *middle;
}

/// Distance of a share from the sample's, in standard errors.
double shareDistance(std::int64_t found, std::int64_t all, double share)
{
    const auto n = static_cast<double>(all);
    return 2.0 * std::sqrt(n) *
           (std::asin(std::sqrt((static_cast<double>(found) + 0.375) / (n + 0.75))) -
            std::asin(std::sqrt(share)));
}

/// One measure of a group: its value, how far from the sample's in standard errors.
struct Measured
{
    const GroupFacts* group = nullptr;
    double found = 0.0;
    double distance = 0.0;
};

class Measure
{
public:
    Measure(QualityMeasure measure, double typical)
        : m_measure(measure)
        , m_typical(typical)
    {
    }

    void add(const GroupFacts& group, double found, double distance)
    {
        if (std::isfinite(found) && std::isfinite(distance))
            m_groups.push_back({&group, found, distance});
    }

    void collect(const std::string& column, std::vector<OutlyingGroup>& outliers) const
    {
        if (m_groups.size() < kLeastGroups)
            return;
        std::vector<double> distances;
        for (const Measured& group : m_groups)
            distances.push_back(group.distance);
        const double middle = medianOf(distances);
        for (double& distance : distances)
            distance = std::abs(distance - middle);
        const double widening = std::max(1.0, kMadToSigma * medianOf(distances));
        for (const Measured& group : m_groups) {
            const double z = (group.distance - middle) / widening;
            if (std::abs(z) >= kOutlier)
                outliers.push_back(
                    {column, group.group->value, group.group->spectra, m_measure, group.found, m_typical, z});
        }
    }

private:
    QualityMeasure m_measure;
    double m_typical;
    std::vector<Measured> m_groups;
};

} // namespace

std::vector<OutlyingGroup> findOutliers(const std::string& column, const std::vector<GroupFacts>& groups,
                                        const SampleFacts& sample)
{
    Measure snr(QualityMeasure::SignalToNoise, sample.medianSnr);
    Measure masked(QualityMeasure::FractionMasked, sample.meanMasked);
    Measure warned(QualityMeasure::RedshiftWarnings, sample.warnedShare);
    Measure unusable(QualityMeasure::Problems, sample.unusableShare);
    const auto share = [](std::int64_t part, std::int64_t all) {
        return static_cast<double>(part) / static_cast<double>(all);
    };
    for (const GroupFacts& group : groups) {
        if (group.withSnr >= kLeastSpectra)
            snr.add(group, group.medianSnr,
                    (group.medianSnr - sample.medianSnr) * std::sqrt(static_cast<double>(group.withSnr)) /
                        (kMedianError * sample.sigmaSnr));
        if (group.withMask >= kLeastSpectra)
            masked.add(group, group.meanMasked,
                       (group.meanMasked - sample.meanMasked) *
                           std::sqrt(static_cast<double>(group.withMask)) / sample.sigmaMasked);
        if (group.withRedshift >= kLeastSpectra)
            warned.add(group, share(group.warned, group.withRedshift),
                       shareDistance(group.warned, group.withRedshift, sample.warnedShare));
        if (group.spectra >= kLeastSpectra)
            unusable.add(group, share(group.unusable, group.spectra),
                         shareDistance(group.unusable, group.spectra, sample.unusableShare));
    }
    std::vector<OutlyingGroup> outliers;
    for (const Measure* measure : {&snr, &masked, &warned, &unusable})
        measure->collect(column, outliers);
    return outliers;
}

} // namespace voorwerp::catalog
