// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// Help ▸ Check the device: runs the same small trainings on what "auto" takes and on a plain CPU, and shows
// how far apart they are. GUI thread only; the computing is done in the background, and stops when this is
// closed.

#include "app/error_text.h"
#include "nn/parity.h"

#include <QDialog>

#include <memory>
#include <stop_token>

class QLabel;
class QPushButton;
class QTableWidget;

namespace voorwerp::app {

class AppContext;

class DeviceCheckDialog : public QDialog
{
    Q_OBJECT

public:
    explicit DeviceCheckDialog(AppContext& context, QWidget* parent = nullptr);
    ~DeviceCheckDialog() override;

private:
    void check();
    void onChecked(const std::shared_ptr<const nn::DeviceCheck>& result, const ErrorText& error);
    void fill(const nn::DeviceCheck& result);

    AppContext& m_context;
    std::stop_source m_stop;
    QLabel* m_devices;
    QTableWidget* m_table;
    QLabel* m_verdict;
    QPushButton* m_again;
};

} // namespace voorwerp::app
