// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/runtime.h"

#include "catalog/specprod_browse.h"

#include <cstdio>
#include <unistd.h>

namespace voorwerp::cli {

namespace {

void write(std::FILE* stream, std::string_view text)
{
    std::fwrite(text.data(), 1, text.size(), stream);
    if (!text.ends_with('\n'))
        std::fputc('\n', stream);
    std::fflush(stream);
}

} // namespace

Runtime::Runtime(GlobalOptions options, std::stop_token stop)
    : m_options(std::move(options))
    , m_stop(std::move(stop))
    , m_printer(stderr, ::isatty(STDERR_FILENO) == 1)
    , m_context(
          m_stop,
          [this](const core::Progress& progress) {
              if (!m_options.quiet)
                  m_printer.update(progress);
          },
          [this](std::string_view line) { note(line); })
{
}

core::Workspace Runtime::workspace() const
{
    return core::Workspace(m_options.workspace.empty() ? core::Workspace::defaultFolder()
                                                       : m_options.workspace);
}

const pipeline::Session& Runtime::session()
{
    if (!m_options.production.empty())
        throw core::UserError("with --specprod a server's production is only browsed: this command needs the "
                              "schema voorwerp, which is not there",
                              "Leave out --specprod, or use catalog list or catalog count.");
    if (!m_session)
        m_session = pipeline::Session::open({m_options.workspace, m_options.databaseUri}, m_context);
    return *m_session;
}

const catalog::Database& Runtime::catalogue()
{
    if (m_options.production.empty())
        return database();
    if (m_options.databaseUri.empty()) {
        // A production of our own database, filled by ingest.
        m_session = pipeline::Session::open({m_options.workspace, {}}, m_context);
        m_options.databaseUri = m_session->database().uri();
    }
    if (!m_production)
        m_production = catalog::openProduction(m_options.databaseUri, m_options.production);
    return *m_production;
}

void Runtime::print(std::string_view text)
{
    m_printer.clear();
    if (!m_options.json)
        write(stdout, text);
}

void Runtime::say(std::string_view sentence)
{
    m_printer.clear();
    if (!m_options.json && !m_options.quiet)
        write(stdout, sentence);
}

void Runtime::warn(std::string_view line)
{
    m_printer.line(line);
}

void Runtime::note(std::string_view line)
{
    if (!m_options.quiet)
        m_printer.line(line);
}

} // namespace voorwerp::cli
