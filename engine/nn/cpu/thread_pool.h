// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// Threads that work through numbered tasks together with the caller. Which thread takes a task is left to
// chance, so each task must write its own part of the output; then results do not depend on the thread count.

#include <atomic>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <functional>
#include <mutex>
#include <stop_token>
#include <thread>
#include <vector>

namespace voorwerp::nn {

class ThreadPool
{
public:
    /// threads: workers, the caller included; 0 = as many CPUs as this process may use.
    explicit ThreadPool(int threads);
    ~ThreadPool();
    ThreadPool(const ThreadPool&) = delete;
    ThreadPool& operator=(const ThreadPool&) = delete;
    int threads() const { return static_cast<int>(m_workers.size()) + 1; }

    /// Calls task(0) … task(count − 1) and returns when all are done. Rethrows the first exception of a task;
    /// throws Stopped between two tasks when a stop was requested.
    void run(std::size_t count, const std::function<void(std::size_t)>& task);
    /// The same, for work that must not be left half done: a stop request does not end it.
    void runWhole(std::size_t count, const std::function<void(std::size_t)>& task);
    /// Between two calls of run() only.
    void setStop(const std::stop_token& stop) { m_stopRequest = stop; }

private:
    void work();
    void takeTasks();

    std::stop_token m_stopRequest;
    std::vector<std::thread> m_workers;
    std::mutex m_mutex;
    std::condition_variable m_wake;
    std::condition_variable m_idle;
    std::uint64_t m_round = 0; ///< guarded by m_mutex, as all below but the counter
    bool m_stop = false;
    std::size_t m_busy = 0;
    std::size_t m_count = 0;
    const std::function<void(std::size_t)>* m_task = nullptr;
    std::exception_ptr m_failure;
    std::atomic<std::size_t> m_next{0};
};

} // namespace voorwerp::nn
