// SPDX-License-Identifier: GPL-3.0-or-later
#include "latent/neighbours.h"

#include "core/error.h"

#include <Eigen/Core>

#include <algorithm>
#include <cmath>

namespace voorwerp::latent {

namespace {

constexpr std::size_t kBlock = 16384; // rows whose distances are in memory at a time

bool nearer(const Neighbour& a, const Neighbour& b)
{
    return a.distance != b.distance ? a.distance < b.distance : a.row < b.row;
}

/// Keeps the `count` nearest as a heap with the farthest on top.
void keep(std::vector<Neighbour>& heap, std::size_t count, const Neighbour& candidate)
{
    if (heap.size() == count) {
        if (!nearer(candidate, heap.front()))
            return;
        std::pop_heap(heap.begin(), heap.end(), nearer);
        heap.pop_back();
    }
    heap.push_back(candidate);
    std::push_heap(heap.begin(), heap.end(), nearer);
}

} // namespace

std::vector<Neighbour> nearestNeighbours(std::span<const float> latents, std::size_t dimensions,
                                         std::uint32_t row, std::size_t count, std::stop_token stop)
{
    const std::size_t rows = dimensions == 0 ? 0 : latents.size() / dimensions;
    std::vector<Neighbour> heap;
    if (row >= rows || count == 0)
        return heap;
    const auto d = static_cast<Eigen::Index>(dimensions);
    const Eigen::Map<const Eigen::VectorXf> here(latents.data() + row * dimensions, d);
    Eigen::VectorXf squares;
    for (std::size_t first = 0; first < rows; first += kBlock) {
        if (stop.stop_requested())
            throw core::Cancelled();
        const auto size = static_cast<Eigen::Index>(std::min(kBlock, rows - first));
        const Eigen::Map<const Eigen::MatrixXf> block(latents.data() + first * dimensions, d, size);
        squares = (block.colwise() - here).colwise().squaredNorm().transpose();
        for (Eigen::Index i = 0; i < size; ++i) {
            const auto other = static_cast<std::uint32_t>(first + static_cast<std::size_t>(i));
            if (other != row)
                keep(heap, count, {other, squares[i]});
        }
    }
    std::sort_heap(heap.begin(), heap.end(), nearer);
    for (Neighbour& neighbour : heap)
        neighbour.distance = std::sqrt(neighbour.distance);
    return heap;
}

} // namespace voorwerp::latent
