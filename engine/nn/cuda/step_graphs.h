// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// Training steps as CUDA graphs: a step of the same shape again is one launch instead of dozens.

#include "nn/cuda/device.h"
#include "nn/cuda/network.h"

#include <functional>
#include <map>
#include <set>

namespace voorwerp::nn::cuda {

/// An executable graph; empty at first.
class Graph
{
public:
    Graph() = default;
    ~Graph();
    Graph(Graph&& other) noexcept
        : m_graph(std::exchange(other.m_graph, nullptr))
    {
    }
    Graph& operator=(Graph&&) = delete;
    /// What work queues on the stream, none of which is done.
    static Graph captured(const Stream& stream, const std::function<void()>& work);
    void launch(const Stream& stream) const;

private:
    cudaGraphExec_t m_graph = nullptr;
};

class StepGraphs
{
public:
    /// Queues work: as it is the first time that a shape comes (sizes that come once, as at the end of a set,
    /// are not worth more, and libraries load what they need), captured and from then on replayed. The work
    /// must depend on the shape and on addresses alone.
    void run(const StepShape& shape, const Stream& stream, const std::function<void()>& work);
    /// Addresses changed.
    void clear();

private:
    std::map<StepShape, Graph> m_graphs;
    std::set<StepShape> m_seen;
};

} // namespace voorwerp::nn::cuda
