// SPDX-License-Identifier: GPL-3.0-or-later
#include "dataset/batch_preprocessor.h"

#include "core/error.h"
#include "core/row_threads.h"
#ifdef VOORWERP_DATASET_CUDA
#include "dataset/cuda/cuda_preprocessor.h"
#endif

namespace voorwerp::dataset {
namespace {

class CpuBatchPreprocessor final : public BatchPreprocessor
{
public:
    CpuBatchPreprocessor(const Recipe& recipe, int threads)
        : BatchPreprocessor(recipe)
        , m_threads(core::threadCount(threads))
    {
    }

    std::vector<RestFrameSpectrum> apply(std::span<const ObservedSpectrum> spectra) override
    {
        std::vector<RestFrameSpectrum> rows(spectra.size());
        core::forEachRow(rows.size(), m_threads, [&](std::size_t i) {
            rows[i] = single().apply(*spectra[i].spectrum, spectra[i].z, spectra[i].ebv);
        });
        return rows;
    }

private:
    std::size_t m_threads;
};

} // namespace

std::unique_ptr<BatchPreprocessor> makeBatchPreprocessor(const Recipe& recipe, const std::string& device,
                                                         int threads)
{
    if (device == "cpu")
        return std::make_unique<CpuBatchPreprocessor>(recipe, threads);
#ifdef VOORWERP_DATASET_CUDA
    const std::string prefix = "cuda:";
    if (device.starts_with(prefix))
        return makeCudaPreprocessor(recipe, std::stoi(device.substr(prefix.size())), threads);
#endif
    throw core::UserError("spectra cannot be preprocessed on the device \"" + device + "\"",
                          "Use the CPU, or a program that was built with CUDA.");
}

} // namespace voorwerp::dataset
