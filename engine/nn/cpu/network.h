// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// The VAE on the CPU: forward, backward and Adam over one arena of parameters. Float is what runs; double is
// the same code for gradient checks.
//
// Work is cut into tasks by sizes alone and every sum has a fixed order, so results have the same bits
// whatever the number of threads.

#include "nn/backend.h"
#include "nn/cpu/aligned_buffer.h"
#include "nn/cpu/conv_stack.h"
#include "nn/cpu/kernels.h"
#include "nn/cpu/order_terms.h"
#include "nn/cpu/thread_pool.h"
#include "nn/layout.h"

#include <vector>

namespace voorwerp::nn {

template <class T> class Network
{
public:
    /// Keeps references to kernels and pool.
    Network(const ModelConfig& config, const Kernels<T>& kernels, ThreadPool& pool,
            Precision precision = Precision::Fp32);

    const Layout& layout() const { return m_layout; }
    T* parameters() { return m_parameters.data(); } ///< layout().total values
    const T* parameters() const { return m_parameters.data(); }
    const T* gradient() const { return m_gradient.data(); } ///< layout().trained values
    T* firstMoment() { return m_first.data(); }
    T* secondMoment() { return m_second.data(); }
    const T* firstMoment() const { return m_first.data(); }
    const T* secondMoment() const { return m_second.data(); }

    /// Losses of the rows in a training step, with z = mean + exp(logVariance/2)·noise, or z = mean where
    /// noise is null. noise is (size, latent).
    Losses forward(const Batch& batch, const StepOptions& options, const T* noise);
    /// The same without noise, augmentation and order.
    Losses evaluate(const Batch& batch, const LossOptions& options);
    /// Gradient of the objective of the last forward (same options and noise).
    void backward(const StepOptions& options, const T* noise);
    double gradientNorm();
    /// Clips by norm and updates.
    void adam(const StepOptions& options, double norm);

    void encode(const Batch& batch, T* mean, T* logVariance);
    void decode(const T* latents, std::size_t count, T* flux);

private:
    struct Activations ///< of one layer, (rows, out) each
    {
        AlignedBuffer<T> pre; ///< before the activation; the output itself where there is none
        AlignedBuffer<T> out; ///< after it; empty where there is none
    };

    /// encoded: rows that the encoder sees, rows or twice as many.
    void ensureRows(std::size_t rows, std::size_t encoded);
    void prepare(const Batch& batch);
    void prepareAugmented(const Batch& batch, const StepOptions& options, std::size_t firstRow);
    void runEncoder();
    void runLayers(std::size_t rows, const std::vector<LinearLayer>& layers,
                   std::vector<Activations>& activations, const T* input);
    void backLayers(std::size_t rows, const std::vector<LinearLayer>& layers,
                    const std::vector<Activations>& activations, const T* input, T* delta, T* inputGradient);
    void reconstructionLoss(const Batch& batch, const LossOptions& options, Losses& losses);
    double sampleLatents(const LossOptions& options, const T* noise);
    void latentGradient(const LossOptions& options, const T* noise);
    void columnSums(std::size_t rows, std::size_t columns, const T* values, T* sums);
    void gemm(const Gemm<T>& problem);
    void forRows(std::size_t rows, const std::function<void(std::size_t row, std::size_t count)>& work);

    ModelConfig m_config;
    Layout m_layout;
    const Kernels<T>& m_kernels;
    ThreadPool& m_pool;
    Precision m_precision;
    AlignedBuffer<T> m_parameters, m_gradient, m_first, m_second;

    std::size_t m_rows = 0;    ///< of the batch in work
    std::size_t m_encoded = 0; ///< of these, and of their augmented twins behind them
    AlignedBuffer<T> m_input;
    ConvStack<T> m_convolutions;
    const T* m_features = nullptr; ///< that the encoder's layers see
    AlignedBuffer<T> m_featureDelta;
    std::vector<Activations> m_encoder, m_decoder;
    Similarity<T> m_similarity;
    AlignedBuffer<T> m_scatterVariance; ///< of each pixel
    AlignedBuffer<T> m_scatterDelta;    ///< (rows, pixels) by scatter.log
    AlignedBuffer<T> m_latents;         ///< z, (rows, latent)
    AlignedBuffer<T> m_kl;              ///< KL of each row and dimension
    std::vector<char> m_charged;        ///< per dimension: its KL is above the free bits
    AlignedBuffer<T> m_latentDelta;     ///< gradient by z
    AlignedBuffer<T> m_headDelta;       ///< gradient by the head's output
    AlignedBuffer<T> m_delta[2];        ///< gradients by the hidden layers, in turn
    std::vector<double> m_rowLoss;      ///< Σρ/Σ[w>0] of each row
    std::vector<T> m_inverseCount;      ///< 1/Σ[w>0] of each row, 0 where nothing is seen
};

extern template class Network<float>;
extern template class Network<double>;

/// Latent noise (rows, latent) of a step.
template <class T>
void fillNoise(std::uint64_t seed, std::uint64_t step, std::size_t rows, std::size_t latent, T* noise);

} // namespace voorwerp::nn
