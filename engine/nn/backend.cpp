// SPDX-License-Identifier: GPL-3.0-or-later
#include "nn/backend.h"

#include "nn/batch_chunks.h"
#include "nn/compact_rows.h"

#ifdef VOORWERP_NN_CPU
#include "nn/cpu/cpu_backend.h"
#include "nn/parity.h"
#endif
#ifdef VOORWERP_NN_CUDA
#include "nn/cuda/cuda_backend.h"
#endif

namespace voorwerp::nn {

void Backend::reconstruct(const Batch& batch, float* flux)
{
    std::vector<float> mean(batch.size * config().latent), logVariance(mean.size());
    encode(batch, mean.data(), logVariance.data());
    decode(mean.data(), batch.size, flux);
}

void Backend::trainCompact(const CompactRows& rows, const StepOptions& options)
{
    checkPixels(rows, config().pixels);
    std::vector<float> flux(rows.rows * rows.pixels), weight(flux.size());
    decodeRows(rows, flux.data(), weight.data());
    trainStep({rows.rows, flux.data(), weight.data()}, options);
}

bool Backend::keepRows(std::size_t, std::size_t)
{
    return false;
}

void Backend::addKeptRows(const CompactRows&)
{
    throw ConfigError("this backend keeps no rows");
}

void Backend::trainKept(std::span<const std::uint32_t>, const StepOptions&)
{
    throw ConfigError("this backend keeps no rows");
}

namespace {

std::unique_ptr<Backend> makeCuda(const ModelConfig& config, std::uint64_t seed, int index,
                                  Precision precision)
{
#ifdef VOORWERP_NN_CUDA
    return std::make_unique<CudaBackend>(config, seed, index, precision);
#else
    static_cast<void>(config);
    static_cast<void>(seed);
    static_cast<void>(precision);
    throw ConfigError("no CUDA device " + std::to_string(index) + ": this program was built without CUDA");
#endif
}

/// Number of "cuda" (0) or "cuda:N"; -1 when the text is something else.
int cudaIndex(const std::string& device)
{
    if (device == "cuda")
        return 0;
    const std::string prefix = "cuda:";
    const bool digits = device.size() > prefix.size() && device.size() <= prefix.size() + 3 &&
                        device.find_first_not_of("0123456789", prefix.size()) == std::string::npos;
    return device.rfind(prefix, 0) == 0 && digits ? std::stoi(device.substr(prefix.size())) : -1;
}

#ifdef VOORWERP_NN_CPU
std::unique_ptr<Backend> makeCpu(const ModelConfig& config, std::uint64_t seed, int threads,
                                 Precision precision, std::string reason = {})
{
    return std::make_unique<CpuBackend>(config, seed, threads, precision, bestKernelSet(), std::move(reason));
}

/// The GPU when it is there and agrees with the CPU, else the CPU with the reason.
std::unique_ptr<Backend> makeBest(const ModelConfig& config, std::uint64_t seed, int threads,
                                  Precision precision)
{
    try {
        const std::string difference = parityProblem(
            [precision](const ModelConfig& small, std::uint64_t smallSeed) {
                return makeCuda(small, smallSeed, 0, precision);
            },
            config.architecture);
        if (difference.empty())
            return makeCuda(config, seed, 0, precision);
        return makeCpu(config, seed, threads, precision, "the GPU disagrees with the CPU: " + difference);
    } catch (const Error& error) {
        return makeCpu(config, seed, threads, precision, error.what());
    }
}
#else
std::unique_ptr<Backend> makeCpu(const ModelConfig&, std::uint64_t, int, Precision)
{
    throw ConfigError("no CPU backend: this program was built without Eigen");
}

/// There is no CPU backend to compare with or to fall back to.
std::unique_ptr<Backend> makeBest(const ModelConfig& config, std::uint64_t seed, int, Precision precision)
{
    return makeCuda(config, seed, 0, precision);
}
#endif

} // namespace

std::unique_ptr<Backend> makeBackend(const std::string& device, const ModelConfig& config, std::uint64_t seed,
                                     int threads, Precision precision)
{
    validate(config);
    if (device == "cpu")
        return makeCpu(config, seed, threads, precision);
    if (device == "auto")
        return makeBest(config, seed, threads, precision);
    const int index = cudaIndex(device);
    if (index < 0)
        throw ConfigError("unknown device '" + device + "': use auto, cpu, cuda or cuda:N");
    return makeCuda(config, seed, index, precision);
}

} // namespace voorwerp::nn
