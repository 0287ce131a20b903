// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// Batches on their way to the device: through page-locked memory, so that the caller's is free at once, on a
// stream of its own, so that one batch is copied while the step before it is computed.

#include "nn/backend.h"
#include "nn/cuda/device.h"

namespace voorwerp::nn::cuda {

/// A batch on the device, each (rows, pixels).
struct DeviceBatch
{
    const float* flux = nullptr;
    const float* weight = nullptr;
};

/// Two slots in turn: one is filled while the other is copied or computed with.
class Uploads
{
public:
    /// Work queued on compute from now on, until release(), may read the batch.
    DeviceBatch upload(const Batch& batch, std::size_t pixels, const Stream& compute);
    /// What reads the last batch is queued.
    void release(const Stream& compute);
    /// On the device.
    static std::size_t bytesPerRow(std::size_t pixels) { return 2 * 2 * pixels * sizeof(float); }

private:
    struct Slot
    {
        PinnedBuffer<float> host;
        Buffer<float> device;
        Event copied, used;
    };
    Stream m_copies;
    Slot m_slots[2];
    int m_next = 0;
};

} // namespace voorwerp::nn::cuda
