// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// Does a device compute what it should? Training steps, evaluations and reconstructions of small models go
// through two backends at once (CheckBackend).

#include "nn/check_backend.h"

#include <functional>
#include <memory>
#include <stop_token>
#include <string>
#include <vector>

namespace voorwerp::nn {

using BackendMaker = std::function<std::unique_ptr<Backend>(const ModelConfig& config, std::uint64_t seed)>;

/// A few training steps of one small model of the architecture, in milliseconds: run before a GPU is trusted.
/// Empty when the backend agrees with the CPU in fp32, else what differs and by how much. Throws what the
/// maker throws.
std::string parityProblem(const BackendMaker& make, const std::string& architecture = "mlp");

/// What a device was compared with, and how far apart they were.
struct DeviceCheck
{
    BackendAttributes tested, trusted;
    std::vector<Difference> differences;

    bool isSound() const;
};

/// Models of both architectures and several sizes, every likelihood and every term of the loss, in a second
/// or two: a GPU against the CPU, the CPU with all its instructions and threads against the plainest on one
/// in fp32. device, precision: as for makeBackend(); "auto" checks the GPU where there is one. Throws
/// ConfigError, and Stopped soon after a stop request.
DeviceCheck checkDevice(const std::string& device, int threads, Precision precision = Precision::Fp32,
                        const std::stop_token& stop = {});

} // namespace voorwerp::nn
