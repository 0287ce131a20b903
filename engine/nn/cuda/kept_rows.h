// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// A training set on the device, three bytes a pixel (nn/compact_rows.h).

#include "nn/compact_rows.h"
#include "nn/cuda/device.h"

namespace voorwerp::nn::cuda {

class KeptRows
{
public:
    /// Drops what was kept. Throws OutOfMemory.
    void reserve(std::size_t count, std::size_t pixels);
    void release();
    /// Returns when their memory may be used again.
    void add(const CompactRows& rows, const Stream& stream);

    std::size_t size() const { return m_size; } ///< rows that are there
    std::size_t room() const { return m_count; }
    static std::size_t bytes(std::size_t count, std::size_t pixels) { return 3 * count * pixels; }
    CompactRows rows() const { return {m_size, m_pixels, m_flux.data(), m_weight.data()}; } ///< on the device

private:
    std::size_t m_count = 0, m_pixels = 0, m_size = 0;
    Buffer<std::uint16_t> m_flux;
    Buffer<std::uint8_t> m_weight;
};

/// Flux and weight (count, pixels) of those rows, or of the first count where numbers is null. All on the
/// device.
void launchDecode(std::size_t count, const std::uint32_t* numbers, const CompactRows& rows, float* flux,
                  float* weight, cudaStream_t stream);

} // namespace voorwerp::nn::cuda
