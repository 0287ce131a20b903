// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// The last line of the window: workspace · database · selected n of N (filter) · device.

#include <QStatusBar>

class QLabel;

namespace voorwerp::app {

class AppContext;

class StatusLine : public QStatusBar
{
    Q_OBJECT

public:
    explicit StatusLine(AppContext& context, QWidget* parent = nullptr);

private:
    void refresh();
    void refreshDevice();

    AppContext& m_context;
    QLabel* m_workspace;
    QLabel* m_database;
    QLabel* m_selection;
    QLabel* m_device;
};

} // namespace voorwerp::app
