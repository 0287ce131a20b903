// SPDX-License-Identifier: GPL-3.0-or-later
// The functions of the CUDA runtime that nn/cuda uses. Not in this file: memory, threads (memory.cpp,
// grid.cpp).
#include "nn/emulated_cuda/emulator.h"
#include "nn/emulated_cuda/memory.h"

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <deque>
#include <memory>
#include <utility>
#include <vector>

using namespace voorwerp::emulated;

namespace voorwerp::emulated {
extern std::uint64_t orderSeed;
}

namespace {
using Work = std::function<void()>;
}

struct CUstream_st
{
    std::deque<Work> queue;
    CUgraph_st* capture = nullptr;
};

struct CUevent_st
{
    std::uint64_t recorded = 0, completed = 0;
    CUstream_st* stream = nullptr;
};

struct CUgraph_st
{
    std::vector<Work> nodes;
};

struct CUgraphExec_st
{
    std::shared_ptr<const std::vector<Work>> nodes;
};

namespace {

struct Device
{
    int major = 9, minor = 0;
    Support epilogues = Support::Full, batches = Support::Full;
    cudaError_t lost = cudaSuccess;      ///< sticky
    cudaError_t last = cudaSuccess;      ///< what cudaGetLastError() clears
    cudaError_t nextLoss = cudaSuccess;  ///< not yet
    std::size_t launchesLeft = 0;        ///< until nextLoss
    std::vector<CUstream_st*> streams;   ///< all
    std::size_t kernels = 0, graphs = 0; ///< launched
    std::size_t capturing = 0;           ///< streams
};

Device device;

cudaError_t result(cudaError_t status)
{
    if (device.lost != cudaSuccess)
        status = device.lost;
    if (status != cudaSuccess)
        device.last = status;
    return status;
}

void runOne(CUstream_st& stream)
{
    const Work work = std::move(stream.queue.front());
    stream.queue.pop_front();
    if (device.lost == cudaSuccess)
        work();
}

void drain(CUstream_st& stream)
{
    while (!stream.queue.empty())
        runOne(stream);
}

void drainAll()
{
    for (CUstream_st* stream : device.streams)
        drain(*stream);
}

void complete(CUevent_st& event, CUstream_st& stream, std::uint64_t version)
{
    while (event.completed < version && !stream.queue.empty())
        runOne(stream);
}

void add(CUstream_st* stream, Work work)
{
    if (stream == nullptr)
        mistake("work on the default stream, which waits for all others", "emulator");
    if (stream->capture != nullptr)
        stream->capture->nodes.push_back(std::move(work));
    else
        stream->queue.push_back(std::move(work));
}

void runKernel(const Work& work)
{
    if (device.nextLoss != cudaSuccess && device.launchesLeft-- == 0)
        device.lost = std::exchange(device.nextLoss, cudaSuccess);
    if (device.lost == cudaSuccess)
        work();
}

/// What may not be called while a stream is captured (in the mode that this program uses).
cudaError_t outsideCapture()
{
    return device.capturing > 0 ? cudaErrorStreamCaptureUnsupported : cudaSuccess;
}

} // namespace

namespace voorwerp::emulated {

DeviceScope::DeviceScope() = default;

DeviceScope::~DeviceScope()
{
    const std::size_t kernels = device.kernels, graphs = device.graphs;
    device = {.streams = std::move(device.streams), .kernels = kernels, .graphs = graphs};
    setMemory(std::size_t{1} << 30U);
    orderSeed = 0;
}

void setArchitecture(int major, int minor)
{
    device.major = major;
    device.minor = minor;
}

void setOrder(std::uint64_t seed)
{
    orderSeed = seed;
}

void setEpilogues(Support support)
{
    device.epilogues = support;
}

void setBatches(Support support)
{
    device.batches = support;
}

bool isLost()
{
    return device.lost != cudaSuccess;
}

Support epilogues()
{
    return device.epilogues;
}

Support batches()
{
    return device.batches;
}

void loseDevice(cudaError_t error, std::size_t afterLaunches)
{
    device.nextLoss = error;
    device.launchesLeft = afterLaunches;
}

std::size_t launchedKernels()
{
    return device.kernels;
}

std::size_t launchedGraphs()
{
    return device.graphs;
}

void enqueue(cudaStream_t stream, const char* /*kernel*/, std::function<void()> work)
{
    device.kernels += stream->capture == nullptr ? 1 : 0;
    add(stream, [work = std::move(work)] { runKernel(work); });
}

void mistake(const char* what, const char* where)
{
    std::fprintf(stderr, "emulated CUDA: %s (%s)\n", what, where);
    std::fflush(nullptr);
    std::abort();
}

} // namespace voorwerp::emulated

