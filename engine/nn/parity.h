// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// Does another backend compute what the CPU computes? A few training steps and an evaluation of a small
// model, in milliseconds: run before a GPU is trusted.

#include "nn/backend.h"

#include <functional>
#include <memory>
#include <string>

namespace voorwerp::nn {

using BackendMaker = std::function<std::unique_ptr<Backend>(const ModelConfig& config, std::uint64_t seed)>;

/// Largest relative difference allowed after ten steps in fp32; sums in another order give about 1e-5.
constexpr double kParityTolerance = 2e-3;

/// Empty when the backends agree, else what differs and by how much. Throws what the maker throws.
std::string parityProblem(const BackendMaker& make);

} // namespace voorwerp::nn
