// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// The state of a training between two steps, as a file that is complete or absent.
// Format (README.md): "VWCKPT\r\n", version, JSON header, raw tensors, SHA-256 of all that.

#include "nn/model_config.h"
#include "train/divergence_watch.h"
#include "train/train_config.h"
#include "train/trainer.h"

#include <cstddef>
#include <filesystem>
#include <string>
#include <vector>

namespace voorwerp::train {

/// Everything from which a training goes on to the same bits. Noise, order, learning rate and β follow from
/// config.seed and the step numbers.
struct Checkpoint
{
    std::string dataHash;
    std::size_t pixels = 0;
    TrainConfig config;

    std::size_t epoch = 0;     ///< epochs finished
    std::size_t epochStep = 0; ///< steps done in the epoch that is under way: the data cursor
    std::size_t step = 0;      ///< steps done in all
    std::size_t batch = 0;     ///< rows of a step at the start
    std::size_t halvings = 0;  ///< how often that was too much for the device since
    double seconds = 0.0;      ///< spent so far
    nn::Losses epochSums;      ///< sums (not means) over the epoch's steps so far
    double stepSeconds = 0.0;  ///< spent in training steps so far
    double waitSeconds = 0.0;  ///< of these, waiting for data
    DivergenceWatch watch;
    std::size_t spectra = 0; ///< trained on so far, repeats counted

    std::size_t bestEpoch = 0; ///< 1-based; 0: none yet
    std::vector<EpochReport> history;
    std::vector<nn::NamedTensor> parameters, optimiser, best; ///< best is empty before the first epoch's end
};

/// Appears complete or not at all. Throws SystemError.
void writeCheckpoint(const std::filesystem::path& path, const Checkpoint& checkpoint);
/// Throws FormatError when the file is damaged, truncated, not a checkpoint or of a newer version.
Checkpoint readCheckpoint(const std::filesystem::path& path);

/// One line of history.jsonl.
nlohmann::json toJson(const EpochReport& report);

} // namespace voorwerp::train
