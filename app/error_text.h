// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// What a person reads when something failed: the cause and the remedy. A value that may cross threads.

#include <QMetaType>
#include <QString>

#include <exception>

namespace voorwerp::app {

struct ErrorText
{
    QString message;           ///< which file, row or model, and the cause
    QString remedy;            ///< what to do about it; may be empty
    bool databaseLost = false; ///< the server could not be reached: connecting again may help
    bool inDoubt = false;      ///< the connection was lost while a change was being stored
    bool retryable = false;    ///< the same request may succeed later

    bool isEmpty() const { return message.isEmpty(); }
    /// Cause and remedy as one paragraph.
    QString toString() const;
};

/// Text of the exception that is being handled or was kept; never throws.
ErrorText errorTextOf(const std::exception_ptr& error);

} // namespace voorwerp::app

Q_DECLARE_METATYPE(voorwerp::app::ErrorText)
