// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// A few facts about the open workspace that several pages need, kept up to date: how many spectra there are
// and match the filter, and which model version is the champion. GUI thread only.

#include "app/jobs/async_query.h"
#include "catalog/model_store.h"

#include <QObject>

#include <optional>

namespace voorwerp::app {

class WorkspaceFacts : public QObject
{
    Q_OBJECT

public:
    explicit WorkspaceFacts(AppContext& context);

    /// Spectra in the database; < 0: not known yet.
    std::int64_t targets() const { return m_targets; }
    /// The workspace's default model, when there is one.
    const std::optional<catalog::ModelVersion>& champion() const { return m_champion; }
    /// When the champion's scores are there.
    bool isScored() const { return m_scored > 0; }
    /// How many spectra the champion scored.
    std::int64_t scored() const { return m_scored; }
    bool isLoaded() const { return m_targets >= 0; }
    bool isSettled() const { return isLoaded() && !m_factsQuery.isBusy() && !m_countQuery.isBusy(); }

signals:
    void championChanged();
    void changed(); ///< targets, champion or scored

private:
    void reload();
    void count();

    AppContext& m_context;
    AsyncQuery m_factsQuery;
    AsyncQuery m_countQuery;
    std::optional<catalog::ModelVersion> m_champion;
    std::int64_t m_targets = -1;
    std::int64_t m_scored = 0;
};

/// Whether an expression uses score columns, which need a model.
bool needsModel(const std::string& expression);

} // namespace voorwerp::app
