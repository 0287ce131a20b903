// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// The CUDA backend: cuBLASLt for the products, own kernels for the rest, steps as graphs. Free of CUDA
// headers.

#include "nn/backend.h"

#include <memory>

namespace voorwerp::nn {

class CudaBackend final : public Backend
{
public:
    /// index: number of the device. Throws ConfigError when there is no such device no cuBLASLt, or the
    /// device is too old for the precision.
    CudaBackend(const ModelConfig& config, std::uint64_t seed, int index, Precision precision);
    ~CudaBackend() override;

    const ModelConfig& config() const override;
    BackendAttributes attributes() const override;
    void trainStep(const Batch& batch, const StepOptions& options) override;
    void trainCompact(const CompactRows& rows, const StepOptions& options) override;
    bool keepRows(std::size_t count, std::size_t batch) override;
    void addKeptRows(const CompactRows& rows) override;
    void trainKept(std::span<const std::uint32_t> rows, const StepOptions& options) override;
    Losses takeLosses() override;
    Losses evaluate(const Batch& batch, const LossOptions& options) override;
    void encode(const Batch& batch, float* mean, float* logVariance) override;
    void decode(const float* latents, std::size_t count, float* flux) override;
    std::vector<NamedTensor> parameters() const override;
    void setParameters(const std::vector<NamedTensor>& tensors) override;
    std::vector<NamedTensor> optimiserState() const override;
    void setOptimiserState(const std::vector<NamedTensor>& tensors) override;
    /// Looked at between two chunks of rows.
    void setStop(const std::stop_token& stop) override;

private:
    class Impl;
    std::unique_ptr<Impl> m_impl;
};

} // namespace voorwerp::nn
