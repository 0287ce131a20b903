// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// Component scores of a row as small bars: a delegate for a cell that holds ScoreBarValues.

#include <QMetaType>
#include <QStringList>
#include <QStyledItemDelegate>

#include <vector>

namespace voorwerp::widgets {

/// Each fraction in [0, 1] (a percentile); NaN = not computed. Names are for the tooltip, same order.
struct ScoreBarValues
{
    std::vector<double> fractions;
    QStringList names;
};

class ScoreBars : public QStyledItemDelegate
{
    Q_OBJECT
public:
    using QStyledItemDelegate::QStyledItemDelegate;
    /// Qt::DisplayRole holds a QVariant of ScoreBarValues.
    void paint(QPainter* painter, const QStyleOptionViewItem& option,
               const QModelIndex& index) const override;
    QSize sizeHint(const QStyleOptionViewItem& option, const QModelIndex& index) const override;
    /// "chi² 98 %, density 71 %": what the tooltip and screen readers say.
    static QString describe(const ScoreBarValues& values);
};

} // namespace voorwerp::widgets

Q_DECLARE_METATYPE(voorwerp::widgets::ScoreBarValues)
