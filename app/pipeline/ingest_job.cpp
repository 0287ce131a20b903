// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/pipeline/ingest_job.h"

#include "app/pipeline/coadd_ingest.h"
#include "app/pipeline/redshift_join.h"
#include "app/pipeline/zcatalog_ingest.h"

#include "catalog/refusal_store.h"
#include "catalog/roles.h"
#include "catalog/target_query.h"
#include "fits/redshift_reader.h"

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <exception>
#include <map>
#include <mutex>
#include <thread>

namespace voorwerp::pipeline {

namespace fs = std::filesystem;

namespace {

constexpr unsigned kMostThreads = 8;
constexpr int kMostAttempts = 3;
constexpr auto kBetweenReports = std::chrono::milliseconds(100);

/// Files of one name are read one after the other, by one thread: they may hold the same spectra, and the one
/// read last keeps them. (DESI's names say survey, program and pixel, or petal, tile and night.)
using Chain = std::vector<std::size_t>;

std::vector<Chain> chainsOf(const std::vector<fits::CoaddSource>& coadds)
{
    std::map<std::string, std::size_t> chainOfName;
    std::vector<Chain> chains;
    for (std::size_t i = 0; i < coadds.size(); ++i) {
        const auto [entry, fresh] = chainOfName.emplace(coadds[i].coadd.filename().string(), chains.size());
        if (fresh)
            chains.emplace_back();
        chains[entry->second].push_back(i);
    }
    return chains;
}

FileOutcome rejected(const fs::path& path, const std::string& reason)
{
    FileOutcome outcome;
    outcome.rejectFile(path, reason);
    return outcome;
}

/// A bad file is listed, and the next one is read. A file that met another program's rows tries again.
template <typename Take> FileOutcome takenOrRejected(const fs::path& path, Take take)
{
    for (int attempt = 1;; ++attempt) {
        try {
            return take();
        } catch (const core::FormatError& error) {
            return rejected(path, error.what());
        } catch (const core::SystemError& error) {
            return rejected(path, error.what());
        } catch (const core::DatabaseError& error) {
            if (error.kind() != core::DatabaseError::Kind::Conflict || attempt == kMostAttempts)
                throw;
        }
    }
}

/// As soon as a file is done: also what is stopped, or killed, later on leaves it behind.
void rememberRefusals(const catalog::Database& database, const FileOutcome& outcome)
{
    std::vector<catalog::IngestRefusal> refusals;
    for (const IngestProblem& problem : outcome.problems)
        refusals.push_back(
            {problem.path, problem.row < 0 ? std::nullopt : std::optional(problem.row), problem.reason, {}});
    if (!refusals.empty())
        catalog::recordRefusals(database, refusals);
}

/// Threads that take coadds, and what they found.
class CoaddWorkers
{
public:
    CoaddWorkers(const catalog::Database& database, const std::vector<fits::CoaddSource>& coadds,
                 const IngestRequest& request, core::JobContext& context, double filesDone)
        : m_database(database)
        , m_coadds(coadds)
        , m_request(request)
        , m_context(context)
        , m_chains(chainsOf(coadds))
        , m_filesDone(filesDone)
        , m_outcomes(coadds.size())
    {
    }

    /// Outcomes in the order of the coadds. Throws the first error that is not a bad file.
    std::vector<FileOutcome> run()
    {
        const std::stop_callback stopAll(m_context.stopToken(), [this] { m_stop.request_stop(); });
        {
            const unsigned wanted =
                m_request.threads > 0 ? m_request.threads : std::thread::hardware_concurrency();
            const auto count = std::min<std::size_t>(std::clamp(wanted, 1U, kMostThreads), m_chains.size());
            m_running = count;
            std::vector<std::jthread> threads;
            for (std::size_t i = 0; i < count; ++i)
                threads.emplace_back([this] { work(); });
            report();
        }
        m_context.throwIfStopped();
        if (m_error)
            std::rethrow_exception(m_error);
        return std::move(m_outcomes);
    }

private:
    /// Until all threads are done. Only this thread talks to the context.
    void report()
    {
        std::unique_lock lock(m_mutex);
        while (!m_changed.wait_for(lock, kBetweenReports, [this] { return m_running == 0; }))
            m_context.advanceTo(m_filesDone, std::to_string(m_spectra) + " spectra");
        m_context.advanceTo(m_filesDone, std::to_string(m_spectra) + " spectra");
    }

