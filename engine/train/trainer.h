// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// The training loop: schedule, validation, early stopping, checkpoints, reports.

#include "core/job_context.h"
#include "nn/backend.h"
#include "train/train_config.h"
#include "train/training_data.h"

#include <cstddef>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

namespace voorwerp::train {

/// Fixed validation rows and what the model makes of them now, for a live view.
struct Preview
{
    std::vector<std::size_t> rows; ///< row numbers of the training data
    std::size_t pixels = 0;
    std::vector<float> flux, weight, model; ///< each (rows, pixels), row-major
};

/// One finished epoch. Losses are per spectrum; objectives use the final β so that epochs can be compared.
struct EpochReport
{
    std::size_t epoch = 0;                                            ///< 1-based
    std::size_t epochs = 0;                                           ///< planned
    double trainLoss = 0.0, trainReconstruction = 0.0, trainKl = 0.0; ///< the loss without the next two
    double trainConsistency = 0.0, trainSimilarity = 0.0;             ///< without their weights
    std::size_t batch = 0;                                            ///< rows of a step at its end
    double validationLoss = 0.0, validationReconstruction = 0.0, validationKl = 0.0;
    double learningRate = 0.0; ///< of the last step
    double beta = 0.0;         ///< of the last step
    double gradientNorm = 0.0; ///< mean, before clipping
    double spectraPerSecond = 0.0;
    double dataWait = 0.0; ///< share of the steps' time so far that they waited for data
    double seconds = 0.0;  ///< training time so far, resumed parts included
    std::string device;    ///< what computes: "cpu (Eigen, AVX2, 2 threads)"
    bool best = false;     ///< lowest validation loss so far of the epochs that count (README.md)
};

/// What a training gives. parameters are those of the best epoch.
struct TrainResult
{
    nn::ModelConfig modelConfig;
    std::vector<nn::NamedTensor> parameters;
    std::vector<EpochReport> history;
    std::size_t bestEpoch = 0; ///< 1-based
    bool stoppedEarly = false; ///< patience ran out before the planned epochs
    double seconds = 0.0;
    double spectraPerSecond = 0.0; ///< of the training steps, mean
};

struct TrainOptions
{
    /// Where "checkpoint" and "history.jsonl" are kept; empty: neither is written.
    std::filesystem::path folder;
    /// true: go on from the folder's checkpoint; UserError when there is none. false: an old one is replaced.
    bool resume = false;
    double checkpointSeconds = 30.0; ///< at most this much work is lost to a kill
    std::size_t previewRows = 6;     ///< reconstructions per epoch; 0 = none
    /// Called on the training thread after each epoch; may be empty.
    std::function<void(const EpochReport&, const Preview&)> onEpoch;
    /// Called on the training thread after each step with the steps done so far; may be empty.
    std::function<void(std::size_t stepsDone, std::size_t stepsTotal)> onStep;
};

/// The first `rows` validation rows (training rows where there are none), spread evenly, as the backend's
/// model sees them.
Preview previewOf(const TrainingData& data, nn::Backend& backend, std::size_t rows);

/// Trains the backend's model; the backend must have been made with config.modelConfig(data.pixels()) and
/// ends with the best epoch's parameters. Parameters are initialised from config.seed and the data's mean
/// spectrum, or taken from the checkpoint.
/// Rows that are too many for the device's memory are halved, step by step, and the training goes on.
/// Throws UserError (no rows; nothing to resume; the checkpoint is of other data or settings), FormatError
/// (damaged checkpoint), SystemError (divergence, disk, device), nn::DeviceLost (the training can go on from
/// its checkpoint with another backend), Cancelled (a checkpoint was written).
TrainResult train(const TrainConfig& config, const TrainingData& data, nn::Backend& backend,
                  const TrainOptions& options, core::JobContext& context);

} // namespace voorwerp::train
