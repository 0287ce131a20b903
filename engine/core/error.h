// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// The errors of the engine, one type per remedy. A message names the file, row or model and the cause;
// the remedy is a sentence that says what to do. Throw what ends an operation; return std::optional for
// the expected. Text is English; app/ may translate by type.

#include <stdexcept>
#include <string>
#include <utility>

namespace voorwerp::core {

/// Base of all errors that a person may read.
class Error : public std::runtime_error
{
public:
    explicit Error(const std::string& message, std::string remedy = {})
        : std::runtime_error(message)
        , m_remedy(std::move(remedy))
    {
    }
    /// What to do about it; empty where there is nothing better than reading the message.
    const std::string& remedy() const noexcept { return m_remedy; }

private:
    std::string m_remedy;
};

/// The request is wrong (unknown name, bad expression, unknown configuration key): change it. CLI exit
/// code 2.
class UserError : public Error
{
public:
    using Error::Error;
};

/// A file or its content is not what it should be. What was good is kept. CLI exit code 3.
class FormatError : public Error
{
public:
    using Error::Error;
};

/// The operating system refused (disk full, permission, missing program). CLI exit code 1.
class SystemError : public Error
{
public:
    using Error::Error;
};

/// PostgreSQL could not be reached or refused. CLI exit code 5 when the connection is lost, else 1.
class DatabaseError : public Error
{
public:
    enum class Kind {
        Unreachable, ///< no connection, or it was lost before commit: a retry can help
        Conflict,    ///< serialisation failure or deadlock: a retry can help
        InDoubt,     ///< lost during commit: the outcome is unknown, never retried blindly
        Refused,     ///< constraint, permission, syntax: a retry cannot help
    };
    DatabaseError(Kind kind, const std::string& message, std::string remedy = {})
        : Error(message, std::move(remedy))
        , m_kind(kind)
    {
    }
    Kind kind() const noexcept { return m_kind; }
    bool retryable() const noexcept { return m_kind == Kind::Unreachable || m_kind == Kind::Conflict; }

private:
    Kind m_kind;
};

/// The person stopped it; it can be resumed. CLI exit code 4.
class Cancelled : public Error
{
public:
    Cancelled()
        : Error("stopped on request", "Start it again to go on from where it stopped.")
    {
    }
};

} // namespace voorwerp::core
