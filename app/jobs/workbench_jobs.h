// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// The pipeline's jobs as requests for the JobRunner: title, lane, a configuration from which the job can be
// made again after a restart, and the work. All inputs are captured by value.

#include "app/jobs/job.h"
#include "app/pipeline/backup_job.h"
#include "app/pipeline/candidates_job.h"
#include "app/pipeline/dataset_job.h"
#include "app/pipeline/demo_job.h"
#include "app/pipeline/ingest_job.h"
#include "app/pipeline/score_job.h"
#include "app/pipeline/session.h"
#include "app/pipeline/train_job.h"

#include <memory>
#include <optional>

namespace voorwerp::app {

using SessionPointer = std::shared_ptr<const pipeline::Session>;

/// Whether an interrupted training of this model can go on.
bool hasCheckpoint(const pipeline::Session& session, const std::string& model);

JobRequest ingestJob(const SessionPointer& session, const pipeline::IngestRequest& request);
JobRequest datasetJob(const SessionPointer& session, const pipeline::DatasetRequest& request);
/// The observer is called on the job's thread. Another attempt of the same request goes on from the
/// checkpoint.
JobRequest trainJob(const SessionPointer& session, const pipeline::TrainRequest& request,
                    const pipeline::TrainObserver& observer);
JobRequest scoreJob(const SessionPointer& session, const pipeline::ScoreRequest& request);
/// format: "csv" or "fits".
JobRequest exportJob(const SessionPointer& session, const pipeline::CandidatesRequest& request,
                     const std::string& format, const std::filesystem::path& file);
JobRequest demoJob(const SessionPointer& session, const pipeline::DemoRequest& request,
                   const pipeline::TrainObserver& observer);
/// Makes the repository first where there is none.
JobRequest backupJob(const SessionPointer& session);
JobRequest verifyBackupJob(const SessionPointer& session, const std::string& snapshot);
JobRequest restoreBackupJob(const SessionPointer& session, const std::string& snapshot,
                            const std::filesystem::path& folder);

/// The same job again, from what was recorded: a training goes on from its checkpoint. nullopt: this kind
/// cannot be started from its record.
std::optional<JobRequest> jobAgain(const SessionPointer& session, const QString& kind,
                                   const QJsonObject& configuration, const pipeline::TrainObserver& observer);

} // namespace voorwerp::app
