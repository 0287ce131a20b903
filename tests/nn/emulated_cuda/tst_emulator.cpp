// SPDX-License-Identifier: GPL-3.0-or-later
// The emulated device finds what it is there to find.
#include "nn/emulated_cuda/emulator.h"
#include "nn/emulated_cuda/shim.h"

#include "nn/cuda/launch.cuh"

#include <catch2/catch.hpp>

#include <sys/wait.h>
#include <unistd.h>

#include <cmath>
#include <vector>

using namespace voorwerp;
using namespace voorwerp::nn::cuda;

namespace {

constexpr unsigned kThreads = 64;

void fill(float* values, std::size_t count)
{
    if (threadIdx.x < count)
        values[threadIdx.x] = 1.0F;
}

/// Each thread takes the value that the last one left in shared memory, with or without waiting for it.
/// add: shared memory keeps what the launch before left there.
void shift(float* values, bool waits, float add)
{
    __shared__ float shared[kThreads];
    shared[threadIdx.x] = static_cast<float>(threadIdx.x) + add;
    if (waits)
        __syncthreads();
    values[threadIdx.x] = shared[(threadIdx.x + kThreads - 1) % kThreads] - add;
}

void waitApart(float* values)
{
    if (threadIdx.x < kThreads / 2)
        __syncthreads();
    values[threadIdx.x] = 0.0F;
}

std::vector<float> download(const Buffer<float>& from, const Stream& stream)
{
    std::vector<float> values(from.size());
    stream.copy(values.data(), from.data(), from.bytes(), cudaMemcpyDeviceToHost);
    return values;
}

std::vector<float> shifted(bool waits, std::uint64_t seed)
{
    const emulated::DeviceScope scope;
    emulated::setOrder(seed);
    const Stream stream;
    Buffer<float> values(kThreads);
    static float add = 0.0F;
    launch("shift", shift, 1, kThreads, stream, values.data(), waits, add += 100.0F);
    return download(values, stream);
}

/// Whether work ends the program; it is run in another process.
template <class Work> bool endsProgram(Work work)
{
    const pid_t child = ::fork();
    if (child == 0) {
        ::close(STDERR_FILENO);
        ::signal(SIGABRT, SIG_DFL); // Catch's handlers would report a failure
        ::signal(SIGSEGV, SIG_DFL);
        work();
        ::_exit(0);
    }
    int status = 0;
    ::waitpid(child, &status, 0);
    return WIFSIGNALED(status);
}

} // namespace

TEST_CASE("A missing barrier shows in another order of threads")
{
    const std::vector<float> right = shifted(true, 0);
    CHECK(shifted(true, 1) == right);
    CHECK(shifted(true, 2) == right);
    CHECK(shifted(false, 1) != right);
}

TEST_CASE("Fresh memory is not a number, and a write behind its end ends the program")
{
    const Stream stream;
    Buffer<float> values(5);
    CHECK(std::isnan(download(values, stream).back()));
    const auto run = [&](std::size_t count) {
        launch("fill", fill, 1, kThreads, stream, values.data(), count);
        values.release();
    };
    CHECK(endsProgram([&] { run(6); }));
    CHECK(endsProgram([&] { run(64); }));
    CHECK_FALSE(endsProgram([&] { run(5); }));
}

TEST_CASE("Threads that wait at different barriers end the program")
{
    const Stream stream;
    Buffer<float> values(kThreads);
    CHECK(endsProgram([&] {
        launch("waitApart", waitApart, 1, kThreads, stream, values.data());
        stream.wait();
    }));
}

TEST_CASE("Page-locked memory is read and written when the stream gets there, not before")
{
    const Stream stream;
    PinnedBuffer<float> host(4);
    Buffer<float> values(4);
    std::fill_n(host.data(), 4, 1.0F);
    stream.copy(values.data(), host.data(), values.bytes(), cudaMemcpyHostToDevice);
    host.data()[0] = 2.0F; // too early: the copy takes it
    stream.wait();
    CHECK(download(values, stream) == std::vector<float>{2.0F, 1.0F, 1.0F, 1.0F});
    host.data()[1] = 7.0F;
    stream.copy(host.data(), values.data(), values.bytes(), cudaMemcpyDeviceToHost);
    CHECK(host.data()[1] == 7.0F);
    stream.wait();
    CHECK(host.data()[1] == 1.0F);
}

TEST_CASE("A stream that does not wait for another one's event overtakes it")
{
    for (const bool waits : {true, false}) {
        const Stream first, second;
        const Event done;
        Buffer<float> values(4);
        first.clear(values.data(), values.bytes());
        done.record(first);
        if (waits)
            second.waitFor(done);
        CHECK(std::isnan(download(values, second)[0]) == !waits);
    }
}
