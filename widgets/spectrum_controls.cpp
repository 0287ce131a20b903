// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/spectrum_controls.h"

#include <QHBoxLayout>
#include <QToolButton>

#include <array>

namespace voorwerp::widgets {

double nextSmoothing(double sigmaPixels, int direction)
{
    constexpr std::array<double, 9> kSteps = {0.0, 1.0, 2.0, 3.0, 5.0, 8.0, 12.0, 18.0, 26.0};
    if (direction > 0) {
        for (const double step : kSteps) {
            if (step > sigmaPixels + 1e-9)
                return step;
        }
        return kSteps.back();
    }
    for (auto step = kSteps.rbegin(); step != kSteps.rend(); ++step) {
        if (*step < sigmaPixels - 1e-9)
            return *step;
    }
    return 0.0;
}

SpectrumControls::SpectrumControls(QWidget* parent)
    : QWidget(parent)
{
    auto* layout = new QHBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(2);
    addButton(QStringLiteral("−"), SpectrumCommand::LessSmoothing);
    m_smoothing = addButton({}, SpectrumCommand::NoSmoothing);
    addButton(QStringLiteral("+"), SpectrumCommand::MoreSmoothing);
    m_lines = addButton({}, SpectrumCommand::NextLines);
    m_rest = addButton(tr("rest frame"), SpectrumCommand::RestFrame);
    m_mask = addButton(tr("mask"), SpectrumCommand::Mask);
    m_model = addButton(tr("model"), SpectrumCommand::Model);
    m_zReset = addButton(tr("reset z"), SpectrumCommand::CatalogueZ);
    addButton(tr("whole range"), SpectrumCommand::WholeRange);
    layout->addStretch(1);
    for (QToolButton* button : {m_rest, m_mask, m_model})
        button->setCheckable(true);
}

QToolButton* SpectrumControls::addButton(const QString& text, SpectrumCommand command)
{
    auto* button = new QToolButton(this);
    button->setText(text);
    button->setToolTip(spectrumToolTip(command));
    button->setAutoRaise(true);
    button->setFocusPolicy(Qt::NoFocus);
    layout()->addWidget(button);
    connect(button, &QToolButton::clicked, this, [this, command] { Q_EMIT chosen(command); });
    return button;
}

void SpectrumControls::show(const SpectrumPlotOptions& options, bool zKnown, bool zIsTrial)
{
    m_smoothing->setText(options.smoothingPixels > 0.0 ? tr("smooth %1 px").arg(options.smoothingPixels)
                                                       : tr("not smoothed"));
    m_lines->setText(options.lines == LineMode::None    ? tr("lines: none")
                     : options.lines == LineMode::Major ? tr("lines: major")
                                                        : tr("lines: all"));
    m_lines->setEnabled(zKnown);
    m_rest->setEnabled(zKnown);
    m_rest->setChecked(options.restFrame);
    m_mask->setChecked(options.showMask);
    m_model->setChecked(options.showModel);
    m_zReset->setVisible(zIsTrial);
}

} // namespace voorwerp::widgets
