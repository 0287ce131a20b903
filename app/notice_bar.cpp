// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/notice_bar.h"

#include <QHBoxLayout>
#include <QLabel>
#include <QPushButton>
#include <QVBoxLayout>

namespace voorwerp::app {

NoticeBar::NoticeBar(QWidget* parent)
    : QFrame(parent)
    , m_layout(new QVBoxLayout(this))
{
    setObjectName(QStringLiteral("noticeBar"));
    setAutoFillBackground(true);
    setBackgroundRole(QPalette::ToolTipBase);
    setForegroundRole(QPalette::ToolTipText);
    m_layout->setContentsMargins(12, 6, 12, 6);
    hide();
}

void NoticeBar::show(const QString& purpose, const QString& text, const std::vector<Choice>& choices)
{
    clear(purpose);
    auto* row = new QWidget;
    auto* layout = new QHBoxLayout(row);
    layout->setContentsMargins({});
    auto* label = new QLabel(text);
    label->setWordWrap(true);
    label->setTextInteractionFlags(Qt::TextSelectableByMouse);
    label->setForegroundRole(QPalette::ToolTipText);
    layout->addWidget(label, 1);
    for (const Choice& choice : choices) {
        auto* button = new QPushButton(choice.text);
        button->setObjectName(purpose + QLatin1Char('/') + choice.text);
        layout->addWidget(button);
        connect(button, &QPushButton::clicked, this, [this, purpose, chosen = choice.chosen] {
            clear(purpose);
            if (chosen)
                chosen();
        });
    }
    m_layout->addWidget(row);
    m_rows.insert(purpose, row);
    setVisible(true);
}

void NoticeBar::clear(const QString& purpose)
{
    if (QWidget* row = m_rows.take(purpose)) {
        m_layout->removeWidget(row);
        row->hide();
        row->deleteLater();
    }
    setVisible(!m_rows.isEmpty());
}

} // namespace voorwerp::app