    void work()
    {
        try {
            while (const Chain* chain = nextChain())
                for (const std::size_t file : *chain)
                    take(file);
        } catch (...) {
            const std::lock_guard lock(m_mutex);
            if (!m_error)
                m_error = std::current_exception();
            m_stop.request_stop();
        }
        const std::lock_guard lock(m_mutex);
        --m_running;
        m_changed.notify_one();
    }

    const Chain* nextChain()
    {
        const std::lock_guard lock(m_mutex);
        return m_nextChain < m_chains.size() && !m_stop.stop_requested() ? &m_chains[m_nextChain++] : nullptr;
    }

    void take(std::size_t file)
    {
        double reported = 0.0;
        FileOutcome outcome =
            takenOrRejected(m_coadds[file].coadd, [&] { return takeOrWait(file, reported); });
        rememberRefusals(m_database, outcome);
        const std::lock_guard lock(m_mutex);
        m_filesDone += 1.0 - reported;
        m_spectra += outcome.spectra;
        m_outcomes[file] = std::move(outcome);
    }

    /// A gzipped file is unpacked in memory: one at a time.
    FileOutcome takeOrWait(std::size_t file, double& reported)
    {
        std::unique_lock unpacking(m_unpacking, std::defer_lock);
        if (m_coadds[file].coadd.extension() == ".gz")
            unpacking.lock();
        const auto rowsDone = [&](std::size_t done, std::size_t rows) {
            const std::lock_guard lock(m_mutex);
            m_filesDone -= std::exchange(reported, static_cast<double>(done) / static_cast<double>(rows));
            m_filesDone += reported;
        };
        return ingestCoadd(m_database, m_coadds[file], m_request, m_stop.get_token(), rowsDone);
    }

    const catalog::Database& m_database;
    const std::vector<fits::CoaddSource>& m_coadds;
    const IngestRequest& m_request;
    core::JobContext& m_context;
    const std::vector<Chain> m_chains;
    std::stop_source m_stop; ///< of the threads: asked from outside, or one of them failed
    std::mutex m_unpacking;

    std::mutex m_mutex; ///< guards what follows
    std::condition_variable m_changed;
    std::size_t m_nextChain = 0;
    std::size_t m_running = 0;
    double m_filesDone; ///< of the whole ingest
    std::int64_t m_spectra = 0;
    std::vector<FileOutcome> m_outcomes;
    std::exception_ptr m_error;
};

class Ingest
{
public:
    Ingest(const catalog::Database& database, const IngestRequest& request, core::JobContext& context)
        : m_database(database)
        , m_request(request)
        , m_context(context)
    {
    }

    IngestReport run()
    {
        const auto start = std::chrono::steady_clock::now();
        for (const fs::path& path : m_request.paths)
            if (path.string().find("://") != std::string::npos) // not repeated: it may have a password
                throw core::UserError("one of the paths is an address, not a file or folder",
                                      "A server is named with --db.");
        const fits::DesiFiles files = fits::findDesiFiles(m_request.paths);
        noteWhatCannotBeUsed(files);
        const std::size_t total = files.coadds.size() + files.qsoCatalogs.size() + files.zCatalogs.size();
        if (total == 0 && m_report.problems.empty())
            throw core::UserError(
                "no DESI file in the given paths",
                "Give coadd-*.fits files, a QSO_cat, a zall-pix, or a folder that has them.");
        m_context.beginPhase("Reading DESI files", "files", static_cast<double>(total));
        takeQsoCatalogs(files); // first: they say which targets are quasars
        for (FileOutcome& outcome :
             CoaddWorkers(m_database, files.coadds, m_request, m_context, m_filesDone).run())
            add(std::move(outcome));
        takeZCatalogs(files);
        catalog::forgetOldRefusals(m_database, m_context.stopToken());
        m_report.marked = catalog::countTargets(m_database, "problem != ''", {}, m_context.stopToken());
        m_report.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
        return std::move(m_report);
    }

private:
    void noteWhatCannotBeUsed(const fits::DesiFiles& files)
    {
        FileOutcome unusable;
        for (const fits::RejectedFile& file : files.rejected)
            unusable.rejectFile(file.path, file.reason);
        for (const fs::path& path : files.orphanRedrocks)
            unusable.rejectFile(path, "a redrock file without its coadd: there is no spectrum to add");
        remember(std::move(unusable));
    }

    void remember(FileOutcome outcome)
    {
        rememberRefusals(m_database, outcome);
        add(std::move(outcome));
    }

