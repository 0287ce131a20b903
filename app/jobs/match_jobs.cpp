// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/jobs/match_jobs.h"

#include <QCoreApplication>
#include <QJsonArray>
#include <QLocale>

namespace voorwerp::app {

namespace {

QString tr(const char* text)
{
    return QCoreApplication::translate("MatchJobs", text);
}

QString number(std::int64_t value)
{
    return QLocale().toString(static_cast<qlonglong>(value));
}

} // namespace

JobRequest matchJob(const SessionPointer& session, const std::optional<pipeline::CatalogueRequest>& import,
                    const catalog::MatchRequest& match)
{
    JobRequest job;
    const QString name = QString::fromStdString(match.catalogue);
    job.kind = QStringLiteral("match");
    job.title = tr("Matching with %1").arg(name);
    job.lane = Lane::Db;
    job.persistent = false;
    job.repeatable = true;
    job.work = [session, import, match, name](core::JobContext& context) {
        QJsonArray problems;
        if (import) {
            const auto report = pipeline::importCatalogue(session->database(), *import, context);
            for (const pipeline::CatalogueProblem& problem : report.problems)
                problems.append(
                    QJsonObject{{QStringLiteral("where"), QString::fromStdString(problem.place)},
                                {QStringLiteral("reason"), QString::fromStdString(problem.reason)}});
        }
        const auto statistics = catalog::matchCatalogue(session->database(), match, context);
        JobOutcome outcome;
        outcome.summary = tr("%1 of %2 rows of %3 match, %4 expected by chance")
                              .arg(number(statistics.matched), number(statistics.rows), name,
                                   QLocale().toString(statistics.chanceByDensity, 'f', 1));
        outcome.details = {{QStringLiteral("catalogue"), name},
                           {QStringLiteral("statistics"), QString::fromStdString(statistics.toJson())},
                           {QStringLiteral("problems"), problems}};
        return outcome;
    };
    return job;
}

} // namespace voorwerp::app
