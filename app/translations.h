// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// The texts of the program in the person's language.

class QCoreApplication;

namespace voorwerp::app {

/// Loads English, which has the plural forms, whatever the locale is, and the locale's own language above it
/// where it ships.
void installTranslations(QCoreApplication& application);

} // namespace voorwerp::app
