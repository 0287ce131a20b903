// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// The one owner of what is selected: the filter, the picked spectra and the current object. All pages observe
// it and change it here; pages never talk to each other. GUI thread only.

#include "catalog/target_query.h"
#include "core/ids.h"

#include <QObject>
#include <QString>

#include <memory>
#include <optional>
#include <vector>

namespace voorwerp::app {

/// Ids in ascending order, built once and then immutable, so that views can share them.
using SpectrumIds = std::shared_ptr<const std::vector<core::SpectrumId>>;

/// ids null: holds nothing.
bool contains(const SpectrumIds& ids, core::SpectrumId id);

class Selection : public QObject
{
    Q_OBJECT

public:
    using QObject::QObject;

    /// Expression of catalog/where.h that limits every list; empty: everything.
    const QString& filter() const { return m_filter; }
    /// Clears what is picked: it was picked among what the old filter showed.
    void setFilter(const QString& expression);

    /// Spectra picked by hand (lasso, histogram range, table rows); null or empty: nothing is picked.
    const SpectrumIds& picked() const { return m_picked; }
    bool isPicked(core::SpectrumId id) const { return contains(m_picked, id); }
    const QString& pickedWords() const { return m_pickedWords; }
    /// words: how they were picked, "lasso on the map", "χ² between 3 and 9".
    void setPicked(std::vector<core::SpectrumId> ids, const QString& words);
    void clearPicked();

    /// The spectrum that every spectrum panel shows.
    std::optional<core::SpectrumId> current() const { return m_current; }
    void setCurrent(std::optional<core::SpectrumId> id);

    /// How many spectra match the filter, at first an estimate where they are many, and how many there are; <
    /// 0: not counted yet.
    void setCounts(const catalog::RowCount& matching, std::int64_t total);
    std::int64_t matching() const { return m_matching.value; }
    bool isCountExact() const { return m_matching.exact; }
    std::int64_t total() const { return m_total; }
    /// "12 of 1,600,231 selected (z > 2.1)".
    QString inWords() const;

signals:
    void filterChanged(const QString& expression);
    void pickedChanged();
    void currentChanged(std::optional<voorwerp::core::SpectrumId> id);
    void countsChanged();

private:
    QString m_filter;
    SpectrumIds m_picked;
    QString m_pickedWords;
    std::optional<core::SpectrumId> m_current;
    catalog::RowCount m_matching{-1};
    std::int64_t m_total = -1;
};

} // namespace voorwerp::app
