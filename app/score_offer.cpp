// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/score_offer.h"

#include "app/app_context.h"
#include "app/notice_bar.h"
#include "app/workspace_facts.h"

#include <QLocale>

#include <algorithm>

namespace voorwerp::app {

namespace {
const QString kPurpose = QStringLiteral("scores");
} // namespace

ScoreOffer::ScoreOffer(AppContext& context, NoticeBar* notices, QObject* parent)
    : QObject(parent)
    , m_context(context)
    , m_notices(notices)
{
    connect(&context.jobs(), &JobRunner::jobFinished, this, &ScoreOffer::onJobFinished);
    connect(&context.facts(), &WorkspaceFacts::changed, this, &ScoreOffer::offer);
}

void ScoreOffer::onJobFinished(const JobStatus& job)
{
    if (job.kind == QLatin1String("score") && job.state == JobState::Done)
        m_scored = job.outcome.details.value(QLatin1String("model")).toString().toStdString();
}

/// Runs whenever the facts change: after the scoring, and when a choice was made anywhere.
void ScoreOffer::offer()
{
    const WorkspaceFacts& facts = m_context.facts();
    const auto& models = facts.scoredModels();
    const auto found = std::find_if(models.begin(), models.end(), [this](const ScoredModel& model) {
        return model.version.reference() == m_scored;
    });
    if (found == models.end())
        return;
    const catalog::ModelVersion version = found->version;
    std::vector<NoticeBar::Choice> choices;
    if (facts.shownModel()->id != version.id)
        choices.push_back({tr("Show these scores"), [this, version] {
                               m_context.facts().showModel(version.reference());
                               emit m_context.showPage(QStringLiteral("candidates"));
                           }});
    const bool mayPromote = m_context.permissions().may(catalog::Right::Promote);
    if (mayPromote && (!facts.champion() || facts.champion()->id != version.id))
        choices.push_back(
            {tr("Promote to champion"), [this, version] { m_context.facts().promote(version); }});
    if (choices.empty()) {
        m_scored.clear();
        m_notices->clear(kPurpose);
        return;
    }
    choices.push_back({tr("Leave it"), [this] { m_scored.clear(); }});
    m_notices->show(kPurpose,
                    tr("%1 has scored %2 spectra. %3 is shown now.")
                        .arg(QString::fromStdString(version.reference()),
                             QLocale().toString(qlonglong(found->scored)),
                             QString::fromStdString(facts.shownModel()->reference())),
                    choices);
}

} // namespace voorwerp::app
