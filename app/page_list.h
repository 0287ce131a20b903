// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// The pages of the main window, in the order of the list on the left.

#include <QList>

class QWidget;

namespace voorwerp::app {

class AppContext;
class Page;

QList<Page*> makePages(AppContext& context, QWidget* parent);

} // namespace voorwerp::app
