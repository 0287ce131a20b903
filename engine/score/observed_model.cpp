// SPDX-License-Identifier: GPL-3.0-or-later
#include "score/observed_model.h"

#include <cmath>
#include <limits>

namespace voorwerp::score {
namespace {

using core::DesiGrid;

const std::vector<double>& logWavelengths()
{
    static const std::vector<double> logs = [] {
        std::vector<double> values(DesiGrid::kPixels);
        for (std::size_t i = 0; i < values.size(); ++i)
            values[i] = std::log(DesiGrid::wavelength(i));
        return values;
    }();
    return logs;
}

/// Linear in pixels between the centres of the rest grid; NaN outside.
std::vector<float> interpolate(std::span<const float> restModel, const core::LogGrid& grid, double z)
{
    std::vector<float> out(DesiGrid::kPixels, std::numeric_limits<float>::quiet_NaN());
    const std::vector<double>& logs = logWavelengths();
    const double perStep = 1.0 / grid.step(), offset = std::log(grid.firstAngstrom * (1.0 + z));
    for (std::size_t i = 0; i < out.size(); ++i) {
        const double position = (logs[i] - offset) * perStep;
        if (position < 0.0 || position > static_cast<double>(restModel.size() - 1))
            continue;
        const std::size_t below = std::min(restModel.size() - 2, static_cast<std::size_t>(position));
        const float share = static_cast<float>(position - static_cast<double>(below));
        out[i] = (1.0F - share) * restModel[below] + share * restModel[below + 1];
    }
    return out;
}

} // namespace

ObservedModel putOnObservedGrid(const dataset::Preprocessor& preprocessor, const core::Spectrum& spectrum,
                                double z, float ebv, float normalisation, std::span<const float> restModel)
{
    ObservedModel out;
    out.model = interpolate(restModel, preprocessor.recipe().grid, z);
    const std::vector<float> factor = preprocessor.dereddening(ebv);
    for (std::size_t i = 0; i < out.model.size(); ++i)
        out.model[i] *= normalisation / factor[i];
    out.residual.assign(DesiGrid::kPixels, 0.0F);
    out.skyResidual.assign(DesiGrid::kPixels, 0.0F);
    out.used.assign(DesiGrid::kPixels, 0);
    out.sky.assign(DesiGrid::kPixels, 0);

    const std::vector<float> ivar = preprocessor.usableIvar(spectrum);
    const std::vector<unsigned char>& skyMask = preprocessor.skyMask();
    const float floor = static_cast<float>(preprocessor.recipe().modelErrorFloor);
    const bool hasMask = spectrum.mask.size() == DesiGrid::kPixels;
    for (std::size_t i = 0; i < out.model.size(); ++i) {
        if (std::isnan(out.model[i]))
            continue;
        const bool sky = skyMask[i] != 0 && spectrum.ivar[i] > 0.0F && std::isfinite(spectrum.ivar[i]) &&
                         std::isfinite(spectrum.flux[i]) && (!hasMask || spectrum.mask[i] == 0);
        const float weight = sky ? spectrum.ivar[i] : ivar[i];
        if (!(weight > 0.0F))
            continue;
        const float error = floor * out.model[i];
        const float r = (spectrum.flux[i] - out.model[i]) / std::sqrt(1.0F / weight + error * error);
        (sky ? out.skyResidual : out.residual)[i] = r;
        (sky ? out.sky : out.used)[i] = 1;
    }
    return out;
}

} // namespace voorwerp::score
