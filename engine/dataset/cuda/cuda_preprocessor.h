// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// The BatchPreprocessor that works on a GPU.

#include "dataset/batch_preprocessor.h"

namespace voorwerp::dataset {

/// Throws nn::ConfigError when the device is not there. threads: as in makeBatchPreprocessor().
std::unique_ptr<BatchPreprocessor> makeCudaPreprocessor(const Recipe& recipe, int device, int threads);

} // namespace voorwerp::dataset
