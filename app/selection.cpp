// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/selection.h"

#include "app/row_count_text.h"

#include <algorithm>

namespace voorwerp::app {

bool contains(const SpectrumIds& ids, core::SpectrumId id)
{
    return ids && std::binary_search(ids->begin(), ids->end(), id);
}

void Selection::setFilter(const QString& expression)
{
    const QString trimmed = expression.trimmed();
    if (trimmed == m_filter)
        return;
    m_filter = trimmed;
    m_matching = {-1};
    clearPicked(); // it was made among what another filter showed
    emit filterChanged(m_filter);
    emit countsChanged();
}

void Selection::setPicked(std::vector<core::SpectrumId> ids, const QString& words)
{
    if (ids.empty()) {
        clearPicked();
        return;
    }
    std::sort(ids.begin(), ids.end());
    ids.erase(std::unique(ids.begin(), ids.end()), ids.end());
    m_picked = std::make_shared<const std::vector<core::SpectrumId>>(std::move(ids));
    m_pickedWords = words;
    emit pickedChanged();
}

void Selection::clearPicked()
{
    if (!m_picked)
        return;
    m_picked.reset();
    m_pickedWords.clear();
    emit pickedChanged();
}

void Selection::setCurrent(std::optional<core::SpectrumId> id)
{
    if (id == m_current)
        return;
    m_current = id;
    emit currentChanged(m_current);
}

void Selection::setCounts(const catalog::RowCount& matching, std::int64_t total)
{
    m_matching = matching;
    m_total = total;
    emit countsChanged();
}

QString Selection::inWords() const
{
    const auto number = [](std::int64_t n) { return rowCountText({n}); };
    if (m_picked)
        return tr("%1 of %2 selected (%3)")
            .arg(number(static_cast<std::int64_t>(m_picked->size())), number(m_total),
                 m_filter.isEmpty() ? m_pickedWords : m_pickedWords + QStringLiteral(", ") + m_filter);
    if (m_filter.isEmpty())
        return tr("%1 spectra").arg(number(m_total));
    return tr("%1 of %2 selected (%3)").arg(rowCountText(m_matching), number(m_total), m_filter);
}

} // namespace voorwerp::app
