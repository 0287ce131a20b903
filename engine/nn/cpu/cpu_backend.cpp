// SPDX-License-Identifier: GPL-3.0-or-later
#include "nn/cpu/cpu_backend.h"

#include "nn/batch_chunks.h"

#include <algorithm>
#include <utility>

namespace voorwerp::nn {

namespace {
constexpr std::size_t kLargestBatch = 65536;
} // namespace

CpuBackend::CpuBackend(const ModelConfig& config, std::uint64_t seed, int threads, Precision precision,
                       const KernelSet& kernels, std::string reason)
    : m_config(config)
    , m_precision(precision)
    , m_kernels(kernels)
    , m_reason(std::move(reason))
    , m_pool(threads)
    , m_network(config, m_kernels.fp32, m_pool, precision)
{
    setParameters(initialParameters(config, seed));
}

BackendAttributes CpuBackend::attributes() const
{
    BackendAttributes attributes;
    attributes.device = "cpu";
    attributes.description = std::string("Eigen, ") + m_kernels.name + ", " +
                             std::to_string(m_pool.threads()) +
                             (m_pool.threads() == 1 ? " thread" : " threads");
    attributes.precision = nameOf(m_precision);
    attributes.reason = m_reason;
    attributes.threads = m_pool.threads();
    attributes.largestBatch = kLargestBatch;
    return attributes;
}

void CpuBackend::trainStep(const Batch& batch, const StepOptions& options)
{
    checkTrainRows(batch.size, kLargestBatch);
    m_noise.ensure(batch.size * m_config.latent);
    fillNoise(options.seed, options.step, batch.size, m_config.latent, m_noise.data());
    Losses losses = m_network.forward(batch, options, m_noise.data());
    m_network.backward(options, m_noise.data());
    losses.gradientNorm = m_network.gradientNorm();
    m_network.adam(options, losses.gradientNorm);
    addStep(m_sums, losses);
}

Losses CpuBackend::takeLosses()
{
    return meanOfSteps(std::exchange(m_sums, Losses{}));
}

Losses CpuBackend::evaluate(const Batch& batch, const LossOptions& options)
{
    Losses total;
    forChunks(batch, m_config.pixels, [&](const Batch& chunk, std::size_t) {
        addWeighted(total, m_network.evaluate(chunk, options), chunk.size, batch.size);
    });
    return total;
}

void CpuBackend::encode(const Batch& batch, float* mean, float* logVariance)
{
    const std::size_t latent = m_config.latent;
    forChunks(batch, m_config.pixels, [&](const Batch& chunk, std::size_t first) {
        m_network.encode(chunk, mean + first * latent, logVariance + first * latent);
    });
}

void CpuBackend::decode(const float* latents, std::size_t count, float* flux)
{
    for (std::size_t first = 0; first < count; first += kChunkRows)
        m_network.decode(latents + first * m_config.latent, std::min(kChunkRows, count - first),
                         flux + first * m_config.pixels);
}

std::vector<NamedTensor> CpuBackend::parameters() const
{
    return unpack(m_network.layout(), m_network.parameters(), m_network.layout().tensors.size());
}

void CpuBackend::setParameters(const std::vector<NamedTensor>& tensors)
{
    pack(m_network.layout(), tensors, m_network.layout().tensors.size(), "", m_network.parameters());
}

std::vector<NamedTensor> CpuBackend::optimiserState() const
{
    return unpackMoments(m_network.layout(), m_network.firstMoment(), m_network.secondMoment());
}

void CpuBackend::setOptimiserState(const std::vector<NamedTensor>& tensors)
{
    packMoments(m_network.layout(), tensors, m_network.firstMoment(), m_network.secondMoment());
}

} // namespace voorwerp::nn
