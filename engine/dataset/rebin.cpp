// SPDX-License-Identifier: GPL-3.0-or-later
#include "dataset/rebin.h"

#include "core/wavelength_grid.h"
#include "dataset/pixel_loops.h"

#include <algorithm>

namespace voorwerp::dataset {
namespace {

constexpr std::size_t kGroup = 16; ///< output pixels that are summed in one rhythm

/// Edges of output pixels: where in the input, and in which pixel. Signed: the CPU does not convert unsigned
/// numbers to double.
struct Edges
{
    std::span<const double> positions;
    std::span<const int> pixels;
};

class Rebinner
{
public:
    Rebinner(std::span<const float> flux, std::span<const float> ivar)
        : m_flux(flux.data())
        , m_ivar(ivar.data())
        , m_last(static_cast<int>(flux.size()) - 1)
    {
    }

    /// Of output pixels between edges. Neighbours cover as many whole input pixels as each other or one more:
    /// each adds those that all have in a loop of the same length, and then the odd one or 0. A loop of its
    /// own length would be mispredicted by the CPU for every other output pixel.
    void rebin(const Edges& edges, float* flux, float* weight) const
    {
        int least = m_last, most = 1;
        for (std::size_t j = 0; j + 1 < edges.pixels.size(); ++j) {
            least = std::min(least, edges.pixels[j + 1] - edges.pixels[j]);
            most = std::max(most, edges.pixels[j + 1] - edges.pixels[j]);
        }
        least = std::max(least, 1);
        for (std::size_t j = 0; j + 1 < edges.pixels.size(); ++j) {
            const double lower = edges.positions[j], upper = edges.positions[j + 1];
            const int first = edges.pixels[j], last = std::max(edges.pixels[j + 1], first + 1);
            const double firstEnd = first + 1, lastPart = upper - last;
            Sums sums;
            add(first, ((upper < firstEnd ? upper : firstEnd) - lower) * m_ivar[first], sums);
            for (int i = first + 1; i < first + least; ++i)
                add(i, m_ivar[i], sums);
            for (int i = first + least; i < first + most; ++i) {
                const int pixel = std::min(i, m_last);
                const double w = m_ivar[pixel];
                add(pixel, i < last ? w : 0.0, sums);
            }
            const int pixel = std::min(last, m_last);
            add(pixel, (lastPart > 0.0 ? lastPart : 0.0) * m_ivar[pixel], sums);
            const bool hasData = sums.weight > 0.0;
            weight[j] = hasData ? static_cast<float>(sums.weight) : 0.0F;
            flux[j] = hasData ? static_cast<float>(sums.flux / sums.weight) : 0.0F;
        }
    }

private:
    struct Sums
    {
        double weight = 0.0, flux = 0.0;
    };

    void add(int pixel, double weight, Sums& sums) const
    {
        sums.weight += weight;
        sums.flux += weight * m_flux[pixel];
    }

    const float *m_flux, *m_ivar;
    int m_last; ///< input pixel
};

} // namespace

RebinnedSpectrum rebinToRest(std::span<const float> flux, std::span<const float> ivar,
                             std::span<const double> restEdges, double z)
{
    const std::size_t pixels = restEdges.size() - 1;
    RebinnedSpectrum out{std::vector<float>(pixels, 0.0F), std::vector<float>(pixels, 0.0F)};
    const auto firstEdgeFrom = [&](double pixel) {
        const double observed =
            core::DesiGrid::kFirstAngstrom + (pixel - 0.5) * core::DesiGrid::kStepAngstrom;
        return std::lower_bound(restEdges.begin(), restEdges.end(), observed / (1.0 + z));
    };
    // The edges within the input and one on either side, where there are. Half a pixel is for rounding.
    const double end = static_cast<double>(flux.size());
    const auto above = static_cast<std::size_t>(firstEdgeFrom(-0.5) - restEdges.begin());
    const auto behind = static_cast<std::size_t>(firstEdgeFrom(end - 0.5) - restEdges.begin());
    const std::size_t first = above > 0 ? above - 1 : 0;
    std::size_t last = std::min(behind + 1, pixels);
    std::vector<double> positions(last - first + 1);
    std::vector<int> edgePixels(positions.size());
    edgePositions(positions.size(), restEdges.data() + first, z, end, positions.data(), edgePixels.data());
    while (last > first && positions[last - 1 - first] >= end)
        --last; // wholly behind the input
    const Rebinner rebinner(flux, ivar);
    for (std::size_t j = first; j < last; j += kGroup) {
        const std::size_t count = std::min(kGroup, last - j);
        const Edges edges{std::span(positions).subspan(j - first, count + 1),
                          std::span(edgePixels).subspan(j - first, count + 1)};
        rebinner.rebin(edges, out.flux.data() + j, out.weight.data() + j);
    }
    return out;
}

} // namespace voorwerp::dataset
