// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/pipeline/coadd_ingest.h"

#include "app/pipeline/redshift_join.h"
#include "catalog/quasar_rule.h"
#include "catalog/specprod_schema.h"
#include "catalog/specprod_store.h"
#include "core/error.h"
#include "core/file_io.h"
#include "fits/coadd_reader.h"

#include <optional>
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

/// The table of DESI's schema that the rows of a file belong to; nothing where it does not say which survey
/// and group they are of, or its production's name cannot be a schema's.
std::optional<catalog::RedshiftTable> productionTable(const std::string& specprod,
                                                      const fits::CoaddReader& reader)
{
    if (reader.targets().empty() || !catalog::canBeProduction(specprod))
        return std::nullopt;
    const core::SpectrumKey& key = reader.targets().front().key;
    const bool ofTile = key.tileid >= 0;
    if (key.survey.empty() || key.program.empty() || key.spgrpval < 0 || (!ofTile && key.spgrp != "healpix"))
        return std::nullopt;
    return ofTile ? catalog::RedshiftTable::Ztile : catalog::RedshiftTable::Zpix;
}

/// Of a file whose spectra are in the database.
void fillProduction(const catalog::Database& database, const fits::CoaddSource& source,
                    const std::string& specprod, const std::stop_token& stop)
{
    fits::CoaddReader reader(source.coadd, specprod);
    const std::string production =
        specprod.empty() && !reader.targets().empty() ? reader.targets().front().key.specprod : specprod;
    if (const auto table = productionTable(production, reader))
        catalog::addSpecprodRows(database, production, {reader.catalogRows(source.redrock), *table}, stop);
}

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

void FileOutcome::rejectRows(const fs::path& path, std::int64_t count, const std::string& reason)
{
    rejected += count;
    problems.push_back({path.string(), std::to_string(count) + " " + reason});
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
    record.quasarsOnly = record.kind == "coadd" && request.quasarsOnly;
    return record;
}

FileOutcome ingestCoadd(const catalog::Database& database, const fits::CoaddSource& source,
                        const IngestRequest& request, const std::stop_token& stop, const RowsDone& rowsDone)
{
    FileOutcome outcome;
    const fits::FileStamp stamp = fits::FileStamp::of(source.coadd);
    catalog::FileRecord record = recordOf(source.coadd, stamp, "coadd", request, stop);
    noteCompanions(source, record, stop);
    if (catalog::alreadyIngested(database, record)) {
        if (request.catalogTables)
            fillProduction(database, source, request.specprod, stop);
        return {.fate = FileOutcome::Fate::KnownAlready};
    }
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
    const auto production = request.catalogTables ? productionTable(record.specprod, reader) : std::nullopt;
    if (production)
        catalog::createProduction(database, record.specprod); // before: other files wait for who makes it
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
    if (production)
        ingest.addCatalogRows(reader.catalogRows(record.redrockSha256.empty() ? fs::path() : source.redrock),
                              *production);
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
