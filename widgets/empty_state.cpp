// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/empty_state.h"

#include "widgets/theme.h"

#include <QLabel>
#include <QPushButton>
#include <QVBoxLayout>

#include <algorithm>

namespace voorwerp::widgets {

EmptyState::EmptyState(const QString& title, const QString& text, const QString& buttonText, QWidget* parent)
    : QWidget(parent)
    , m_title(new QLabel(this))
    , m_text(new QLabel(this))
    , m_button(new QPushButton(this))
{
    auto* layout = new QVBoxLayout(this);
    layout->setSpacing(10);
    layout->addStretch(2);
    for (QLabel* label : {m_title, m_text}) {
        label->setAlignment(Qt::AlignCenter);
        label->setWordWrap(true);
        label->setFixedWidth(46 * fontMetrics().averageCharWidth() + 60);
        layout->addWidget(label, 0, Qt::AlignHCenter);
    }
    layout->addWidget(m_button, 0, Qt::AlignHCenter);
    layout->addStretch(3);
    QFont large = font();
    large.setPointSizeF(large.pointSizeF() * 1.25);
    m_title->setFont(large);
    m_button->setDefault(true);
    connect(m_button, &QPushButton::clicked, this, &EmptyState::triggered);
    setTexts(title, text, buttonText);
}

void EmptyState::setTexts(const QString& title, const QString& text, const QString& buttonText)
{
    m_title->setText(title);
    m_text->setText(text);
    m_text->setVisible(!text.isEmpty());
    for (QLabel* label : {m_title, m_text}) // a centred label is not asked for its height at its width
        label->setMinimumHeight(std::max(0, label->heightForWidth(label->width())));
    m_button->setText(buttonText);
    m_button->setVisible(!buttonText.isEmpty());
    QPalette hint = palette();
    hint.setColor(QPalette::WindowText, Theme::of(this).faint);
    m_text->setPalette(hint);
}

} // namespace voorwerp::widgets
