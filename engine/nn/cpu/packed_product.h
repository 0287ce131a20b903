// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// A large matrix product by all threads, for kernels that pack: both factors are packed once, slab by slab of
// the inner dimension, and all tiles of the output use them. Tiles of one slab are computed while the next
// one is packed. Tasks depend on sizes alone, and every tile adds its slabs in order.

#include "nn/cpu/aligned_buffer.h"
#include "nn/cpu/kernels.h"
#include "nn/cpu/thread_pool.h"

#include <cstddef>

namespace voorwerp::nn {

template <class T> class PackedProduct
{
public:
    /// Keeps references. Without kernels nothing suits.
    PackedProduct(const PackedGemm<T>* kernels, ThreadPool& pool)
        : m_kernels(kernels)
        , m_pool(pool)
    {
    }

    /// Whether run() is the way to compute it: by its sizes, and where A is transposed. To gather its columns
    /// again for every tile is dear; the other forms are packed as fast as packed slabs are read.
    bool suits(const Gemm<T>& problem) const;
    /// Tiles of the output: multiples of kPackedPanel.
    void run(const Gemm<T>& problem, std::size_t tileRows, std::size_t tileColumns);

private:
    const PackedGemm<T>* m_kernels;
    ThreadPool& m_pool;
    AlignedBuffer<std::byte> m_slabs[2]; ///< panels of A, then those of B; one packed, one in use
};

} // namespace voorwerp::nn
