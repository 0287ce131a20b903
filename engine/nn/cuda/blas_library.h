// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// cuBLASLt, opened at run time: the program starts and runs on the CPU where the library is not installed,
// and its hundreds of megabytes are only loaded when a GPU is used.

namespace voorwerp::nn::cuda {

/// A function of cuBLASLt. Throws ConfigError when the library cannot be opened or has no such function.
/// Opened once, never closed. Tests define this themselves.
void* blasFunction(const char* name);

} // namespace voorwerp::nn::cuda