// Device and errors
// -------------------------------------------------------------------------------------------------

const char* cudaGetErrorString(cudaError_t error)
{
    switch (error) {
    case cudaErrorMemoryAllocation:
        return "out of memory";
    case cudaErrorDevicesUnavailable:
        return "CUDA-capable device(s) is/are busy or unavailable";
    default:
        return "emulated error";
    }
}

const char* cudaGetErrorName(cudaError_t error)
{
    return error == cudaErrorMemoryAllocation ? "cudaErrorMemoryAllocation" : "an emulated error";
}

cudaError_t cudaGetLastError()
{
    return std::exchange(device.last, cudaSuccess);
}

cudaError_t cudaGetDeviceCount(int* count)
{
    *count = 1;
    return result(cudaSuccess);
}

cudaError_t cudaSetDevice(int index)
{
    return result(index == 0 ? cudaSuccess : cudaErrorInvalidDevice);
}

cudaError_t cudaGetDeviceProperties(cudaDeviceProp* properties, int index)
{
    *properties = {};
    std::snprintf(properties->name, sizeof properties->name, "emulated CUDA on the CPU (no GPU)");
    properties->major = device.major;
    properties->minor = device.minor;
    properties->totalGlobalMem = deviceMemory();
    return result(index == 0 ? cudaSuccess : cudaErrorInvalidDevice);
}

// Memory
// ------------------------------------------------------------------------------------------------------------

cudaError_t cudaMemGetInfo(std::size_t* available, std::size_t* total)
{
    *total = deviceMemory();
    *available = *total - std::min(*total, allocatedBytes());
    return result(cudaSuccess);
}

static cudaError_t allocateInto(void** pointer, std::size_t bytes, Kind kind)
{
    *pointer = nullptr;
    if (result(outsideCapture()) != cudaSuccess)
        return device.last;
    *pointer = allocate(bytes, kind);
    return result(*pointer != nullptr ? cudaSuccess : cudaErrorMemoryAllocation);
}

cudaError_t cudaMalloc(void** pointer, std::size_t bytes)
{
    return allocateInto(pointer, bytes, Kind::Device);
}

cudaError_t cudaMallocHost(void** pointer, std::size_t bytes)
{
    return allocateInto(pointer, bytes, Kind::Pinned);
}

cudaError_t cudaFree(void* pointer)
{
    if (pointer != nullptr)
        drainAll(); // as the runtime does
    release(pointer, Kind::Device);
    return result(outsideCapture());
}

cudaError_t cudaFreeHost(void* pointer)
{
    if (pointer != nullptr)
        drainAll();
    release(pointer, Kind::Pinned);
    return result(outsideCapture());
}

cudaError_t cudaMemsetAsync(void* pointer, int value, std::size_t bytes, cudaStream_t stream)
{
    require(pointer, bytes, Kind::Device, "cudaMemsetAsync");
    add(stream, [=] { std::memset(pointer, value, bytes); });
    return result(cudaSuccess);
}

cudaError_t cudaMemcpyAsync(void* to, const void* from, std::size_t bytes, cudaMemcpyKind kind,
                            cudaStream_t stream)
{
    const bool toDevice = kind == cudaMemcpyHostToDevice || kind == cudaMemcpyDeviceToDevice;
    const bool fromDevice = kind == cudaMemcpyDeviceToHost || kind == cudaMemcpyDeviceToDevice;
    if (toDevice)
        require(to, bytes, Kind::Device, "cudaMemcpyAsync to the device");
    if (fromDevice)
        require(from, bytes, Kind::Device, "cudaMemcpyAsync from the device");
    if (isIn(to, Kind::Device) != toDevice || isIn(from, Kind::Device) != fromDevice)
        mistake("memory is not where the kind of copy says", "cudaMemcpyAsync");
    const void* host = toDevice ? from : to;
    const bool pageable = !(toDevice && fromDevice) && !isIn(host, Kind::Pinned);
    if (!(toDevice && fromDevice) && !pageable)
        require(host, bytes, Kind::Pinned, "cudaMemcpyAsync and page-locked memory");
    if (pageable && stream->capture != nullptr)
        mistake("a copy of pageable memory in a graph", "cudaMemcpyAsync");
    if (pageable && toDevice) { // read before the call returns
        const char* first = static_cast<const char*>(from);
        add(stream, [to, copy = std::vector<char>(first, first + bytes)] {
            std::memcpy(to, copy.data(), copy.size());
        });
    } else {
        add(stream, [=] { std::memcpy(to, from, bytes); });
    }
    if (pageable && fromDevice) // written before the call returns
        drain(*stream);
    return result(cudaSuccess);
}

