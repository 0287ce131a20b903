// SPDX-License-Identifier: GPL-3.0-or-later
#include "nn/cpu/thread_pool.h"

#include "nn/error.h"

#include <algorithm>
#ifdef __linux__
#include <sched.h>
#endif

namespace voorwerp::nn {

namespace {
int usableCpus()
{
#ifdef __linux__
    cpu_set_t set;
    if (sched_getaffinity(0, sizeof set, &set) == 0)
        return std::max(1, CPU_COUNT(&set));
#endif
    return std::max(1, static_cast<int>(std::thread::hardware_concurrency()));
}
} // namespace

ThreadPool::ThreadPool(int threads)
{
    const int wanted = threads > 0 ? threads : usableCpus();
    for (int i = 1; i < wanted; ++i)
        m_workers.emplace_back([this] { work(); });
}

ThreadPool::~ThreadPool()
{
    {
        const std::lock_guard lock(m_mutex);
        m_stop = true;
    }
    m_wake.notify_all();
    for (std::thread& worker : m_workers)
        worker.join();
}

void ThreadPool::run(std::size_t count, const std::function<void(std::size_t)>& task)
{
    runWhole(count, [&](std::size_t index) {
        if (m_stopRequest.stop_requested())
            throw Stopped();
        task(index);
    });
}

void ThreadPool::runWhole(std::size_t count, const std::function<void(std::size_t)>& task)
{
    if (m_workers.empty() || count == 1) {
        for (std::size_t i = 0; i < count; ++i)
            task(i);
        return;
    }
    {
        const std::lock_guard lock(m_mutex);
        m_task = &task;
        m_count = count;
        m_next = 0;
        m_busy = m_workers.size();
        m_failure = nullptr;
        ++m_round;
    }
    m_wake.notify_all();
    takeTasks();
    std::unique_lock lock(m_mutex);
    m_idle.wait(lock, [this] { return m_busy == 0; });
    if (m_failure)
        std::rethrow_exception(m_failure);
}

void ThreadPool::work()
{
    std::uint64_t seen = 0;
    std::unique_lock lock(m_mutex);
    while (true) {
        m_wake.wait(lock, [&] { return m_stop || m_round != seen; });
        if (m_stop)
            return;
        seen = m_round;
        lock.unlock();
        takeTasks();
        lock.lock();
        if (--m_busy == 0)
            m_idle.notify_one();
    }
}

void ThreadPool::takeTasks()
{
    try {
        for (std::size_t i = m_next++; i < m_count; i = m_next++)
            (*m_task)(i);
    } catch (...) {
        const std::lock_guard lock(m_mutex);
        if (!m_failure)
            m_failure = std::current_exception();
    }
}

} // namespace voorwerp::nn
