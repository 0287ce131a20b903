// SPDX-License-Identifier: GPL-3.0-or-later
#include "nn/cpu/network.h"

#include "nn/augmentation.h"
#include "nn/batch_chunks.h"
#include "nn/philox.h"

#include <algorithm>
#include <cmath>

namespace voorwerp::nn {

namespace {

// Sizes of tasks. They must not depend on the number of threads.
constexpr std::size_t kTile = 256; ///< of a GEMM's output; smaller where there would be few tiles
constexpr std::size_t kSmallestTile = 64;
constexpr std::size_t kTilesWanted = 8;
constexpr std::size_t kRowsPerTask = 16;
constexpr std::size_t kColumnsPerTask = 512;
constexpr std::size_t kParametersPerTask = 32768;

std::size_t blocks(std::size_t count, std::size_t size)
{
    return (count + size - 1) / size;
}

template <class T> T clampedLogVariance(T value)
{
    const T limit = T(kLogVarianceLimit);
    return value > limit ? limit : (value < -limit ? -limit : value);
}

template <class T> bool isClamped(T value)
{
    return !(std::abs(value) < T(kLogVarianceLimit));
}

} // namespace

template <class T>
Network<T>::Network(const ModelConfig& config, const Kernels<T>& kernels, ThreadPool& pool,
                    Precision precision)
    : m_config(config)
    , m_layout(Layout::of(config))
    , m_kernels(kernels)
    , m_pool(pool)
    , m_precision(precision)
    , m_parameters(m_layout.total)
    , m_gradient(m_layout.trained)
    , m_first(m_layout.trained)
    , m_second(m_layout.trained)
    , m_convolutions(m_layout, kernels, pool, precision)
    , m_encoder(m_layout.encoder.size())
    , m_decoder(m_layout.decoder.size())
    , m_similarity([this](const Gemm<T>& product) { gemm(product); })
    , m_charged(config.latent)
{
}

template <class T> void Network<T>::ensureRows(std::size_t rows, std::size_t encoded)
{
    m_rows = rows;
    m_encoded = encoded;
    m_input.ensure(encoded * 2 * m_config.pixels);
    std::size_t widest = 0;
    const auto ensureLayers = [&](std::size_t count, const std::vector<LinearLayer>& layers,
                                  std::vector<Activations>& activations) {
        for (std::size_t i = 0; i < layers.size(); ++i) {
            activations[i].pre.ensure(count * layers[i].out);
            if (layers[i].activated) {
                activations[i].out.ensure(count * layers[i].out);
                widest = std::max(widest, layers[i].out);
            }
        }
    };
    ensureLayers(encoded, m_layout.encoder, m_encoder);
    ensureLayers(rows, m_layout.decoder, m_decoder);
    for (AlignedBuffer<T>& delta : m_delta)
        delta.ensure(encoded * widest);
    for (AlignedBuffer<T>* buffer : {&m_latents, &m_kl, &m_latentDelta})
        buffer->ensure(rows * m_config.latent);
    m_headDelta.ensure(encoded * 2 * m_config.latent);
    m_rowLoss.resize(rows);
    m_inverseCount.resize(rows);
}

template <class T>
void Network<T>::forRows(std::size_t rows, const std::function<void(std::size_t, std::size_t)>& work)
{
    m_pool.run(blocks(rows, kRowsPerTask), [&](std::size_t task) {
        const std::size_t first = task * kRowsPerTask;
        work(first, std::min(kRowsPerTask, rows - first));
    });
}

/// Cuts the output into tiles; each is one task with the whole inner dimension.
template <class T> void Network<T>::gemm(const Gemm<T>& whole)
{
    std::size_t tileM = std::min(kTile, whole.m);
    std::size_t tileN = std::min(kTile, whole.n);
    while (blocks(whole.m, tileM) * blocks(whole.n, tileN) < kTilesWanted &&
           std::max(tileM, tileN) > kSmallestTile)
        (tileN >= tileM ? tileN : tileM) /= 2;
    const std::size_t across = blocks(whole.n, tileN);
    m_pool.run(blocks(whole.m, tileM) * across, [&](std::size_t task) {
        const std::size_t row = task / across * tileM;
        const std::size_t column = task % across * tileN;
        Gemm<T> tile = whole;
        tile.precision = m_precision;
        tile.m = std::min(tileM, whole.m - row);
        tile.n = std::min(tileN, whole.n - column);
        tile.a += whole.transposeA ? row : row * whole.strideA;
        tile.b += whole.transposeB ? column * whole.strideB : column;
        tile.c += row * whole.strideC + column;
        m_kernels.gemm(tile);
    });
}

/// The rows as the encoder sees them, and how many pixels each has.
template <class T> void Network<T>::prepare(const Batch& batch)
{
    const std::size_t pixels = m_config.pixels;
    forRows(m_rows, [&](std::size_t first, std::size_t count) {
        for (std::size_t row = first; row < first + count; ++row) {
            const std::size_t seen =
                m_kernels.prepareInput(pixels, batch.flux + row * pixels, batch.weight + row * pixels,
                                       m_parameters.data() + m_layout.inputMean,
                                       static_cast<T>(m_config.inputClip), m_input.data() + row * 2 * pixels);
            m_inverseCount[row] = seen > 0 ? T(1) / static_cast<T>(seen) : T(0);
        }
    });
}

/// The rows changed, as row firstRow of the encoder's input and those behind it.
template <class T>
void Network<T>::prepareAugmented(const Batch& batch, const StepOptions& options, std::size_t firstRow)
{
    const std::size_t pixels = m_config.pixels;
    forRows(m_rows, [&](std::size_t first, std::size_t count) {
        std::vector<float> flux(pixels), weight(pixels);
        for (std::size_t row = first; row < first + count; ++row) {
            augmentRow({batch.flux + row * pixels, pixels}, {batch.weight + row * pixels, pixels}, options,
                       static_cast<std::uint32_t>(row), flux.data(), weight.data());
            m_kernels.prepareInput(
                pixels, flux.data(), weight.data(), m_parameters.data() + m_layout.inputMean,
                static_cast<T>(m_config.inputClip), m_input.data() + (firstRow + row) * 2 * pixels);
        }
    });
}

template <class T> void Network<T>::runEncoder()
{
    m_features = m_convolutions.forward(m_encoded, m_parameters.data(), m_input.data());
    runLayers(m_encoded, m_layout.encoder, m_encoder, m_features);
}

template <class T>
void Network<T>::runLayers(std::size_t rows, const std::vector<LinearLayer>& layers,
                           std::vector<Activations>& activations, const T* input)
{
    for (std::size_t i = 0; i < layers.size(); ++i) {
        const LinearLayer& layer = layers[i];
        T* pre = activations[i].pre.data();
        T* out = activations[i].out.data();
        const T* bias = m_parameters.data() + layer.bias;
        gemm({false, true, rows, layer.out, layer.in, input, layer.in, m_parameters.data() + layer.weight,
              layer.in, pre, layer.out});
        forRows(rows, [&](std::size_t first, std::size_t count) {
            const std::size_t offset = first * layer.out;
            if (layer.activated)
                m_kernels.addBiasSilu(count, layer.out, bias, pre + offset, out + offset);
            else
                m_kernels.addBias(count, layer.out, bias, pre + offset);
        });
        input = layer.activated ? out : pre;
    }
}

template <class T>
void Network<T>::columnSums(std::size_t rows, std::size_t columns, const T* values, T* sums)
{
    m_pool.run(blocks(columns, kColumnsPerTask), [&](std::size_t task) {
        const std::size_t begin = task * kColumnsPerTask;
        m_kernels.columnSum(rows, columns, begin, std::min(begin + kColumnsPerTask, columns), values, sums);
    });
}

/// delta is the gradient by the last layer's output; the gradient by input goes to inputGradient unless null.
template <class T>
void Network<T>::backLayers(std::size_t rows, const std::vector<LinearLayer>& layers,
                            const std::vector<Activations>& activations, const T* input, T* delta,
                            T* inputGradient)
{
    for (std::size_t i = layers.size(); i-- > 0;) {
        const LinearLayer& layer = layers[i];
        const T* in = i == 0 ? input : activations[i - 1].out.data();
        gemm({true, false, layer.out, layer.in, rows, delta, layer.out, in, layer.in,
              m_gradient.data() + layer.weight, layer.in});
        columnSums(rows, layer.out, delta, m_gradient.data() + layer.bias);
        T* next = i == 0 ? inputGradient : m_delta[i % 2].data();
        if (next == nullptr)
            return;
        gemm({false, false, rows, layer.in, layer.out, delta, layer.out, m_parameters.data() + layer.weight,
              layer.in, next, layer.in});
        if (i > 0) {
            const T* pre = activations[i - 1].pre.data();
            forRows(rows, [&](std::size_t first, std::size_t count) {
                m_kernels.siluBackward(count * layer.in, pre + first * layer.in, next + first * layer.in);
            });
        }
        delta = next;
    }
}

/// Fills z and returns what the objective is charged for the KL (without β): Σ_j max(free bits, mean KL_j).
template <class T> double Network<T>::sampleLatents(const LossOptions& options, const T* noise)
{
    const std::size_t latent = m_config.latent;
    const T* head = m_encoder.back().pre.data();
    forRows(m_rows, [&](std::size_t first, std::size_t count) {
        for (std::size_t i = first * latent; i < (first + count) * latent; ++i) {
            const std::size_t row = i / latent;
            const T mean = head[row * latent + i];
            const T logVariance = clampedLogVariance(head[row * latent + i + latent]);
            const T deviation = std::exp(T(0.5) * logVariance);
            m_latents.data()[i] = noise != nullptr ? mean + deviation * noise[i] : mean;
            m_kl.data()[i] = T(0.5) * (deviation * deviation + mean * mean - T(1) - logVariance);
        }
    });
    double charged = 0.0;
    for (std::size_t j = 0; j < latent; ++j) {
        double sum = 0.0;
        for (std::size_t row = 0; row < m_rows; ++row)
            sum += static_cast<double>(m_kl.data()[row * latent + j]);
        const double mean = sum / static_cast<double>(m_rows);
        m_charged[j] = mean >= static_cast<double>(options.freeBits) ? 1 : 0;
        charged +=
            m_charged[j] != 0 ? mean : (std::isnan(mean) ? mean : static_cast<double>(options.freeBits));
    }
    return charged;
}

template <class T> void Network<T>::latentGradient(const LossOptions& options, const T* noise)
{
    const std::size_t latent = m_config.latent;
    const T* head = m_encoder.back().pre.data();
    const T klScale = static_cast<T>(options.beta) / static_cast<T>(m_rows);
    for (std::size_t i = 0; i < m_rows * latent; ++i) {
        const std::size_t at = i / latent * latent + i; // of the mean in the head's row
        const T scale = m_charged[i % latent] != 0 ? klScale : T(0);
        const T mean = head[at];
        const T logVariance = clampedLogVariance(head[at + latent]);
        const T deviation = std::exp(T(0.5) * logVariance);
        const T dz = m_latentDelta.data()[i];
        T byLogVariance = scale * T(0.5) * (deviation * deviation - T(1));
        if (noise != nullptr)
            byLogVariance += dz * T(0.5) * deviation * noise[i];
        m_headDelta.data()[at] = dz + scale * mean;
        m_headDelta.data()[at + latent] = isClamped(head[at + latent]) ? T(0) : byLogVariance;
    }
}

/// The models become the gradient by them.
template <class T>
void Network<T>::reconstructionLoss(const Batch& batch, const LossOptions& options, Losses& losses)
{
    const std::size_t pixels = m_config.pixels;
    const bool scatters = m_config.scatter;
    if (scatters) {
        m_scatterVariance.ensure(pixels);
        m_scatterDelta.ensure(m_rows * pixels);
        for (std::size_t i = 0; i < pixels; ++i)
            m_scatterVariance.data()[i] = std::exp(T(2) * m_parameters.data()[m_layout.scatter + i]);
    }
    T* model = m_decoder.back().pre.data();
    forRows(m_rows, [&](std::size_t first, std::size_t count) {
        for (std::size_t row = first; row < first + count; ++row) {
            const T scale = m_inverseCount[row] / static_cast<T>(m_rows);
            const double sum =
                m_kernels.likelihood({pixels, batch.flux + row * pixels, batch.weight + row * pixels,
                                      scatters ? m_scatterVariance.data() : nullptr,
                                      scatters ? m_scatterDelta.data() + row * pixels : nullptr},
                                     options, scale, model + row * pixels);
            m_rowLoss[row] = sum * static_cast<double>(m_inverseCount[row]);
        }
    });
    for (std::size_t row = 0; row < m_rows; ++row)
        losses.reconstruction += m_rowLoss[row] / static_cast<double>(m_rows);
}

template <class T> Losses Network<T>::forward(const Batch& batch, const StepOptions& options, const T* noise)
{
    const OrderOptions& order = options.order;
    const bool twice = order.consistency > 0.0F;
    ensureRows(batch.size, twice ? 2 * batch.size : batch.size);
    prepare(batch);
    if (twice || options.augmentation.used())
        prepareAugmented(batch, options, twice ? batch.size : 0);
    runEncoder();
    const double charged = sampleLatents(options.loss, noise);
    runLayers(m_rows, m_layout.decoder, m_decoder, m_latents.data());
    Losses losses;
    if (twice)
        losses.consistency = consistency(m_rows, m_config.latent, m_encoder.back().pre.data());
    T* model = m_decoder.back().pre.data();
    const T* byModel = nullptr;
    if (order.similarity > 0.0F) {
        losses.similarity = m_similarity.value(m_rows, m_config.latent, m_config.pixels, m_latents.data(),
                                               model, static_cast<double>(order.similaritySlope));
        byModel = m_similarity.modelGradient(static_cast<T>(order.similarity), model);
    }
    reconstructionLoss(batch, options.loss, losses);
    for (std::size_t i = 0; byModel != nullptr && i < m_rows * m_config.pixels; ++i)
        model[i] += byModel[i];
    for (std::size_t i = 0; i < m_rows * m_config.latent; ++i)
        losses.kl += static_cast<double>(m_kl.data()[i]) / static_cast<double>(m_rows);
    losses.objective = losses.reconstruction + static_cast<double>(options.loss.beta) * charged +
                       static_cast<double>(order.consistency) * losses.consistency +
                       static_cast<double>(order.similarity) * losses.similarity;
    return losses;
}

template <class T> Losses Network<T>::evaluate(const Batch& batch, const LossOptions& options)
{
    StepOptions step;
    step.loss = options;
    return forward(batch, step, nullptr);
}

template <class T> void Network<T>::backward(const StepOptions& options, const T* noise)
{
    backLayers(m_rows, m_layout.decoder, m_decoder, m_latents.data(), m_decoder.back().pre.data(),
               m_latentDelta.data());
    if (m_config.scatter)
        columnSums(m_rows, m_config.pixels, m_scatterDelta.data(), m_gradient.data() + m_layout.scatter);
    if (options.order.similarity > 0.0F)
        m_similarity.addLatentGradient(static_cast<T>(options.order.similarity), m_latents.data(),
                                       m_latentDelta.data());
    latentGradient(options.loss, noise);
    if (m_encoded > m_rows) {
        T* augmented = m_headDelta.data() + m_rows * 2 * m_config.latent;
        std::fill_n(augmented, m_rows * 2 * m_config.latent, T(0));
        addConsistencyGradient(m_rows, m_config.latent, static_cast<T>(options.order.consistency),
                               m_encoder.back().pre.data(), m_headDelta.data());
    }
    const bool convolves = !m_layout.convolutions.empty();
    if (convolves)
        m_featureDelta.ensure(m_encoded * m_layout.encoder.front().in);
    backLayers(m_encoded, m_layout.encoder, m_encoder, m_features, m_headDelta.data(),
               convolves ? m_featureDelta.data() : nullptr);
    m_convolutions.backward(m_encoded, m_parameters.data(), m_featureDelta.data(), m_gradient.data());
}

template <class T> double Network<T>::gradientNorm()
{
    std::vector<double> parts(blocks(m_layout.trained, kParametersPerTask));
    m_pool.run(parts.size(), [&](std::size_t task) {
        const std::size_t begin = task * kParametersPerTask;
        parts[task] = m_kernels.sumOfSquares(std::min(kParametersPerTask, m_layout.trained - begin),
                                             m_gradient.data() + begin);
    });
    double sum = 0.0;
    for (const double part : parts)
        sum += part;
    return std::sqrt(sum);
}

template <class T> void Network<T>::adam(const StepOptions& options, double norm)
{
    const double t = static_cast<double>(options.step) + 1.0;
    const double rate = options.learningRate;
    const double clip = options.gradientClip;
    AdamCoefficients<T> c{};
    c.gradientScale = static_cast<T>(clip > 0.0 && norm > clip ? clip / norm : 1.0);
    c.beta1 = static_cast<T>(options.adamBeta1);
    c.beta2 = static_cast<T>(options.adamBeta2);
    c.rate = static_cast<T>(rate / (1.0 - std::pow(static_cast<double>(options.adamBeta1), t)));
    c.secondScale =
        static_cast<T>(1.0 / std::sqrt(1.0 - std::pow(static_cast<double>(options.adamBeta2), t)));
    c.epsilon = static_cast<T>(options.adamEpsilon);
    AdamCoefficients<T> biases = c;
    biases.keep = T(1);
    c.keep = static_cast<T>(1.0 - rate * static_cast<double>(options.weightDecay));

    struct Part
    {
        std::size_t begin, count;
        bool weight;
    };
    std::vector<Part> parts;
    for (std::size_t i = 0; i < m_layout.trainedTensors; ++i) {
        const TensorSlot& slot = m_layout.tensors[i];
        for (std::size_t begin = 0; begin < slot.size; begin += kParametersPerTask)
            parts.push_back(
                {slot.offset + begin, std::min(kParametersPerTask, slot.size - begin), slot.isWeight()});
    }
    m_pool.runWhole(parts.size(), [&](std::size_t task) {
        const Part& part = parts[task];
        m_kernels.adam(part.count, part.weight ? c : biases, m_gradient.data() + part.begin,
                       m_parameters.data() + part.begin, m_first.data() + part.begin,
                       m_second.data() + part.begin);
    });
}

template <class T> void Network<T>::encode(const Batch& batch, T* mean, T* logVariance)
{
    ensureRows(batch.size, batch.size);
    prepare(batch);
    runEncoder();
    const std::size_t latent = m_config.latent;
    const T* head = m_encoder.back().pre.data();
    for (std::size_t row = 0; row < m_rows; ++row) {
        std::copy_n(head + row * 2 * latent, latent, mean + row * latent);
        std::transform(head + (row * 2 + 1) * latent, head + (row * 2 + 2) * latent,
                       logVariance + row * latent, clampedLogVariance<T>);
    }
}

template <class T> void Network<T>::decode(const T* latents, std::size_t count, T* flux)
{
    ensureRows(count, count);
    std::copy_n(latents, count * m_config.latent, m_latents.data());
    runLayers(count, m_layout.decoder, m_decoder, m_latents.data());
    std::copy_n(m_decoder.back().pre.data(), count * m_config.pixels, flux);
}

template class Network<float>;
template class Network<double>;

template <class T>
void fillNoise(std::uint64_t seed, std::uint64_t step, std::size_t rows, std::size_t latent, T* noise)
{
    float deviates[4];
    for (std::size_t row = 0; row < rows; ++row)
        for (std::size_t i = 0; i < latent; ++i) {
            if (i % 4 == 0)
                normals4(seed, NoiseStream::Latent, step, static_cast<std::uint32_t>(row),
                         static_cast<std::uint32_t>(i / 4), deviates);
            noise[row * latent + i] = static_cast<T>(deviates[i % 4]);
        }
}

template void fillNoise(std::uint64_t, std::uint64_t, std::size_t, std::size_t, float*);
template void fillNoise(std::uint64_t, std::uint64_t, std::size_t, std::size_t, double*);

} // namespace voorwerp::nn
