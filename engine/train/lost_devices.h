// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// A training that outlives its device.

#include "train/trainer.h"

#include <functional>
#include <memory>

namespace voorwerp::train {

constexpr int kDevicesLost = 3; ///< that a training outlives

/// train() on a backend that makeBackend gives. When the device is taken away, by a reset or another program,
/// another one is made and the training goes on from its checkpoint, or anew where there is none yet.
/// backend: what is trained last. Throws as train(), nn::DeviceLost after kDevicesLost times only, and
/// SystemError when there is no other device.
TrainResult trainThroughLostDevices(const TrainConfig& config, const TrainingData& data,
                                    const std::function<std::unique_ptr<nn::Backend>()>& makeBackend,
                                    std::unique_ptr<nn::Backend>& backend, TrainOptions options,
                                    core::JobContext& context);

} // namespace voorwerp::train
