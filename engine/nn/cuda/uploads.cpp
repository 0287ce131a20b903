// SPDX-License-Identifier: GPL-3.0-or-later
#include "nn/cuda/uploads.h"

#include <cstring>

namespace voorwerp::nn::cuda {

DeviceBatch Uploads::upload(const Batch& batch, std::size_t pixels, const Stream& compute)
{
    Slot& slot = m_slots[m_next];
    const std::size_t values = batch.size * pixels;
    slot.copied.wait(); // the page-locked memory is read no more
    if (slot.device.size() < 2 * values)
        slot.used.wait();
    slot.host.ensure(2 * values);
    slot.device.ensure(2 * values);
    std::memcpy(slot.host.data(), batch.flux, values * sizeof(float));
    std::memcpy(slot.host.data() + values, batch.weight, values * sizeof(float));
    m_copies.waitFor(slot.used);
    m_copies.copy(slot.device.data(), slot.host.data(), 2 * values * sizeof(float), cudaMemcpyHostToDevice);
    slot.copied.record(m_copies);
    compute.waitFor(slot.copied);
    return {slot.device.data(), slot.device.data() + values};
}

void Uploads::release(const Stream& compute)
{
    m_slots[m_next].used.record(compute);
    m_next = 1 - m_next;
}

} // namespace voorwerp::nn::cuda