    void add(FileOutcome outcome)
    {
        m_report.files += outcome.fate == FileOutcome::Fate::Taken ? 1 : 0;
        m_report.filesSkipped += outcome.fate == FileOutcome::Fate::KnownAlready ? 1 : 0;
        m_report.spectra += outcome.spectra;
        m_report.filesRejected += outcome.filesRejected;
        m_report.rejected += outcome.rejected;
        std::move(outcome.problems.begin(), outcome.problems.end(), std::back_inserter(m_report.problems));
    }

    void takeQsoCatalogs(const fits::DesiFiles& files)
    {
        for (const fs::path& path : files.qsoCatalogs) {
            m_context.throwIfStopped();
            remember(takenOrRejected(path, [&] { return takeQsoCatalog(path); }));
            m_context.advanceTo(++m_filesDone, std::to_string(m_report.spectra) + " spectra");
        }
    }

    void takeZCatalogs(const fits::DesiFiles& files)
    {
        m_filesDone += static_cast<double>(files.coadds.size());
        for (const fs::path& path : files.zCatalogs) {
            m_context.throwIfStopped();
            try {
                remember(takenOrRejected(path, [&] { return takeZCatalog(path); }));
            } catch (const core::UserError& error) { // a production of this name cannot be
                remember(rejected(path, std::string(error.what()) + "; " + error.remedy()));
            }
            m_context.advanceTo(++m_filesDone, std::to_string(m_report.catalogRows) + " catalogue rows");
        }
    }

    FileOutcome takeZCatalog(const fs::path& path)
    {
        ZCatalogOutcome outcome = ingestZCatalog(
            m_database, path, m_request, m_context.stopToken(), [&](std::size_t done, std::size_t rows) {
                m_context.advanceTo(m_filesDone + static_cast<double>(done) / static_cast<double>(rows),
                                    std::to_string(done) + " catalogue rows");
            });
        m_report.catalogRows += outcome.counts.redshifts;
        if (outcome.file.fate == FileOutcome::Fate::Taken)
            m_context.log(path.string() + ": " + std::to_string(outcome.counts.redshifts) +
                          " redshifts and " + std::to_string(outcome.counts.photometry) +
                          " rows of photometry into " + outcome.production + ", " +
                          std::to_string(outcome.counts.sky) + " sky targets left out");
        if (!outcome.hasSkyIndex)
            m_context.log("q3c is not installed: cone searches on " + outcome.production +
                          ".photometry have no index");
        return std::move(outcome.file);
    }

    FileOutcome takeQsoCatalog(const fs::path& path)
    {
        FileOutcome outcome;
        const fits::FileStamp stamp = fits::FileStamp::of(path);
        const catalog::FileRecord record = recordOf(path, stamp, "qso_cat", m_request, m_context.stopToken());
        if (catalog::alreadyIngested(m_database, record))
            return {.fate = FileOutcome::Fate::KnownAlready};
        fits::QsoCatalogReader quasars(path);
        const auto next = [&](std::vector<catalog::CatalogRedshift>& entries) {
            m_context.throwIfStopped();
            fits::QsoCatalogPart part;
            const bool more = quasars.next(part);
            for (const fits::RejectedRedshift& row : part.rejected)
                outcome.rejectRow(path, row.row, row.reason);
            entries.clear();
            for (const fits::QsoCatalogRow& row : part.rows)
                entries.push_back(catalogEntry(row));
            return more;
        };
        const auto counts = catalog::updateRedshifts(m_database, record, next, m_context.stopToken());
        m_context.log(path.string() + ": redshifts for " + std::to_string(counts.updated) + " spectra, " +
                      std::to_string(counts.kept) + " keep redrock's");
        outcome.fate = FileOutcome::Fate::Taken;
        return outcome;
    }

    const catalog::Database& m_database;
    const IngestRequest& m_request;
    core::JobContext& m_context;
    IngestReport m_report;
    double m_filesDone = 0.0;
};

} // namespace

IngestReport ingest(const catalog::Database& database, const IngestRequest& request,
                    core::JobContext& context)
{
    catalog::requireRight(database, catalog::Right::Ingest);
    try {
        return Ingest(database, request, context).run();
    } catch (const core::DatabaseError& error) {
        if (error.kind() != core::DatabaseError::Kind::InDoubt)
            throw;
        // Files are known by their content: whether the last one is in or not, a second run is safe.
        throw core::DatabaseError(core::DatabaseError::Kind::Unreachable, error.what(),
                                  "Ingest again: what is in the database is recognised.");
    }
}

} // namespace voorwerp::pipeline
