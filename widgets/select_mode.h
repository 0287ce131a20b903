// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// How a pick in a view changes what was selected before.

#include <QtGlobal>
#include <qnamespace.h>

namespace voorwerp::widgets {

enum class SelectMode {
    Replace, ///< no key held
    Add,     ///< Shift
    Remove,  ///< Alt
};

inline SelectMode selectModeOf(Qt::KeyboardModifiers modifiers)
{
    if (modifiers & Qt::AltModifier)
        return SelectMode::Remove;
    return (modifiers & Qt::ShiftModifier) ? SelectMode::Add : SelectMode::Replace;
}

} // namespace voorwerp::widgets
