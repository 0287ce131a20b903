// SPDX-License-Identifier: GPL-3.0-or-later
#include "nn/cuda/cuda_backend.h"

#include "nn/batch_chunks.h"
#include "nn/cuda/network.h"

#include <algorithm>
#include <cstring>

namespace voorwerp::nn {

using cuda::Buffer;
using cuda::check;
using cuda::DeviceBatch;
using cuda::LossSums;
using cuda::PinnedBuffer;

namespace {

constexpr std::size_t kLargestBatch = 65535; // rows are grid blocks

/// Makes the device current for the calling thread; ConfigError when it is not there.
int selectDevice(int index)
{
    int count = 0;
    const cudaError_t status = cudaGetDeviceCount(&count);
    if (status != cudaSuccess)
        throw ConfigError(std::string("no CUDA device can be used: ") + cudaGetErrorString(status));
    if (index < 0 || index >= count)
        throw ConfigError("there is no CUDA device " + std::to_string(index) + ", this machine has " +
                          std::to_string(count));
    check(cudaSetDevice(index), "cudaSetDevice");
    return index;
}

/// Host memory → device through page-locked memory, so that the caller's memory is free at once. Two slots in
/// turn: one is filled while the other is still being copied.
class Staging
{
public:
    DeviceBatch upload(const Batch& batch, std::size_t pixels, const cuda::Stream& stream)
    {
        Slot& slot = m_slots[m_next];
        m_next = 1 - m_next;
        const std::size_t values = batch.size * pixels;
        slot.copied.wait();
        if (slot.device.size() < 2 * values)
            stream.wait(); // kernels may still read the smaller buffer
        slot.host.ensure(2 * values);
        slot.device.ensure(2 * values);
        std::memcpy(slot.host.data(), batch.flux, values * sizeof(float));
        std::memcpy(slot.host.data() + values, batch.weight, values * sizeof(float));
        check(cudaMemcpyAsync(slot.device.data(), slot.host.data(), 2 * values * sizeof(float),
                              cudaMemcpyHostToDevice, stream),
              "cudaMemcpyAsync");
        slot.copied.record(stream);
        return {batch.size, slot.device.data(), slot.device.data() + values};
    }

private:
    struct Slot
    {
        PinnedBuffer<float> host;
        Buffer<float> device;
        cuda::Event copied;
    };
    Slot m_slots[2];
    int m_next = 0;
};

} // namespace

class CudaBackend::Impl
{
public:
    Impl(const ModelConfig& modelConfig, int index)
        : config(modelConfig)
        , device(selectDevice(index))
        , network(modelConfig, stream)
        , sums(2)
    {
        check(cudaMemsetAsync(sums.data(), 0, 2 * sizeof(LossSums), stream), "cudaMemsetAsync");
    }

    void makeCurrent() const { check(cudaSetDevice(device), "cudaSetDevice"); }
    LossSums* stepSums() { return sums.data(); }
    LossSums* evaluationSums() { return sums.data() + 1; }

    /// Waits; the sums start from zero again.
    LossSums readAndClear(LossSums* from)
    {
        LossSums read{};
        download(&read, from, sizeof read);
        check(cudaMemsetAsync(from, 0, sizeof read, stream), "cudaMemsetAsync");
        return read;
    }

    /// Waits.
    void download(void* host, const void* from, std::size_t bytes)
    {
        check(cudaMemcpyAsync(host, from, bytes, cudaMemcpyDeviceToHost, stream), "cudaMemcpyAsync");
        stream.wait();
    }

    /// Waits.
    void upload(void* to, const void* host, std::size_t bytes)
    {
        check(cudaMemcpyAsync(to, host, bytes, cudaMemcpyHostToDevice, stream), "cudaMemcpyAsync");
        stream.wait();
    }

    std::vector<float> arena(const Buffer<float>& buffer)
    {
        std::vector<float> values(buffer.size());
        download(values.data(), buffer.data(), values.size() * sizeof(float));
        return values;
    }

