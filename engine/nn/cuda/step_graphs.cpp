// SPDX-License-Identifier: GPL-3.0-or-later
#include "nn/cuda/step_graphs.h"

namespace voorwerp::nn::cuda {

namespace {

constexpr std::size_t kMostShapes = 16;

/// A graph as it is captured.
struct Template
{
    cudaGraph_t graph = nullptr;
    Template() = default;
    ~Template()
    {
        if (graph != nullptr)
            cudaGraphDestroy(graph);
    }
    Template(const Template&) = delete;
    Template& operator=(const Template&) = delete;
};

} // namespace

Graph::~Graph()
{
    if (m_graph != nullptr)
        cudaGraphExecDestroy(m_graph);
}

Graph Graph::captured(const Stream& stream, const std::function<void()>& work)
{
    Template capture;
    check(cudaStreamBeginCapture(stream, cudaStreamCaptureModeThreadLocal), "cudaStreamBeginCapture");
    try {
        work();
    } catch (...) {
        cudaStreamEndCapture(stream, &capture.graph); // the stream must not stay in capture,
        cudaGetLastError();                           // nor the next launch report its error
        throw;
    }
    check(cudaStreamEndCapture(stream, &capture.graph), "cudaStreamEndCapture");
    Graph made;
    check(cudaGraphInstantiate(&made.m_graph, capture.graph, 0), "cudaGraphInstantiate");
    return made;
}

void Graph::launch(const Stream& stream) const
{
    check(cudaGraphLaunch(m_graph, stream), "cudaGraphLaunch");
}

void StepGraphs::run(const StepShape& shape, const Stream& stream, const std::function<void()>& work)
{
    const auto known = m_graphs.find(shape);
    if (known != m_graphs.end())
        return known->second.launch(stream);
    if (m_seen.insert(shape).second)
        return work();
    if (m_graphs.size() >= kMostShapes)
        m_graphs.clear();
    m_graphs.emplace(shape, Graph::captured(stream, work)).first->second.launch(stream);
}

void StepGraphs::clear()
{
    m_graphs.clear();
    m_seen.clear();
}

} // namespace voorwerp::nn::cuda
