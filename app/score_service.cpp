// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/score_service.h"

#include "app/app_context.h"
#include "app/workspace_facts.h"

namespace voorwerp::app {

ScoreService::ScoreService(AppContext& context)
    : m_context(context)
    , m_query(context)
{
    connect(&context.facts(), &WorkspaceFacts::changed, this, [this] {
        if (m_run != m_context.facts().shownRun())
            forget();
    });
    connect(&context, &AppContext::targetsChanged, this, &ScoreService::forget);
    connect(&context.selection(), &Selection::filterChanged, this, &ScoreService::load);
    connect(&m_query, &AsyncQuery::failed, this, [this](const ErrorText& error) {
        m_run.reset();
        emit failed(error);
    });
}

void ScoreService::want()
{
    if (std::exchange(m_wanted, true))
        return;
    load();
}

void ScoreService::forget()
{
    m_basis.reset();
    load();
}

void ScoreService::load()
{
    if (!m_wanted || !m_context.facts().isLoaded())
        return;
    if (!m_context.session()) {
        m_run.reset(); // to be loaded when the database is back
        return;
    }
    m_run = m_context.facts().shownRun();
    if (!m_context.facts().isScored()) {
        m_query.cancel();
        m_data.reset();
        emit changed();
        return;
    }
    m_query.ask(
        [model = m_context.facts().shownModel()->id, basis = m_basis,
         where = m_context.selection().filter().toStdString()](const pipeline::Session& session,
                                                               std::stop_token stop) {
            std::shared_ptr<const ScoreBasis> all = basis;
            if (!all && !where.empty())
                all = buildScoreData(model, catalog::loadScoreColumns(session.database(), model, {}, stop),
                                     nullptr)
                          ->basis;
            return buildScoreData(model, catalog::loadScoreColumns(session.database(), model, where, stop),
                                  all);
        },
        [this](const std::shared_ptr<const ScoreDataPointer>& loaded) {
            m_data = *loaded;
            m_basis = m_data->basis;
            emit changed();
        });
}

} // namespace voorwerp::app
