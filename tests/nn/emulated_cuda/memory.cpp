// SPDX-License-Identifier: GPL-3.0-or-later
#include "nn/emulated_cuda/memory.h"

#include "nn/emulated_cuda/emulator.h"

#include <sys/mman.h>

#include <algorithm>
#include <cstring>
#include <map>

namespace voorwerp::emulated {

namespace {

constexpr std::size_t kPage = 4096;
constexpr std::size_t kAlignment = 16; // CUDA gives 256; less finds writes behind the end at once
constexpr std::size_t kDefaultMemory = std::size_t{1} << 30U;
constexpr unsigned char kFresh = 0xFF, kFence = 0xA5;

struct Allocation
{
    std::size_t bytes;
    Kind kind;
    char* mapping;
    std::size_t mapped; ///< without the page that cannot be touched
};

std::size_t memoryBytes = kDefaultMemory;

std::map<const char*, Allocation>& allocations()
{
    static std::map<const char*, Allocation> all;
    return all;
}

std::size_t roundUp(std::size_t value, std::size_t unit)
{
    return (value + unit - 1) / unit * unit;
}

const std::pair<const char* const, Allocation>* find(const void* pointer)
{
    const char* at = static_cast<const char*>(pointer);
    auto after = allocations().upper_bound(at);
    if (after == allocations().begin())
        return nullptr;
    --after;
    return at < after->first + after->second.bytes ? &*after : nullptr;
}

} // namespace

void setMemory(std::size_t bytes)
{
    memoryBytes = bytes;
}

std::size_t deviceMemory()
{
    return memoryBytes;
}

std::size_t allocatedBytes()
{
    std::size_t bytes = 0;
    for (const auto& [pointer, allocation] : allocations())
        bytes += allocation.kind == Kind::Device ? allocation.bytes : 0;
    return bytes;
}

void* allocate(std::size_t bytes, Kind kind)
{
    if (kind == Kind::Device && (bytes > memoryBytes || allocatedBytes() > memoryBytes - bytes))
        return nullptr;
    const std::size_t mapped = roundUp(std::max(bytes, kAlignment), kPage);
    void* mapping =
        ::mmap(nullptr, mapped + kPage, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (mapping == MAP_FAILED)
        return nullptr;
    char* first = static_cast<char*>(mapping);
    ::mprotect(first + mapped, kPage, PROT_NONE);
    char* pointer = first + mapped - roundUp(bytes, kAlignment);
    std::memset(pointer, kFresh, bytes);
    std::memset(pointer + bytes, kFence, static_cast<std::size_t>(first + mapped - (pointer + bytes)));
    allocations()[pointer] = {bytes, kind, first, mapped};
    return pointer;
}

void release(void* pointer, Kind kind)
{
    if (pointer == nullptr)
        return;
    const auto found = allocations().find(static_cast<const char*>(pointer));
    if (found == allocations().end() || found->second.kind != kind)
        mistake("memory is freed that was not allocated so", "cudaFree");
    const Allocation allocation = found->second;
    const char* end = allocation.mapping + allocation.mapped;
    for (const char* fence = found->first + allocation.bytes; fence < end; ++fence)
        if (static_cast<unsigned char>(*fence) != kFence)
            mistake("a write behind the end of an allocation", "cudaFree");
    allocations().erase(found);
    ::munmap(allocation.mapping, allocation.mapped + kPage);
}

bool isIn(const void* pointer, Kind kind)
{
    const auto* found = find(pointer);
    return found != nullptr && found->second.kind == kind;
}

void require(const void* pointer, std::size_t bytes, Kind kind, const char* what)
{
    const auto* found = find(pointer);
    if (found == nullptr || found->second.kind != kind ||
        static_cast<const char*>(pointer) + bytes > found->first + found->second.bytes)
        mistake("memory beyond an allocation", what);
}

void requireDeviceMemory(const void* pointer, std::size_t bytes, const char* what)
{
    require(pointer, bytes, Kind::Device, what);
}

} // namespace voorwerp::emulated
