// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// What a command works with: the global options, the open session, the job context, and the two channels of
// output.

#include "app/cli/exit_code.h"
#include "app/cli/progress_printer.h"
#include "app/pipeline/session.h"
#include "core/job_context.h"
#include "core/workspace.h"

#include <nlohmann/json.hpp>

#include <filesystem>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>

namespace voorwerp::cli {

using Json = nlohmann::ordered_json;

struct GlobalOptions
{
    std::filesystem::path workspace; ///< empty: the user's data folder
    std::string databaseUri;         ///< empty: the private cluster
    std::string production;          ///< schema of a specprod-db server to browse; empty: our own catalogue
    bool json = false;
    bool quiet = false;
};

/// What a command ended with.
struct Outcome
{
    Json result = Json::object(); ///< the last line of --json
    ExitCode code = ExitCode::Done;
};

/// Lives as long as the command. One thread.
class Runtime
{
public:
    Runtime(GlobalOptions options, std::stop_token stop);

    const GlobalOptions& options() const { return m_options; }
    core::Workspace workspace() const;
    /// Opened at first use: commands that need no database do not start a server.
    const pipeline::Session& session();
    /// Throws UserError with --specprod: what the command needs is in the schema voorwerp.
    const catalog::Database& database() { return session().database(); }
    /// Where spectra are listed: the production of --specprod, or database().
    const catalog::Database& catalogue();
    core::JobContext& context() { return m_context; }
    std::stop_token stopToken() const { return m_stop; }

    /// What was asked for (a list, a number), on standard output; with --json the result object has it
    /// instead.
    void print(std::string_view text);
    /// A sentence about what was done, on standard output; not with --quiet or --json.
    void say(std::string_view sentence);
    /// A line on standard error that matters even when nobody watches: what was bad in the input.
    void warn(std::string_view line);
    /// A line about how it goes, on standard error; not with --quiet.
    void note(std::string_view line);
    /// Ends the progress display.
    void clearProgress() { m_printer.clear(); }

private:
    GlobalOptions m_options;
    std::stop_token m_stop;
    ProgressPrinter m_printer;
    core::JobContext m_context;
    std::shared_ptr<pipeline::Session> m_session;
    std::optional<catalog::Database> m_production;
};

} // namespace voorwerp::cli
