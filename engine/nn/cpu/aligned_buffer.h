// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// Memory on a cache line's boundary. Zeroed when made; grows, never shrinks.

#include <algorithm>
#include <cstddef>
#include <memory>
#include <new>

namespace voorwerp::nn {

template <class T> class AlignedBuffer
{
public:
    AlignedBuffer() = default;
    explicit AlignedBuffer(std::size_t size) { ensure(size); }
    /// Makes room for size values. Content is lost (and zero) when it had to grow.
    void ensure(std::size_t size)
    {
        if (size <= m_size)
            return;
        m_data.reset(static_cast<T*>(::operator new(size * sizeof(T), kAlignment)));
        std::fill_n(m_data.get(), size, T(0));
        m_size = size;
    }
    T* data() { return m_data.get(); }
    const T* data() const { return m_data.get(); }
    std::size_t size() const { return m_size; }

private:
    static constexpr std::align_val_t kAlignment{64};
    struct Free
    {
        void operator()(T* pointer) const { ::operator delete(pointer, kAlignment); }
    };
    std::unique_ptr<T, Free> m_data;
    std::size_t m_size = 0;
};

} // namespace voorwerp::nn
