// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/workspace_facts.h"

#include "app/app_context.h"
#include "app/pipeline/provenance.h"
#include "catalog/score_store.h"
#include "catalog/target_query.h"
#include "catalog/where.h"

#include <algorithm>
#include <utility>

namespace voorwerp::app {

namespace {

const QString kShownModel = QStringLiteral("scores/model");

struct Facts
{
    std::int64_t targets = 0;
    std::optional<catalog::ModelVersion> champion;
    std::vector<ScoredModel> scored;
};

Facts loadFacts(const catalog::Database& database, const std::stop_token& stop)
{
    Facts facts;
    if (database.isBrowsed()) {
        facts.targets = catalog::countSoon(database, {}, {}, catalog::kCountPatience, stop).value;
        return facts;
    }
    facts.targets = catalog::databaseInfo(database).targets;
    const std::vector<catalog::ModelVersion> models = catalog::listModels(database);
    const auto champion =
        std::find_if(models.begin(), models.end(), [](const auto& model) { return model.isChampion(); });
    if (champion != models.end())
        facts.champion = *champion;
    for (const catalog::ScoreRun& run : catalog::latestScoreRuns(database))
        for (const catalog::ModelVersion& model : models)
            if (model.id == run.model && run.scored > 0)
                facts.scored.push_back({model, run.id, run.scored, run.finished});
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
    , m_exactCountQuery(context)
    , m_championQuery(context)
    , m_wanted(context.settings().value(kShownModel).toString().toStdString())
{
    connect(&m_championQuery, &AsyncQuery::failed, this, &WorkspaceFacts::championFailed);
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
    m_factsQuery.ask([](const pipeline::Session& session,
                        std::stop_token stop) { return loadFacts(session.database(), stop); },
                     [this](const std::shared_ptr<const Facts>& facts) {
                         m_targets = facts->targets;
                         m_champion = facts->champion;
                         m_scoredModels = facts->scored;
                         chooseShown();
                     });
}

/// Decides which model is shown, from what is wanted and what there is.
void WorkspaceFacts::chooseShown()
{
    const auto find = [this](const std::string& reference) {
        return std::find_if(m_scoredModels.begin(), m_scoredModels.end(),
                            [&](const ScoredModel& model) { return model.version.reference() == reference; });
    };
    const std::string champion = m_champion ? m_champion->reference() : std::string();
    auto found = find(m_wanted);
    if (found == m_scoredModels.end())
        found = find(champion);
    if (found == m_scoredModels.end())
        found = m_scoredModels.begin();
    m_shownScores = found != m_scoredModels.end() ? *found : ScoredModel{};
    const auto old =
        std::exchange(m_shown, found != m_scoredModels.end() ? std::optional(found->version) : m_champion);
    if (old.has_value() != m_shown.has_value() || (old && old->id != m_shown->id))
        emit shownModelChanged();
    emit changed();
    count();
}

void WorkspaceFacts::showModel(const std::string& reference)
{
    m_wanted = m_champion && m_champion->reference() == reference ? std::string() : reference;
    m_context.settings().setValue(kShownModel, QString::fromStdString(m_wanted));
    chooseShown();
}

void WorkspaceFacts::promote(const catalog::ModelVersion& version)
{
    if (m_championQuery.isBusy())
        return; // a double click is one change
    m_championQuery.ask(
        [id = version.id](const pipeline::Session& session, std::stop_token) {
            return catalog::setAlias(session.database(), {}, id, pipeline::currentUser(), "promoted");
        },
        [this](const std::shared_ptr<const catalog::AliasChange>& change) { onChampion(change); });
}

void WorkspaceFacts::rollBackChampion()
{
    if (m_championQuery.isBusy())
        return; // a double click is one change
    m_championQuery.ask(
        [](const pipeline::Session& session, std::stop_token) {
            return catalog::rollbackAlias(session.database(), {}, pipeline::currentUser(), "rolled back");
        },
        [this](const std::shared_ptr<const catalog::AliasChange>& change) { onChampion(change); });
}

void WorkspaceFacts::onChampion(const std::shared_ptr<const catalog::AliasChange>& change)
{
    m_context.announceModels();
    emit m_context.showMessage(tr("%1 is the champion now").arg(QString::fromStdString(change->to)));
}

void WorkspaceFacts::count()
{
    const std::string expression = m_context.selection().filter().toStdString();
    m_exactCountQuery.cancel();
    if (expression.empty()) {
        m_countQuery.cancel();
        m_context.selection().setCounts({m_targets}, m_targets);
        return;
    }
    std::optional<core::ModelVersionId> model;
    if (m_shown && needsModel(expression))
        model = m_shown->id;
    m_countQuery.ask(
        [expression, model](const pipeline::Session& session, std::stop_token stop) {
            return catalog::countSoon(session.database(), expression, model, catalog::kCountPatience, stop);
        },
        [this, expression, model](const std::shared_ptr<const catalog::RowCount>& matching) {
            m_context.selection().setCounts(*matching, m_targets);
            if (!matching->exact)
                countExactly(expression, model);
        });
}

void WorkspaceFacts::countExactly(const std::string& expression, std::optional<core::ModelVersionId> model)
{
    m_exactCountQuery.ask(
        [expression, model](const pipeline::Session& session, std::stop_token stop) {
            return catalog::countTargets(session.database(), expression, model, stop);
        },
        [this](const std::shared_ptr<const std::int64_t>& matching) {
            m_context.selection().setCounts({*matching}, m_targets);
        });
}

} // namespace voorwerp::app
