// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// SIGTERM, SIGINT and SIGHUP as a Qt signal. A second one of the same kind ends the process at once. One
// object a process.

#include <QObject>

namespace voorwerp::app {

class QuitSignals : public QObject
{
    Q_OBJECT

public:
    explicit QuitSignals(QObject* parent = nullptr);
    ~QuitSignals() override;

signals:
    void quitRequested();

private:
    int m_readEnd = -1;
};

} // namespace voorwerp::app
