// SPDX-License-Identifier: GPL-3.0-or-later
#include "train/dataset_source.h"

#include "dataset/training_set.h"

namespace voorwerp::train {

DatasetSource::DatasetSource(const dataset::TrainingSet& set)
    : m_set(set)
    , m_trainRows(set.rowsOf(dataset::Split::Train))
    , m_validationRows(set.rowsOf(dataset::Split::Validation))
{
}

std::size_t DatasetSource::pixels() const
{
    return m_set.pixels();
}

std::string DatasetSource::hash() const
{
    return m_set.sha256();
}

void DatasetSource::read(std::span<const std::size_t> rows, float* flux, float* weight) const
{
    m_set.readRows(rows, flux, weight);
}

bool DatasetSource::hasCompact() const
{
    return m_set.storage() == dataset::Storage::Compact;
}

void DatasetSource::readCompact(std::span<const std::size_t> rows, std::uint16_t* flux,
                                std::uint8_t* weight) const
{
    m_set.readCompact(rows, flux, weight);
}

} // namespace voorwerp::train
