// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// The settings of a training, as `train --config FILE` and `train --set KEY=VALUE` give them.

#include "nn/backend.h"

#include <nlohmann/json_fwd.hpp>

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace voorwerp::train {

/// A value. The JSON keys are the names in the comments; README.md explains each.
struct TrainConfig
{
    std::string architecture = "mlp";         ///< architecture: mlp
    std::vector<std::size_t> hidden{256, 64}; ///< hidden: encoder widths, the decoder mirrors them
    std::size_t latent = 10;                  ///< latent: 1 to 512
    std::size_t batch = 64;                   ///< batch: rows per step, 1 to 65536
    std::size_t epochs = 30;                  ///< epochs: 1 to 100000
    double learningRate = 1e-3;               ///< learning_rate: the peak
    std::string schedule = "one_cycle";       ///< schedule: one_cycle, cosine, constant
    double warmup = 0.1;                      ///< warmup: share of all steps in which the rate rises
    double beta = 5e-3;                       ///< beta: weight of the KL term once warmed up
    double betaWarmup = 0.3;                  ///< beta_warmup: share of all steps in which β rises from 0
    double freeBits = 0.0;                    ///< free_bits: nats per latent dimension without cost
    std::string likelihood = "huber";         ///< likelihood: gaussian, huber, student
    double robustScale = 2.5;                 ///< robust_scale: s of huber [σ] or student [dof]
    double weightDecay = 0.01;                ///< weight_decay: decoupled, on weights
    double gradientClip = 1.0;                ///< gradient_clip: largest gradient norm; 0 = no limit
    double inputClip = 20.0;                  ///< input_clip: flux shown to the encoder is clipped to ± this
    std::size_t patience = 15; ///< patience: epochs without a better validation loss; 0 = never stop early
    std::uint64_t seed = 1;    ///< seed: of parameters, noise and order
    std::string precision = "fp32"; ///< precision: fp32
    std::size_t threads = 0;        ///< threads: CPU threads; 0 = all this process may use

    bool operator==(const TrainConfig&) const = default;

    /// Defaults overlaid with the object's members, checked. Throws UserError naming the key (and the nearest
    /// known one) on unknown keys, wrong types and values out of range.
    static TrainConfig fromJson(const nlohmann::json& object);
    nlohmann::json toJson() const;
    /// Takes over the object's members and leaves the other settings. Throws as fromJson().
    void overlay(const nlohmann::json& object);
    /// One "key=value", value in JSON or a bare word; hidden also as 512,128. Throws UserError.
    void apply(std::string_view keyValue);
    /// Throws UserError on the first value out of range.
    void validate() const;

    nn::ModelConfig modelConfig(std::size_t pixels) const;
};

/// One key for completion, help and pages.
struct TrainKey
{
    std::string name;
    std::string help; ///< one sentence with range
};
const std::vector<TrainKey>& trainKeys();

} // namespace voorwerp::train
