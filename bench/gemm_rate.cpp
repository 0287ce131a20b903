// SPDX-License-Identifier: GPL-3.0-or-later
// A shared library of its own: the rest of the program must not get inline functions compiled for this
// processor.
#include "gemm_rate.h"

#include <Eigen/Core>

#include <atomic>
#include <thread>
#include <vector>

namespace voorwerp::bench {

namespace {

std::size_t multiply()
{
    constexpr auto kSize = static_cast<Eigen::Index>(kGemmSize);
    const Eigen::MatrixXf a = Eigen::MatrixXf::Constant(kSize, kSize, 0.5F);
    const Eigen::MatrixXf b = Eigen::MatrixXf::Constant(kSize, kSize, 2.0F);
    Eigen::MatrixXf c(kSize, kSize);
    for (std::size_t i = 0; i < kGemmProducts; ++i)
        c.noalias() = a * b;
    return static_cast<std::size_t>((c.array() != static_cast<float>(kSize)).count());
}

} // namespace

[[gnu::visibility("default")]] std::size_t multiplyMatrices(int threads)
{
    std::atomic<std::size_t> wrong = 0;
    {
        std::vector<std::jthread> workers;
        for (int i = 0; i < threads; ++i)
            workers.emplace_back([&wrong] { wrong += multiply(); });
    }
    return wrong;
}

} // namespace voorwerp::bench
