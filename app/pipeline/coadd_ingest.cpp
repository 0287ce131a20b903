// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/pipeline/coadd_ingest.h"

#include "app/pipeline/redshift_join.h"
#include "catalog/quasar_rule.h"
#include "core/error.h"
#include "core/file_io.h"
#include "fits/coadd_reader.h"

#include <unordered_set>

namespace voorwerp::pipeline {

namespace fs = std::filesystem;

namespace {

constexpr std::size_t kRowsBetweenReports = 16;
constexpr std::int64_t kNanosecondsPerSecond = 1'000'000'000;

/// What a request wants of a coadd's targets.
class Choice
{
public:
    Choice(const catalog::Database& database, const IngestRequest& request, const std::string& specprod,
           const std::vector<core::TargetInfo>& targets)
        : m_all(!request.quasarsOnly)
    {
        if (!m_all)
            m_known = catalog::catalogQuasars(database, specprod, targets);
    }
    bool has(const core::TargetInfo& info) const
    {
        return m_all || catalog::qsoMaskbits(info) != 0 || m_known.contains(info.key.targetId);
    }

private:
    bool m_all;
    std::unordered_set<core::TargetId> m_known; ///< quasars of a QSO catalogue
};

} // namespace

IngestProblem problemOf(const fs::path& path, const std::string& reason)
{
    const std::string text = path.string();
    const std::size_t start = reason.starts_with(text) ? reason.find_first_not_of(":, ", text.size()) : 0;
    return {text, start == std::string::npos ? reason : reason.substr(start)};
}

void FileOutcome::rejectFile(const fs::path& path, const std::string& reason)
{
    ++filesRejected;
    problems.push_back(problemOf(path, reason));
}

void FileOutcome::rejectRow(const fs::path& path, std::int64_t row, const std::string& reason)
{
    ++rejected;
    problems.push_back({path.string(), reason, row});
}

catalog::FileRecord recordOf(const fs::path& path, const fits::FileStamp& stamp, const char* kind,
                             const IngestRequest& request, const std::stop_token& stop)
{
    catalog::FileRecord record;
    record.path = fs::absolute(path).lexically_normal();
    record.size = static_cast<std::int64_t>(stamp.size);
    record.mtime = stamp.modifiedNs / kNanosecondsPerSecond;
    record.sha256 = core::sha256OfFile(path, stop);
    record.kind = kind;
    record.specprod = request.specprod;
    record.pixels = request.pixels;
    record.quasarsOnly = request.quasarsOnly;
    return record;
}

FileOutcome ingestCoadd(const catalog::Database& database, const fits::CoaddSource& source,
                        const IngestRequest& request, const std::stop_token& stop, const RowsDone& rowsDone)
{
    FileOutcome outcome;
    const fits::FileStamp stamp = fits::FileStamp::of(source.coadd);
    catalog::FileRecord record = recordOf(source.coadd, stamp, "coadd", request, stop);
    noteCompanions(source, record, stop);
    if (catalog::alreadyIngested(database, record))
        return {.fate = FileOutcome::Fate::KnownAlready};
    fits::CoaddReader reader(source.coadd, request.specprod);
    const std::size_t rows = reader.targets().size();
    if (record.specprod.empty() && rows > 0)
        record.specprod = reader.targets().front().key.specprod;
    const RedshiftJoin join(record);
    for (const IngestProblem& problem : join.problems())
        problem.row < 0 ? outcome.rejectFile(problem.path, problem.reason)
                        : outcome.rejectRow(problem.path, problem.row, problem.reason);
    for (const fits::RejectedRow& row : reader.rejected())
        outcome.rejectRow(source.coadd, row.row, row.reason);
    catalog::FileIngest ingest(database, record, stop);
    // Another program had this file in work, and is done now; or only a file beside it cannot be read,
    // as before.
    if (catalog::alreadyIngested(database, record)) {
        outcome.fate = FileOutcome::Fate::KnownAlready;
        return outcome;
    }
    const Choice choice(database, request, record.specprod, reader.targets());
    for (std::size_t i = 0; i < rows; ++i) {
        if (i % kRowsBetweenReports == 0) {
            if (stop.stop_requested())
                throw core::Cancelled();
            rowsDone(i, rows);
        }
        core::TargetInfo info = reader.targets()[i];
        join.fill(info);
        if (!choice.has(info))
            continue;
        const core::Spectrum spectrum = reader.read(i);
        fits::assessSpectrum(spectrum, info);
        ingest.add(info, spectrum);
    }
    reader.checkUnchanged();
    stamp.check(source.coadd);
    const catalog::IngestCounts counts = ingest.commit();
    outcome.fate = FileOutcome::Fate::Taken;
    outcome.spectra = counts.inserted + counts.replaced;
    for (const std::int32_t row : counts.duplicateRows)
        outcome.rejectRow(source.coadd, row, "repeats a target of this file");
    return outcome;
}

} // namespace voorwerp::pipeline
