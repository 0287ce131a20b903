// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/exit_code.h"

#include "core/error.h"
#include "nn/error.h"

#include <filesystem>

namespace voorwerp::cli {

namespace {

ExitCode codeOf(const core::DatabaseError& error)
{
    return error.kind() == core::DatabaseError::Kind::Unreachable ? ExitCode::DatabaseUnreachable
                                                                  : ExitCode::Failed;
}

} // namespace

Failure describe(const std::exception_ptr& exception)
{
    try {
        std::rethrow_exception(exception);
    } catch (const core::UserError& error) {
        return {error.what(), error.remedy(), ExitCode::WrongUsage};
    } catch (const core::FormatError& error) {
        return {error.what(), error.remedy(), ExitCode::BadData};
    } catch (const core::Cancelled& error) {
        return {error.what(), error.remedy(), ExitCode::Interrupted};
    } catch (const core::DatabaseError& error) {
        return {error.what(), error.remedy(), codeOf(error)};
    } catch (const core::Error& error) {
        return {error.what(), error.remedy(), ExitCode::Failed};
    } catch (const nn::ConfigError& error) {
        return {error.what(), "Change the training settings or the device.", ExitCode::WrongUsage};
    } catch (const std::filesystem::filesystem_error& error) {
        return {error.path1().string() + ": " + error.code().message(),
                "Check the permissions of that folder, or choose another one.", ExitCode::Failed};
    } catch (const std::bad_alloc&) {
        return {"out of memory", "Close other programs, or use a smaller batch.", ExitCode::Failed};
    } catch (const std::exception& error) {
        return {error.what(), {}, ExitCode::Failed};
    } catch (...) {
        return {"unknown error", {}, ExitCode::Failed};
    }
}

} // namespace voorwerp::cli
