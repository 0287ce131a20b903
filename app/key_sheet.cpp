// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/key_sheet.h"

#include <QAction>
#include <QHBoxLayout>
#include <QLabel>
#include <QScrollArea>

#include <algorithm>

namespace voorwerp::app {

namespace {

constexpr int kColumns = 3;

QString groupAsHtml(const KeySheet::Group& group)
{
    QString rows;
    for (const QAction* action : group.actions) {
        if (action->shortcut().isEmpty())
            continue;
        QString name = action->text();
        name.remove(QLatin1Char('&'));
        rows += QStringLiteral("<tr><td align='right'><b>%1</b>&nbsp;&nbsp;</td><td>%2</td></tr>")
                    .arg(action->shortcut().toString(QKeySequence::NativeText).toHtmlEscaped(),
                         name.toHtmlEscaped());
    }
    return rows.isEmpty()
               ? QString()
               : QStringLiteral("<h3>%1</h3><table>%2</table>").arg(group.title.toHtmlEscaped(), rows);
}

} // namespace

KeySheet::KeySheet(const QList<Group>& groups, QWidget* parent)
    : QDialog(parent)
{
    setObjectName(QStringLiteral("keySheet"));
    setWindowTitle(tr("Keys"));
    setAttribute(Qt::WA_DeleteOnClose);
    QStringList columns;
    columns.resize(kColumns);
    for (const Group& group : groups) {
        const auto shortest =
            std::min_element(columns.begin(), columns.end(),
                             [](const QString& a, const QString& b) { return a.size() < b.size(); });
        *shortest += groupAsHtml(group);
    }
    auto* sheet = new QWidget;
    auto* row = new QHBoxLayout(sheet);
    row->setSpacing(24);
    for (const QString& html : columns) {
        auto* label = new QLabel(html);
        label->setTextFormat(Qt::RichText);
        label->setAlignment(Qt::AlignTop);
        row->addWidget(label);
    }
    auto* scroll = new QScrollArea;
    scroll->setFrameShape(QFrame::NoFrame);
    scroll->setWidget(sheet);
    scroll->setWidgetResizable(true);
    auto* layout = new QHBoxLayout(this);
    layout->addWidget(scroll);
    resize(sheet->sizeHint().boundedTo(QSize(1200, 760)) + QSize(40, 40));
}

} // namespace voorwerp::app
