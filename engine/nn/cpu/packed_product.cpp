// SPDX-License-Identifier: GPL-3.0-or-later
#include "nn/cpu/packed_product.h"

#include <algorithm>

namespace voorwerp::nn {

namespace {

constexpr std::size_t kSlabDepth =
    256; ///< with a tile of 256 by 256, both packed factors stay in 1 MiB of L2
constexpr std::size_t kRowsPerTask = 128;        ///< of A, or columns of B, that a task packs
constexpr std::size_t kFewest = 128 * 128 * 128; ///< multiplications that are worth it

std::size_t blocks(std::size_t count, std::size_t size)
{
    return (count + size - 1) / size;
}

} // namespace

template <class T> bool PackedProduct<T>::suits(const Gemm<T>& g) const
{
    return m_kernels != nullptr && g.transposeA && std::min({g.m, g.n, g.k}) >= kPackedPanel &&
           g.m * g.n * g.k >= kFewest;
}

template <class T> void PackedProduct<T>::run(const Gemm<T>& g, std::size_t tileRows, std::size_t tileColumns)
{
    const std::size_t slabs = blocks(g.k, kSlabDepth);
    const std::size_t packA = blocks(g.m, kRowsPerTask), packs = packA + blocks(g.n, kRowsPerTask);
    const std::size_t across = blocks(g.n, tileColumns), tiles = blocks(g.m, tileRows) * across;
    const auto depthOf = [&](std::size_t slab) { return std::min(kSlabDepth, g.k - slab * kSlabDepth); };
    const auto panelBytes = [&](std::size_t slab) {
        return blocks(depthOf(slab), kPackedDepth) * m_kernels->blockBytes;
    };
    const auto place = [&](std::size_t slab, bool ofB, std::size_t at) {
        const std::size_t panels = at / kPackedPanel + (ofB ? blocks(g.m, kPackedPanel) : 0);
        return m_slabs[slab % 2].data() + panels * panelBytes(slab);
    };
    for (AlignedBuffer<std::byte>& slab : m_slabs)
        slab.ensure((blocks(g.m, kPackedPanel) + blocks(g.n, kPackedPanel)) * panelBytes(0));

    const auto pack = [&](std::size_t slab, std::size_t task) {
        const bool ofB = task >= packA;
        const std::size_t begin = (ofB ? task - packA : task) * kRowsPerTask;
        const std::size_t end = std::min(begin + kRowsPerTask, ofB ? g.n : g.m);
        const std::size_t depth = slab * kSlabDepth;
        m_kernels->pack(g, {ofB, begin, end, depth, depth + depthOf(slab)}, place(slab, ofB, begin));
    };
    const auto multiply = [&](std::size_t slab, std::size_t task) {
        const std::size_t row = task / across * tileRows, column = task % across * tileColumns;
        Gemm<T> tile = g;
        tile.m = std::min(tileRows, g.m - row);
        tile.n = std::min(tileColumns, g.n - column);
        tile.k = depthOf(slab);
        tile.c += row * g.strideC + column;
        tile.accumulate = g.accumulate || slab > 0;
        m_kernels->multiply(tile, place(slab, false, row), place(slab, true, column));
    };
    for (std::size_t stage = 0; stage <= slabs; ++stage) { // packs a slab, multiplies the one before
        const std::size_t multiplied = stage > 0 ? tiles : 0, packed = stage < slabs ? packs : 0;
        m_pool.run(multiplied + packed, [&](std::size_t task) {
            if (task < multiplied)
                multiply(stage - 1, task);
            else
                pack(stage, task - multiplied);
        });
    }
}

template class PackedProduct<float>;
template class PackedProduct<double>;

} // namespace voorwerp::nn
