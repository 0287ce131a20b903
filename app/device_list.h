// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// The devices a model can compute on, as the user chooses them.

#include <QString>
#include <QStringList>

namespace voorwerp::app {

/// Values for --device: "auto", "cpu", and "cuda:N" where this machine has GPUs.
QStringList deviceChoices();
/// What "auto" takes, for the status line: "GPU" or "CPU".
QString deviceInWords();

} // namespace voorwerp::app
