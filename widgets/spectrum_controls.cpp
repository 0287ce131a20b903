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
    m_less = addButton(QStringLiteral("−"), tr("Less smoothing (D)"));
    m_smoothing = addButton({}, tr("Gaussian smoothing weighted by inverse variance; click for none"));
    m_more = addButton(QStringLiteral("+"), tr("More smoothing (S)"));
    m_lines = addButton({}, tr("Lines at the redshift: major, all, none (L)"));
    m_rest = addButton(tr("rest frame"), tr("Wavelength axis in the rest frame (O)"));
    m_mask = addButton(tr("mask"), tr("Shade masked pixels; point at the shading for the reason (M)"));
    m_model = addButton(tr("model"), tr("The model over the flux (T)"));
    m_zReset = addButton(tr("reset z"), tr("Back to the catalogue's redshift (Z)"));
    auto* whole = addButton(tr("whole range"), tr("Show all wavelengths (R, double click)"));
    layout->addStretch(1);
    for (QToolButton* button : {m_rest, m_mask, m_model})
        button->setCheckable(true);

    const auto change = [this](QToolButton* button, auto edit) {
        connect(button, &QToolButton::clicked, this, [this, edit] {
            SpectrumPlotOptions options = m_options;
            edit(options);
            Q_EMIT optionsChosen(options);
        });
    };
    change(m_less, [](auto& o) { o.smoothingPixels = nextSmoothing(o.smoothingPixels, -1); });
    change(m_more, [](auto& o) { o.smoothingPixels = nextSmoothing(o.smoothingPixels, 1); });
    change(m_smoothing, [](auto& o) { o.smoothingPixels = 0.0; });
    change(m_lines, [](auto& o) { o.lines = static_cast<LineMode>((static_cast<int>(o.lines) + 1) % 3); });
    change(m_rest, [](auto& o) { o.restFrame = !o.restFrame; });
    change(m_mask, [](auto& o) { o.showMask = !o.showMask; });
    change(m_model, [](auto& o) { o.showModel = !o.showModel; });
    connect(m_zReset, &QToolButton::clicked, this, &SpectrumControls::zResetChosen);
    connect(whole, &QToolButton::clicked, this, &SpectrumControls::rangeResetChosen);
}

QToolButton* SpectrumControls::addButton(const QString& text, const QString& toolTip)
{
    auto* button = new QToolButton(this);
    button->setText(text);
    button->setToolTip(toolTip);
    button->setAutoRaise(true);
    button->setFocusPolicy(Qt::NoFocus);
    layout()->addWidget(button);
    return button;
}

void SpectrumControls::show(const SpectrumPlotOptions& options, bool zKnown, bool zIsTrial)
{
    m_options = options;
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
