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
    std::string architecture = "mlp";                 ///< architecture: mlp, conv
    std::vector<std::size_t> hidden{256, 64};         ///< hidden: encoder widths
    std::vector<std::size_t> decoder;                 ///< decoder: its widths; empty: hidden mirrored
    std::vector<std::size_t> channels{128, 256, 512}; ///< channels: of conv's blocks (spender's)
    std::vector<std::size_t> kernels{5, 11, 21};      ///< kernels: of conv's blocks, odd
    std::vector<std::size_t> pools{5, 11, 1};         ///< pools: of conv's blocks
    std::size_t latent = 10;                          ///< latent: 1 to 512
    std::size_t batch = 64;             ///< batch: rows per step, 1 to 65536; 0: chosen by the trainer
    std::size_t epochs = 30;            ///< epochs: 1 to 100000
    double learningRate = 1e-3;         ///< learning_rate: the peak
    std::string schedule = "one_cycle"; ///< schedule: one_cycle, cosine, constant
    double warmup = 0.1;                ///< warmup: share of all steps in which the rate rises
    double beta = 5e-3;                 ///< beta: weight of the KL term once warmed up
    double betaWarmup =
        0.3; ///< beta_warmup: share of all steps in which β and the order's weights rise from 0
    double freeBits = 0.0;            ///< free_bits: nats per latent dimension without cost
    std::string likelihood = "huber"; ///< likelihood: gaussian, huber, student
    double robustScale = 2.5;         ///< robust_scale: s of huber [σ] or student [dof]
    std::string scatter = "none";     ///< scatter: none, learned
    std::size_t redshiftShift = 0;    ///< redshift_shift: pixels of augmentation; 0 = none
    double noiseShare = 0.0;          ///< noise_share: of the pixels in augmentation
    double noiseLevel = 0.2;          ///< noise_level: of a row's largest flux
    double consistency = 0.0;         ///< consistency: weight of latents that survive augmentation
    double similarity = 0.0;          ///< similarity: weight of like spectra with like latents
    double similaritySlope = 1.0;     ///< similarity_slope
    double weightDecay = 0.01;        ///< weight_decay: decoupled, on weights
    double gradientClip = 1.0;        ///< gradient_clip: largest gradient norm; 0 = no limit
    double inputClip = 20.0;          ///< input_clip: flux shown to the encoder is clipped to ± this
    std::size_t patience = 15; ///< patience: epochs without a better validation loss; 0 = never stop early
    std::uint64_t seed = 1;    ///< seed: of parameters, noise and order
    std::string precision = "fp32"; ///< precision: fp32, tf32, bf16
    std::size_t threads = 0;        ///< threads: CPU threads; 0 = all this process may use

    bool operator==(const TrainConfig&) const = default;

    /// Defaults overlaid with the object's members, checked. Throws UserError naming the key (and the nearest
    /// known one) on unknown keys, wrong types and values out of range.
    static TrainConfig fromJson(const nlohmann::json& object);
    nlohmann::json toJson() const;
    /// Takes over the object's members and leaves the other settings. Throws as fromJson().
    void overlay(const nlohmann::json& object);
    /// One "key=value", value in JSON or a bare word; lists also as 512,128, empty lists as nothing. Whether
    /// it goes with the other settings is for validate(). Throws UserError.
    void apply(std::string_view keyValue);
    /// Throws UserError on the first value out of range, or that does not go with another.
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
