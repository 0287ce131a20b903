// SPDX-License-Identifier: GPL-3.0-or-later
// jobs list | show | retry | cancel: the queue that the window works on.
#include "app/cli/command.h"
#include "app/cli/text_table.h"
#include "app/cli/whole_number.h"
#include "catalog/job_store.h"
#include "core/error.h"

namespace voorwerp::cli {

namespace {

struct JobOptions
{
    std::int64_t id = 0;
};

void declareJob(CLI::App& app, JobOptions& options)
{
    app.add_option("id", options.id, "as jobs list shows it")->check(wholeNumber(1))->required();
}

Json jsonOf(const catalog::JobRow& job)
{
    return {{"id", job.id},
            {"kind", job.kind},
            {"title", job.title},
            {"state", catalog::toString(job.state)},
            {"progress", job.progress},
            {"message", job.message},
            {"error", job.error},
            {"remedy", job.remedy},
            {"created", job.created},
            {"started", job.started},
            {"ended", job.ended},
            {"attempts", job.attempts}};
}

Outcome list(Runtime& runtime, const NoOptions&)
{
    catalog::markInterruptedJobs(runtime.database());
    Json rows = Json::array();
    TextTable table({">id", "kind", "state", ">done", "created", "title", "message"});
    for (const catalog::JobRow& job : catalog::listJobs(runtime.database())) {
        rows.push_back(jsonOf(job));
        table.add({std::to_string(job.id), job.kind, catalog::toString(job.state),
                   fixedNumber(100.0 * job.progress, 0) + " %", job.created, job.title,
                   job.error.empty() ? job.message : job.error});
    }
    runtime.print(table.text());
    return {{{"jobs", std::move(rows)}}};
}

Outcome show(Runtime& runtime, const JobOptions& options)
{
    catalog::markInterruptedJobs(runtime.database());
    const catalog::JobRow job = catalog::findJob(runtime.database(), options.id);
    Json result = jsonOf(job);
    result["configuration"] = Json::parse(job.configuration, nullptr, false);
    runtime.print(result.dump(2, ' ', false, Json::error_handler_t::replace));
    return {result};
}

Outcome retry(Runtime& runtime, const JobOptions& options)
{
    catalog::markInterruptedJobs(runtime.database());
    const catalog::JobRow job = catalog::findJob(runtime.database(), options.id);
    if (!catalog::retryJob(runtime.database(), options.id))
        throw core::UserError("job " + std::to_string(job.id) + " is " + catalog::toString(job.state),
                              "Only a failed, cancelled or interrupted job can be retried.");
    runtime.say("Job " + std::to_string(job.id) + " is queued; the window runs it when it is open.");
    return {jsonOf(catalog::findJob(runtime.database(), options.id))};
}

Outcome cancel(Runtime& runtime, const JobOptions& options)
{
    const catalog::JobRow job = catalog::findJob(runtime.database(), options.id);
    if (!catalog::cancelJob(runtime.database(), options.id))
        throw core::UserError("job " + std::to_string(job.id) + " has ended: " + catalog::toString(job.state),
                              "Only a queued or running job can be cancelled.");
    runtime.say("Job " + std::to_string(job.id) +
                (job.state == catalog::JobState::Running ? " is asked to stop." : " is cancelled."));
    return {jsonOf(catalog::findJob(runtime.database(), options.id))};
}

} // namespace

void addJobCommands(CommandLine& line)
{
    CLI::App& group = addGroup(line.app, "jobs", "the window's queue of jobs");
    addVerb<NoOptions>(line, group, "list", "newest first", declareNothing, list);
    addVerb<JobOptions>(line, group, "show", "one job with its configuration", declareJob, show);
    addVerb<JobOptions>(line, group, "retry", "queue an ended job again", declareJob, retry);
    addVerb<JobOptions>(line, group, "cancel", "cancel a queued job, stop a running one", declareJob, cancel);
}

} // namespace voorwerp::cli
