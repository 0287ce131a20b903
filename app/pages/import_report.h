// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// What an import did not take, and why: one line a file or row.

#include <QDialog>

class QJsonArray;

namespace voorwerp::app {

class ImportReport : public QDialog
{
    Q_OBJECT

public:
    /// problems: objects with "where" and "reason".
    ImportReport(const QJsonArray& problems, QWidget* parent);
};

} // namespace voorwerp::app
