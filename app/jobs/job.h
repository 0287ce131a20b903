// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// What the window knows about a job: the request that starts it and the status it shows. Values.

#include "app/error_text.h"
#include "core/job_context.h"

#include <QDateTime>
#include <QJsonObject>
#include <QMetaType>
#include <QString>

#include <functional>

namespace voorwerp::app {

/// Jobs of one lane run one after the other (gpu) or a few at a time (db, io); lanes run side by side.
enum class Lane { Gpu, Db, Io };

enum class JobState {
    Waiting, ///< in the queue of its lane, for the database, or before another attempt
    Running,
    Stopping, ///< stop was requested
    Done,
    Failed,
    Stopped, ///< by the person; can be started again and goes on
};

/// What a finished job says.
struct JobOutcome
{
    QString summary;     ///< one sentence for the job strip
    QJsonObject details; ///< the report's fields, named as in the command line's --json
};

/// Work runs on a thread of the lane; it captures its inputs by value and touches no QObject.
struct JobRequest
{
    QString kind; ///< "ingest", "dataset", "train", "score", "backup", ...
    QString title;
    Lane lane = Lane::Io;
    QJsonObject configuration; ///< with which the job can be made again after a restart
    bool persistent = true;    ///< recorded in the database; false for short jobs that need no memory
    qint64 storedRow = 0;      ///< the job's row in the database when it is started again; 0: a new one
    int maximumAttempts = 5;   ///< used only where a retry can help (a lost connection)
    bool repeatable = false;   ///< two runs leave what one leaves: a commit in doubt may be repeated
    std::function<JobOutcome(core::JobContext&)> work;
};

struct JobStatus
{
    quint64 id = 0;
    QString kind;
    QString title;
    Lane lane = Lane::Io;
    QJsonObject configuration;
    bool persistent = true;
    qint64 storedRow = 0;
    JobState state = JobState::Waiting;
    bool waitsForDatabase = false; ///< while Waiting: it goes on when the database is back
    core::Progress progress;
    JobOutcome outcome; ///< when Done
    ErrorText error;    ///< when Failed, or while waiting for another attempt
    int attempts = 0;
    QDateTime created;
    QDateTime started;
    QDateTime ended;

    bool isOver() const
    {
        return state == JobState::Done || state == JobState::Failed || state == JobState::Stopped;
    }
};

} // namespace voorwerp::app

Q_DECLARE_METATYPE(voorwerp::app::JobStatus)
