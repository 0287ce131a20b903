// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/message.h"

#include "widgets/theme.h"

#include <QLabel>

namespace voorwerp::widgets {

void say(QLabel* label, const QString& text, bool warning)
{
    const Theme theme = Theme::of(label);
    QPalette palette = label->palette();
    palette.setColor(QPalette::WindowText, warning ? theme.warning : theme.ink);
    label->setPalette(palette);
    label->setText(text);
    label->show();
}

} // namespace voorwerp::widgets
