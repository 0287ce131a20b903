// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/spectrum_panel.h"

#include "app/app_context.h"
#include "app/catalogue_note.h"
#include "app/spectrum_service.h"
#include "widgets/spectrum_plot.h"
#include "widgets/theme.h"

#include <QLabel>
#include <QLocale>
#include <QVBoxLayout>

#include <cmath>

namespace voorwerp::app {

namespace {

constexpr std::size_t kMostRegions = 5;

void append(QStringList& parts, const QString& name, double value, int decimals)
{
    if (std::isfinite(value))
        parts.append(name + QLatin1Char(' ') + QLocale().toString(value, 'f', decimals));
}

} // namespace

SpectrumPanel::SpectrumPanel(AppContext& context, QWidget* parent)
    : QWidget(parent)
    , m_context(context)
    , m_title(new QLabel)
    , m_plot(new widgets::SpectrumPlot)
    , m_why(new QLabel)
{
    setObjectName(QStringLiteral("spectrumPanel"));
    m_title->setObjectName(QStringLiteral("spectrumTitle"));
    m_title->setTextInteractionFlags(Qt::TextSelectableByMouse);
    m_title->setFont(widgets::tabularFont(font()));
    m_title->setWordWrap(true);
    m_title->setMinimumWidth(0);
    m_title->setContentsMargins(8, 4, 8, 0);
    m_why->setWordWrap(true);
    m_why->setObjectName(QStringLiteral("why"));
    connect(m_why, &QLabel::linkActivated, this, &SpectrumPanel::showRegion);
    m_why->setTextInteractionFlags(Qt::TextBrowserInteraction);
    m_why->setContentsMargins(8, 0, 8, 4);
    m_plot->setEmptyText(tr("Choose a spectrum in the list"));
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins({});
    column->setSpacing(2);
    column->addWidget(m_title);
    column->addWidget(new CatalogueNote(context));
    column->addWidget(m_plot, 1);
    column->addWidget(m_why);
    SpectrumService& service = context.spectra();
    connect(&service, &SpectrumService::shownChanged, this, &SpectrumPanel::refresh);
    connect(&service, &SpectrumService::failed, this, &SpectrumPanel::showError);
    connect(&service, &SpectrumService::optionsChanged, this,
            [this] { m_plot->setOptions(m_context.spectra().options()); });
    connect(m_plot, &widgets::SpectrumPlot::optionsChanged, &service, &SpectrumService::setOptions);
    m_plot->setOptions(service.options());
    refresh();
}

void SpectrumPanel::showEvent(QShowEvent* event)
{
    QWidget::showEvent(event);
    refresh();
}

void SpectrumPanel::refresh()
{
    if (!isVisible() && m_plot->spectrum())
        return; // drawn when the page comes to the front
    const auto& shown = m_context.spectra().shown();
    m_plot->setSpectrum(shown ? shown->plot : nullptr);
    m_title->setText(titleHtml());
    QString why;
    if (shown && !shown->kind.isEmpty())
        why =
            QStringLiteral("<b>%1</b> — %2").arg(shown->kind.toHtmlEscaped(), shown->reason.toHtmlEscaped());
    else if (shown && shown->explained)
        why = tr("No model: %1").arg(shown->reason.toHtmlEscaped());
    if (shown && shown->plot)
        why += regionsHtml(shown->plot->regions);
    m_why->setText(why);
    m_why->setVisible(!why.isEmpty());
}

void SpectrumPanel::setNote(const QString& note)
{
    m_note = note;
    m_title->setText(titleHtml());
}

QString SpectrumPanel::regionsHtml(const std::vector<widgets::MarkedRegion>& regions) const
{
    QStringList links;
    for (std::size_t i = 0; i < std::min(regions.size(), kMostRegions); ++i)
        links.append(QStringLiteral("<a href='%1'>%2</a>").arg(i).arg(regions[i].text.toHtmlEscaped()));
    return links.isEmpty() ? QString()
                           : QStringLiteral("<br>") + links.join(QStringLiteral("&nbsp; · &nbsp;"));
}

void SpectrumPanel::showRegion(const QString& link)
{
    const auto& spectrum = m_plot->spectrum();
    const auto index = link.toUInt();
    if (spectrum && index < spectrum->regions.size())
        m_plot->zoomTo(spectrum->regions[index]);
}

QString SpectrumPanel::titleHtml() const
{
    const auto& shown = m_context.spectra().shown();
    if (!shown)
        return {};
    const core::TargetInfo& info = shown->info;
    QStringList parts;
    parts.append(QStringLiteral("<b>%1</b>").arg(info.key.targetId.value));
    if (info.redshift) {
        append(parts, QStringLiteral("z"), info.redshift->z, 4);
        if (!info.redshift->spectype.empty())
            parts.append(QString::fromStdString(info.redshift->spectype).toHtmlEscaped());
        if (info.redshift->zwarn != 0)
            parts.append(QStringLiteral("ZWARN %1").arg(info.redshift->zwarn));
    }
    append(parts, tr("S/N"), info.snr, 1);
    if (!m_note.isEmpty())
        parts.append(m_note.toHtmlEscaped());
    append(parts, tr("RA"), info.targetRa, 5);
    append(parts, tr("Dec"), info.targetDec, 5);
    const QString where = QString::fromStdString(info.key.survey + " " + info.key.program).trimmed();
    if (!where.isEmpty())
        parts.append(where.toHtmlEscaped());
    if (!info.problem.empty())
        parts.append(QString::fromStdString(info.problem).toHtmlEscaped());
    for (QString& part : parts) // lines break between parts only
        part.replace(QLatin1Char(' '), QStringLiteral("&nbsp;"));
    return parts.join(QStringLiteral("&nbsp;&nbsp; "));
}

void SpectrumPanel::showError(const ErrorText& error)
{
    m_why->setText(error.toString().toHtmlEscaped());
    m_why->show();
}

} // namespace voorwerp::app
