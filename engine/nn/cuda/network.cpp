// SPDX-License-Identifier: GPL-3.0-or-later
#include "nn/cuda/network.h"

#include "nn/cuda/activation.h"
#include "nn/cuda/adam.h"
#include "nn/cuda/input.h"
#include "nn/cuda/likelihood.h"
#include "nn/cuda/order.h"

#include <algorithm>

namespace voorwerp::nn::cuda {

namespace {
constexpr StepShape kEverything{1, true, true, true};
}

StepShape StepShape::of(std::size_t rows, const StepOptions& options)
{
    return {rows, options.augmentation.used(), options.order.consistency > 0.0F,
            options.order.similarity > 0.0F};
}

Network::Network(const ModelConfig& config, Precision precision, const Stream& stream)
    : m_config(config)
    , m_precision(precision)
    , m_layout(config)
    , m_stream(stream)
    , m_blas(stream)
    , m_parameters(m_layout.total)
    , m_gradient(m_layout.trained)
    , m_first(m_layout.trained)
    , m_second(m_layout.trained)
    , m_weights(isBf16() ? m_layout.weights : 0)
    , m_numbers(1)
    , m_convolutions(m_layout, config.convolutions.empty() ? 0 : config.convolutions.back().channels,
                     precision, stream, m_blas)
    , m_encoder(m_layout.encoder.size())
    , m_decoder(m_layout.decoder.size())
    , m_klMeans(config.latent)
    , m_normParts(kNormParts)
    , m_norm(1)
    , m_charged(config.latent)
{
    for (Buffer<float>* arena : {&m_parameters, &m_gradient, &m_first, &m_second}) // padding must be zero
        m_stream.clear(arena->data(), arena->bytes());
}

void Network::parametersChanged()
{
    if (isBf16())
        launchToOperand(1, m_layout.weights, m_layout.weights, m_parameters.data(), {m_weights.data(), true},
                        m_stream);
}

// Memory
// ------------------------------------------------------------------------------------------------------------

template <class Self, class Visit> void Network::forLayers(Self& self, const StepShape& shape, Visit visit)
{
    std::size_t widest = 0;
    const auto layers = [&](std::size_t rows, const std::vector<LinearLayer>& all, auto& activations) {
        for (std::size_t i = 0; i < all.size(); ++i) {
            visit(activations[i].pre, rows * all[i].out);
            if (all[i].activated) {
                visit(activations[i].out, rows * all[i].out);
                widest = std::max(widest, all[i].out);
            }
        }
    };
    layers(shape.encoded(), self.m_layout.encoder, self.m_encoder);
    layers(shape.rows, self.m_layout.decoder, self.m_decoder);
    for (auto& delta : self.m_delta)
        visit(delta, shape.encoded() * widest);
    if (self.isBf16())
        visit(self.m_rawDelta, shape.encoded() * widest);
}

template <class Self, class Visit>
void Network::forBuffers(Self& self, const StepShape& shape, Visit visitBuffer)
{
    const bool bf16 = self.isBf16();
    const auto visit = [&](auto& buffer, std::size_t size) {
        if constexpr (requires { buffer.halves; }) {
            if (bf16)
                visitBuffer(buffer.halves, size);
            else
                visitBuffer(buffer.floats, size);
        } else {
            visitBuffer(buffer, size);
        }
    };
    forLayers(self, shape, visit);
    const std::size_t latentStride = self.m_layout.decoder.front().in;
    const std::size_t modelStride = self.m_layout.decoder.back().out;
    const std::size_t encoderInput = shape.encoded() * self.m_layout.encoder.front().in;
    ConvStack::forBuffers(self.m_convolutions, shape.encoded(), visit);
    if (self.m_convolutions.isEmpty())
        visit(self.m_input, encoderInput);
    else
        visit(self.m_byFeatures, encoderInput);
    visit(self.m_byHead, shape.encoded() * self.m_layout.encoder.back().out);
    visit(self.m_latents, shape.rows * latentStride);
    visit(self.m_latentDelta, shape.rows * latentStride);
    visit(self.m_kl, shape.rows * self.m_config.latent);
    visit(self.m_inverseCount, shape.rows);
    visit(self.m_rowLoss, shape.rows);
    if (bf16) {
        visit(self.m_z, shape.rows * latentStride);
        visit(self.m_byModel, shape.rows * modelStride);
    }
    if (self.m_layout.scatter != Layout::kNone)
        visit(self.m_byScatter, shape.rows * modelStride);
    if (shape.consistency) {
        visit(self.m_consistency, shape.rows);
        visit(self.m_consistencySlope, shape.rows);
    }
    if (shape.similarity) {
        visit(self.m_similarity, shape.rows);
        for (auto* pairs : {&self.m_latentPairs, &self.m_modelPairs, &self.m_pairSlopes})
            visit(*pairs, shape.rows * padded(shape.rows));
        visit(self.m_pairsByModel, shape.rows * modelStride);
    }
}

bool Network::reserve(const StepShape& shape)
{
    bool moved = false;
    forBuffers(*this, shape, [&](auto& buffer, std::size_t size) {
        moved = moved || size > buffer.size();
        buffer.ensure(size);
    });
    return moved;
}

void Network::release()
{
    forBuffers(*this, kEverything, [](auto& buffer, std::size_t) { buffer.release(); });
}

std::size_t Network::bytesPerRow(StepShape shape) const
{
    shape.rows = 1;
    std::size_t bytes = 0;
    forBuffers(*this, shape,
               [&](const auto& buffer, std::size_t size) { bytes += size * sizeof(*buffer.data()); });
    return bytes;
}

std::size_t Network::reservedBytes() const
{
    std::size_t bytes = 0;
    forBuffers(*this, kEverything, [&](const auto& buffer, std::size_t) { bytes += buffer.bytes(); });
    return bytes;
}

Operand Network::inPlace(float* values, OperandBuffer& apart) const
{
    return isBf16() ? operand(apart) : Operand{values, false};
}

Operand Network::weights()
{
    return isBf16() ? Operand{m_weights.data(), true} : Operand{m_parameters.data(), false};
}

// Layers
// ------------------------------------------------------------------------------------------------------------

void Network::runLayers(std::size_t rows, const std::vector<LinearLayer>& layers,
                        std::vector<Activations>& activations, Operand input)
{
    for (std::size_t i = 0; i < layers.size(); ++i) {
        const LinearLayer& layer = layers[i];
        float* pre = activations[i].pre.data();
        float* bias = m_parameters.data() + layer.bias;
        const Product product{.transposeB = true,
                              .m = rows,
                              .n = layer.out,
                              .k = layer.in,
                              .strideA = layer.in,
                              .strideB = layer.in,
                              .strideC = layer.out,
                              .precision = m_precision,
                              .epilogue = Epilogue::Bias};
        if (!m_blas.multiply(product, input.data, weights().at(layer.weight).data, pre, bias))
            launchAddBias(rows, layer.out, bias, pre, m_stream);
        if (!layer.activated)
            return; // the last one
        input = operand(activations[i].out);
        launchSilu(rows * layer.out, pre, input, m_stream);
    }
}

void Network::weightGradient(std::size_t rows, const LinearLayer& layer, Operand input, Operand delta)
{
    float* bias = m_gradient.data() + layer.bias;
    const Product product{.transposeA = true,
                          .m = layer.out,
                          .n = layer.in,
                          .k = rows,
                          .strideA = layer.out,
                          .strideB = layer.in,
                          .strideC = layer.in,
                          .precision = m_precision,
                          .epilogue = Epilogue::BiasGradient};
    if (!m_blas.multiply(product, delta.data, input.data, m_gradient.data() + layer.weight, bias))
        launchColumnSum(rows, layer.out, layer.out, delta, bias, m_stream);
}

/// delta is the gradient by the last layer's output; the gradient by input goes to inputGradient unless null.
void Network::backLayers(std::size_t rows, const std::vector<LinearLayer>& layers,
                         std::vector<Activations>& activations, Operand input, Operand delta,
                         float* inputGradient)
{
    for (std::size_t i = layers.size(); i-- > 0;) {
        const LinearLayer& layer = layers[i];
        weightGradient(rows, layer, i == 0 ? input : operand(activations[i - 1].out), delta);
        const Operand next = operand(m_delta[i % 2]);
        float* raw = i == 0 ? inputGradient : isBf16() ? m_rawDelta.data() : static_cast<float*>(next.data);
        if (raw == nullptr)
            return;
        const Product product{.m = rows,
                              .n = layer.in,
                              .k = layer.out,
                              .strideA = layer.out,
                              .strideB = layer.in,
                              .strideC = layer.in,
                              .precision = m_precision};
        static_cast<void>(
            m_blas.multiply(product, delta.data, weights().at(layer.weight).data, raw)); // no epilogue
        if (i > 0)
            launchSiluBackward(rows * layer.in, activations[i - 1].pre.data(), raw, next, m_stream);
        delta = next;
    }
}

// Steps
// ------------------------------------------------------------------------------------------------------------

void Network::setNumbers(const StepNumbers& numbers)
{
    launchSetNumbers(numbers, m_numbers.data(), m_stream);
}

void Network::prepareInput(const StepShape& shape)
{
    InputShape input{shape.rows, shape.encoded(), shape.augmented, m_config.pixels,
                     m_layout.encoder.front().in};
    Operand target = operand(m_input);
    input.coverage = m_config.pixels;
    if (!m_convolutions.isEmpty()) {
        const Spaced spaced = m_convolutions.input();
        target = spaced.data;
        input.step = m_layout.convolutions.front().in;
        input.stride = spaced.stride * input.step;
        input.first = spaced.margin * input.step;
        input.coverage = 1;
        input.tail = spaced.tail * input.step;
    }
    launchPrepareInput(input, m_numbers.data(), m_parameters.data() + m_layout.inputMean, m_config.inputClip,
                       target, m_inverseCount.data(), m_stream);
}

void Network::encode(const StepShape& shape)
{
    prepareInput(shape);
    if (!m_convolutions.isEmpty())
        m_convolutions.forward(shape.encoded(), weights());
    runLayers(shape.encoded(), m_layout.encoder, m_encoder, encoderInput());
}

void Network::decode(std::size_t rows, const float* latents)
{
    const Operand z = inPlace(m_latents.data(), m_z);
    launchToOperand(rows, m_config.latent, m_layout.decoder.front().in, latents, z, m_stream);
    runLayers(rows, m_layout.decoder, m_decoder, z);
}

LatentShape Network::latentShape(const StepShape& shape) const
{
    return {shape.rows, m_config.latent, headStride(), m_layout.decoder.front().in};
}

void Network::orderTerms(const StepShape& shape)
{
    if (shape.consistency)
        launchConsistency(shape.rows, m_config.latent, headStride(), m_numbers.data(), head(),
                          m_consistency.data(), m_consistencySlope.data(), m_stream);
    if (!shape.similarity)
        return;
    const std::size_t stride = padded(shape.rows), latentStride = m_layout.decoder.front().in;
    // In single precision whatever the precision: differences of nearly equal numbers follow.
    Product pairs{.transposeB = true, .m = shape.rows, .n = shape.rows, .strideC = stride};
    pairs.k = pairs.strideA = pairs.strideB = latentStride;
    static_cast<void>(m_blas.multiply(pairs, m_latents.data(), m_latents.data(), m_latentPairs.data()));
    pairs.k = pairs.strideA = pairs.strideB = modelStride();
    static_cast<void>(m_blas.multiply(pairs, model(), model(), m_modelPairs.data()));
    launchSimilarity({shape.rows, stride, m_config.latent, m_config.pixels}, m_numbers.data(),
                     m_latentPairs.data(), m_modelPairs.data(), m_similarity.data(), m_pairSlopes.data(),
                     m_stream);
    const double pixels = static_cast<double>(m_config.pixels), rows = static_cast<double>(shape.rows);
    const Product byModel{.m = shape.rows,
                          .n = modelStride(),
                          .k = shape.rows,
                          .strideA = stride,
                          .strideB = modelStride(),
                          .strideC = modelStride(),
                          .scale = static_cast<float>(-4.0 * kSimilarityScale / (pixels * rows))};
    static_cast<void>(m_blas.multiply(byModel, m_pairSlopes.data(), model(), m_pairsByModel.data()));
}

void Network::forward(const StepShape& shape, LossSums* sums)
{
    encode(shape);
    const StepNumbers* numbers = m_numbers.data();
    const LatentShape latent = latentShape(shape);
    const Operand z = inPlace(m_latents.data(), m_z);
    launchLatents(latent, numbers, head(), m_latents.data(), z, m_kl.data(), m_stream);
    launchKlMeans(latent, numbers, m_kl.data(), m_klMeans.data(), m_charged.data(), m_stream);
    runLayers(shape.rows, m_layout.decoder, m_decoder, z);
    orderTerms(shape);
    const bool scatters = m_layout.scatter != Layout::kNone;
    float* flux = m_decoder.back().pre.data();
    launchLikelihood({shape.rows, m_config.pixels, modelStride()}, numbers,
                     {.inverseCount = m_inverseCount.data(),
                      .model = flux,
                      .moreByModel = shape.similarity ? m_pairsByModel.data() : nullptr,
                      .scatterLog = scatters ? m_parameters.data() + m_layout.scatter : nullptr,
                      .byScatterLog = scatters ? m_byScatter.data() : nullptr,
                      .rowLoss = m_rowLoss.data()},
                     inPlace(flux, m_byModel), m_stream);
    launchAddLosses(shape.rows, m_config.latent, numbers,
                    {.rowLoss = m_rowLoss.data(),
                     .klMeans = m_klMeans.data(),
                     .charged = m_charged.data(),
                     .consistency = shape.consistency ? m_consistency.data() : nullptr,
                     .similarity = shape.similarity ? m_similarity.data() : nullptr},
                    sums, m_stream);
}

void Network::backward(const StepShape& shape)
{
    backLayers(shape.rows, m_layout.decoder, m_decoder, inPlace(m_latents.data(), m_z),
               inPlace(m_decoder.back().pre.data(), m_byModel), m_latentDelta.data());
    if (m_layout.scatter != Layout::kNone)
        launchColumnSum(shape.rows, m_config.pixels, modelStride(), {m_byScatter.data(), false},
                        m_gradient.data() + m_layout.scatter, m_stream);
    const LatentShape latent = latentShape(shape);
    if (shape.similarity) {
        const double scale = 4.0 / (static_cast<double>(m_config.latent) * static_cast<double>(shape.rows));
        const Product byLatent{.m = shape.rows,
                               .n = latent.stride,
                               .k = shape.rows,
                               .strideA = padded(shape.rows),
                               .strideB = latent.stride,
                               .strideC = latent.stride,
                               .accumulate = true,
                               .scale = static_cast<float>(scale)};
        static_cast<void>(
            m_blas.multiply(byLatent, m_pairSlopes.data(), m_latents.data(), m_latentDelta.data()));
    }
    launchLatentGradient(latent, m_numbers.data(), head(), m_charged.data(), m_latentDelta.data(),
                         shape.consistency ? m_consistencySlope.data() : nullptr, operand(m_byHead),
                         m_stream);
    float* byFeatures = m_convolutions.isEmpty() ? nullptr : m_byFeatures.data();
    backLayers(shape.encoded(), m_layout.encoder, m_encoder, encoderInput(), operand(m_byHead), byFeatures);
    if (byFeatures != nullptr)
        m_convolutions.backward(shape.encoded(), m_parameters.data(), byFeatures, m_gradient.data());
}

void Network::update(LossSums* sums)
{
    launchGradientNorm(m_layout.trained, m_gradient.data(), m_normParts.data(), m_norm.data(), sums,
                       m_stream);
    launchAdam({.count = m_layout.trained,
                .weights = m_layout.weights,
                .norm = m_norm.data(),
                .gradient = m_gradient.data(),
                .parameter = m_parameters.data(),
                .first = m_first.data(),
                .second = m_second.data(),
                .operand = weights()},
               m_numbers.data(), m_stream);
}

} // namespace voorwerp::nn::cuda
