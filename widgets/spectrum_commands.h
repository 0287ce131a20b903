// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// What can be done to a spectrum plot by key, button or menu: one list, so that key sheet, tooltips and the
// plot itself agree.

#include <QKeySequence>
#include <QString>

#include <vector>

class QKeyEvent;

namespace voorwerp::widgets {

enum class SpectrumCommand {
    MoreSmoothing,
    LessSmoothing,
    NoSmoothing,
    NextLines,
    RestFrame,
    Mask,
    Model,
    WholeRange,
    HigherZ,
    LowerZ,
    SlightlyHigherZ,
    SlightlyLowerZ,
    CatalogueZ
};

struct SpectrumCommandText
{
    SpectrumCommand command;
    QString name; ///< as in a menu
    QKeySequence key;
    QString explanation;
    /// The key moves in lists and fields too: it is the plot's only while the plot has the focus.
    bool needsFocus = false;
};

/// In the order of a menu.
const std::vector<SpectrumCommandText>& spectrumCommands();
/// The command of exactly this key, modifiers included; nullptr: none.
const SpectrumCommandText* spectrumCommandOf(const QKeyEvent& event);
/// "Explanation (key)".
QString spectrumToolTip(SpectrumCommand command);

} // namespace voorwerp::widgets
