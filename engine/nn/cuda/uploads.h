// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// Batches on their way to the device: through page-locked memory, so that the caller's is free at once, on a
// stream of its own, so that one batch is copied while the step before it is computed.

#include "nn/cuda/device.h"

#include <array>
#include <span>

namespace voorwerp::nn::cuda {

/// Two slots in turn: one is filled while the other is copied or computed with.
class Uploads
{
public:
    using Bytes = std::span<const std::byte>;
    using Parts = std::array<const std::byte*, 2>;

    /// Two pieces of memory, copied to the device. Work queued on compute from now on, until release(), may
    /// read them.
    Parts upload(Bytes first, Bytes second, const Stream& compute);
    /// What reads the last upload is queued.
    void release(const Stream& compute);
    void free(); ///< gives the memory back
    std::size_t deviceBytes() const { return m_slots[0].device.bytes() + m_slots[1].device.bytes(); }

private:
    struct Slot
    {
        PinnedBuffer<std::byte> host;
        Buffer<std::byte> device;
        Event copied, used;
    };
    Stream m_copies;
    Slot m_slots[2];
    int m_next = 0;
};

} // namespace voorwerp::nn::cuda
