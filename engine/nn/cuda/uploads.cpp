// SPDX-License-Identifier: GPL-3.0-or-later
#include "nn/cuda/uploads.h"

#include <cstring>

namespace voorwerp::nn::cuda {

namespace {
constexpr std::size_t kAlignment = 256; ///< bytes, of the second part: as cudaMalloc gives the first
}

Uploads::Parts Uploads::upload(Bytes first, Bytes second, const Stream& compute)
{
    Slot& slot = m_slots[m_next];
    const std::size_t offset = (first.size() + kAlignment - 1) / kAlignment * kAlignment;
    const std::size_t bytes = offset + second.size();
    slot.copied.wait(); // the page-locked memory is read no more
    if (slot.device.size() < bytes)
        slot.used.wait();
    slot.host.ensure(bytes);
    slot.device.ensure(bytes);
    std::memcpy(slot.host.data(), first.data(), first.size());
    if (!second.empty())
        std::memcpy(slot.host.data() + offset, second.data(), second.size());
    m_copies.waitFor(slot.used);
    m_copies.copy(slot.device.data(), slot.host.data(), bytes, cudaMemcpyHostToDevice);
    slot.copied.record(m_copies);
    compute.waitFor(slot.copied);
    return {slot.device.data(), slot.device.data() + offset};
}

void Uploads::release(const Stream& compute)
{
    m_slots[m_next].used.record(compute);
    m_next = 1 - m_next;
}

void Uploads::free()
{
    cudaStreamSynchronize(m_copies); // whatever it says: nothing is copied any more
    for (Slot& slot : m_slots) {
        slot.host.release();
        slot.device.release();
    }
}

} // namespace voorwerp::nn::cuda
