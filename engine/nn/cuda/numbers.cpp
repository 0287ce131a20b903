// SPDX-License-Identifier: GPL-3.0-or-later
#include "nn/cuda/numbers.h"

#include <cmath>

namespace voorwerp::nn::cuda {

StepNumbers numbersOf(const StepOptions& options)
{
    const double t = static_cast<double>(options.step) + 1.0;
    const double rate = options.learningRate;
    const auto lack = [t](float beta) { return 1.0 - std::pow(static_cast<double>(beta), t); };
    StepNumbers numbers;
    numbers.seed = options.seed;
    numbers.step = options.step;
    numbers.drawn = true;
    numbers.loss = options.loss;
    numbers.order = options.order;
    numbers.augmentation = options.augmentation;
    numbers.adam = {.beta1 = options.adamBeta1,
                    .beta2 = options.adamBeta2,
                    .rate = static_cast<float>(rate / lack(options.adamBeta1)),
                    .secondScale = static_cast<float>(1.0 / std::sqrt(lack(options.adamBeta2))),
                    .epsilon = options.adamEpsilon,
                    .keep = static_cast<float>(1.0 - rate * static_cast<double>(options.weightDecay)),
                    .clip = options.gradientClip};
    return numbers;
}

} // namespace voorwerp::nn::cuda
