// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// Our own line icons, drawn from paths: sharp at every scale, in the text colour of the palette.

#include <QIcon>

namespace voorwerp::app {

enum class IconShape { Survey, Train, Explore, Candidates, Models, Care };

QIcon lineIcon(IconShape shape);

} // namespace voorwerp::app
