// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/jobs/workbench_jobs.h"

#include "widgets/table_setup.h"

#include <nlohmann/json.hpp>

#include <QCoreApplication>
#include <QDir>
#include <QFileInfo>
#include <QJsonArray>
#include <QJsonDocument>
#include <QLocale>

#include <algorithm>
#include <atomic>

namespace voorwerp::app {

namespace {

QString tr(const char* text)
{
    return QCoreApplication::translate("WorkbenchJobs", text);
}

QString q(const std::string& text)
{
    return QString::fromStdString(text);
}

QString number(std::int64_t value)
{
    return QLocale().toString(static_cast<qlonglong>(value));
}

std::string text(const QJsonObject& object, const char* key)
{
    return object.value(QLatin1String(key)).toString().toStdString();
}

QJsonObject toQt(const nlohmann::json& object)
{
    return QJsonDocument::fromJson(QByteArray::fromStdString(object.dump())).object();
}

nlohmann::json fromQt(const QJsonObject& object)
{
    return nlohmann::json::parse(QJsonDocument(object).toJson().toStdString());
}

JobRequest request(const char* kind, const QString& title, Lane lane, const QJsonObject& configuration)
{
    JobRequest job;
    job.kind = QLatin1String(kind);
    job.title = title;
    job.lane = lane;
    job.configuration = configuration;
    return job;
}

QString ingestTitle(const pipeline::IngestRequest& ingest)
{
    if (ingest.paths.size() == 1)
        return tr("Importing %1").arg(QFileInfo(q(ingest.paths.front().string())).fileName());
    return tr("Importing %1 files and folders").arg(number(static_cast<std::int64_t>(ingest.paths.size())));
}

JobOutcome ingestOutcome(const pipeline::IngestReport& report)
{
    JobOutcome outcome;
    outcome.summary = tr("%1 spectra from %2 files").arg(number(report.spectra), number(report.files));
    if (report.catalogRows > 0)
        outcome.summary += tr(", %1 rows of redshift catalogues").arg(number(report.catalogRows));
    if (report.filesSkipped > 0)
        outcome.summary += tr(", %1 files taken before").arg(number(report.filesSkipped));
    if (report.filesRejected + report.rejected > 0)
        outcome.summary +=
            tr(", %1 files and %2 rows refused").arg(number(report.filesRejected), number(report.rejected));
    QJsonArray problems;
    for (const pipeline::IngestProblem& problem : report.problems)
        problems.append(QJsonObject{{QStringLiteral("where"), q(problem.where())},
                                    {QStringLiteral("reason"), q(problem.reason)}});
    outcome.details = {{QStringLiteral("spectra"), static_cast<qint64>(report.spectra)},
                       {QStringLiteral("files"), static_cast<qint64>(report.files)},
                       {QStringLiteral("problems"), problems}};
    return outcome;
}

} // namespace

bool hasCheckpoint(const pipeline::Session& session, const std::string& model)
{
    return std::filesystem::exists(session.workspace().runs() / model / "checkpoint");
}

JobRequest ingestJob(const SessionPointer& session, const pipeline::IngestRequest& ingest)
{
    QJsonArray paths;
    for (const auto& path : ingest.paths)
        paths.append(q(path.string()));
    JobRequest job =
        request("ingest", ingestTitle(ingest), Lane::Db,
                {{QStringLiteral("paths"), paths}, {QStringLiteral("specprod"), q(ingest.specprod)}});
    job.work = [session, ingest](core::JobContext& context) {
        return ingestOutcome(pipeline::ingest(session->database(), ingest, context));
    };
    return job;
}

JobRequest datasetJob(const SessionPointer& session, const pipeline::DatasetRequest& dataset)
{
    JobRequest job = request("dataset", tr("Building training set %1").arg(q(dataset.name)), Lane::Db,
                             {{QStringLiteral("name"), q(dataset.name)},
                              {QStringLiteral("selection"), q(dataset.selection)},
                              {QStringLiteral("recipe"), q(dataset.recipe)},
                              {QStringLiteral("compact"), dataset.compact}});
    job.work = [session, dataset](core::JobContext& context) {
        const pipeline::DatasetReport report = pipeline::buildDataset(*session, dataset, context);
        JobOutcome outcome;
        outcome.summary = tr("%1: %2 spectra of %3 pixels")
                              .arg(q(dataset.name), number(report.spectra), number(report.pixels));
        outcome.details = {{QStringLiteral("name"), q(dataset.name)},
                           {QStringLiteral("spectra"), static_cast<qint64>(report.spectra)}};
        return outcome;
    };
    return job;
}

JobRequest trainJob(const SessionPointer& session, const pipeline::TrainRequest& training,
                    const pipeline::TrainObserver& observer)
{
    JobRequest job = request("train", tr("Training %1").arg(q(training.model)), Lane::Gpu,
                             {{QStringLiteral("dataset"), q(training.dataset)},
                              {QStringLiteral("model"), q(training.model)},
                              {QStringLiteral("device"), q(training.device)},
                              {QStringLiteral("config"), toQt(training.config.toJson())}});
    const auto resumeIfPossible = std::make_shared<std::atomic<bool>>(training.resume);
    job.work = [session, training, observer, resumeIfPossible](core::JobContext& context) {
        pipeline::TrainRequest attempt = training;
        attempt.resume = resumeIfPossible->exchange(true) && hasCheckpoint(*session, training.model);
        if (attempt.resume) {
            const train::TrainConfig interrupted = pipeline::interruptedConfig(*session, training.model);
            // A second attempt goes on with its own checkpoint only, not with one that an earlier run left.
            attempt.resume = training.resume || interrupted.toJson() == training.config.toJson();
            if (attempt.resume)
                attempt.config = interrupted;
        }
        const pipeline::TrainReport report = pipeline::trainModel(*session, attempt, observer, context);
        const QString reference = q(report.model) + QLatin1Char('@') + QString::number(report.version);
        JobOutcome outcome;
        outcome.summary =
            (report.stoppedEarly ? tr("%1 trained, validation loss %2; stopped early at epoch %3, best %4")
                                 : tr("%1 trained, validation loss %2 after %3 epochs, best %4"))
                .arg(reference, QLocale().toString(report.validationLoss, 'g', 4), number(report.epochs),
                     number(report.bestEpoch));
        outcome.details = {{QStringLiteral("reference"), reference},
                           {QStringLiteral("model"), q(report.model)},
                           {QStringLiteral("version"), report.version},
                           {QStringLiteral("device"), q(report.device)}};
        return outcome;
    };
    return job;
}

JobRequest scoreJob(const SessionPointer& session, const pipeline::ScoreRequest& scoring)
{
    JobRequest job = request("score", tr("Scoring with %1").arg(q(scoring.model)), Lane::Gpu,
                             {{QStringLiteral("model"), q(scoring.model)},
                              {QStringLiteral("selection"), q(scoring.selection)},
                              {QStringLiteral("device"), q(scoring.device)},
                              {QStringLiteral("precision"), q(scoring.precision)}});
    job.work = [session, scoring](core::JobContext& context) {
        const pipeline::ScoreReport report = pipeline::scoreSelection(*session, scoring, context);
        JobOutcome outcome;
        outcome.summary = tr("%1 spectra scored with %2").arg(number(report.scored), q(report.model));
        outcome.details = {{QStringLiteral("model"), q(report.model)},
                           {QStringLiteral("scored"), static_cast<qint64>(report.scored)}};
        return outcome;
    };
    return job;
}

JobRequest exportJob(const SessionPointer& session, const pipeline::CandidatesRequest& candidates,
                     const std::string& format, const std::filesystem::path& file)
{
    JobRequest job = request("export", tr("Exporting %1").arg(q(file.filename().string())), Lane::Io,
                             {{QStringLiteral("model"), q(candidates.model)},
                              {QStringLiteral("selection"), q(candidates.selection)},
                              {QStringLiteral("sort"), q(candidates.sortBy)},
                              {QStringLiteral("top"), static_cast<qint64>(candidates.top)},
                              {QStringLiteral("format"), q(format)},
                              {QStringLiteral("file"), q(file.string())}});
    job.persistent = candidates.ids.empty(); // a list made by hand is not made again after a restart
    job.work = [session, candidates, format, file](core::JobContext& context) {
        const auto report = pipeline::exportCandidates(*session, candidates, format, file, context);
        JobOutcome outcome;
        outcome.summary = tr("%1 candidates written to %2").arg(number(report.rows), q(report.file.string()));
        outcome.details = {{QStringLiteral("file"), q(report.file.string())},
                           {QStringLiteral("rows"), static_cast<qint64>(report.rows)},
                           {QStringLiteral("sha256"), q(report.sha256)}};
        return outcome;
    };
    return job;
}

JobRequest demoJob(const SessionPointer& session, const pipeline::DemoRequest& demo,
                   const pipeline::TrainObserver& observer)
{
    JobRequest job = request("demo", tr("Demo"), Lane::Gpu,
                             {{QStringLiteral("targets"), static_cast<qint64>(demo.targets)},
                              {QStringLiteral("seed"), static_cast<qint64>(demo.seed)},
                              {QStringLiteral("device"), q(demo.device)},
                              {QStringLiteral("config"), toQt(demo.config.toJson())}});
    job.repeatable = true; // each step is skipped when its result is there
    job.work = [session, demo, observer](core::JobContext& context) {
        const pipeline::DemoReport report = pipeline::runDemo(*session, demo, observer, context);
        JobOutcome outcome;
        outcome.summary = tr("%1 spectra scored with %2").arg(number(report.scored), q(report.model));
        outcome.details = {{QStringLiteral("model"), q(report.model)},
                           {QStringLiteral("scored"), static_cast<qint64>(report.scored)}};
        return outcome;
    };
    return job;
}

JobRequest backupJob(const SessionPointer& session)
{
    JobRequest job = request("backup", tr("Backing up"), Lane::Io, {});
    job.work = [session](core::JobContext& context) {
        const backup::BackupSettings settings = pipeline::backupSettings(*session);
        if (!backup::isInitialised(settings))
            pipeline::initBackup(*session, settings.repository, context);
        const backup::BackupReport report = pipeline::runBackup(*session, context);
        JobOutcome outcome;
        const double perSecond = static_cast<double>(report.bytes) / std::max(report.seconds, 1e-3);
        outcome.summary =
            tr("Backup %1: %2 files and %3 table rows, %4 (%5/s), of which %6 new")
                .arg(q(report.snapshot.substr(0, 8)), number(report.files), number(report.rows),
                     widgets::sizeText(report.bytes), widgets::sizeText(static_cast<qint64>(perSecond)),
                     widgets::sizeText(report.bytesAdded));
        outcome.details = {{QStringLiteral("snapshot"), q(report.snapshot)}};
        return outcome;
    };
    return job;
}

JobRequest verifyBackupJob(const SessionPointer& session, const std::string& snapshot)
{
    JobRequest job = request("backup-verify", tr("Verifying backup %1").arg(q(snapshot.substr(0, 8))),
                             Lane::Io, {{QStringLiteral("snapshot"), q(snapshot)}});
    job.work = [session, snapshot](core::JobContext& context) {
        const backup::VerifyReport report = pipeline::verifyBackup(*session, snapshot, context);
        QStringList problems;
        for (const std::string& problem : report.problems)
            problems.append(q(problem));
        if (!report.ok)
            throw core::FormatError("backup " + report.snapshot.substr(0, 8) + " cannot be trusted: " +
                                        problems.join(QStringLiteral("; ")).toStdString(),
                                    "Make a new backup now and verify it; keep this one until that is done.");
        JobOutcome outcome;
        outcome.summary =
            tr("Backup %1 restores: %2 files and %3 tables compared")
                .arg(q(report.snapshot.substr(0, 8)), number(report.files), number(report.tables));
        outcome.details = {{QStringLiteral("snapshot"), q(report.snapshot)}};
        return outcome;
    };
    return job;
}

JobRequest restoreBackupJob(const SessionPointer& session, const std::string& snapshot,
                            const std::filesystem::path& folder)
{
    JobRequest job =
        request("backup-restore", tr("Restoring backup %1").arg(q(snapshot.substr(0, 8))), Lane::Io,
                {{QStringLiteral("snapshot"), q(snapshot)}, {QStringLiteral("folder"), q(folder.string())}});
    job.work = [session, snapshot, folder](core::JobContext& context) {
        const backup::RestoreReport report = pipeline::restoreBackup(*session, snapshot, folder, context);
        JobOutcome outcome;
        outcome.summary = tr("%1 files and %2 tables restored into %3")
                              .arg(number(report.files), number(report.tables), q(report.folder.string()));
        outcome.details = {{QStringLiteral("folder"), q(report.folder.string())}};
        return outcome;
    };
    return job;
}

namespace {

pipeline::IngestRequest ingestRequestOf(const QJsonObject& configuration)
{
    pipeline::IngestRequest ingest;
    const QJsonArray paths = configuration.value(QStringLiteral("paths")).toArray();
    for (const QJsonValue path : paths)
        ingest.paths.emplace_back(path.toString().toStdString());
    ingest.specprod = text(configuration, "specprod");
    return ingest;
}

train::TrainConfig trainConfigOf(const QJsonObject& configuration)
{
    return train::TrainConfig::fromJson(fromQt(configuration.value(QStringLiteral("config")).toObject()));
}

pipeline::TrainRequest trainRequestOf(const QJsonObject& configuration, const SessionPointer& session)
{
    pipeline::TrainRequest training;
    training.dataset = text(configuration, "dataset");
    training.model = text(configuration, "model");
    training.device = text(configuration, "device");
    training.config = trainConfigOf(configuration);
    training.resume = hasCheckpoint(*session, training.model);
    return training;
}

pipeline::ScoreRequest scoreRequestOf(const QJsonObject& configuration)
{
    pipeline::ScoreRequest scoring;
    scoring.model = text(configuration, "model");
    scoring.selection = text(configuration, "selection");
    scoring.device = text(configuration, "device");
    if (configuration.contains(QStringLiteral("precision"))) // older jobs do not say
        scoring.precision = text(configuration, "precision");
    return scoring;
}

pipeline::DemoRequest demoRequestOf(const QJsonObject& configuration)
{
    pipeline::DemoRequest demo;
    demo.targets = static_cast<std::size_t>(configuration.value(QStringLiteral("targets")).toInteger());
    demo.seed = static_cast<std::uint64_t>(configuration.value(QStringLiteral("seed")).toInteger());
    demo.device = text(configuration, "device");
    demo.config = trainConfigOf(configuration);
    return demo;
}

} // namespace

std::optional<JobRequest> jobAgain(const SessionPointer& session, const QString& kind,
                                   const QJsonObject& configuration, const pipeline::TrainObserver& observer)
{
    const auto is = [&kind](const char* name) { return kind == QLatin1String(name); };
    if (is("ingest"))
        return ingestJob(session, ingestRequestOf(configuration));
    if (is("dataset"))
        return datasetJob(session, {text(configuration, "name"), text(configuration, "selection"),
                                    text(configuration, "recipe"),
                                    configuration.value(QStringLiteral("compact")).toBool()});
    if (is("train"))
        return trainJob(session, trainRequestOf(configuration, session), observer);
    if (is("score"))
        return scoreJob(session, scoreRequestOf(configuration));
    if (is("demo"))
        return demoJob(session, demoRequestOf(configuration), observer);
    if (is("backup"))
        return backupJob(session);
    if (is("backup-verify"))
        return verifyBackupJob(session, text(configuration, "snapshot"));
    return std::nullopt;
}

} // namespace voorwerp::app
