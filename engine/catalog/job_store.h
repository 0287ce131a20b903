// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// The queue that survives a restart: one row a job, written by the program that owns it.

#include "catalog/database.h"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace voorwerp::catalog {

enum class JobState { Queued, Running, Done, Failed, Cancelled, Interrupted };
const char* toString(JobState state); ///< "queued", ...

struct JobRow
{
    std::int64_t id = 0;
    std::string kind;          ///< ingest, dataset, train, score, backup, ...
    std::string title;         ///< for people
    std::string configuration; ///< JSON object, enough to start it again
    JobState state = JobState::Queued;
    double progress = 0.0; ///< 0 to 1
    std::string message;   ///< what it is doing, or what came out
    std::string error;
    std::string remedy;
    std::string created, started, ended; ///< ISO 8601, empty where not yet
    int attempts = 0;                    ///< starts so far
    std::string ownerHost;
    std::int64_t ownerPid = 0;
    std::string ownerStart; ///< tells a process from a later one with the same pid
};

/// Queued. Returns its id.
std::int64_t addJob(const Database& database, const std::string& kind, const std::string& title,
                    const std::string& configuration);
/// Makes this process the owner and the state running. False when it is not queued or interrupted (any more):
/// somebody else took it.
bool claimJob(const Database& database, std::int64_t id);
/// The oldest queued job of one of these kinds, claimed; nullopt: none.
std::optional<JobRow> claimNextJob(const Database& database, const std::vector<std::string>& kinds);
/// Progress of a running job of this process; call it about once a second. False: it was cancelled from
/// elsewhere.
bool updateJob(const Database& database, std::int64_t id, double progress, const std::string& message);
/// Ends a job: Done, Failed, Cancelled or Interrupted.
void finishJob(const Database& database, std::int64_t id, JobState state, const std::string& message,
               const std::string& error = {}, const std::string& remedy = {});
/// Back to queued: a failed, cancelled or interrupted job. False when it is in another state.
bool retryJob(const Database& database, std::int64_t id);
/// A queued job is cancelled; a running one is asked to stop (its next updateJob returns false). False: it
/// had ended.
bool cancelJob(const Database& database, std::int64_t id);
/// Running jobs whose owner is gone (process of this host that does not live, or no sign of life from another
/// host for five minutes) become interrupted. Returns them: to be offered again. None for a login that may
/// only read.
std::vector<JobRow> markInterruptedJobs(const Database& database);
/// Interrupted jobs that ran on this computer, newest first. Those of others on a shared server are theirs to
/// go on with: the files are there, and what a job may do is what its starter may.
std::vector<JobRow> interruptedJobsHere(const Database& database);

/// Newest first.
std::vector<JobRow> listJobs(const Database& database, std::size_t limit = 200);
/// Throws UserError when there is none.
JobRow findJob(const Database& database, std::int64_t id);

} // namespace voorwerp::catalog
