// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/pipeline/ingest_job.h"

#include "catalog/ingest_store.h"
#include "catalog/target_query.h"
#include "core/file_io.h"
#include "fits/coadd_reader.h"
#include "fits/desi_tree.h"
#include "fits/file_stamp.h"
#include "fits/redshift_reader.h"

#include <nlohmann/json.hpp>

#include <chrono>
#include <set>
#include <tuple>
#include <unordered_map>

namespace voorwerp::pipeline {

namespace fs = std::filesystem;

namespace {

constexpr std::size_t kRowsBetweenReports = 16;
constexpr std::int64_t kNanosecondsPerSecond = 1'000'000'000;

/// A reader's message begins with the path, which the report has in a field of its own.
std::string withoutPath(const std::string& reason, const fs::path& path)
{
    const std::string text = path.string();
    const std::size_t start = reason.starts_with(text) ? reason.find_first_not_of(":, ", text.size()) : 0;
    return start == std::string::npos ? reason : reason.substr(start);
}

/// What was taken before: content, redrock's content, production.
class Ledger
{
public:
    explicit Ledger(const catalog::Database& database)
    {
        for (const catalog::FileRecord& file : catalog::listFiles(database))
            m_known.insert({file.sha256, file.redrockSha256, file.specprod});
    }
    /// specprod empty: any production.
    bool has(const std::string& sha256, const std::string& redrockSha256, const std::string& specprod) const
    {
        const auto first = m_known.lower_bound({sha256, redrockSha256, specprod});
        if (first == m_known.end())
            return false;
        const auto& [content, redrock, production] = *first;
        return content == sha256 && redrock == redrockSha256 && (specprod.empty() || production == specprod);
    }

private:
    std::set<std::tuple<std::string, std::string, std::string>> m_known;
};

class Ingest
{
public:
    Ingest(const catalog::Database& database, const IngestRequest& request, core::JobContext& context)
        : m_database(database)
        , m_request(request)
        , m_context(context)
        , m_ledger(database)
    {
    }

    IngestReport run()
    {
        const auto start = std::chrono::steady_clock::now();
        const fits::DesiFiles files = fits::findDesiFiles(m_request.paths);
        noteWhatCannotBeUsed(files);
        const std::size_t total = files.coadds.size() + files.qsoCatalogs.size();
        if (total == 0 && m_report.problems.empty())
            throw core::UserError("no DESI file in the given paths",
                                  "Give coadd-*.fits files, a QSO_cat, or a folder that has them.");
        m_context.beginPhase("Reading DESI files", "files", static_cast<double>(total));
        for (const fits::CoaddSource& source : files.coadds)
            guarded(source.coadd, [&] { takeCoadd(source); });
        for (const fs::path& path : files.qsoCatalogs)
            guarded(path, [&] { takeQsoCatalog(path); });
        m_report.marked = catalog::countTargets(m_database, "problem != ''", {}, m_context.stopToken());
        m_report.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
        return std::move(m_report);
    }

private:
    void noteWhatCannotBeUsed(const fits::DesiFiles& files)
    {
        for (const fits::RejectedFile& file : files.rejected)
            rejectFile(file.path, file.reason);
        for (const fs::path& path : files.orphanRedrocks)
            rejectFile(path, "a redrock file without its coadd: there is no spectrum to add");
    }

    void rejectFile(const fs::path& path, const std::string& reason)
    {
        ++m_report.filesRejected;
        m_report.problems.push_back({path.string(), withoutPath(reason, path)});
    }

    void rejectRow(const fs::path& path, std::int64_t row, const std::string& reason)
    {
        ++m_report.rejected;
        m_report.problems.push_back({path.string() + " row " + std::to_string(row), reason});
    }

    /// A bad file is listed, and the next one is read.
    template <typename Take> void guarded(const fs::path& path, Take&& take)
    {
        m_context.throwIfStopped();
        try {
            take();
        } catch (const core::FormatError& error) {
            rejectFile(path, error.what());
        } catch (const core::SystemError& error) {
            rejectFile(path, error.what());
        }
        ++m_filesDone;
        m_context.advanceTo(static_cast<double>(m_filesDone), std::to_string(m_report.spectra) + " spectra");
    }

    catalog::FileRecord recordOf(const fs::path& path, const fits::FileStamp& stamp, const char* kind) const
    {
        catalog::FileRecord record;
        record.path = fs::absolute(path).lexically_normal();
        record.size = static_cast<std::int64_t>(stamp.size);
        record.mtime = stamp.modifiedNs / kNanosecondsPerSecond;
        record.sha256 = core::sha256OfFile(path, m_context.stopToken());
        record.kind = kind;
        record.specprod = m_request.specprod;
        return record;
    }

