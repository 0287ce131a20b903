// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// Stands for the pages that need the schema voorwerp while a production of a DESI database is only browsed:
// says why there is nothing, and what to do.

#include "app/page.h"

namespace voorwerp::app {

class BrowseOnlyPage : public Page
{
    Q_OBJECT

public:
    BrowseOnlyPage(AppContext& context, const QString& name, const QString& title, const QIcon& icon,
                   QWidget* parent = nullptr);
};

/// The Survey page, and the others by name.
QList<Page*> makeBrowsingPages(AppContext& context, QWidget* parent);

} // namespace voorwerp::app
