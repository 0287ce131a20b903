// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// What a window has to say, on a label of its own.

class QLabel;
class QString;

namespace voorwerp::widgets {

/// Shows the text in ink, or in the colour of warnings.
void say(QLabel* label, const QString& text, bool warning);

} // namespace voorwerp::widgets
