// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// CUDA handles that free themselves, and errors as exceptions. Only for files in nn/cuda and dataset/cuda.

#include "nn/error.h"

#include <cuda_runtime_api.h>

#include <source_location>
#include <utility>

namespace voorwerp::nn::cuda {

/// Throws OutOfMemory, DeviceLost or DeviceError, naming the call and where it is.
[[noreturn]] void fail(cudaError_t status, const char* call, std::source_location where);

inline void check(cudaError_t status, const char* call,
                  std::source_location where = std::source_location::current())
{
    if (status != cudaSuccess)
        fail(status, call, where);
}

class Event
{
public:
    Event() { check(cudaEventCreateWithFlags(&m_event, cudaEventDisableTiming), "cudaEventCreate"); }
    ~Event() { cudaEventDestroy(m_event); }
    Event(const Event&) = delete;
    Event& operator=(const Event&) = delete;
    operator cudaEvent_t() const { return m_event; }
    void record(cudaStream_t stream) const { check(cudaEventRecord(m_event, stream), "cudaEventRecord"); }
    /// Returns at once when it was never recorded.
    void wait() const { check(cudaEventSynchronize(m_event), "cudaEventSynchronize"); }

private:
    cudaEvent_t m_event = nullptr;
};

class Stream
{
public:
    Stream() { check(cudaStreamCreateWithFlags(&m_stream, cudaStreamNonBlocking), "cudaStreamCreate"); }
    ~Stream() { cudaStreamDestroy(m_stream); }
    Stream(const Stream&) = delete;
    Stream& operator=(const Stream&) = delete;
    operator cudaStream_t() const { return m_stream; }
    void wait() const { check(cudaStreamSynchronize(m_stream), "cudaStreamSynchronize"); }
    /// What is queued from now on starts after the event, at once when it was never recorded.
    void waitFor(const Event& event) const
    {
        check(cudaStreamWaitEvent(m_stream, event, 0), "cudaStreamWaitEvent");
    }
    void copy(void* to, const void* from, std::size_t bytes, cudaMemcpyKind kind) const
    {
        check(cudaMemcpyAsync(to, from, bytes, kind, m_stream), "cudaMemcpyAsync");
    }
    void clear(void* data, std::size_t bytes) const
    {
        check(cudaMemsetAsync(data, 0, bytes, m_stream), "cudaMemsetAsync");
    }

private:
    cudaStream_t m_stream = nullptr;
};

/// Memory on the device, or page-locked on the host. Grows, shrinks by release() only; content is lost when
/// it grows.
template <class T, bool kPinned = false> class Buffer
{
public:
    Buffer() = default;
    explicit Buffer(std::size_t size) { ensure(size); }
    ~Buffer() { release(); }
    Buffer(const Buffer&) = delete;
    Buffer& operator=(const Buffer&) = delete;
    void ensure(std::size_t size)
    {
        if (size <= m_size)
            return;
        release();
        void* data = nullptr;
        if constexpr (kPinned)
            check(cudaMallocHost(&data, size * sizeof(T)), "cudaMallocHost");
        else
            check(cudaMalloc(&data, size * sizeof(T)), "cudaMalloc");
        m_data = static_cast<T*>(data);
        m_size = size;
    }
    void release()
    {
        if (m_data == nullptr)
            return;
        if constexpr (kPinned)
            cudaFreeHost(m_data);
        else
            cudaFree(m_data);
        m_data = nullptr;
        m_size = 0;
    }
    T* data() { return m_data; }
    const T* data() const { return m_data; }
    std::size_t size() const { return m_size; }
    std::size_t bytes() const { return m_size * sizeof(T); }

private:
    T* m_data = nullptr;
    std::size_t m_size = 0;
};

template <class T> using PinnedBuffer = Buffer<T, true>;

/// Makes the device current for the calling thread. Throws ConfigError when it is not there.
int selectDevice(int index);

} // namespace voorwerp::nn::cuda
