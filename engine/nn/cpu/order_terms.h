// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// The terms of OrderOptions (backend.h) and their gradients on the CPU.

#include "nn/backend.h"
#include "nn/cpu/aligned_buffer.h"
#include "nn/cpu/kernels.h"

#include <functional>

namespace voorwerp::nn {

/// Mean over the rows of σ(Σ(s' − s)²/(0.25·S)) − ½. head is (2·rows, 2·latent), the second half of its rows
/// of the augmented ones.
template <class T> double consistency(std::size_t rows, std::size_t latent, const T* head);
/// Adds weight · gradient to the means' columns of headDelta, laid out as head.
template <class T>
void addConsistencyGradient(std::size_t rows, std::size_t latent, T weight, const T* head, T* headDelta);

/// Pairs of a batch. value() first, then the two gradients with the same latents and models.
template <class T> class Similarity
{
public:
    using Product = std::function<void(const Gemm<T>&)>;
    /// product: computes one, on as many threads as it likes.
    explicit Similarity(Product product)
        : m_product(std::move(product))
    {
    }
    /// latents (rows, latent), models (rows, pixels); the term without its weight.
    double value(std::size_t rows, std::size_t latent, std::size_t pixels, const T* latents, const T* models,
                 double slope);
    /// The gradient by the models times weight, in a buffer of its own: they are still needed.
    const T* modelGradient(T weight, const T* models);
    /// Adds it to latentDelta.
    void addLatentGradient(T weight, const T* latents, T* latentDelta);

private:
    std::size_t m_rows = 0, m_latent = 0, m_pixels = 0;
    Product m_product;
    AlignedBuffer<T> m_models, m_latents; ///< products of all pairs (rows, rows)
    AlignedBuffer<T> m_slope;             ///< dterm/dd of each pair; row sums less these, to multiply with
    AlignedBuffer<T> m_byModel, m_byLatent;
};

} // namespace voorwerp::nn
