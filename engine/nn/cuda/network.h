// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// The VAE on a CUDA device: the twin of cpu/network.h. Everything is queued on one stream and reads what
// changes by step from numbers(); nothing waits.

#include "nn/backend.h"
#include "nn/cuda/blas.h"
#include "nn/cuda/conv_stack.h"
#include "nn/cuda/device.h"
#include "nn/cuda/latent.h"
#include "nn/cuda/numbers.h"
#include "nn/cuda/operand.h"
#include "nn/cuda/padded_layout.h"

#include <compare>
#include <vector>

namespace voorwerp::nn::cuda {

/// What fixes the kernels of a step, their sizes and their order.
struct StepShape
{
    std::size_t rows = 0;
    bool augmented = false;
    bool consistency = false;
    bool similarity = false;

    static StepShape of(std::size_t rows, const StepOptions& options);
    std::size_t encoded() const { return consistency ? 2 * rows : rows; }
    auto operator<=>(const StepShape&) const = default;
};

class Network
{
public:
    /// Parameters and moments are zero.
    Network(const ModelConfig& config, Precision precision, const Stream& stream);

    const PaddedLayout& layout() const { return m_layout; }
    Buffer<float>& parameters() { return m_parameters; } ///< call parametersChanged() after a change
    Buffer<float>& firstMoment() { return m_first; }
    Buffer<float>& secondMoment() { return m_second; }
    void parametersChanged();
    std::string blasVersion() const { return m_blas.version(); }

    /// Room for a step of that shape. Returns whether memory moved. Throws OutOfMemory: release()
    /// then.
    bool reserve(const StepShape& shape);
    std::size_t bytesPerRow(StepShape shape) const; ///< of a step of that shape
    std::size_t reservedBytes() const;              ///< now
    void release();                                 ///< gives all room back

    // All of these need reserve() first.
    void setNumbers(const StepNumbers& numbers);
    void encode(const StepShape& shape);
    /// Of latents (rows, latent) on the device.
    void decode(std::size_t rows, const float* latents);
    /// sums += share · mean losses of the rows; leaves what backward needs.
    void forward(const StepShape& shape, LossSums* sums);
    void backward(const StepShape& shape);
    /// Norm of the gradient (added to sums), clipping, Adam.
    void update(LossSums* sums);

    const float* head() const { return m_encoder.back().pre.data(); } ///< (rows, headStride) of encode
    std::size_t headStride() const { return m_layout.encoder.back().out; }
    const float* model() const { return m_decoder.back().pre.data(); } ///< (rows, modelStride) of decode
    std::size_t modelStride() const { return m_layout.decoder.back().out; }

private:
    struct Activations
    {
        Buffer<float> pre;
        OperandBuffer out;
    };
    /// Calls visit(buffer, size) for everything whose size depends on the rows.
    template <class Self, class Visit>
    static void forBuffers(Self& self, const StepShape& shape, Visit visit);
    template <class Self, class Visit> static void forLayers(Self& self, const StepShape& shape, Visit visit);

    bool isBf16() const { return m_precision == Precision::Bf16; }
    Operand operand(OperandBuffer& buffer) const { return buffer.operand(isBf16()); }
    /// As an operand of its own in bf16, in place else.
    Operand inPlace(float* values, OperandBuffer& apart) const;
    Operand weights();
    Operand encoderInput() { return m_convolutions.isEmpty() ? operand(m_input) : m_convolutions.features(); }
    void prepareInput(const StepShape& shape);
    void runLayers(std::size_t rows, const std::vector<LinearLayer>& layers,
                   std::vector<Activations>& activations, Operand input);
    void backLayers(std::size_t rows, const std::vector<LinearLayer>& layers,
                    std::vector<Activations>& activations, Operand input, Operand delta,
                    float* inputGradient);
    LatentShape latentShape(const StepShape& shape) const;
    /// Terms of OrderOptions that the shape has, and their gradients that are not latents'.
    void orderTerms(const StepShape& shape);
    void weightGradient(std::size_t rows, const LinearLayer& layer, Operand input, Operand delta);

    ModelConfig m_config;
    Precision m_precision;
    PaddedLayout m_layout;
    const Stream& m_stream;
    Blas m_blas;
    Buffer<float> m_parameters, m_gradient, m_first, m_second;
    Buffer<std::uint16_t> m_weights; ///< the weights as bfloat16, where products are computed so
    Buffer<StepNumbers> m_numbers;
    ConvStack m_convolutions;
    Buffer<float> m_byFeatures; ///< gradient by what convolutions give
    OperandBuffer m_input, m_z, m_byModel, m_byHead;
    OperandBuffer m_delta[2]; ///< gradients by the hidden layers, in turn
    Buffer<float> m_rawDelta; ///< in bf16: before SiLU's derivative
    Buffer<float> m_latents;  ///< z, (rows, padded latent)
    Buffer<float> m_latentDelta, m_inverseCount, m_kl;
    // Of OrderOptions; empty where they are off.
    Buffer<double> m_consistency, m_similarity; ///< terms by row
    Buffer<float> m_consistencySlope;           ///< by row
    Buffer<float> m_latentPairs, m_modelPairs;  ///< products of all pairs
    Buffer<float> m_pairSlopes;
    Buffer<float> m_pairsByModel; ///< (rows, modelStride)
    Buffer<float> m_byScatter;    ///< (rows, modelStride), where there is a scatter
    std::vector<Activations> m_encoder, m_decoder;
    Buffer<double> m_rowLoss, m_klMeans, m_normParts, m_norm;
    Buffer<int> m_charged;
};

} // namespace voorwerp::nn::cuda
