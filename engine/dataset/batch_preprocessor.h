// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// Preprocessing of many spectra at once, on the CPU's cores or on a GPU: two complete implementations that
// give the same rows as Preprocessor::apply() of each, to the bit, and reject for the same reasons.

#include "dataset/preprocess.h"

#include <limits>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace voorwerp::dataset {

/// A spectrum to preprocess, which is not owned.
struct ObservedSpectrum
{
    const core::Spectrum* spectrum = nullptr;
    double z = std::numeric_limits<double>::quiet_NaN();
    float ebv = std::numeric_limits<float>::quiet_NaN(); ///< E(B−V) of the Galaxy [mag]; NaN: unknown
};

/// Thread rule: one thread at a time. Threads or a stream of its own work inside.
class BatchPreprocessor
{
public:
    virtual ~BatchPreprocessor() = default;
    BatchPreprocessor(const BatchPreprocessor&) = delete;
    BatchPreprocessor& operator=(const BatchPreprocessor&) = delete;

    /// Any number of spectra; rows in the same order. A spectrum that cannot be used says so in its own row.
    /// On a GPU: throws nn::OutOfMemory where there is no room for one spectrum (it goes on with what there
    /// is room for), nn::DeviceLost where the GPU is gone.
    virtual std::vector<RestFrameSpectrum> apply(std::span<const ObservedSpectrum> spectra) = 0;

protected:
    explicit BatchPreprocessor(Recipe recipe)
        : m_single(std::move(recipe))
    {
    }
    /// The same for one spectrum, and its steps.
    const Preprocessor& single() const { return m_single; }

private:
    Preprocessor m_single;
};

/// device: as nn::BackendAttributes says it, "cpu" or "cuda:N". Throws UserError when it is another or this
/// program was built without CUDA, nn::ConfigError when the GPU is not there.
/// threads: of the CPU, the caller's included; 0 = as many as there are. Beside a GPU they move the data.
std::unique_ptr<BatchPreprocessor> makeBatchPreprocessor(const Recipe& recipe, const std::string& device,
                                                         int threads);

} // namespace voorwerp::dataset
