// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// Reads the batches of an epoch one ahead, in a thread of its own, so that a step does not wait for its data.
//
// Thread rule: one caller. The data must not be read by others while a BatchReader lives.

#include "nn/backend.h"
#include "nn/compact_rows.h"
#include "train/training_data.h"

#include <condition_variable>
#include <cstddef>
#include <exception>
#include <functional>
#include <mutex>
#include <optional>
#include <stop_token>
#include <thread>
#include <vector>

namespace voorwerp::train {

constexpr std::size_t kRowsAtOnce = 256; ///< read between two looks at a stop request

/// In which form rows are read.
enum class RowForm {
    Float,   ///< nn::Batch
    Compact, ///< nn::CompactRows; the data must have them
};

/// Rows that are read, and what they hold: flux and weight row-major (rows, pixels).
class RowBuffer
{
public:
    /// Throws what data.read() throws, and Cancelled when a stop was requested. Compact: where the data are.
    void read(const TrainingData& data, RowForm form, std::span<const std::size_t> rows,
              const std::stop_token& stop);
    std::size_t size() const { return m_rows; }
    /// What was read as floats.
    nn::Batch batch() const { return {m_rows, m_flux.data(), m_weight.data()}; }
    /// What was read in compact form.
    nn::CompactRows compactRows() const
    {
        return {m_rows, m_pixels, m_compactFlux.data(), m_compactWeight.data()};
    }

private:
    std::size_t m_rows = 0, m_pixels = 0;
    std::vector<float> m_flux, m_weight;
    std::vector<std::uint16_t> m_compactFlux;
    std::vector<std::uint8_t> m_compactWeight;
};

class BatchReader
{
public:
    /// rows: of all batches, in order; begins[i] and begins[i + 1] bound batch i.
    BatchReader(const TrainingData& data, RowForm form, std::vector<std::size_t> rows,
                std::vector<std::size_t> begins);
    ~BatchReader();
    BatchReader(const BatchReader&) = delete;
    BatchReader& operator=(const BatchReader&) = delete;

    /// The next batch, valid until the next call; waits where it is not read yet. Throws Cancelled when a
    /// stop was requested meanwhile, and what the reading threw.
    const RowBuffer& next(const std::stop_token& stop);

private:
    void readAll(const std::stop_token& stop);

    const TrainingData& m_data;
    const RowForm m_form;
    const std::vector<std::size_t> m_rows, m_begins;
    RowBuffer m_slots[2];
    std::mutex m_mutex; ///< guards what follows
    std::condition_variable_any m_changed;
    std::size_t m_read = 0;  ///< batches that have been read
    std::size_t m_taken = 0; ///< batches that next() has given out: the last of them is in use
    std::exception_ptr m_error;
    std::jthread m_thread; ///< the last member: it is stopped before the others go
};

} // namespace voorwerp::train
