// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/row_threads.h"

#include <algorithm>
#include <atomic>
#include <exception>
#include <mutex>
#include <thread>
#include <vector>

namespace voorwerp::core {
namespace {

constexpr std::size_t kLeastRowsOfThread = 8; // fewer are done before another thread has started

} // namespace

std::size_t threadCount(int threads)
{
    return threads > 0 ? static_cast<std::size_t>(threads)
                       : std::max(1U, std::thread::hardware_concurrency());
}

void forEachRow(std::size_t count, std::size_t threads, const std::function<void(std::size_t)>& work)
{
    std::atomic<std::size_t> next{0};
    std::mutex mutex;
    std::exception_ptr failure;
    const auto takeRows = [&] {
        try {
            for (std::size_t i = next++; i < count; i = next++)
                work(i);
        } catch (...) {
            const std::scoped_lock lock(mutex);
            failure = std::current_exception();
            next = count;
        }
    };
    {
        std::vector<std::jthread> others;
        for (std::size_t thread = 1; thread < std::min(threads, count / kLeastRowsOfThread); ++thread)
            others.emplace_back(takeRows);
        takeRows();
    }
    if (failure)
        std::rethrow_exception(failure);
}

} // namespace voorwerp::core
