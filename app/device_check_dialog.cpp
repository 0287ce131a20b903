// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/device_check_dialog.h"

#include "app/app_context.h"
#include "widgets/message.h"

#include <QDialogButtonBox>
#include <QHeaderView>
#include <QLabel>
#include <QLocale>
#include <QPointer>
#include <QPushButton>
#include <QTableWidget>
#include <QVBoxLayout>
#include <QtConcurrentRun>

namespace voorwerp::app {

namespace {

constexpr int kWidth = 640;
constexpr int kHeight = 340;

QString nameOf(const nn::BackendAttributes& attributes)
{
    return QString::fromStdString(attributes.device + " (" + attributes.description + ")");
}

QString inWords(nn::Compared what)
{
    switch (what) {
    case nn::Compared::Objective:
        return DeviceCheckDialog::tr("Objective of a training step");
    case nn::Compared::GradientNorm:
        return DeviceCheckDialog::tr("Gradient norm of a training step");
    case nn::Compared::Gradients:
        return DeviceCheckDialog::tr("Gradients of each tensor");
    case nn::Compared::Evaluation:
        return DeviceCheckDialog::tr("Objective of an evaluation");
    case nn::Compared::Latents:
        return DeviceCheckDialog::tr("Latents");
    case nn::Compared::Flux:
        return DeviceCheckDialog::tr("Model flux");
    }
    return {};
}

} // namespace

DeviceCheckDialog::DeviceCheckDialog(AppContext& context, QWidget* parent)
    : QDialog(parent)
    , m_context(context)
    , m_devices(new QLabel)
    , m_table(new QTableWidget(0, 4))
    , m_verdict(new QLabel)
{
    setObjectName(QStringLiteral("deviceCheckDialog"));
    setWindowTitle(tr("Check the device"));
    setAttribute(Qt::WA_DeleteOnClose);
    m_devices->setWordWrap(true);
    m_verdict->setWordWrap(true);
    m_verdict->setObjectName(QStringLiteral("deviceVerdict"));
    m_table->setObjectName(QStringLiteral("deviceDifferences"));
    m_table->setHorizontalHeaderLabels(
        {tr("Compared"), tr("Numbers"), tr("Largest difference"), tr("Allowed")});
    m_table->horizontalHeader()->setSectionResizeMode(0, QHeaderView::Stretch);
    m_table->verticalHeader()->hide();
    m_table->setEditTriggers(QAbstractItemView::NoEditTriggers);
    m_table->setSelectionMode(QAbstractItemView::NoSelection);
    m_table->setToolTip(tr("Relative differences; sums in another order give about a hundredth of what is "
                           "allowed"));
    auto* buttons = new QDialogButtonBox(QDialogButtonBox::Close);
    m_again = buttons->addButton(tr("Check again"), QDialogButtonBox::ActionRole);
    auto* column = new QVBoxLayout(this);
    column->addWidget(m_devices);
    column->addWidget(m_table, 1);
    column->addWidget(m_verdict);
    column->addWidget(buttons);
    resize(kWidth, kHeight);
    connect(buttons, &QDialogButtonBox::rejected, this, &QDialog::reject);
    connect(m_again, &QPushButton::clicked, this, &DeviceCheckDialog::check);
    check();
}

DeviceCheckDialog::~DeviceCheckDialog()
{
    m_stop.request_stop();
}

void DeviceCheckDialog::check()
{
    m_again->setEnabled(false);
    m_table->setRowCount(0);
    m_devices->setText(tr("The same small trainings run on this machine's device and on a plain CPU."));
    widgets::say(m_verdict, tr("Checking…"), false);
    AppContext* const context = &m_context; // outlives the query threads
    (void)QtConcurrent::run(&context->queryPool(),
                            [context, stop = m_stop.get_token(), self = QPointer<DeviceCheckDialog>(this)] {
                                std::shared_ptr<const nn::DeviceCheck> result;
                                ErrorText error;
                                try {
                                    result = std::make_shared<const nn::DeviceCheck>(
                                        nn::checkDevice("auto", 0, nn::Precision::Fp32, stop));
                                } catch (...) {
                                    error = errorTextOf(std::current_exception());
                                }
                                QMetaObject::invokeMethod(
                                    context,
                                    [self, result, error] {
                                        if (self)
                                            self->onChecked(result, error);
                                    },
                                    Qt::QueuedConnection);
                            });
}

void DeviceCheckDialog::onChecked(const std::shared_ptr<const nn::DeviceCheck>& result,
                                  const ErrorText& error)
{
    m_again->setEnabled(true);
    if (result)
        fill(*result);
    else
        widgets::say(m_verdict, error.toString(), true);
}

void DeviceCheckDialog::fill(const nn::DeviceCheck& result)
{
    m_devices->setText(tr("%1 against %2").arg(nameOf(result.tested), nameOf(result.trusted)));
    m_table->setRowCount(static_cast<int>(result.differences.size()));
    const QLocale locale;
    int row = 0;
    for (const nn::Difference& difference : result.differences) {
        const QStringList cells{
            inWords(difference.what), locale.toString(static_cast<qulonglong>(difference.compared)),
            locale.toString(difference.largest, 'e', 1), locale.toString(difference.allowed, 'e', 1)};
        for (int i = 0; i < cells.size(); ++i) {
            auto* item = new QTableWidgetItem(cells[i]);
            item->setTextAlignment((i == 0 ? Qt::AlignLeft : Qt::AlignRight) | Qt::AlignVCenter);
            m_table->setItem(row, i, item);
        }
        ++row;
    }
    m_table->resizeColumnsToContents();
    m_table->horizontalHeader()->setSectionResizeMode(0, QHeaderView::Stretch);
    if (result.isSound())
        widgets::say(m_verdict, tr("The device computes what it should."), false);
    else
        widgets::say(m_verdict,
                     tr("The device does not compute what it should: train and score on the CPU, and look "
                        "for a newer driver."),
                     true);
}

} // namespace voorwerp::app
