// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// Shows the JobRunner's jobs in the job strip and carries its clicks back.

#include "app/jobs/job.h"

#include <QObject>

namespace voorwerp::widgets {
class JobStrip;
}

namespace voorwerp::app {

class AppContext;

class JobStripBridge : public QObject
{
    Q_OBJECT

public:
    JobStripBridge(AppContext& context, widgets::JobStrip* strip);

private:
    void show(const JobStatus& job);

    AppContext& m_context;
    widgets::JobStrip* m_strip;
};

} // namespace voorwerp::app
