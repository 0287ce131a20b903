// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/pages/preview_table.h"

#include "widgets/table_setup.h"

#include <QHeaderView>

namespace voorwerp::app {

namespace {
constexpr int kWidest = 220;

/// Its cells are numbers or empty.
bool isNumeric(const QList<QStringList>& rows, int column)
{
    bool numeric = true, known = false;
    for (const QStringList& row : rows) {
        const QString cell = row.value(column);
        if (!cell.isEmpty() && numeric)
            (void)cell.toDouble(&numeric);
        known = known || !cell.isEmpty();
    }
    return numeric && known;
}

} // namespace

PreviewTable::PreviewTable()
{
    widgets::setupTable(this);
    setSelectionMode(QAbstractItemView::NoSelection);
    horizontalHeader()->setStretchLastSection(false);
}

void PreviewTable::setRows(const QStringList& headings, const QList<QStringList>& rows)
{
    setRowCount(static_cast<int>(rows.size()));
    setColumnCount(static_cast<int>(headings.size()));
    setHorizontalHeaderLabels(headings);
    for (int column = 0; column < headings.size(); ++column) {
        const QVariant side = isNumeric(rows, column) ? widgets::numberAlignment() : widgets::textAlignment();
        horizontalHeaderItem(column)->setData(Qt::TextAlignmentRole, side);
        for (int row = 0; row < rows.size(); ++row) {
            auto* item = new QTableWidgetItem(rows[row].value(column));
            item->setData(Qt::TextAlignmentRole, side);
            setItem(row, column, item);
        }
    }
    widgets::fitColumns(this, kWidest);
}

} // namespace voorwerp::app
