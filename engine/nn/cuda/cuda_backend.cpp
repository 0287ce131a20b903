// SPDX-License-Identifier: GPL-3.0-or-later
#include "nn/cuda/cuda_backend.h"

#include "nn/batch_chunks.h"
#include "nn/cuda/kept_rows.h"
#include "nn/cuda/network.h"
#include "nn/cuda/step_graphs.h"
#include "nn/cuda/uploads.h"

#include <algorithm>

namespace voorwerp::nn {

using cuda::Buffer;
using cuda::check;
using cuda::LossSums;
using cuda::StepNumbers;
using cuda::StepShape;

namespace {

constexpr std::size_t kLargestBatch = 65535;
constexpr double kShareOfMemory = 0.9; ///< of what is free, that steps may use
constexpr double kRounding = 64e6;     ///< bytes, for pieces that the driver rounds up to 2 MiB

/// Throws ConfigError when the device cannot compute so.
void checkPrecision(int device, Precision precision)
{
    cudaDeviceProp properties{};
    check(cudaGetDeviceProperties(&properties, device), "cudaGetDeviceProperties");
    if (precision != Precision::Fp32 && properties.major < 8)
        throw ConfigError(std::string(nameOf(precision)) +
                          " needs a GPU of compute capability 8.0 (Ampere) or newer, " + properties.name +
                          " has " + std::to_string(properties.major) + "." +
                          std::to_string(properties.minor));
}

} // namespace

class CudaBackend::Impl
{
public:
    Impl(const ModelConfig& modelConfig, int index, Precision arithmetic)
        : config(modelConfig)
        , precision(arithmetic)
        , device(cuda::selectDevice(index))
        , network(modelConfig, arithmetic, stream)
        , sums(2)
    {
        checkPrecision(device, precision);
        stream.clear(sums.data(), sums.bytes());
    }

    ~Impl() { cudaSetDevice(device); } // what is freed behind is freed there

    void makeCurrent() const { check(cudaSetDevice(device), "cudaSetDevice"); }
    LossSums* stepSums() { return sums.data(); }
    LossSums* evaluationSums() { return sums.data() + 1; }

    /// Room for a shape; what was captured with other addresses is forgotten.
    void reserve(const StepShape& shape)
    {
        if (network.reserve(shape))
            graphs.clear();
    }

    /// Calls work; where the device's memory is not enough, all that steps have is given back, so that fewer
    /// rows find room.
    template <class Work> void sparing(Work work)
    {
        try {
            work();
        } catch (const OutOfMemory&) {
            cudaStreamSynchronize(stream); // whatever it says: nothing is read any more
            graphs.clear();
            network.release();
            uploads.free();
            decoded.release();
            throw;
        }
    }

    /// Waits; the sums start from zero again.
    LossSums readAndClear(LossSums* from)
    {
        LossSums read{};
        download(&read, from, sizeof read);
        stream.clear(from, sizeof read);
        return read;
    }

    /// Waits.
    void download(void* host, const void* from, std::size_t bytes)
    {
        stream.copy(host, from, bytes, cudaMemcpyDeviceToHost);
        stream.wait();
    }

    /// Waits.
    void upload(void* to, const void* host, std::size_t bytes)
    {
        stream.copy(to, host, bytes, cudaMemcpyHostToDevice);
        stream.wait();
    }

    /// The arena as Layout has it. Waits.
    std::vector<float> arena(const Buffer<float>& buffer, bool trainedOnly)
    {
        const cuda::PaddedLayout& layout = network.layout();
        std::vector<float> padded(buffer.size());
        download(padded.data(), buffer.data(), buffer.bytes());
        std::vector<float> values(trainedOnly ? layout.layout.trained : layout.layout.total);
        layout.fromDevice(padded.data(), values.data(), trainedOnly);
        return values;
    }

    /// Waits.
    void setArena(Buffer<float>& buffer, const std::vector<float>& values, bool trainedOnly)
    {
        std::vector<float> padded(buffer.size());
        network.layout().toDevice(values.data(), padded.data(), trainedOnly);
        upload(buffer.data(), padded.data(), buffer.bytes());
    }

