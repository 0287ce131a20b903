// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// The shown model's scores for Explore and Candidates: loaded when a page first asks, again when the model,
// its scores or the filter change. Newest request wins. GUI thread only.

#include "app/jobs/async_query.h"
#include "app/score_data.h"

#include <QObject>

namespace voorwerp::app {

class ScoreService : public QObject
{
    Q_OBJECT

public:
    explicit ScoreService(AppContext& context);

    /// A page that shows scores came to the front: from now on they are kept up to date.
    void want();
    /// All scored spectra that match the selection's filter; null until loaded, or when nothing is scored.
    const ScoreDataPointer& data() const { return m_data; }
    bool isLoading() const { return m_query.isBusy(); }

signals:
    void changed();
    void failed(const voorwerp::app::ErrorText& error);

private:
    void load();
    void forget();

    AppContext& m_context;
    AsyncQuery m_query;
    bool m_wanted = false;
    std::optional<std::int64_t> m_run;         ///< scoring that is loaded; 0: there is none
    std::shared_ptr<const ScoreBasis> m_basis; ///< of all scored spectra of the model
    ScoreDataPointer m_data;
};

} // namespace voorwerp::app
