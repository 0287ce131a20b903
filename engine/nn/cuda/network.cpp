// SPDX-License-Identifier: GPL-3.0-or-later
#include "nn/cuda/network.h"

#include <algorithm>
#include <cmath>

namespace voorwerp::nn::cuda {

Network::Network(const ModelConfig& config, const Stream& stream)
    : m_config(config)
    , m_layout(Layout::of(config))
    , m_stream(stream)
    , m_cublas(stream)
    , m_parameters(m_layout.total)
    , m_gradient(m_layout.trained)
    , m_first(m_layout.trained)
    , m_second(m_layout.trained)
    , m_encoder(m_layout.encoder.size())
    , m_decoder(m_layout.decoder.size())
    , m_klMeans(config.latent)
    , m_normParts(kNormParts)
    , m_norm(1)
    , m_charged(config.latent)
{
    for (Buffer<float>* arena : {&m_parameters, &m_gradient, &m_first, &m_second}) // padding must be zero
        check(cudaMemsetAsync(arena->data(), 0, arena->size() * sizeof(float), m_stream), "cudaMemsetAsync");
}

void Network::ensureRows(std::size_t rows)
{
    m_rows = rows;
    m_input.ensure(rows * 2 * m_config.pixels);
    m_inverseCount.ensure(rows);
    m_rowLoss.ensure(rows);
    std::size_t widest = 0;
    const auto ensureLayers = [&](const std::vector<LinearLayer>& layers,
                                  std::vector<Activations>& activations) {
        for (std::size_t i = 0; i < layers.size(); ++i) {
            activations[i].pre.ensure(rows * layers[i].out);
            if (layers[i].activated) {
                activations[i].out.ensure(rows * layers[i].out);
                widest = std::max(widest, layers[i].out);
            }
        }
    };
    ensureLayers(m_layout.encoder, m_encoder);
    ensureLayers(m_layout.decoder, m_decoder);
    for (Buffer<float>& delta : m_delta)
        delta.ensure(rows * widest);
    for (Buffer<float>* buffer : {&m_latents, &m_kl, &m_latentDelta})
        buffer->ensure(rows * m_config.latent);
    m_headDelta.ensure(rows * 2 * m_config.latent);
}

float* Network::latents(std::size_t rows)
{
    ensureRows(rows);
    return m_latents.data();
}

void Network::runLayers(const std::vector<LinearLayer>& layers, std::vector<Activations>& activations,
                        const float* input)
{
    for (std::size_t i = 0; i < layers.size(); ++i) {
        const LinearLayer& layer = layers[i];
        float* pre = activations[i].pre.data();
        const float* bias = m_parameters.data() + layer.bias;
        m_cublas.gemm(false, true, m_rows, layer.out, layer.in, input, layer.in,
                      m_parameters.data() + layer.weight, layer.in, pre, layer.out);
        if (layer.activated)
            launchAddBiasSilu(m_rows, layer.out, bias, pre, activations[i].out.data(), m_stream);
        else
            launchAddBias(m_rows, layer.out, bias, pre, m_stream);
        input = layer.activated ? activations[i].out.data() : pre;
    }
}

void Network::backLayers(const std::vector<LinearLayer>& layers, const std::vector<Activations>& activations,
                         const float* input, const float* delta, float* inputGradient)
{
    for (std::size_t i = layers.size(); i-- > 0;) {
        const LinearLayer& layer = layers[i];
        const float* in = i == 0 ? input : activations[i - 1].out.data();
        m_cublas.gemm(true, false, layer.out, layer.in, m_rows, delta, layer.out, in, layer.in,
                      m_gradient.data() + layer.weight, layer.in);
        launchColumnSum(m_rows, layer.out, delta, m_gradient.data() + layer.bias, m_stream);
        float* next = i == 0 ? inputGradient : m_delta[i % 2].data();
        if (next == nullptr)
            return;
        m_cublas.gemm(false, false, m_rows, layer.in, layer.out, delta, layer.out,
                      m_parameters.data() + layer.weight, layer.in, next, layer.in);
        if (i > 0)
            launchSiluBackward(m_rows * layer.in, activations[i - 1].pre.data(), next, m_stream);
        delta = next;
    }
}

void Network::encode(const DeviceBatch& batch)
{
    ensureRows(batch.rows);
    launchPrepareInput(batch.rows, m_config.pixels, batch.flux, batch.weight,
                       m_parameters.data() + m_layout.inputMean, m_config.inputClip, m_input.data(),
                       m_inverseCount.data(), m_stream);
    runLayers(m_layout.encoder, m_encoder, m_input.data());
}

void Network::decode(std::size_t rows)
{
    ensureRows(rows);
    runLayers(m_layout.decoder, m_decoder, m_latents.data());
}

void Network::forward(const DeviceBatch& batch, const LossOptions& options, LatentNoise noise, double share,
                      LossSums* sums)
{
    encode(batch);
    launchLatents(m_rows, m_config.latent, head(), noise, m_latents.data(), m_kl.data(), m_stream);
    launchKlMeans(m_rows, m_config.latent, m_kl.data(), options.freeBits, m_klMeans.data(), m_charged.data(),
                  m_stream);
    runLayers(m_layout.decoder, m_decoder, m_latents.data());
    launchLikelihood(m_rows, m_config.pixels, batch.flux, batch.weight, m_inverseCount.data(), options,
                     m_decoder.back().pre.data(), m_rowLoss.data(), m_stream);
    launchAddLosses(m_rows, m_config.latent, m_rowLoss.data(), m_klMeans.data(), m_charged.data(), options,
                    share, sums, m_stream);
}

void Network::backward(const LossOptions& options, LatentNoise noise)
{
    backLayers(m_layout.decoder, m_decoder, m_latents.data(), m_decoder.back().pre.data(),
               m_latentDelta.data());
    launchLatentGradient(m_rows, m_config.latent, head(), noise, options.beta, m_charged.data(),
                         m_latentDelta.data(), m_headDelta.data(), m_stream);
    backLayers(m_layout.encoder, m_encoder, m_input.data(), m_headDelta.data(), nullptr);
}

void Network::update(const StepOptions& options, LossSums* sums)
{
    launchGradientNorm(m_layout.trained, m_gradient.data(), m_normParts.data(), m_norm.data(), sums,
                       m_stream);
    const double t = static_cast<double>(options.step) + 1.0;
    const double rate = options.learningRate;
    AdamStep step{};
    step.beta1 = options.adamBeta1;
    step.beta2 = options.adamBeta2;
    step.rate = static_cast<float>(rate / (1.0 - std::pow(static_cast<double>(options.adamBeta1), t)));
    step.secondScale =
        static_cast<float>(1.0 / std::sqrt(1.0 - std::pow(static_cast<double>(options.adamBeta2), t)));
    step.epsilon = options.adamEpsilon;
    step.clip = options.gradientClip;
    for (std::size_t i = 0; i < m_layout.trainedTensors; ++i) {
        const TensorSlot& slot = m_layout.tensors[i];
        const bool isWeight = slot.isWeight();
        step.keep =
            isWeight ? static_cast<float>(1.0 - rate * static_cast<double>(options.weightDecay)) : 1.0F;
        launchAdam(slot.size, step, m_norm.data(), m_gradient.data() + slot.offset,
                   m_parameters.data() + slot.offset, m_first.data() + slot.offset,
                   m_second.data() + slot.offset, m_stream);
    }
}

} // namespace voorwerp::nn::cuda