    ModelConfig config;
    int device;
    cuda::Stream stream;
    cuda::Network network;
    Staging staging;
    Buffer<LossSums> sums;
    std::size_t steps = 0; ///< since takeLosses()
};

CudaBackend::CudaBackend(const ModelConfig& config, std::uint64_t seed, int index, Precision precision)
    : m_impl(std::make_unique<Impl>(config, index))
{
    if (precision != Precision::Fp32 || config.architecture != "mlp" || config.scatter)
        throw ConfigError("the CUDA backend computes fully connected networks in fp32 only");
    setParameters(initialParameters(config, seed));
}

CudaBackend::~CudaBackend() = default;

const ModelConfig& CudaBackend::config() const
{
    return m_impl->config;
}

BackendAttributes CudaBackend::attributes() const
{
    cudaDeviceProp properties{};
    check(cudaGetDeviceProperties(&properties, m_impl->device), "cudaGetDeviceProperties");
    BackendAttributes attributes;
    attributes.device = "cuda:" + std::to_string(m_impl->device);
    attributes.description = std::string(properties.name) + ", sm_" + std::to_string(properties.major) +
                             std::to_string(properties.minor) + ", cuBLAS " + m_impl->network.cublasVersion();
    attributes.precision = "fp32";
    attributes.largestBatch = kLargestBatch;
    return attributes;
}

void CudaBackend::trainStep(const Batch& batch, const StepOptions& options)
{
    checkTrainBatch(batch, kLargestBatch);
    m_impl->makeCurrent();
    const DeviceBatch rows = m_impl->staging.upload(batch, m_impl->config.pixels, m_impl->stream);
    const cuda::LatentNoise noise{true, options.seed, options.step};
    m_impl->network.forward(rows, options.loss, noise, 1.0, m_impl->stepSums());
    m_impl->network.backward(options.loss, noise);
    m_impl->network.update(options, m_impl->stepSums());
    ++m_impl->steps;
}

Losses CudaBackend::takeLosses()
{
    m_impl->makeCurrent();
    const LossSums sums = m_impl->readAndClear(m_impl->stepSums());
    const std::size_t steps = std::exchange(m_impl->steps, 0);
    return meanOfSteps({.objective = sums.objective,
                        .reconstruction = sums.reconstruction,
                        .kl = sums.kl,
                        .gradientNorm = sums.gradientNorm,
                        .steps = steps});
}

Losses CudaBackend::evaluate(const Batch& batch, const LossOptions& options)
{
    m_impl->makeCurrent();
    forChunks(batch, m_impl->config.pixels, [&](const Batch& chunk, std::size_t) {
        const double share = static_cast<double>(chunk.size) / static_cast<double>(batch.size);
        const DeviceBatch rows = m_impl->staging.upload(chunk, m_impl->config.pixels, m_impl->stream);
        m_impl->network.forward(rows, options, {false, 0, 0}, share, m_impl->evaluationSums());
    });
    const LossSums sums = m_impl->readAndClear(m_impl->evaluationSums());
    return {.objective = sums.objective, .reconstruction = sums.reconstruction, .kl = sums.kl};
}

void CudaBackend::encode(const Batch& batch, float* mean, float* logVariance)
{
    m_impl->makeCurrent();
    const std::size_t latent = m_impl->config.latent;
    std::vector<float> head(std::min(kChunkRows, batch.size) * 2 * latent);
    forChunks(batch, m_impl->config.pixels, [&](const Batch& chunk, std::size_t first) {
        m_impl->network.encode(m_impl->staging.upload(chunk, m_impl->config.pixels, m_impl->stream));
        m_impl->download(head.data(), m_impl->network.head(), chunk.size * 2 * latent * sizeof(float));
        for (std::size_t row = 0; row < chunk.size; ++row)
            splitHead(head.data() + row * 2 * latent, latent, mean + (first + row) * latent,
                      logVariance + (first + row) * latent);
    });
}

void CudaBackend::decode(const float* latents, std::size_t count, float* flux)
{
    m_impl->makeCurrent();
    const std::size_t latent = m_impl->config.latent;
    const std::size_t pixels = m_impl->config.pixels;
    for (std::size_t first = 0; first < count; first += kChunkRows) {
        const std::size_t rows = std::min(kChunkRows, count - first);
        m_impl->upload(m_impl->network.latents(rows), latents + first * latent,
                       rows * latent * sizeof(float));
        m_impl->network.decode(rows);
        m_impl->download(flux + first * pixels, m_impl->network.model(), rows * pixels * sizeof(float));
    }
}

std::vector<NamedTensor> CudaBackend::parameters() const
{
    m_impl->makeCurrent();
    const Layout& layout = m_impl->network.layout();
    return unpack(layout, m_impl->arena(m_impl->network.parameters()).data(), layout.tensors.size());
}

void CudaBackend::setParameters(const std::vector<NamedTensor>& tensors)
{
    m_impl->makeCurrent();
    const Layout& layout = m_impl->network.layout();
    std::vector<float> arena(layout.total);
    pack(layout, tensors, layout.tensors.size(), "", arena.data());
    m_impl->upload(m_impl->network.parameters().data(), arena.data(), arena.size() * sizeof(float));
}

std::vector<NamedTensor> CudaBackend::optimiserState() const
{
    m_impl->makeCurrent();
    return unpackMoments(m_impl->network.layout(), m_impl->arena(m_impl->network.firstMoment()).data(),
                         m_impl->arena(m_impl->network.secondMoment()).data());
}

void CudaBackend::setOptimiserState(const std::vector<NamedTensor>& tensors)
{
    m_impl->makeCurrent();
    const Layout& layout = m_impl->network.layout();
    std::vector<float> first(layout.trained), second(layout.trained);
    packMoments(layout, tensors, first.data(), second.data());
    m_impl->upload(m_impl->network.firstMoment().data(), first.data(), first.size() * sizeof(float));
    m_impl->upload(m_impl->network.secondMoment().data(), second.data(), second.size() * sizeof(float));
}

} // namespace voorwerp::nn