    /// Calls work(shape, rows) for chunks of the batch that are on the device.
    template <class Work> void forUploaded(const Batch& batch, const LossOptions& options, Work work)
    {
        makeCurrent();
        const std::size_t most = chunkRows(batch.size);
        const auto one = [&](const Batch& chunk, std::size_t first) {
            if (stop.stop_requested())
                throw Stopped();
            StepNumbers numbers;
            sparing([&] {
                reserve({most});
                uploadBatch(chunk, numbers);
            });
            numbers.share = static_cast<double>(chunk.size) / static_cast<double>(batch.size);
            numbers.loss = options;
            network.setNumbers(numbers);
            work(StepShape{chunk.size}, first);
            uploads.release(stream);
        };
        forChunks(batch, config.pixels, one, most);
    }

    /// Rows of evaluate, encode and decode worked on at once: fewer than elsewhere where memory is short.
    std::size_t chunkRows(std::size_t rows) const
    {
        return std::clamp<std::size_t>(std::min(rows, rowsThatFit()), 1, kChunkRows);
    }

    /// Of a step without options.
    std::size_t rowsThatFit() const { return static_cast<std::size_t>(roomForSteps() / bytesPerRow()); }

    /// Must be followed by uploads.release().
    void uploadBatch(const Batch& batch, StepNumbers& numbers)
    {
        const std::size_t values = batch.size * config.pixels;
        const auto parts = uploads.upload(std::as_bytes(std::span(batch.flux, values)),
                                          std::as_bytes(std::span(batch.weight, values)), stream);
        numbers.flux = reinterpret_cast<const float*>(parts[0]);
        numbers.weight = reinterpret_cast<const float*>(parts[1]);
    }

    /// Decodes rows that are on the device: those of the numbers, or the first count.
    void decodeRows(std::size_t count, const std::uint32_t* rowNumbers, const CompactRows& rows,
                    StepNumbers& numbers)
    {
        const std::size_t values = count * config.pixels;
        float* flux = decoded.data();
        cuda::launchDecode(count, rowNumbers, rows, flux, flux + values, stream);
        numbers.flux = flux;
        numbers.weight = flux + values;
    }

    /// One training step of count rows; bring(numbers) has them brought to the device and says where they
    /// are.
    template <class Bring> void step(std::size_t count, bool compact, const StepOptions& options, Bring bring)
    {
        checkTrainRows(count, kLargestBatch);
        makeCurrent();
        const StepShape shape = StepShape::of(count, options);
        sparing([&] {
            reserve(shape);
            if (compact)
                decoded.ensure(2 * count * config.pixels);
            StepNumbers numbers = cuda::numbersOf(options);
            bring(numbers);
            network.setNumbers(numbers);
            graphs.run(shape, stream, [&] {
                network.forward(shape, stepSums());
                network.backward(shape);
                network.update(stepSums());
            });
        });
        uploads.release(stream);
        ++steps;
    }

    /// Bytes of the device that a row of a step without options takes.
    double bytesPerRow() const
    {
        const std::size_t batch = 2 * 2 * config.pixels * sizeof(float); // in two slots, or decoded
        return static_cast<double>(network.bytesPerRow({1}) + batch);
    }

    /// Bytes that steps may take: what is free now, and what they have already.
    double roomForSteps() const
    {
        std::size_t available = 0, total = 0;
        check(cudaMemGetInfo(&available, &total), "cudaMemGetInfo");
        const double bytes = kShareOfMemory * static_cast<double>(available + network.reservedBytes() +
                                                                  uploads.deviceBytes() + decoded.bytes());
        return bytes > 10.0 * kRounding ? bytes - kRounding : bytes;
    }

