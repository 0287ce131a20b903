// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// Sees a training that diverges before its numbers overflow: a look at the mean loss and gradient norm of a
// few steps is strange when it lies far above the course of the looks before (z-score by exponentially
// weighted mean and variance), and several strange looks in succession are a divergence. One that comes back
// is none.

#include "nn/backend.h"

#include <nlohmann/json_fwd.hpp>

#include <cstddef>
#include <optional>
#include <string>

namespace voorwerp::train {

/// A value; part of a checkpoint, so that a resumed training sees what it would have seen.
class DivergenceWatch
{
public:
    /// Losses of some steps; nothing is decided yet.
    void add(const nn::Losses& losses);
    /// Looks at what was added since the last look. What left its course, in words, when it is a divergence.
    std::optional<std::string> look();
    /// The last look was strange: not a state to keep.
    bool isSuspicious() const { return m_loss.strange > 0 || m_gradient.strange > 0; }

    nlohmann::json toJson() const;
    static DivergenceWatch fromJson(const nlohmann::json& object);

private:
    struct Course
    {
        double mean = 0.0, variance = 0.0;
        std::size_t looks = 0;   ///< that were taken into mean and variance
        std::size_t strange = 0; ///< in succession, the last look included; they are not taken in

        /// value beyond the factor and the z-score that are allowed. True when there were too many.
        bool diverges(double value, double leastExcess);
    };

    double m_lossSum = 0.0, m_gradientSum = 0.0; ///< since the last look
    std::size_t m_steps = 0;
    Course m_loss;     ///< of the objective
    Course m_gradient; ///< of the logarithm of its norm
};

} // namespace voorwerp::train
