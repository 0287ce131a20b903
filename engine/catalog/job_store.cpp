// SPDX-License-Identifier: GPL-3.0-or-later
#include "catalog/job_store.h"

#include "catalog/process_identity.h"
#include "catalog/session.h"
#include "catalog/sql_values.h"

#include <algorithm>
#include <array>

namespace voorwerp::catalog {

namespace {

constexpr std::array<const char*, 6> kStates{"queued", "running",   "done",
                                             "failed", "cancelled", "interrupted"};

const std::string kColumns = "id, kind, title, configuration, state, progress, message, error, remedy, " +
                             isoTime("created") + ", " + isoTime("started") + ", " + isoTime("ended") +
                             ", attempts, owner_host, owner_pid, owner_start";

constexpr const char* kClaim = "UPDATE voorwerp.job SET state = 'running', started = clock_timestamp(), "
                               "ended = NULL, heartbeat = clock_timestamp(), "
                               "attempts = attempts + 1, cancel_asked = false, error = '', remedy = '', "
                               "owner_host = $1, owner_pid = $2, "
                               "owner_start = $3 WHERE ";

JobState stateOf(const std::string& text)
{
    const auto found = std::find(kStates.begin(), kStates.end(), text);
    return static_cast<JobState>(found - kStates.begin());
}

JobRow readJob(const pqxx::row& row)
{
    JobRow job;
    job.id = row[0].as<std::int64_t>();
    job.kind = textOf(row[1]);
    job.title = textOf(row[2]);
    job.configuration = textOf(row[3]);
    job.state = stateOf(textOf(row[4]));
    job.progress = realOf<double>(row[5]);
    job.message = textOf(row[6]);
    job.error = textOf(row[7]);
    job.remedy = textOf(row[8]);
    job.created = textOf(row[9]);
    job.started = textOf(row[10]);
    job.ended = textOf(row[11]);
    job.attempts = row[12].as<int>();
    job.ownerHost = textOf(row[13]);
    job.ownerPid = row[14].as<std::int64_t>();
    job.ownerStart = textOf(row[15]);
    return job;
}

std::vector<JobRow> readJobs(const pqxx::result& rows)
{
    std::vector<JobRow> jobs;
    for (const auto& row : rows)
        jobs.push_back(readJob(row));
    return jobs;
}

} // namespace

const char* toString(JobState state)
{
    return kStates.at(static_cast<std::size_t>(state));
}

std::int64_t addJob(const Database& database, const std::string& kind, const std::string& title,
                    const std::string& configuration)
{
    return inTransaction(database, [&](pqxx::work& work) {
        return work
            .exec_params1("INSERT INTO voorwerp.job (kind, title, configuration) VALUES ($1, $2, $3::jsonb) "
                          "RETURNING id",
                          cleanText(kind), cleanText(title),
                          configuration.empty() ? "{}" : cleanText(configuration))[0]
            .as<std::int64_t>();
    });
}

bool claimJob(const Database& database, std::int64_t id)
{
    const ProcessIdentity me = ProcessIdentity::own();
    return inTransaction(database, [&](pqxx::work& work) {
        return work.exec_params(kClaim + std::string("id = $4 AND state IN ('queued', 'interrupted')"),
                                me.host, me.pid, me.start, id)
                   .affected_rows() > 0;
    });
}

std::optional<JobRow> claimNextJob(const Database& database, const std::vector<std::string>& kinds)
{
    const ProcessIdentity me = ProcessIdentity::own();
    return inTransaction(database, [&](pqxx::work& work) -> std::optional<JobRow> {
        std::string list;
        for (const std::string& kind : kinds)
            list += (list.empty() ? "" : ", ") + work.quote(cleanText(kind));
        if (list.empty())
            return std::nullopt;
        const auto rows = work.exec_params(
            kClaim + std::string("id = (SELECT id FROM voorwerp.job WHERE state = 'queued' AND kind IN (") +
                list + ") ORDER BY id LIMIT 1 FOR UPDATE SKIP LOCKED) RETURNING " + kColumns,
            me.host, me.pid, me.start);
        return rows.empty() ? std::nullopt : std::optional(readJob(rows[0]));
    });
}

bool updateJob(const Database& database, std::int64_t id, double progress, const std::string& message)
{
    return inTransaction(database, [&](pqxx::work& work) {
        const auto rows = work.exec_params(
            "UPDATE voorwerp.job SET progress = $2, message = $3, heartbeat = clock_timestamp() "
            "WHERE id = $1 AND state = 'running' RETURNING cancel_asked",
            id, std::clamp(std::isfinite(progress) ? progress : 0.0, 0.0, 1.0), cleanText(message));
        return !rows.empty() && !rows[0][0].as<bool>();
    });
}

void finishJob(const Database& database, std::int64_t id, JobState state, const std::string& message,
               const std::string& error, const std::string& remedy)
{
    if (state == JobState::Queued || state == JobState::Running)
        throw core::UserError(std::string("a job does not end as '") + toString(state) + "'");
    inTransaction(database, [&](pqxx::work& work) {
        work.exec_params("UPDATE voorwerp.job SET state = $2, message = $3, error = $4, remedy = $5, ended = "
                         "clock_timestamp(), "
                         "progress = CASE WHEN $2 = 'done' THEN 1 ELSE progress END WHERE id = $1",
                         id, std::string(toString(state)), cleanText(message), cleanText(error),
                         cleanText(remedy));
    });
}

bool retryJob(const Database& database, std::int64_t id)
{
    return inTransaction(database, [&](pqxx::work& work) {
        return work.exec_params("UPDATE voorwerp.job SET state = 'queued', error = '', remedy = '', ended = "
                                "NULL, cancel_asked = false "
                                "WHERE id = $1 AND state IN ('failed', 'cancelled', 'interrupted')",
                                id)
                   .affected_rows() > 0;
    });
}

bool cancelJob(const Database& database, std::int64_t id)
{
    return inTransaction(database, [&](pqxx::work& work) {
        return work.exec_params("UPDATE voorwerp.job SET cancel_asked = true, "
                                "ended = CASE WHEN state = 'running' THEN NULL ELSE clock_timestamp() END, "
                                "state = CASE WHEN state = 'running' THEN state ELSE 'cancelled' END "
                                "WHERE id = $1 AND state IN ('queued', 'running', 'interrupted')",
                                id)
                   .affected_rows() > 0;
    });
}

std::vector<JobRow> markInterruptedJobs(const Database& database)
{
    const std::string host = ProcessIdentity::own().host;
    return inTransaction(database, [&](pqxx::work& work) {
        std::vector<std::int64_t> gone;
        if (!work.exec1("SELECT has_table_privilege('voorwerp.job', 'UPDATE')")[0].as<bool>())
            return std::vector<JobRow>();
        for (const auto& row :
             work.exec("SELECT id, owner_host, owner_pid, owner_start, "
                       "coalesce(heartbeat < clock_timestamp() - interval '5 minutes', true) "
                       "FROM voorwerp.job WHERE state = 'running' FOR UPDATE")) {
            const ProcessIdentity owner{textOf(row[1]), row[2].as<std::int64_t>(), textOf(row[3])};
            if (owner.host == host ? !owner.lives() : row[4].as<bool>())
                gone.push_back(row[0].as<std::int64_t>());
        }
        return readJobs(
            work.exec_params("UPDATE voorwerp.job SET state = 'interrupted', ended = clock_timestamp() "
                             "WHERE id = ANY($1::int8[]) RETURNING " +
                                 kColumns,
                             arrayText(gone)));
    });
}

std::vector<JobRow> interruptedJobsHere(const Database& database)
{
    return inTransaction(database, [&](pqxx::work& work) {
        return readJobs(
            work.exec_params("SELECT " + kColumns +
                                 " FROM voorwerp.job WHERE state = 'interrupted' AND owner_host = "
                                 "$1 ORDER BY id DESC",
                             ProcessIdentity::own().host));
    });
}

std::vector<JobRow> listJobs(const Database& database, std::size_t limit)
{
    return inTransaction(database, [&](pqxx::work& work) {
        return readJobs(
            work.exec_params("SELECT " + kColumns + " FROM voorwerp.job ORDER BY id DESC LIMIT $1", limit));
    });
}

JobRow findJob(const Database& database, std::int64_t id)
{
    return inTransaction(database, [&](pqxx::work& work) {
        const auto rows = work.exec_params("SELECT " + kColumns + " FROM voorwerp.job WHERE id = $1", id);
        if (rows.empty())
            throw core::UserError("there is no job with the number " + std::to_string(id), "See jobs list.");
        return readJob(rows[0]);
    });
}

} // namespace voorwerp::catalog
