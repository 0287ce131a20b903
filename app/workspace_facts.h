// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// A few facts about the open workspace that several pages need, kept up to date: how many spectra there are
// and match the filter, which model version is the champion, and whose scores the pages show. GUI thread
// only.

#include "app/jobs/async_query.h"
#include "catalog/model_store.h"

#include <QObject>

#include <optional>
#include <vector>

namespace voorwerp::app {

/// A model version that has scores to show.
struct ScoredModel
{
    catalog::ModelVersion version;
    std::int64_t run = 0;    ///< catalog::ScoreRun
    std::int64_t scored = 0; ///< spectra
    std::string finished;    ///< ISO 8601
};

class WorkspaceFacts : public QObject
{
    Q_OBJECT

public:
    explicit WorkspaceFacts(AppContext& context);

    /// Spectra in the database; < 0: not known yet.
    std::int64_t targets() const { return m_targets; }
    /// The workspace's default model, when there is one.
    const std::optional<catalog::ModelVersion>& champion() const { return m_champion; }
    /// Versions with scores, the one that scored last first.
    const std::vector<ScoredModel>& scoredModels() const { return m_scoredModels; }

    /// The version whose scores, model curves and explanations all pages show: the one chosen with
    /// showModel(), else the champion, or, while that has no scores, the one that scored last.
    const std::optional<catalog::ModelVersion>& shownModel() const { return m_shown; }
    /// Remembered in the settings. The champion's reference: whichever version is the champion.
    void showModel(const std::string& reference);
    /// When the shown model's scores are there.
    bool isScored() const { return scored() > 0; }
    /// How many spectra the shown model scored.
    std::int64_t scored() const { return m_shownScores.scored; }
    /// The scoring that is shown; another number, other scores. 0: there is none.
    std::int64_t shownRun() const { return m_shownScores.run; }

    /// Makes a version the champion, or takes the last promotion back; changed() or championFailed() follows.
    void promote(const catalog::ModelVersion& version);
    void rollBackChampion();

    bool isLoaded() const { return m_targets >= 0; }
    bool isSettled() const
    {
        return isLoaded() && !m_factsQuery.isBusy() && !m_countQuery.isBusy() && !m_exactCountQuery.isBusy();
    }

signals:
    void shownModelChanged();
    void changed(); ///< targets, champion, shown model or its scores
    void championFailed(const voorwerp::app::ErrorText& error);

private:
    void reload();
    void count();
    void countExactly(const std::string& expression, std::optional<core::ModelVersionId> model);
    void chooseShown();
    void onChampion(const std::shared_ptr<const catalog::AliasChange>& change);

    AppContext& m_context;
    AsyncQuery m_factsQuery;
    AsyncQuery m_countQuery;
    AsyncQuery m_exactCountQuery; ///< in the background, after an estimate
    AsyncQuery m_championQuery;
    std::optional<catalog::ModelVersion> m_champion;
    std::vector<ScoredModel> m_scoredModels;
    std::string m_wanted; ///< reference of the model to show; empty: the champion
    std::optional<catalog::ModelVersion> m_shown;
    ScoredModel m_shownScores; ///< of m_shown; run 0: it has none
    std::int64_t m_targets = -1;
};

/// Whether an expression uses score columns, which need a model.
bool needsModel(const std::string& expression);

} // namespace voorwerp::app