    ModelConfig config;
    Precision precision;
    int device;
    cuda::Stream stream;
    cuda::Network network;
    cuda::StepGraphs graphs;
    cuda::Uploads uploads;
    Buffer<LossSums> sums;
    Buffer<float> latents; ///< to decode
    Buffer<float> decoded; ///< flux and weight of a step on compact rows
    cuda::KeptRows kept;
    std::size_t steps = 0; ///< since takeLosses()
    std::stop_token stop;
};

CudaBackend::CudaBackend(const ModelConfig& config, std::uint64_t seed, int index, Precision precision)
    : m_impl(std::make_unique<Impl>(config, index, precision))
{
    setParameters(initialParameters(config, seed));
}

CudaBackend::~CudaBackend() = default;

const ModelConfig& CudaBackend::config() const
{
    return m_impl->config;
}

BackendAttributes CudaBackend::attributes() const
{
    m_impl->makeCurrent();
    cudaDeviceProp properties{};
    check(cudaGetDeviceProperties(&properties, m_impl->device), "cudaGetDeviceProperties");
    BackendAttributes attributes;
    attributes.device = "cuda:" + std::to_string(m_impl->device);
    attributes.description = std::string(properties.name) + ", sm_" + std::to_string(properties.major) +
                             std::to_string(properties.minor) + ", cuBLASLt " + m_impl->network.blasVersion();
    attributes.precision = nameOf(m_impl->precision);
    attributes.largestBatch = std::clamp<std::size_t>(m_impl->rowsThatFit(), 1, kLargestBatch);
    attributes.decodesRows = true;
    return attributes;
}

void CudaBackend::trainStep(const Batch& batch, const StepOptions& options)
{
    m_impl->step(batch.size, false, options,
                 [&](StepNumbers& numbers) { m_impl->uploadBatch(batch, numbers); });
}

void CudaBackend::trainCompact(const CompactRows& rows, const StepOptions& options)
{
    checkPixels(rows, m_impl->config.pixels);
    m_impl->step(rows.rows, true, options, [&](StepNumbers& numbers) {
        const std::size_t values = rows.rows * rows.pixels;
        const auto parts =
            m_impl->uploads.upload(std::as_bytes(std::span(rows.flux, values)),
                                   std::as_bytes(std::span(rows.weight, values)), m_impl->stream);
        const CompactRows there{rows.rows, rows.pixels, reinterpret_cast<const std::uint16_t*>(parts[0]),
                                reinterpret_cast<const std::uint8_t*>(parts[1])};
        m_impl->decodeRows(rows.rows, nullptr, there, numbers);
    });
}

bool CudaBackend::keepRows(std::size_t count, std::size_t batch)
{
    m_impl->makeCurrent();
    m_impl->stream.wait(); // they may still be read
    m_impl->kept.release();
    const double steps = m_impl->bytesPerRow() * static_cast<double>(batch);
    if (steps + static_cast<double>(cuda::KeptRows::bytes(count, m_impl->config.pixels)) >
        m_impl->roomForSteps())
        return false;
    try {
        m_impl->kept.reserve(count, m_impl->config.pixels);
    } catch (const OutOfMemory&) { // in no piece as large
        m_impl->kept.release();
        return false;
    }
    return true;
}

void CudaBackend::addKeptRows(const CompactRows& rows)
{
    checkPixels(rows, m_impl->config.pixels);
    if (rows.rows > m_impl->kept.room() - m_impl->kept.size())
        throw ConfigError("the device has room for " + std::to_string(m_impl->kept.room()) +
                          " rows of the training set, " + std::to_string(m_impl->kept.size() + rows.rows) +
                          " were given");
    m_impl->makeCurrent();
    m_impl->kept.add(rows, m_impl->stream);
}

void CudaBackend::trainKept(std::span<const std::uint32_t> rows, const StepOptions& options)
{
    for (const std::uint32_t row : rows)
        if (row >= m_impl->kept.size())
            throw ConfigError("row " + std::to_string(row) + " is not kept on the device, there are " +
                              std::to_string(m_impl->kept.size()));
    m_impl->step(rows.size(), true, options, [&](StepNumbers& numbers) {
        const auto parts = m_impl->uploads.upload(std::as_bytes(rows), {}, m_impl->stream);
        m_impl->decodeRows(rows.size(), reinterpret_cast<const std::uint32_t*>(parts[0]), m_impl->kept.rows(),
                           numbers);
    });
}

Losses CudaBackend::takeLosses()
{
    m_impl->makeCurrent();
    const LossSums sums = m_impl->readAndClear(m_impl->stepSums());
    const std::size_t steps = std::exchange(m_impl->steps, 0);
    return meanOfSteps({.objective = sums.objective,
                        .reconstruction = sums.reconstruction,
                        .kl = sums.kl,
                        .consistency = sums.consistency,
                        .similarity = sums.similarity,
                        .gradientNorm = sums.gradientNorm,
                        .steps = steps});
}

Losses CudaBackend::evaluate(const Batch& batch, const LossOptions& options)
{
    m_impl->makeCurrent();
    m_impl->stream.clear(m_impl->evaluationSums(), sizeof(LossSums)); // one may have been stopped
    m_impl->forUploaded(batch, options, [&](const StepShape& shape, std::size_t) {
        m_impl->network.forward(shape, m_impl->evaluationSums());
    });
    const LossSums sums = m_impl->readAndClear(m_impl->evaluationSums());
    return {.objective = sums.objective, .reconstruction = sums.reconstruction, .kl = sums.kl};
}

void CudaBackend::encode(const Batch& batch, float* mean, float* logVariance)
{
    const std::size_t latent = m_impl->config.latent, stride = m_impl->network.headStride();
    std::vector<float> head(std::min(kChunkRows, batch.size) * stride); // at most
    m_impl->forUploaded(batch, {}, [&](const StepShape& shape, std::size_t first) {
        m_impl->network.encode(shape);
        m_impl->download(head.data(), m_impl->network.head(), shape.rows * stride * sizeof(float));
        for (std::size_t row = 0; row < shape.rows; ++row)
            splitHead(head.data() + row * stride, latent, mean + (first + row) * latent,
                      logVariance + (first + row) * latent);
    });
}

void CudaBackend::decode(const float* latents, std::size_t count, float* flux)
{
    m_impl->makeCurrent();
    const std::size_t latent = m_impl->config.latent, pixels = m_impl->config.pixels;
    const std::size_t stride = m_impl->network.modelStride();
    const std::size_t chunk = m_impl->chunkRows(count);
    m_impl->sparing([&] {
        m_impl->reserve({chunk});
        m_impl->latents.ensure(chunk * latent);
    });
    std::vector<float> model(chunk * stride);
    for (std::size_t first = 0; first < count; first += chunk) {
        if (m_impl->stop.stop_requested())
            throw Stopped();
        const std::size_t rows = std::min(chunk, count - first);
        m_impl->upload(m_impl->latents.data(), latents + first * latent, rows * latent * sizeof(float));
        m_impl->network.decode(rows, m_impl->latents.data());
        m_impl->download(model.data(), m_impl->network.model(), rows * stride * sizeof(float));
        for (std::size_t row = 0; row < rows; ++row)
            std::copy_n(model.data() + row * stride, pixels, flux + (first + row) * pixels);
    }
}

std::vector<NamedTensor> CudaBackend::parameters() const
{
    m_impl->makeCurrent();
    const Layout& layout = m_impl->network.layout().layout;
    return unpack(layout, m_impl->arena(m_impl->network.parameters(), false).data(), layout.tensors.size());
}

void CudaBackend::setParameters(const std::vector<NamedTensor>& tensors)
{
    m_impl->makeCurrent();
    const Layout& layout = m_impl->network.layout().layout;
    std::vector<float> arena(layout.total);
    pack(layout, tensors, layout.tensors.size(), "", arena.data());
    m_impl->setArena(m_impl->network.parameters(), arena, false);
    m_impl->network.parametersChanged();
}

std::vector<NamedTensor> CudaBackend::optimiserState() const
{
    m_impl->makeCurrent();
    return unpackMoments(m_impl->network.layout().layout,
                         m_impl->arena(m_impl->network.firstMoment(), true).data(),
                         m_impl->arena(m_impl->network.secondMoment(), true).data());
}

void CudaBackend::setOptimiserState(const std::vector<NamedTensor>& tensors)
{
    m_impl->makeCurrent();
    const Layout& layout = m_impl->network.layout().layout;
    std::vector<float> first(layout.trained), second(layout.trained);
    packMoments(layout, tensors, first.data(), second.data());
    m_impl->setArena(m_impl->network.firstMoment(), first, true);
    m_impl->setArena(m_impl->network.secondMoment(), second, true);
}

void CudaBackend::setStop(const std::stop_token& stop)
{
    m_impl->stop = stop;
}

} // namespace voorwerp::nn
