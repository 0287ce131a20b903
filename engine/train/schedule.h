// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// What the learning rate, β and the order of rows are at a step: pure functions of settings and step, so that
// a resumed training needs no state for them.

#include "train/train_config.h"

#include <cstddef>
#include <cstdint>
#include <vector>

namespace voorwerp::train {

/// Learning rate of step (0-based) of steps. one_cycle: cosine rise from rate/25 over the warm-up, cosine
/// fall to rate/10000 (Smith & Topin 2017, arXiv:1708.07120); cosine: linear rise, cosine fall to 0;
/// constant: linear rise, then the rate.
double learningRateAt(const TrainConfig& config, std::size_t step, std::size_t steps);

/// Share of β and of the weights of consistency and similarity at the step: a straight line from 0 over β's
/// warm-up, then 1.
double warmShareAt(const TrainConfig& config, std::size_t step, std::size_t steps);
/// β of the step.
double betaAt(const TrainConfig& config, std::size_t step, std::size_t steps);

/// Finished epochs after which the learning rate and β have both reached their heights: patience counts from
/// here.
std::size_t warmupEpochs(const TrainConfig& config, std::size_t epochSteps);

/// The rows in the order of an epoch: Fisher & Yates' shuffle with Philox numbers of (seed, epoch).
std::vector<std::size_t> shuffledRows(std::vector<std::size_t> rows, std::uint64_t seed, std::size_t epoch);

} // namespace voorwerp::train
