// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/workspace_facts.h"

#include "app/app_context.h"
#include "catalog/score_store.h"
#include "catalog/target_query.h"
#include "catalog/where.h"

#include <utility>

namespace voorwerp::app {

namespace {

struct Facts
{
    std::int64_t targets = 0;
    std::int64_t scored = 0;
    std::optional<catalog::ModelVersion> champion;
};

Facts loadFacts(const catalog::Database& database)
{
    Facts facts;
    facts.targets = catalog::databaseInfo(database).targets;
    if (catalog::listModels(database).empty())
        return facts;
    try {
        facts.champion = catalog::findModel(database, std::string());
    } catch (const core::UserError&) {
        return facts; // models without a champion
    }
    if (const auto run = catalog::latestScoreRun(database, facts.champion->id))
        facts.scored = run->scored;
    return facts;
}

} // namespace

bool needsModel(const std::string& expression)
{
    try {
        catalog::checkWhere(expression, false);
        return false;
    } catch (const catalog::WhereError&) {
        return true;
    }
}

WorkspaceFacts::WorkspaceFacts(AppContext& context)
    : m_context(context)
    , m_factsQuery(context)
    , m_countQuery(context)
{
    connect(&context, &AppContext::stateChanged, this, [this](AppContext::State state) {
        if (state == AppContext::State::Open)
            reload();
    });
    connect(&context, &AppContext::targetsChanged, this, &WorkspaceFacts::reload);
    connect(&context, &AppContext::modelsChanged, this, &WorkspaceFacts::reload);
    connect(&context, &AppContext::scoresChanged, this, &WorkspaceFacts::reload);
    connect(&context.selection(), &Selection::filterChanged, this, &WorkspaceFacts::count);
    connect(&context, &AppContext::labelsChanged, this, [this] {
        if (m_context.selection().filter().contains(QLatin1String("label")))
            count();
    });
}

void WorkspaceFacts::reload()
{
    m_factsQuery.ask(
        [](const pipeline::Session& session, std::stop_token) { return loadFacts(session.database()); },
        [this](const std::shared_ptr<const Facts>& facts) {
            m_targets = facts->targets;
            m_scored = facts->scored;
            const auto old = std::exchange(m_champion, facts->champion);
            if (old.has_value() != m_champion.has_value() || (old && old->id != m_champion->id))
                emit championChanged();
            emit changed();
            count();
        });
}

void WorkspaceFacts::count()
{
    const std::string expression = m_context.selection().filter().toStdString();
    if (expression.empty()) {
        m_countQuery.cancel();
        m_context.selection().setCounts(m_targets, m_targets);
        return;
    }
    std::optional<core::ModelVersionId> model;
    if (m_champion && needsModel(expression))
        model = m_champion->id;
    m_countQuery.ask(
        [expression, model](const pipeline::Session& session, std::stop_token stop) {
            return catalog::countTargets(session.database(), expression, model, stop);
        },
        [this](const std::shared_ptr<const std::int64_t>& matching) {
            m_context.selection().setCounts(*matching, m_targets);
        });
}

} // namespace voorwerp::app