    /// Redshifts by target. A redrock file that cannot be read is listed; its coadd goes in without
    /// redshifts.
    std::unordered_map<core::TargetId, core::Redshift> readRedshifts(catalog::FileRecord& record)
    {
        std::unordered_map<core::TargetId, core::Redshift> redshifts;
        if (record.redrockPath.empty())
            return redshifts;
        try {
            fits::RedrockTable table = fits::readRedrock(record.redrockPath);
            for (const fits::RejectedRedshift& row : table.rejected)
                rejectRow(record.redrockPath, row.row, row.reason);
            for (auto& [target, redshift] : table.rows)
                redshifts.emplace(target, std::move(redshift));
            record.provenance = nlohmann::json(table.provenance).dump();
        } catch (const core::FormatError& error) {
            rejectFile(record.redrockPath, error.what());
            record.redrockSha256.clear(); // not taken: listed again by the next ingest
        }
        return redshifts;
    }

    void takeCoadd(const fits::CoaddSource& source)
    {
        const fits::FileStamp stamp = fits::FileStamp::of(source.coadd);
        catalog::FileRecord record = recordOf(source.coadd, stamp, "coadd");
        record.redrockPath = source.redrock;
        if (!source.redrock.empty())
            record.redrockSha256 = core::sha256OfFile(source.redrock, m_context.stopToken());
        if (m_ledger.has(record.sha256, record.redrockSha256, m_request.specprod)) {
            ++m_report.filesSkipped;
            return;
        }
        fits::CoaddReader reader(source.coadd, m_request.specprod);
        if (record.specprod.empty() && !reader.targets().empty())
            record.specprod = reader.targets().front().key.specprod;
        const auto redshifts = readRedshifts(record);
        for (const fits::RejectedRow& row : reader.rejected())
            rejectRow(source.coadd, row.row, row.reason);
        catalog::FileIngest ingest(m_database, record, m_context.stopToken());
        // Another program had this file in work, and is done now.
        if (catalog::alreadyIngested(m_database, record.sha256, record.specprod, record.redrockSha256)) {
            ++m_report.filesSkipped;
            return;
        }
        for (std::size_t i = 0; i < reader.targets().size(); ++i) {
            core::TargetInfo info = reader.targets()[i];
            const core::Spectrum spectrum = reader.read(i);
            fits::assessSpectrum(spectrum, info);
            if (const auto found = redshifts.find(info.key.targetId); found != redshifts.end())
                info.redshift = found->second;
            ingest.add(info, spectrum);
            reportRow(i, reader.targets().size());
        }
        reader.checkUnchanged();
        stamp.check(source.coadd);
        const catalog::IngestCounts counts = ingest.commit();
        ++m_report.files;
        m_report.spectra += counts.inserted + counts.replaced;
        for (const std::int32_t row : counts.duplicateRows)
            rejectRow(source.coadd, row, "repeats a target of this file");
    }

    void reportRow(std::size_t row, std::size_t rows)
    {
        if (row % kRowsBetweenReports != 0)
            return;
        m_context.throwIfStopped();
        m_context.advanceTo(static_cast<double>(m_filesDone) +
                                static_cast<double>(row) / static_cast<double>(rows),
                            std::to_string(m_report.spectra + static_cast<std::int64_t>(row)) + " spectra");
    }

    void takeQsoCatalog(const fs::path& path)
    {
        const fits::FileStamp stamp = fits::FileStamp::of(path);
        const catalog::FileRecord record = recordOf(path, stamp, "qso_cat");
        if (m_ledger.has(record.sha256, {}, m_request.specprod)) {
            ++m_report.filesSkipped;
            return;
        }
        const fits::QsoCatalog quasars = fits::readQsoCatalog(path);
        for (const fits::RejectedRedshift& row : quasars.rejected)
            rejectRow(path, row.row, row.reason);
        std::vector<catalog::CatalogRedshift> entries;
        entries.reserve(quasars.rows.size());
        for (const fits::QsoCatalogRow& row : quasars.rows)
            entries.push_back({row.targetId, row.redshift.z, static_cast<float>(row.redshift.zerr),
                               row.redshift.zwarn, row.redshift.spectype, row.survey, row.program,
                               row.tileid});
        stamp.check(path);
        const auto counts = catalog::updateRedshifts(m_database, record, entries, m_context.stopToken());
        m_context.log(path.string() + ": redshifts for " + std::to_string(counts.updated) + " spectra, " +
                      std::to_string(counts.kept) + " keep redrock's");
        ++m_report.files;
    }

    const catalog::Database& m_database;
    const IngestRequest& m_request;
    core::JobContext& m_context;
    Ledger m_ledger;
    IngestReport m_report;
    std::size_t m_filesDone = 0;
};

} // namespace

IngestReport ingest(const catalog::Database& database, const IngestRequest& request,
                    core::JobContext& context)
{
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
