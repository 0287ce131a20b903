// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// The VAE on a CUDA device: the twin of cpu/network.h. Everything is queued on one stream; nothing waits but
// the functions that say so.

#include "nn/backend.h"
#include "nn/cuda/cublas.h"
#include "nn/cuda/device.h"
#include "nn/cuda/kernels.h"
#include "nn/layout.h"

#include <vector>

namespace voorwerp::nn::cuda {

/// A batch on the device.
struct DeviceBatch
{
    std::size_t rows = 0;
    const float* flux = nullptr;
    const float* weight = nullptr;
};

class Network
{
public:
    Network(const ModelConfig& config, const Stream& stream);

    const Layout& layout() const { return m_layout; }
    Buffer<float>& parameters() { return m_parameters; }
    Buffer<float>& firstMoment() { return m_first; }
    Buffer<float>& secondMoment() { return m_second; }
    const float* head() const { return m_encoder.back().pre.data(); } ///< (rows, 2·latent) of the last encode
    const float* model() const { return m_decoder.back().pre.data(); } ///< (rows, pixels) of the last decode
    float* latents(std::size_t rows); ///< room for z, to be filled before decode
    std::string cublasVersion() const { return m_cublas.version(); }

    void encode(const DeviceBatch& batch);
    void decode(std::size_t rows);
    /// sums += share · mean losses of the rows; leaves what backward needs.
    void forward(const DeviceBatch& batch, const LossOptions& options, LatentNoise noise, double share,
                 LossSums* sums);
    void backward(const LossOptions& options, LatentNoise noise);
    /// Norm of the gradient (added to sums), clipping, Adam.
    void update(const StepOptions& options, LossSums* sums);

private:
    struct Activations
    {
        Buffer<float> pre, out;
    };
    void ensureRows(std::size_t rows);
    void runLayers(const std::vector<LinearLayer>& layers, std::vector<Activations>& activations,
                   const float* input);
    void backLayers(const std::vector<LinearLayer>& layers, const std::vector<Activations>& activations,
                    const float* input, const float* delta, float* inputGradient);

    ModelConfig m_config;
    Layout m_layout;
    const Stream& m_stream;
    Cublas m_cublas;
    Buffer<float> m_parameters, m_gradient, m_first, m_second;
    std::size_t m_rows = 0;
    Buffer<float> m_input, m_inverseCount, m_latents, m_kl, m_latentDelta, m_headDelta;
    Buffer<float> m_delta[2];
    std::vector<Activations> m_encoder, m_decoder;
    Buffer<double> m_rowLoss, m_klMeans, m_normParts, m_norm;
    Buffer<int> m_charged;
};

} // namespace voorwerp::nn::cuda
