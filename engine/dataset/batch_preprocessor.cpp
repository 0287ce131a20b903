// SPDX-License-Identifier: GPL-3.0-or-later
#include "dataset/batch_preprocessor.h"

#include "core/error.h"
#ifdef VOORWERP_DATASET_CUDA
#include "dataset/cuda/cuda_preprocessor.h"
#endif

#include <algorithm>
#include <atomic>
#include <exception>
#include <mutex>
#include <thread>

namespace voorwerp::dataset {
namespace {

/// A thread for fewer takes longer to start than it saves.
constexpr std::size_t kLeastRowsOfThread = 8;

class CpuBatchPreprocessor final : public BatchPreprocessor
{
public:
    CpuBatchPreprocessor(const Recipe& recipe, int threads)
        : BatchPreprocessor(recipe)
        , m_threads(threads > 0 ? static_cast<std::size_t>(threads)
                                : std::max(1U, std::thread::hardware_concurrency()))
    {
    }

    std::vector<RestFrameSpectrum> apply(std::span<const ObservedSpectrum> spectra) override
    {
        std::vector<RestFrameSpectrum> rows(spectra.size());
        std::atomic<std::size_t> next{0};
        std::mutex mutex;
        std::exception_ptr failure;
        const auto work = [&] {
            try {
                for (std::size_t i = next++; i < spectra.size(); i = next++)
                    rows[i] = single().apply(*spectra[i].spectrum, spectra[i].z, spectra[i].ebv);
            } catch (...) {
                const std::scoped_lock lock(mutex);
                failure = std::current_exception();
                next = spectra.size();
            }
        };
        {
            std::vector<std::jthread> others;
            const std::size_t most = std::min(m_threads, spectra.size() / kLeastRowsOfThread);
            for (std::size_t thread = 1; thread < most; ++thread)
                others.emplace_back(work);
            work();
        }
        if (failure)
            std::rethrow_exception(failure);
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
    if (device.starts_with("cuda:"))
        return makeCudaPreprocessor(recipe, std::stoi(device.substr(5)));
#endif
    throw core::UserError("spectra cannot be preprocessed on the device \"" + device + "\"",
                          "Use the CPU, or a program that was built with CUDA.");
}

} // namespace voorwerp::dataset
