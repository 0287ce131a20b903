// SPDX-License-Identifier: GPL-3.0-or-later
#include "train/batch_reader.h"

#include "core/error.h"

#include <algorithm>

namespace voorwerp::train {

void RowBuffer::read(const TrainingData& data, RowForm form, std::span<const std::size_t> rows,
                     const std::stop_token& stop)
{
    m_rows = rows.size();
    m_pixels = data.pixels();
    const bool compact = form == RowForm::Compact;
    const std::size_t values = m_rows * m_pixels;
    m_flux.resize(compact ? 0 : values);
    m_weight.resize(m_flux.size());
    m_compactFlux.resize(compact ? values : 0);
    m_compactWeight.resize(m_compactFlux.size());
    for (std::size_t first = 0; first < rows.size(); first += kRowsAtOnce) {
        if (stop.stop_requested())
            throw core::Cancelled();
        const std::size_t begin = first * m_pixels;
        const auto part = rows.subspan(first, std::min(kRowsAtOnce, rows.size() - first));
        if (compact)
            data.readCompact(part, m_compactFlux.data() + begin, m_compactWeight.data() + begin);
        else
            data.read(part, m_flux.data() + begin, m_weight.data() + begin);
    }
}

BatchReader::BatchReader(const TrainingData& data, RowForm form, std::vector<std::size_t> rows,
                         std::vector<std::size_t> begins)
    : m_data(data)
    , m_form(form)
    , m_rows(std::move(rows))
    , m_begins(std::move(begins))
    , m_thread([this](const std::stop_token& stop) { readAll(stop); })
{
}

BatchReader::~BatchReader() = default;

void BatchReader::readAll(const std::stop_token& stop)
{
    try {
        for (std::size_t i = 0; i + 1 < m_begins.size(); ++i) {
            {
                // The batch in use is m_taken - 1: its slot is free once the next one is taken.
                std::unique_lock lock(m_mutex);
                if (!m_changed.wait(lock, stop, [&] { return i <= m_taken; }))
                    return;
            }
            m_slots[i % 2].read(m_data, m_form,
                                std::span(m_rows).subspan(m_begins[i], m_begins[i + 1] - m_begins[i]), stop);
            const std::lock_guard lock(m_mutex);
            m_read = i + 1;
            m_changed.notify_all();
        }
    } catch (...) {
        const std::lock_guard lock(m_mutex);
        m_error = std::current_exception();
        m_changed.notify_all();
    }
}

const RowBuffer& BatchReader::next(const std::stop_token& stop)
{
    std::unique_lock lock(m_mutex);
    const std::size_t wanted = m_taken;
    if (stop.stop_requested()) // also where the batch is there: a GPU's steps do not look
        throw core::Cancelled();
    if (!m_changed.wait(lock, stop, [&] { return m_read > wanted || m_error != nullptr; }))
        throw core::Cancelled();
    if (m_read <= wanted)
        std::rethrow_exception(m_error);
    m_taken = wanted + 1;
    m_changed.notify_all();
    return m_slots[wanted % 2];
}

} // namespace voorwerp::train
