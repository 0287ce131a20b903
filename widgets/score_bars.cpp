// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/score_bars.h"

#include "widgets/theme.h"

#include <QApplication>
#include <QPainter>

#include <algorithm>
#include <cmath>

namespace voorwerp::widgets {

namespace {
constexpr int kBarWidth = 12; ///< at least wished for; wider where the column has room
constexpr int kWidest = 14;
constexpr int kBarGap = 3;
constexpr int kMargin = 6;
} // namespace

void ScoreBars::paint(QPainter* painter, const QStyleOptionViewItem& option, const QModelIndex& index) const
{
    QStyleOptionViewItem cell = option;
    initStyleOption(&cell, index);
    cell.text.clear();
    const QStyle* style = cell.widget ? cell.widget->style() : QApplication::style();
    style->drawControl(QStyle::CE_ItemViewItem, &cell, painter, cell.widget);
    const auto values = index.data(Qt::DisplayRole).value<ScoreBarValues>();
    if (values.fractions.empty())
        return;
    const Theme theme = Theme::of(option.palette);
    const bool selected = option.state.testFlag(QStyle::State_Selected);
    const QColor full = selected ? option.palette.color(QPalette::HighlightedText) : theme.accent;
    const QRect inner = option.rect.adjusted(kMargin, 3, -kMargin, -3);
    const int count = static_cast<int>(values.fractions.size());
    const int pitch = std::max((inner.width() + kBarGap) / count, 3);
    const int width = std::clamp(pitch - kBarGap, 2, kWidest);
    for (int i = 0; i < count; ++i) {
        const double fraction = values.fractions[static_cast<std::size_t>(i)];
        const QRect slot(inner.left() + i * pitch, inner.top(), width, inner.height());
        painter->fillRect(QRect(slot.left(), slot.bottom(), slot.width(), 1), selected ? full : theme.faint);
        if (std::isnan(fraction))
            continue;
        const int height = static_cast<int>(std::lround(std::clamp(fraction, 0.0, 1.0) * slot.height()));
        QColor colour = full;
        if (fraction < 0.95) // only what stands out carries the full colour
            colour.setAlpha(130);
        painter->fillRect(QRect(slot.left(), slot.bottom() - height + 1, slot.width(), height), colour);
    }
}

QSize ScoreBars::sizeHint(const QStyleOptionViewItem& option, const QModelIndex& index) const
{
    const auto values = index.data(Qt::DisplayRole).value<ScoreBarValues>();
    const int count = static_cast<int>(values.fractions.size());
    return {2 * kMargin + count * (kBarWidth + kBarGap), option.fontMetrics.height() + 6};
}

QString ScoreBars::describe(const ScoreBarValues& values)
{
    QStringList words;
    for (std::size_t i = 0; i < values.fractions.size(); ++i) {
        const QString name = values.names.value(static_cast<qsizetype>(i));
        words << (std::isnan(values.fractions[i])
                      ? tr("%1 –").arg(name)
                      : tr("%1 %2 %").arg(name).arg(100.0 * values.fractions[i], 0, 'f', 1));
    }
    return words.join(QStringLiteral(", "));
}

} // namespace voorwerp::widgets
