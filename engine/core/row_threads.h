// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// Work on rows by several threads.

#include <cstddef>
#include <functional>

namespace voorwerp::core {

/// threads, or as many as the machine has where that is 0 or less.
std::size_t threadCount(int threads);

/// Calls work(0) … work(count − 1), each once, on so many threads at most, the caller's included. Which
/// thread takes which is left to chance. Rethrows one of the exceptions of work; what was not begun is then
/// left out.
void forEachRow(std::size_t count, std::size_t threads, const std::function<void(std::size_t)>& work);

} // namespace voorwerp::core
