// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// The first rows of a file, before it is read or written: numbers to the right, as in all tables.

#include <QList>
#include <QStringList>
#include <QTableWidget>

namespace voorwerp::app {

class PreviewTable : public QTableWidget
{
public:
    PreviewTable();
    /// Cells of a row in the order of the headings. No headings: an empty table.
    void setRows(const QStringList& headings, const QList<QStringList>& rows);
};

} // namespace voorwerp::app
