// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// The emulated device's memory, and the host's page-locked memory.

#include <cstddef>

namespace voorwerp::emulated {

enum class Kind { Device, Pinned };

/// Null where the device has no room. Full of NaN; what lies behind it cannot be touched.
void* allocate(std::size_t bytes, Kind kind);
/// Null is nothing.
void release(void* pointer, Kind kind);
/// Whether the pointer is in memory of that kind.
bool isIn(const void* pointer, Kind kind);
/// Ends the program unless [pointer, pointer + bytes) lies in one allocation of that kind.
void require(const void* pointer, std::size_t bytes, Kind kind, const char* what);

std::size_t deviceMemory(); ///< as setMemory() has it

} // namespace voorwerp::emulated
