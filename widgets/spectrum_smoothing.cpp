// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/spectrum_smoothing.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>

namespace voorwerp::widgets {

namespace {

constexpr float kNaN = std::numeric_limits<float>::quiet_NaN();

/// One half of a Gaussian cut at 2σ; element 0 is the centre.
std::vector<double> halfKernel(double sigmaPixels)
{
    std::vector<double> kernel = {1.0};
    if (!(sigmaPixels > 0.0))
        return kernel;
    const int reach = static_cast<int>(std::ceil(2.0 * sigmaPixels));
    for (int i = 1; i <= reach; ++i)
        kernel.push_back(std::exp(-0.5 * i * i / (sigmaPixels * sigmaPixels)));
    return kernel;
}

/// Calls visit(j, k_ij) for the pixels within reach of i.
template <class Visit>
void forNeighbours(std::size_t i, std::size_t size, const std::vector<double>& kernel, Visit visit)
{
    const std::size_t reach = kernel.size() - 1;
    const std::size_t last = std::min(size - 1, i + reach);
    for (std::size_t j = i > reach ? i - reach : 0; j <= last; ++j)
        visit(j, kernel[j > i ? j - i : i - j]);
}

} // namespace

std::vector<float> smoothFlux(std::span<const float> flux, std::span<const float> ivar, double sigmaPixels)
{
    const auto kernel = halfKernel(sigmaPixels);
    std::vector<float> result(flux.size(), kNaN);
    for (std::size_t i = 0; i < flux.size(); ++i) {
        double sum = 0.0;
        double weight = 0.0;
        forNeighbours(i, flux.size(), kernel, [&](std::size_t j, double k) {
            if (!(ivar[j] > 0.0F) || !std::isfinite(flux[j]))
                return;
            sum += k * ivar[j] * flux[j];
            weight += k * ivar[j];
        });
        if (weight > 0.0)
            result[i] = static_cast<float>(sum / weight);
    }
    return result;
}

std::vector<float> smoothedSigma(std::span<const float> ivar, double sigmaPixels)
{
    const auto kernel = halfKernel(sigmaPixels);
    std::vector<float> result(ivar.size(), kNaN);
    for (std::size_t i = 0; i < ivar.size(); ++i) {
        double squares = 0.0;
        double weight = 0.0;
        forNeighbours(i, ivar.size(), kernel, [&](std::size_t j, double k) {
            if (!(ivar[j] > 0.0F))
                return;
            squares += k * k * ivar[j];
            weight += k * ivar[j];
        });
        if (weight > 0.0)
            result[i] = static_cast<float>(std::sqrt(squares) / weight);
    }
    return result;
}

std::vector<float> smoothResidual(std::span<const float> residualSigma, double sigmaPixels)
{
    const auto kernel = halfKernel(sigmaPixels);
    std::vector<float> result(residualSigma.size(), kNaN);
    for (std::size_t i = 0; i < residualSigma.size(); ++i) {
        double sum = 0.0;
        double squares = 0.0;
        forNeighbours(i, residualSigma.size(), kernel, [&](std::size_t j, double k) {
            if (!std::isfinite(residualSigma[j]))
                return;
            sum += k * residualSigma[j];
            squares += k * k;
        });
        if (squares > 0.0)
            result[i] = static_cast<float>(sum / std::sqrt(squares));
    }
    return result;
}

} // namespace voorwerp::widgets
