// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/table_setup.h"

#include "widgets/theme.h"

#include <QHeaderView>
#include <QLocale>
#include <QTableView>

#include <algorithm>
#include <cmath>

namespace voorwerp::widgets {

namespace {
constexpr int kRowsMeasured = 200;
constexpr int kCellRoom = 16;
} // namespace

void setupTable(QTableView* view)
{
    view->setFont(tabularFont(view->font()));
    view->setSelectionBehavior(QAbstractItemView::SelectRows);
    view->setEditTriggers(QAbstractItemView::NoEditTriggers);
    view->setShowGrid(false);
    view->setWordWrap(false);
    view->setAlternatingRowColors(false);
    view->setCornerButtonEnabled(false);
    view->setFrameShape(QFrame::NoFrame);
    view->setVerticalScrollMode(QAbstractItemView::ScrollPerPixel);
    view->setHorizontalScrollMode(QAbstractItemView::ScrollPerPixel);
    view->setTabKeyNavigation(false);
    view->verticalHeader()->hide();
    view->verticalHeader()->setSectionResizeMode(QHeaderView::Fixed);
    view->verticalHeader()->setDefaultSectionSize(view->fontMetrics().height() + 6);
    view->horizontalHeader()->setDefaultAlignment(Qt::AlignLeft | Qt::AlignVCenter);
    view->horizontalHeader()->setHighlightSections(false);
    view->horizontalHeader()->setStretchLastSection(true);
    view->horizontalHeader()->setSectionsMovable(true);
}

void fitColumns(QTableView* view, int maximumWidth)
{
    const QAbstractItemModel* model = view->model();
    if (model == nullptr)
        return;
    const QFontMetrics metrics = view->fontMetrics();
    const int rows = std::min(kRowsMeasured, model->rowCount());
    for (int column = 0; column + 1 < model->columnCount(); ++column) {
        int width = view->horizontalHeader()->sectionSizeHint(column);
        for (int row = 0; row < rows; ++row) {
            const QModelIndex index = model->index(row, column);
            const QString text = index.data().toString();
            const int wanted = text.isEmpty() ? view->sizeHintForIndex(index).width()
                                              : metrics.horizontalAdvance(text) + kCellRoom;
            width = std::max(width, wanted);
        }
        view->setColumnWidth(column, std::min(width, maximumWidth));
    }
}

QVariant numberAlignment()
{
    return QVariant::fromValue(Qt::Alignment(Qt::AlignRight | Qt::AlignVCenter));
}
QVariant textAlignment()
{
    return QVariant::fromValue(Qt::Alignment(Qt::AlignLeft | Qt::AlignVCenter));
}

QString headerText(const QString& name, const QString& unit)
{
    return unit.isEmpty() ? name : QStringLiteral("%1 [%2]").arg(name, unit);
}

QString numberText(double value, int decimals)
{
    return std::isfinite(value) ? QLocale().toString(value, 'f', decimals) : QStringLiteral("–");
}

QString probabilityText(double value)
{
    if (!std::isfinite(value))
        return QStringLiteral("–");
    return value != 0.0 && value < 1e-3 ? QString::number(value, 'e', 1) : QLocale().toString(value, 'f', 3);
}

} // namespace voorwerp::widgets