// Streams, events, graphs
// -------------------------------------------------------------------------------------------

cudaError_t cudaStreamCreateWithFlags(cudaStream_t* stream, unsigned flags)
{
    if (flags != cudaStreamNonBlocking)
        mistake("a stream that waits for the default stream", "cudaStreamCreateWithFlags");
    *stream = new CUstream_st;
    device.streams.push_back(*stream);
    return result(cudaSuccess);
}

cudaError_t cudaStreamDestroy(cudaStream_t stream)
{
    if (stream == nullptr)
        return result(cudaErrorInvalidResourceHandle);
    drain(*stream);
    std::erase(device.streams, stream);
    delete stream;
    return result(cudaSuccess);
}

cudaError_t cudaStreamSynchronize(cudaStream_t stream)
{
    if (result(outsideCapture()) != cudaSuccess)
        return device.last;
    drain(*stream);
    return result(cudaSuccess);
}

cudaError_t cudaEventCreateWithFlags(cudaEvent_t* event, unsigned /*flags*/)
{
    *event = new CUevent_st;
    return result(cudaSuccess);
}

cudaError_t cudaEventDestroy(cudaEvent_t event)
{
    drainAll(); // streams may still have to pass it
    delete event;
    return result(cudaSuccess);
}

cudaError_t cudaEventRecord(cudaEvent_t event, cudaStream_t stream)
{
    if (stream->capture != nullptr)
        mistake("an event in a graph", "cudaEventRecord");
    event->stream = stream;
    add(stream, [event, version = ++event->recorded] { event->completed = version; });
    return result(cudaSuccess);
}

cudaError_t cudaEventSynchronize(cudaEvent_t event)
{
    if (result(outsideCapture()) != cudaSuccess)
        return device.last;
    if (event->stream != nullptr)
        complete(*event, *event->stream, event->recorded);
    return result(cudaSuccess);
}

cudaError_t cudaStreamWaitEvent(cudaStream_t stream, cudaEvent_t event, unsigned /*flags*/)
{
    if (stream->capture != nullptr)
        mistake("an event in a graph", "cudaStreamWaitEvent");
    if (event->stream != nullptr)
        add(stream,
            [event, other = event->stream, version = event->recorded] { complete(*event, *other, version); });
    return result(cudaSuccess);
}

cudaError_t cudaStreamBeginCapture(cudaStream_t stream, cudaStreamCaptureMode /*mode*/)
{
    if (stream->capture != nullptr)
        return result(cudaErrorIllegalState);
    stream->capture = new CUgraph_st;
    ++device.capturing;
    return result(cudaSuccess);
}

cudaError_t cudaStreamEndCapture(cudaStream_t stream, cudaGraph_t* graph)
{
    *graph = std::exchange(stream->capture, nullptr);
    device.capturing -= *graph != nullptr ? 1 : 0;
    return result(*graph != nullptr ? cudaSuccess : cudaErrorIllegalState);
}

cudaError_t cudaGraphInstantiate(cudaGraphExec_t* executable, cudaGraph_t graph, unsigned long long)
{
    *executable = new CUgraphExec_st{std::make_shared<const std::vector<Work>>(graph->nodes)};
    return result(cudaSuccess);
}

cudaError_t cudaGraphLaunch(cudaGraphExec_t executable, cudaStream_t stream)
{
    ++device.graphs;
    add(stream, [nodes = executable->nodes] {
        for (const Work& node : *nodes)
            if (device.lost == cudaSuccess)
                node();
    });
    return result(cudaSuccess);
}

cudaError_t cudaGraphDestroy(cudaGraph_t graph)
{
    delete graph;
    return result(cudaSuccess);
}

cudaError_t cudaGraphExecDestroy(cudaGraphExec_t executable)
{
    delete executable;
    return result(cudaSuccess);
}
