// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// Means, ratios and equivalent widths in bands of a rest-frame row: the measurements that the rules for kinds
// are made of.

#include "core/wavelength_grid.h"
#include "score/component_scores.h"

namespace voorwerp::score {

struct Measured
{
    double value = 0.0;
    double error = 0.0;
    bool valid = false; ///< at least half of the band has data
    double sigma() const { return error > 0.0 ? value / error : 0.0; }
};

/// Band limits are rest-frame Å. Keeps references: the row and the grid must outlive it.
class RestBands
{
public:
    RestBands(const ModelledRow& row, const core::LogGrid& grid)
        : m_row(row)
        , m_grid(grid)
    {
    }
    /// Inverse-variance weighted mean of the flux.
    Measured mean(double first, double last) const;
    /// Σ m·w·y / Σ m·w·m of flux against model, minus 1: relative excess over the model.
    Measured excess(double first, double last) const;
    /// Relative flux in [first, last] over the power law through two side bands, minus 1: negative in
    /// absorption.
    Measured contrast(double first, double last, double leftFirst, double leftLast, double rightFirst,
                      double rightLast) const;
    /// Equivalent width [Å, rest] of emission within ±halfWidth of a line, over the power law through side
    /// bands.
    Measured equivalentWidth(double first, double last, double leftFirst, double leftLast, double rightFirst,
                             double rightLast) const;
    /// Slope d ln f / d ln λ between two bands.
    Measured slope(double firstA, double lastA, double firstB, double lastB) const;

private:
    struct Range
    {
        std::size_t first = 0, end = 0;
    };
    Range rangeOf(double first, double last) const;

    const ModelledRow& m_row;
    const core::LogGrid& m_grid;
};

} // namespace voorwerp::score
