// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/error.h"
#include "registry/model_file.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <sstream>

namespace voorwerp::registry {

std::vector<float> goldenLatents(std::size_t count, std::size_t latentSize)
{
    // Additive recurrence with the golden ratio: even, reproducible, and exact on every IEEE machine.
    constexpr double kStep = 0.6180339887498949;
    std::vector<float> latents(count * latentSize);
    double phase = 0.5;
    for (float& value : latents) {
        phase += kStep;
        phase -= std::floor(phase);
        value = static_cast<float>(4.0 * phase - 2.0);
    }
    return latents;
}

GoldenComparison compareGolden(const GoldenTest& golden, std::span<const float> decoded)
{
    GoldenComparison result;
    result.largestDifference = std::numeric_limits<double>::infinity();
    if (decoded.size() != golden.flux.size())
        return result;
    double sumOfSquares = 0.0;
    double largest = 0.0;
    for (std::size_t i = 0; i < decoded.size(); ++i) {
        sumOfSquares += static_cast<double>(golden.flux[i]) * golden.flux[i];
        const double difference = std::abs(static_cast<double>(decoded[i]) - golden.flux[i]);
        if (!std::isfinite(difference))
            return result;
        largest = std::max(largest, difference);
    }
    const double rms = decoded.empty() ? 0.0 : std::sqrt(sumOfSquares / static_cast<double>(decoded.size()));
    result.largestDifference = largest == 0.0 ? 0.0 : largest / rms;
    result.ok = result.largestDifference <= golden.relativeTolerance;
    return result;
}

void requireGolden(const GoldenTest& golden, std::span<const float> decoded, const std::string& model)
{
    const GoldenComparison comparison = compareGolden(golden, decoded);
    if (comparison.ok)
        return;
    std::ostringstream message;
    message << "model " << model
            << " does not compute what it computed when it was stored: its golden output differs by "
            << comparison.largestDifference << " (at most " << golden.relativeTolerance << " is allowed)";
    throw core::FormatError(message.str(),
                            "Its scores would not be comparable with earlier ones. Update Voorwerp, use "
                            "another device, or train the model again.");
}

} // namespace voorwerp::registry
