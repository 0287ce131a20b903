// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// A training set file as the trainer's data.

#include "train/training_data.h"

namespace voorwerp::dataset {
class TrainingSet;
}

namespace voorwerp::train {

/// Rows of a dataset::TrainingSet: its train and validation splits. Keeps a reference, so the set must
/// outlive it.
class DatasetSource : public TrainingData
{
public:
    explicit DatasetSource(const dataset::TrainingSet& set);
    std::size_t pixels() const override;
    const std::vector<std::size_t>& trainRows() const override { return m_trainRows; }
    const std::vector<std::size_t>& validationRows() const override { return m_validationRows; }
    std::string hash() const override;
    void read(std::span<const std::size_t> rows, float* flux, float* weight) const override;
    bool hasCompact() const override;
    void readCompact(std::span<const std::size_t> rows, std::uint16_t* flux,
                     std::uint8_t* weight) const override;

private:
    const dataset::TrainingSet& m_set;
    std::vector<std::size_t> m_trainRows;
    std::vector<std::size_t> m_validationRows;
};

} // namespace voorwerp::train
