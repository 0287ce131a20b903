// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// A CUDA device that is not there: the runtime functions that nn/cuda uses, on the CPU, for tests of its
// logic, indices, graphs and data flow. It shows nothing about races, speed or the hardware's rounding.
//
// What it does worse than a device, on purpose:
// - Work on a stream is done when something waits for it, as late as it can be. Memory of the host that is
//   read or overwritten too early has the wrong content.
// - Fresh memory is full of NaN, has unmapped pages behind it, and is unmapped when freed.
// - Threads of a block run between two barriers in an order that a seed shuffles, and so do blocks.
// - A captured graph keeps the arguments of its launches as they were at capture.
// A mistake that a device would only show by wrong numbers ends the program with its name on standard error.
//
// One host thread at a time.

#include <cuda_runtime_api.h>

#include <cstddef>
#include <cstdint>
#include <functional>

namespace voorwerp::emulated {

/// What a test may wish of the device. Back to the defaults at the end of its scope, the lost device too.
struct DeviceScope
{
    DeviceScope();
    ~DeviceScope();
    DeviceScope(const DeviceScope&) = delete;
    DeviceScope& operator=(const DeviceScope&) = delete;
};

void setMemory(std::size_t bytes);              ///< of the device; more cannot be allocated
void setArchitecture(int major, int minor);     ///< compute capability
void setOrder(std::uint64_t seed);              ///< of threads and blocks; 0 = as numbered
enum class Support { Full, NotFound, Refused }; ///< an algorithm is not found, or found and then refused
void setEpilogues(Support support);             ///< of cuBLASLt
void setBatches(Support support);               ///< likewise
/// The device is gone with this error at the given launch of a kernel from now on (0 = the next).
void loseDevice(cudaError_t error, std::size_t afterLaunches);

std::size_t allocatedBytes();  ///< on the device now
std::size_t launchedKernels(); ///< by launches of their own, since the program started
std::size_t launchedGraphs();

// For the shim and the fake of cuBLASLt
// --------------------------------------------------------------------------------------------

/// Queues work that stands for a kernel.
void enqueue(cudaStream_t stream, const char* kernel, std::function<void()> work);
/// Runs a kernel's body for every thread of the grid.
void runGrid(const char* kernel, unsigned grid, unsigned block, const std::function<void()>& body);
/// Ends the program unless [pointer, pointer + bytes) lies in one piece of the device's memory.
void requireDeviceMemory(const void* pointer, std::size_t bytes, const char* what);
bool isLost(); ///< cuBLASLt knows it from its own runtime
Support epilogues();
Support batches();
[[noreturn]] void mistake(const char* what, const char* where);

} // namespace voorwerp::emulated
