// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/pipeline/match_job.h"

#include "app/pipeline/provenance.h"
#include "core/error.h"
#include "core/file_io.h"
#include "core/version.h"
#include "export/csv.h"

#include <chrono>
#include <cmath>
#include <fstream>

namespace voorwerp::pipeline {

namespace {

constexpr std::size_t kMostProblems = 1000;
constexpr std::size_t kStopEvery = 500; // rows

catalog::ImportedCatalogue describe(const CatalogueRequest& request, const exporting::ForeignTable& table,
                                    const exporting::SkyColumns& sky, const std::string& sha256)
{
    catalog::ImportedCatalogue catalogue;
    catalogue.name = request.name;
    catalogue.source = std::filesystem::absolute(request.file).string();
    catalogue.sha256 = sha256;
    catalogue.format = table.format();
    catalogue.raColumn = table.columns()[sky.ra].name;
    catalogue.decColumn = table.columns()[sky.dec].name;
    for (const exporting::ForeignColumn& column : table.columns())
        catalogue.columns.push_back({column.name, column.type, column.unit, column.ucd, column.description});
    catalogue.importedBy = currentUser();
    return catalogue;
}

/// Where the places are, or an error that names the file.
exporting::SkyColumns skyColumnsOf(const CatalogueRequest& request, const exporting::ForeignTable& table)
{
    try {
        return exporting::findSkyColumns(table.columns(), request.raColumn, request.decColumn);
    } catch (const core::FormatError& error) {
        throw core::FormatError(request.file.string() + ": " + error.what(), error.remedy());
    }
}

/// What makes a comment of a text: no line breaks.
std::string oneLine(std::string text)
{
    for (char& c : text)
        c = c == '\n' || c == '\r' ? ' ' : c;
    return text;
}

std::string header(const catalog::ImportedCatalogue& catalogue)
{
    std::string text = "# Matches of the catalogue " + catalogue.name + " within " +
                       exporting::csvNumber(catalogue.match->radiusArcsec) + " arcsec\n# of " +
                       oneLine(catalogue.source) + ", SHA-256 " + catalogue.sha256 + "\n# matched " +
                       catalogue.match->matched + " with " +
                       (catalogue.match->where.empty() ? "all spectra" : oneLine(catalogue.match->where)) +
                       "\n" + (catalogue.match->outdated ? "# spectra came or went since then\n" : "") +
                       "# voorwerp " + core::kVersion +
                       "\nROW,TARGETID,SURVEY,PROGRAM,TARGET_RA,TARGET_DEC,Z,"
                       "SEPARATION_ARCSEC,BEST";
    for (const catalog::ImportedColumn& column : catalogue.columns)
        text += "," + exporting::csvCell(catalogue.name + "." + column.name);
    return text + "\n";
}

std::string line(const catalog::MatchedPair& pair)
{
    std::string text = std::to_string(pair.rowNumber) + "," + std::to_string(pair.targetId) + "," +
                       exporting::csvCell(pair.survey) + "," + exporting::csvCell(pair.program) + "," +
                       exporting::csvNumber(pair.ra) + "," + exporting::csvNumber(pair.dec) + "," +
                       exporting::csvNumber(pair.z) + "," + exporting::csvNumber(pair.separationArcsec) +
                       (pair.best ? ",true" : ",false");
    for (const auto& cell : pair.cells)
        text += "," + exporting::csvCell(cell.value_or(""));
    return text + "\n";
}

} // namespace

CataloguePreview previewCatalogue(const std::filesystem::path& file, std::size_t rows)
{
    const auto table = exporting::openForeignTable(file);
    CataloguePreview preview{table->format(), table->columns(), {}, {}, table->notes()};
    try {
        preview.sky = exporting::findSkyColumns(table->columns());
    } catch (const core::FormatError&) {
        // The person has to say which.
    }
    for (exporting::ForeignRow row; preview.rows.size() < rows && table->next(row);)
        preview.rows.push_back(row);
    return preview;
}

CatalogueReport importCatalogue(const catalog::Database& database, const CatalogueRequest& request,
                                core::JobContext& context)
{
    const auto start = std::chrono::steady_clock::now();
    catalog::checkCatalogueName(request.name);
    const auto table = exporting::openForeignTable(request.file);
    const auto sky = skyColumnsOf(request, *table);
    const std::string sha256 = core::sha256OfFile(request.file, context.stopToken());
    catalog::CatalogueImport import(database, describe(request, *table, sky, sha256), request.replace,
                                    context.stopToken());
    CatalogueReport report;
    report.foundBy = sky.reason;
    report.notes = table->notes();
    context.beginPhase("Importing " + request.file.filename().string(), "", 1.0);
    std::int64_t taken = 0, rejected = 0;
    for (exporting::ForeignRow row; table->next(row);) {
        if (row.number % kStopEvery == 0) {
            context.throwIfStopped();
            context.advanceTo(table->fractionRead(), std::to_string(taken) + " rows");
        }
        std::string problem;
        if (const auto position = exporting::positionOf(row, sky, problem)) {
            import.add(static_cast<std::int64_t>(row.number), *position, row.cells);
            ++taken;
        } else if (++rejected; report.problems.size() < kMostProblems) {
            report.problems.push_back({row.place, problem});
        }
    }
    if (taken == 0)
        throw core::FormatError(
            request.file.string() + " has no row with a place" +
                (rejected > 0 ? ": " + report.problems[0].place + ": " + report.problems[0].reason
                              : std::string()),
            "Name the columns of right ascension and declination: --ra COLUMN --dec COLUMN.");
    if (core::sha256OfFile(request.file, context.stopToken()) != sha256)
        throw core::FormatError(request.file.string() + " changed while it was read", "Import it again.");
    report.catalogue = import.commit(rejected);
    context.advanceTo(1.0);
    report.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    return report;
}

void writeMatches(const catalog::Database& database, const std::string& catalogue,
                  const std::filesystem::path& file, std::stop_token stop)
{
    const auto found = catalog::findCatalogue(database, catalogue);
    core::writeFileAtomically(file, [&](const std::filesystem::path& temporary) {
        std::ofstream out(temporary, std::ios::binary);
        bool begun = false;
        catalog::streamMatches(
            database, catalogue,
            [&](const catalog::MatchedPair& pair) {
                if (!begun)
                    out << header(found);
                begun = true;
                out << line(pair);
            },
            stop);
        if (!begun)
            out << header(found);
        out.close();
        if (!out)
            throw core::SystemError("cannot write " + temporary.string(), "Check the disk.");
    });
}

} // namespace voorwerp::pipeline
