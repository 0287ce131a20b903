// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/spectrum_commands.h"

#include <QCoreApplication>
#include <QKeyEvent>

#include <algorithm>

namespace voorwerp::widgets {

namespace {
QString tr(const char* text)
{
    return QCoreApplication::translate("SpectrumCommands", text);
}
} // namespace

const std::vector<SpectrumCommandText>& spectrumCommands()
{
    using C = SpectrumCommand;
    static const std::vector<SpectrumCommandText> list{
        {C::MoreSmoothing, tr("Smooth more"), Qt::Key_S, tr("More smoothing, weighted by inverse variance")},
        {C::LessSmoothing, tr("Smooth less"), Qt::Key_D, tr("Less smoothing")},
        {C::NoSmoothing, tr("No smoothing"), Qt::Key_F, tr("The pixels as they were observed")},
        {C::NextLines, tr("Spectral lines: major, all or none"), Qt::Key_L,
         tr("Lines at the redshift: major, all, none")},
        {C::RestFrame, tr("Rest frame or observed"), Qt::Key_O,
         tr("Wavelength axis in the rest frame, or as observed")},
        {C::Mask, tr("Masked pixels on or off"), Qt::Key_M,
         tr("Shade masked pixels; point at the shading for the reason")},
        {C::Model, tr("Model on or off"), Qt::Key_T, tr("The model over the flux")},
        {C::WholeRange, tr("Whole wavelength range"), Qt::Key_R,
         tr("Show all wavelengths; so does a double click")},
        {C::HigherZ, tr("Try a higher redshift"), Qt::Key_Right,
         tr("Moves the lines by 0.001, while the plot has the focus"), true},
        {C::LowerZ, tr("Try a lower redshift"), Qt::Key_Left,
         tr("Moves the lines by 0.001, while the plot has the focus"), true},
        {C::SlightlyHigherZ, tr("Try a slightly higher redshift"), Qt::SHIFT | Qt::Key_Right,
         tr("Moves the lines by 0.0001, while the plot has the focus"), true},
        {C::SlightlyLowerZ, tr("Try a slightly lower redshift"), Qt::SHIFT | Qt::Key_Left,
         tr("Moves the lines by 0.0001, while the plot has the focus"), true},
        {C::CatalogueZ, tr("Back to the catalogue's redshift"), Qt::Key_Z,
         tr("Back to the catalogue's redshift")},
    };
    return list;
}

const SpectrumCommandText* spectrumCommandOf(const QKeyEvent& event)
{
    const int pressed = (event.modifiers() & ~Qt::KeypadModifier).toInt() | event.key();
    const auto& list = spectrumCommands();
    const auto found = std::find_if(list.begin(), list.end(), [pressed](const SpectrumCommandText& text) {
        return text.key[0].toCombined() == pressed;
    });
    return found == list.end() ? nullptr : &*found;
}

QString spectrumToolTip(SpectrumCommand command)
{
    const auto& list = spectrumCommands();
    const auto found = std::find_if(list.begin(), list.end(), [command](const SpectrumCommandText& text) {
        return text.command == command;
    });
    return QStringLiteral("%1 (%2)").arg(found->explanation, found->key.toString(QKeySequence::NativeText));
}

} // namespace voorwerp::widgets
