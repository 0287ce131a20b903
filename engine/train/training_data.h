// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// Where the trainer's spectra come from: a narrow view of a training set, so that the loop can be tested with
// spectra made in memory.

#include <cassert>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace voorwerp::train {

/// Rows of rest-frame spectra with a fixed split. Read-only; one thread at a time.
class TrainingData
{
public:
    virtual ~TrainingData() = default;
    virtual std::size_t pixels() const = 0;
    virtual const std::vector<std::size_t>& trainRows() const = 0;      ///< row numbers to learn from
    virtual const std::vector<std::size_t>& validationRows() const = 0; ///< row numbers to judge by
    virtual std::string hash() const = 0; ///< identifies the content; a checkpoint of another one is refused
    /// Fills flux and weight, row-major (rows.size(), pixels()): weight is inverse variance, 0 = no data.
    /// Throws FormatError when the file cannot be read.
    virtual void read(std::span<const std::size_t> rows, float* flux, float* weight) const = 0;
    /// Whether the rows are stored as nn::CompactRows; read() gives what these decode to.
    virtual bool hasCompact() const { return false; }
    /// As read(), undecoded; only where hasCompact().
    virtual void readCompact(std::span<const std::size_t> rows, std::uint16_t* flux,
                             std::uint8_t* weight) const
    {
        static_cast<void>(rows), static_cast<void>(flux), static_cast<void>(weight);
        assert(false);
    }
};

} // namespace voorwerp::train
