// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/pages/import_report.h"

#include "widgets/table_setup.h"

#include <QJsonArray>
#include <QJsonObject>
#include <QStandardItemModel>
#include <QTableView>
#include <QVBoxLayout>

namespace voorwerp::app {

ImportReport::ImportReport(const QJsonArray& problems, QWidget* parent)
    : QDialog(parent)
{
    setObjectName(QStringLiteral("importReport"));
    setWindowTitle(tr("Not imported"));
    setAttribute(Qt::WA_DeleteOnClose);
    auto* model = new QStandardItemModel(this);
    model->setHorizontalHeaderLabels({tr("File, HDU or row"), tr("Reason")});
    for (const QJsonValue problem : problems) {
        const QJsonObject object = problem.toObject();
        QList<QStandardItem*> row{new QStandardItem(object.value(QStringLiteral("where")).toString()),
                                  new QStandardItem(object.value(QStringLiteral("reason")).toString())};
        for (QStandardItem* item : std::as_const(row)) {
            item->setEditable(false);
            item->setToolTip(item->text());
        }
        model->appendRow(row);
    }
    auto* table = new QTableView;
    table->setModel(model);
    widgets::setupTable(table);
    widgets::fitColumns(table, 460);
    auto* column = new QVBoxLayout(this);
    column->addWidget(table);
    resize(900, 400);
}

} // namespace voorwerp::app
