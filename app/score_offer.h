// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// When a scoring ends, a notice offers to show its scores and to promote its model, where that is not so yet.
// GUI thread only.

#include <QObject>

#include <string>

namespace voorwerp::app {

class AppContext;
class NoticeBar;
struct JobStatus;

class ScoreOffer : public QObject
{
    Q_OBJECT

public:
    ScoreOffer(AppContext& context, NoticeBar* notices, QObject* parent);

private:
    void onJobFinished(const JobStatus& job);
    void offer();

    AppContext& m_context;
    NoticeBar* m_notices;
    std::string m_scored; ///< reference of the model that scored last; empty: nothing to offer
};

} // namespace voorwerp::app
