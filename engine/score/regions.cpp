// SPDX-License-Identifier: GPL-3.0-or-later
#include "score/regions.h"

#include "core/resources.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace voorwerp::score {
namespace {

constexpr double kLightSpeed = 299792.458;  // km/s
constexpr double kFarthest = 30000.0;       // km/s between a region and its line
constexpr double kSmoothing = 1000.0;       // km/s
constexpr float kEdge = 2.0F, kPeak = 4.5F; // σ of the smoothed residual
// Troughs of outflows, by their ion (Weymann et al. 1991; Hall et al. 2002), vacuum Å.
constexpr std::array<std::pair<const char*, double>, 6> kOutflowLines{{{"C IV 1549", 1549.06},
                                                                       {"Si IV 1397", 1396.76},
                                                                       {"N V 1240", 1240.14},
                                                                       {"Al III 1857", 1857.40},
                                                                       {"Mg II 2799", 2798.75},
                                                                       {"O VI 1034", 1033.83}}};
constexpr double kFastestOutflow = 27000.0; // km/s

double velocityFrom(double angstrom, double line)
{
    return kLightSpeed * std::log(angstrom / line);
}

Region regionOf(const ModelledRow& row, std::span<const float> residual, const core::LogGrid& grid,
                std::size_t first, std::size_t last)
{
    double sum = 0.0, difference = 0.0, model = 0.0;
    std::size_t count = 0;
    for (std::size_t i = first; i <= last; ++i) {
        if (row.weight[i] <= 0.0F)
            continue;
        sum += residual[i];
        difference += row.flux[i] - row.model[i];
        model += row.model[i];
        ++count;
    }
    Region region;
    region.firstAngstrom = grid.wavelength(first);
    region.lastAngstrom = grid.wavelength(last);
    region.significance = count == 0 ? 0.0 : sum / std::sqrt(static_cast<double>(count));
    region.depth = model > 0.0 ? difference / model : 0.0;
    attachLine(region);
    return region;
}

} // namespace

const std::vector<SpectralLine>& spectralLines()
{
    static const std::vector<SpectralLine> lines = [] {
        std::vector<SpectralLine> all;
        for (const auto& row : core::resourceCsv("lines.csv")) {
            const double angstrom = std::stod(row.at(2));
            all.push_back({row.at(0) + " " + std::to_string(std::lround(angstrom)), angstrom,
                           row.at(3) == "absorption", row.at(4) == "1"});
        }
        return all;
    }();
    return lines;
}

void attachLine(Region& region)
{
    const double centre = std::sqrt(region.firstAngstrom * region.lastAngstrom);
    double nearest = kFarthest;
    const auto take = [&](const std::string& name, double velocity) {
        if (std::abs(velocity) < nearest) {
            nearest = std::abs(velocity);
            region.line = name;
            region.velocity = velocity;
        }
    };
    if (region.significance < 0.0) {
        for (const auto& [name, angstrom] : kOutflowLines) {
            const double velocity = velocityFrom(centre, angstrom);
            if (velocity > -kFastestOutflow && velocity < 500.0)
                take(name, velocity);
        }
        if (!region.line.empty())
            return;
    }
    for (const SpectralLine& line : spectralLines()) {
        if (line.absorption == (region.significance < 0.0) || line.major)
            take(line.name, velocityFrom(centre, line.angstrom));
    }
}

std::vector<Region> findRegions(const ModelledRow& row, std::span<const float> residual,
                                const core::LogGrid& grid, std::size_t most)
{
    const std::size_t width =
        std::max<std::size_t>(1, static_cast<std::size_t>(std::lround(kSmoothing / grid.kmPerSecond())));
    const std::vector<float> smooth = smoothSigma(residual, row.weight, width);
    std::vector<Region> regions;
    for (std::size_t i = 0; i < smooth.size();) {
        if (std::abs(smooth[i]) < kEdge) {
            ++i;
            continue;
        }
        const float sign = smooth[i] > 0.0F ? 1.0F : -1.0F;
        float peak = 0.0F;
        std::size_t end = i;
        for (; end < smooth.size() && sign * smooth[end] >= kEdge; ++end)
            peak = std::max(peak, sign * smooth[end]);
        if (peak >= kPeak)
            regions.push_back(regionOf(row, residual, grid, i, end - 1));
        i = end;
    }
    std::sort(regions.begin(), regions.end(), [](const Region& a, const Region& b) {
        return std::abs(a.significance) > std::abs(b.significance);
    });
    if (regions.size() > most)
        regions.resize(most);
    return regions;
}

} // namespace voorwerp::score
