// SPDX-License-Identifier: GPL-3.0-or-later
#include "nn/cuda/block.cuh"
#include "nn/cuda/kept_rows.h"

namespace voorwerp::nn::cuda {

namespace {

__global__ void decode(const std::uint32_t* numbers, CompactRows rows, float* flux, float* weight)
{
    const std::size_t row = numbers != nullptr ? numbers[blockIdx.x] : blockIdx.x;
    const std::size_t from = row * rows.pixels, to = blockIdx.x * rows.pixels;
    for (std::size_t i = threadIdx.x; i < rows.pixels; i += blockDim.x) {
        flux[to + i] = floatOfHalf(rows.flux[from + i]);
        weight[to + i] = weightOfCode(rows.weight[from + i]);
    }
}

} // namespace

void KeptRows::release()
{
    m_flux.release();
    m_weight.release();
    m_count = m_size = 0;
}

void KeptRows::reserve(std::size_t count, std::size_t pixels)
{
    release();
    m_flux.ensure(count * pixels);
    m_weight.ensure(count * pixels);
    m_count = count;
    m_pixels = pixels;
}

void KeptRows::add(const CompactRows& rows, const Stream& stream)
{
    const std::size_t first = m_size * m_pixels, values = rows.rows * m_pixels;
    stream.copy(m_flux.data() + first, rows.flux, values * sizeof(std::uint16_t), cudaMemcpyHostToDevice);
    stream.copy(m_weight.data() + first, rows.weight, values, cudaMemcpyHostToDevice);
    stream.wait();
    m_size += rows.rows;
}

void launchDecode(std::size_t count, const std::uint32_t* numbers, const CompactRows& rows, float* flux,
                  float* weight, cudaStream_t stream)
{
    launch("decode", decode, count, kBlock, stream, numbers, rows, flux, weight);
}

} // namespace voorwerp::nn::cuda
