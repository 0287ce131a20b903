// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/pages/machine_view.h"

#include "app/machine_values.h"
#include "app/training_monitor.h"
#include "widgets/elided_label.h"
#include "widgets/message.h"
#include "widgets/theme.h"
#include "widgets/trend_strip.h"

#include <QDateTime>
#include <QLocale>
#include <QVBoxLayout>

namespace voorwerp::app {

namespace {

QString timeOf(const monitor::Sample& sample)
{
    const auto milliseconds =
        std::chrono::duration_cast<std::chrono::milliseconds>(sample.host.time.time_since_epoch());
    return QLocale().toString(QDateTime::fromMSecsSinceEpoch(milliseconds.count()).time(),
                              QStringLiteral("HH:mm:ss"));
}

} // namespace

MachineView::MachineView(const TrainingMonitor& monitor, QWidget* parent)
    : QWidget(parent)
    , m_monitor(monitor)
    , m_heading(new widgets::ElidedLabel)
    , m_warnings(new QLabel)
    , m_strip(new widgets::TrendStrip)
    , m_details(new widgets::ElidedLabel)
{
    setAutoFillBackground(true);
    setBackgroundRole(QPalette::Base);
    m_heading->setObjectName(QStringLiteral("machineHeading"));
    m_heading->setFont(widgets::tabularFont(font()));
    m_warnings->setObjectName(QStringLiteral("machineWarnings"));
    m_warnings->setWordWrap(true);
    m_warnings->setForegroundRole(QPalette::WindowText); // what widgets::say() colours
    m_warnings->setTextInteractionFlags(Qt::TextSelectableByMouse);
    m_warnings->hide();
    m_strip->setObjectName(QStringLiteral("machineTrends"));
    m_strip->setAccessibleName(tr("What the machine does"));
    m_details->setObjectName(QStringLiteral("machineDetails"));
    m_details->setFont(widgets::smallFont(font()));
    m_details->setForegroundRole(QPalette::PlaceholderText);
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(0, 4, 0, 4);
    column->setSpacing(2);
    for (QWidget* line : {static_cast<QWidget*>(m_heading), static_cast<QWidget*>(m_warnings),
                          static_cast<QWidget*>(m_strip), static_cast<QWidget*>(m_details)})
        column->addWidget(line);
    for (QWidget* line : {static_cast<QWidget*>(m_heading), static_cast<QWidget*>(m_warnings),
                          static_cast<QWidget*>(m_details)})
        line->setContentsMargins(8, 0, 8, 0);
    connect(&monitor, &TrainingMonitor::changed, this, &MachineView::refresh);
    connect(m_strip, &widgets::TrendStrip::chosenChanged, this, &MachineView::refreshWords);
    refresh();
}

void MachineView::refresh()
{
    const auto& samples = m_monitor.log().samples();
    showWarnings();
    if (samples.empty()) {
        hide();
        return;
    }
    m_strip->setTrends(machineTrends(m_monitor.log(), shownGpu(samples.back())));
    refreshWords();
    if (m_monitor.isRunning())
        show();
}

void MachineView::refreshWords()
{
    const auto& samples = m_monitor.log().samples();
    if (samples.empty())
        return;
    const auto gpu = shownGpu(samples.back());
    const auto chosen = m_strip->chosen();
    const monitor::Sample& sample = chosen ? samples[*chosen] : samples.back();
    QString heading = machineHeading(sample, gpu);
    if (chosen)
        heading = tr("%1, at %2").arg(heading, timeOf(sample));
    else if (!m_monitor.isRunning())
        heading = tr("%1, the last of the training").arg(heading);
    m_heading->setLine(heading);
    m_strip->setCaptions(machineCaptions(sample, gpu));
    m_details->setLine(tr("last %1 min · %2")
                           .arg(QLocale().toString(m_strip->secondsShown() / 60.0))
                           .arg(machineDetails(sample, gpu)));
}

void MachineView::showWarnings()
{
    QStringList lines;
    for (const monitor::Warning& warning : m_monitor.warnings())
        lines << tr("Warning: %1 %2")
                     .arg(QString::fromStdString(warning.text), QString::fromStdString(warning.remedy));
    if (lines.isEmpty())
        m_warnings->hide();
    else
        widgets::say(m_warnings, lines.join(QLatin1Char('\n')), true);
}

} // namespace voorwerp::app
