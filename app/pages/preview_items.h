// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// The trainer's reconstructions as the values that the grid of previews draws.

#include "core/wavelength_grid.h"
#include "train/trainer.h"
#include "widgets/reconstruction_grid.h"

#include <optional>
#include <vector>

namespace voorwerp::app {

/// grid: of the training set's recipe; without one (or with another number of pixels) pixel numbers stand for
/// wavelengths.
std::vector<widgets::Reconstruction> previewItems(const train::Preview& preview,
                                                  const std::optional<core::LogGrid>& grid);

/// χ² per pixel with data of one row.
double reducedChi2(const widgets::Reconstruction& item);

} // namespace voorwerp::app
