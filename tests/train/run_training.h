// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// Trainings on the CPU, in a line each.

#include "support/test_support.h"
#include "train/trainer.h"

namespace voorwerp::train::test {

inline std::unique_ptr<nn::Backend> backendFor(const TrainConfig& config, const TrainingData& data,
                                               int threads = 2)
{
    return nn::makeBackend("cpu", config.modelConfig(data.pixels()), 99, threads);
}

inline TrainResult runTraining(const TrainConfig& config, const TrainingData& data,
                               const TrainOptions& options = {}, int threads = 2)
{
    core::JobContext context;
    const auto backend = backendFor(config, data, threads);
    return train::train(config, data, *backend, options, context);
}

inline TrainOptions inFolder(const voorwerp::test::TemporaryFolder& folder, bool resume = false)
{
    TrainOptions options;
    options.folder = folder.path();
    options.resume = resume;
    options.checkpointSeconds = 0.0; // after every step
    return options;
}

} // namespace voorwerp::train::test
