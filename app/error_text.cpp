// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/error_text.h"

#include "core/error.h"

#include <QCoreApplication>

namespace voorwerp::app {

QString ErrorText::toString() const
{
    return remedy.isEmpty() ? message : message + QStringLiteral(" — ") + remedy;
}

ErrorText errorTextOf(const std::exception_ptr& error)
{
    ErrorText text;
    try {
        std::rethrow_exception(error);
    } catch (const core::DatabaseError& e) {
        text.message = QString::fromUtf8(e.what());
        text.remedy = QString::fromStdString(e.remedy());
        text.databaseLost = e.kind() == core::DatabaseError::Kind::Unreachable;
        text.inDoubt = e.kind() == core::DatabaseError::Kind::InDoubt;
        text.retryable = e.retryable();
    } catch (const core::Error& e) {
        text.message = QString::fromUtf8(e.what());
        text.remedy = QString::fromStdString(e.remedy());
    } catch (const std::bad_alloc&) {
        text.message = QCoreApplication::translate("ErrorText", "There is not enough memory.");
        text.remedy =
            QCoreApplication::translate("ErrorText", "Close other programs or use a smaller selection.");
    } catch (const std::exception& e) {
        text.message = QString::fromUtf8(e.what());
    } catch (...) {
        text.message = QCoreApplication::translate("ErrorText", "An unknown error happened.");
    }
    return text;
}

} // namespace voorwerp::app
