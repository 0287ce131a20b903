// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// `?`: every action that has a key, by menu.

#include <QDialog>
#include <QList>

class QAction;

namespace voorwerp::app {

class KeySheet : public QDialog
{
    Q_OBJECT

public:
    struct Group
    {
        QString title;
        QList<QAction*> actions; ///< those without a shortcut are left out
    };
    KeySheet(const QList<Group>& groups, QWidget* parent);
};

} // namespace voorwerp::app
