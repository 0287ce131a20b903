// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// A training set becomes a model version: trained, given its latent density, stored with hash and lineage.

#include "core/ids.h"
#include "core/job_context.h"
#include "monitor/sample_log.h"
#include "train/train_config.h"
#include "train/trainer.h"

#include <functional>
#include <optional>
#include <string>

namespace voorwerp::pipeline {

class Session;

struct TrainRequest
{
    std::string dataset;
    std::string model; ///< the new version goes under this name
    train::TrainConfig config;
    std::string device = "auto"; ///< auto, cpu, cuda, cuda:N
    bool resume = false;         ///< go on from the checkpoint of an interrupted training of this model
};

struct TrainReport
{
    core::ModelVersionId id;
    std::string model;
    int version = 0;
    std::string sha256;
    std::string device;
    int epochs = 0;
    int bestEpoch = 0;         ///< 1-based: the one that was kept
    bool stoppedEarly = false; ///< patience ran out before the planned epochs
    double trainLoss = 0.0;
    double validationLoss = 0.0;
    double spectraPerSecond = 0.0;
    double seconds = 0.0;
};

/// The settings of the interrupted training of a model, from its checkpoint: what a resumed one goes on with.
/// Throws UserError when there is none, FormatError when it is damaged.
train::TrainConfig interruptedConfig(const Session& session, const std::string& model);

/// Who watches a training. Called on the job's thread; each may be empty.
struct TrainObserver
{
    /// After each epoch, with reconstructions of fixed validation spectra.
    std::function<void(const train::EpochReport&, const train::Preview&)> onEpoch = {};
    /// Before the first step (nothing done, nothing planned yet), after each step, and with nullopt when
    /// there are no more, however the training ended.
    std::function<void(const std::optional<monitor::TrainingStep>&)> onStep = {};
};

/// The first version of a model, and the first model of a workspace, gets the alias "champion".
/// Throws UserError, FormatError (dataset hash differs), SystemError, Cancelled (a checkpoint is kept).
TrainReport trainModel(const Session& session, const TrainRequest& request, const TrainObserver& observer,
                       core::JobContext& context);

} // namespace voorwerp::pipeline
