// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// The reference backend: a Network<float> with its threads.

#include "nn/backend.h"
#include "nn/cpu/network.h"

namespace voorwerp::nn {

class CpuBackend final : public Backend
{
public:
    /// threads: 0 = as many CPUs as this process may use. kernels must outlive the backend.
    CpuBackend(const ModelConfig& config, std::uint64_t seed, int threads,
               Precision precision = Precision::Fp32, const KernelSet& kernels = bestKernelSet(),
               std::string reason = {});

    const ModelConfig& config() const override { return m_config; }
    BackendAttributes attributes() const override;
    void trainStep(const Batch& batch, const StepOptions& options) override;
    Losses takeLosses() override;
    Losses evaluate(const Batch& batch, const LossOptions& options) override;
    void encode(const Batch& batch, float* mean, float* logVariance) override;
    void decode(const float* latents, std::size_t count, float* flux) override;
    std::vector<NamedTensor> parameters() const override;
    void setParameters(const std::vector<NamedTensor>& tensors) override;
    std::vector<NamedTensor> optimiserState() const override;
    void setOptimiserState(const std::vector<NamedTensor>& tensors) override;
    void setStop(const std::stop_token& stop) override { m_pool.setStop(stop); }

private:
    ModelConfig m_config;
    Precision m_precision;
    const KernelSet& m_kernels;
    std::string m_reason;
    ThreadPool m_pool;
    Network<float> m_network;
    AlignedBuffer<float> m_noise;
    Losses m_sums; ///< over the steps since takeLosses()
};

} // namespace voorwerp::nn
