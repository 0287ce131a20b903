// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// The model's tensors as they lie on a device: every width is rounded up to what tensor cores like, the rest
// is zero. Zeros stay: they have no gradient, and what is computed from them is zero again. So only the
// kernels that meet pixels and latents know the true widths.

#include "nn/layout.h"

#include <cstddef>
#include <vector>

namespace voorwerp::nn::cuda {

/// 8 elements: 16 bytes of bfloat16.
constexpr std::size_t padded(std::size_t width)
{
    return (width + 7) / 8 * 8;
}

struct PaddedLayout
{
    explicit PaddedLayout(const ModelConfig& config);

    /// The arena of Layout from or to one of ours; count of floats as trained or total of both.
    void toDevice(const float* arena, float* device, bool trainedOnly) const;
    void fromDevice(const float* device, float* arena, bool trainedOnly) const;

    Layout layout; ///< as the host has it
    // The same with padded widths, and offsets here.
    std::vector<ConvLayer> convolutions;
    std::vector<LinearLayer> encoder, decoder;
    std::size_t scatter = Layout::kNone;
    std::size_t inputMean = 0;
    std::size_t weights = 0; ///< floats at the start that decay and go into products; biases, scatter behind
    std::size_t trained = 0;
    std::size_t total = 0;

private:
    /// A row-major tensor here and there.
    struct Tensor
    {
        std::size_t host, device;
        std::size_t rows, columns;
        std::size_t stride; ///< on the device
        bool trained;
    };
    std::size_t add(std::size_t host, std::size_t rows, std::size_t columns, std::size_t paddedRows);
    template <class Visit> void forRows(bool trainedOnly, Visit visit) const;

    std::vector<Tensor> m_tensors;
};

} // namespace voorwerp::nn::cuda
