// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/status_line.h"

#include "app/app_context.h"
#include "app/device_list.h"
#include "app/machine_values.h"
#include "app/training_monitor.h"

#include <QLabel>

namespace voorwerp::app {

StatusLine::StatusLine(AppContext& context, QWidget* parent)
    : QStatusBar(parent)
    , m_context(context)
    , m_workspace(new QLabel)
    , m_database(new QLabel)
    , m_selection(new QLabel)
    , m_device(new QLabel)
{
    setSizeGripEnabled(false);
    setContentsMargins(6, 0, 8, 0);
    m_device->setObjectName(QStringLiteral("deviceInWords"));
    m_selection->setObjectName(QStringLiteral("selectionInWords"));
    m_selection->setMinimumWidth(0);
    m_selection->setSizePolicy(QSizePolicy::Ignored, QSizePolicy::Preferred);
    m_workspace->setToolTip(QString::fromStdString(context.request().workspace.string()));
    addWidget(m_workspace);
    addWidget(m_database);
    addWidget(m_selection, 1);
    addPermanentWidget(m_device);
    connect(&context, &AppContext::stateChanged, this, &StatusLine::refresh);
    connect(&context.selection(), &Selection::countsChanged, this, &StatusLine::refresh);
    connect(&context.selection(), &Selection::pickedChanged, this, &StatusLine::refresh);
    connect(&context.monitor(), &TrainingMonitor::changed, this, &StatusLine::refreshDevice);
    connect(&context, &AppContext::showMessage, this,
            [this](const QString& text) { showMessage(text, 6000); });
    refresh();
}

void StatusLine::refresh()
{
    const QString dot = QStringLiteral("·  ");
    const auto folder = m_context.request().workspace;
    m_workspace->setText(tr("workspace %1").arg(QString::fromStdString(folder.filename().string())));
    const auto session = m_context.session();
    switch (m_context.state()) {
    case AppContext::State::Open:
        m_database->setText(dot + QString::fromStdString(session->databaseDescription()));
        break;
    case AppContext::State::Failed:
        m_database->setText(dot + tr("no database"));
        break;
    case AppContext::State::Closed:
    case AppContext::State::Opening:
    case AppContext::State::Lost:
        m_database->setText(dot + tr("connecting…"));
        break;
    }
    m_selection->setText(session ? dot + m_context.selection().inWords() : QString());
    m_selection->setToolTip(m_selection->text());
    refreshDevice();
}

/// Use and warnings while a training runs, whatever page is in front.
void StatusLine::refreshDevice()
{
    const TrainingMonitor& monitor = m_context.monitor();
    const auto& samples = monitor.log().samples();
    QString text = monitor.isRunning() && !samples.empty() ? machineUse(samples.back()) : QString();
    if (text.isEmpty())
        text = deviceInWords();
    QStringList warnings;
    for (const monitor::Warning& warning : monitor.warnings())
        warnings << QString::fromStdString(warning.text + " " + warning.remedy);
    m_device->setText(warnings.isEmpty() ? text : tr("%1, warning: see Train").arg(text));
    m_device->setToolTip(warnings.join(QLatin1Char('\n')));
}

} // namespace voorwerp::app
