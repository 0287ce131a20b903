// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/error.h"
#include "core/file_io.h"
#include "export/candidate_table.h"
#include "export/candidate_text.h"
#include "export/csv.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <fstream>

namespace voorwerp::exporting {

namespace {

constexpr std::array kColumns{
    ColumnDescription{"RANK", "", "1 is the most anomalous"},
    ColumnDescription{"TARGETID", "", "DESI target identifier"},
    ColumnDescription{"SURVEY", "", "DESI survey"},
    ColumnDescription{"PROGRAM", "", "DESI program"},
    ColumnDescription{"HEALPIX", "", "HEALPix pixel, nside 64, nested"},
    ColumnDescription{"TARGET_RA", "deg", "Right ascension, J2000"},
    ColumnDescription{"TARGET_DEC", "deg", "Declination, J2000"},
    ColumnDescription{"Z", "", "Redshift"},
    ColumnDescription{"ZWARN", "", "Redshift warning bits"},
    ColumnDescription{"SPECTYPE", "", "Spectral class of the pipeline"},
    ColumnDescription{"SNR", "", "Median signal to noise per good pixel"},
    ColumnDescription{"SCORE", "", "Fused anomaly score, larger is stranger"},
    ColumnDescription{"CHI2", "", "Reduced chi-square of the reconstruction"},
    ColumnDescription{"ROBUST", "", "Reduced chi-square, residuals clipped"},
    ColumnDescription{"SMOOTHED", "", "Score of the smoothed residual"},
    ColumnDescription{"DENSITY", "", "Minus log density of the latents"},
    ColumnDescription{"KL", "", "KL divergence of the encoding [nat]"},
    ColumnDescription{"ARTEFACT", "", "0 to 1, likeness to an instrument fault"},
    ColumnDescription{"P_VALUE", "", "Significance under the empirical null"},
    ColumnDescription{"Q_VALUE", "", "False discovery rate, Benjamini-Hochberg"},
    ColumnDescription{"KIND", "", "Suggested explanation"},
    ColumnDescription{"LABEL", "", "Class given by a person"},
    ColumnDescription{"MODEL", "", "Model version that scored"},
    ColumnDescription{"MODEL_SHA256", "", "SHA-256 of the model file"},
};
constexpr std::size_t kRowsPerCheck = 1000;

std::string oneLine(std::string text)
{
    std::replace(text.begin(), text.end(), '\n', ' ');
    std::replace(text.begin(), text.end(), '\r', ' ');
    return text;
}

std::string headText(const Provenance& provenance)
{
    std::string text = "# Voorwerp candidates\n";
    for (const auto& [name, value] : provenanceLines(provenance))
        text += "# " + name + ": " + value + "\n";
    for (const ColumnDescription& column : kColumns) {
        if (&column != &kColumns.front())
            text += ',';
        text += column.name;
    }
    return text + '\n';
}

std::string rowText(const CandidateRow& row)
{
    const std::string healpix = row.healpix < 0 ? std::string() : std::to_string(row.healpix);
    const std::array<std::string, kColumns.size()> cells{std::to_string(row.rank),
                                                         std::to_string(row.targetId.value),
                                                         csvCell(row.survey),
                                                         csvCell(row.program),
                                                         healpix,
                                                         csvNumber(row.targetRa),
                                                         csvNumber(row.targetDec),
                                                         csvNumber(row.z),
                                                         std::to_string(row.zwarn),
                                                         csvCell(row.spectype),
                                                         csvNumber(row.snr),
                                                         csvNumber(row.score),
                                                         csvNumber(row.chi2),
                                                         csvNumber(row.robust),
                                                         csvNumber(row.smoothed),
                                                         csvNumber(row.density),
                                                         csvNumber(row.kl),
                                                         csvNumber(row.artefact),
                                                         csvNumber(row.pValue),
                                                         csvNumber(row.qValue),
                                                         csvCell(row.kind),
                                                         csvCell(row.label),
                                                         csvCell(row.model),
                                                         csvCell(row.modelSha256)};
    std::string text = cells[0];
    for (std::size_t i = 1; i < cells.size(); ++i)
        text.append(1, ',').append(cells[i]);
    return text + '\n';
}

} // namespace

std::span<const ColumnDescription> candidateColumns()
{
    return kColumns;
}

std::vector<std::pair<std::string, std::string>> provenanceLines(const Provenance& provenance)
{
    std::vector<std::pair<std::string, std::string>> lines{{"query", provenance.query},
                                                           {"sort", provenance.sort},
                                                           {"recipe", provenance.recipe},
                                                           {"model", provenance.model},
                                                           {"model_sha256", provenance.modelSha256},
                                                           {"training_set", provenance.trainingSet},
                                                           {"software", provenance.software},
                                                           {"time", provenance.time}};
    for (const std::string& note : provenance.notes)
        lines.emplace_back("note", note);
    std::erase_if(lines, [](const auto& line) { return line.second.empty(); });
    for (auto& line : lines)
        line.second = oneLine(std::move(line.second));
    return lines;
}

std::string candidatesCsv(std::span<const CandidateRow> rows, const Provenance& provenance)
{
    std::string text = headText(provenance);
    for (const CandidateRow& row : rows)
        text += rowText(row);
    return text;
}

std::string writeCandidatesCsv(const std::filesystem::path& path, std::span<const CandidateRow> rows,
                               const Provenance& provenance, core::JobContext& context)
{
    context.beginPhase("Writing candidates", "rows", static_cast<double>(rows.size()));
    std::string sha256;
    core::writeFileAtomically(path, [&](const std::filesystem::path& temporary) {
        std::ofstream out(temporary, std::ios::binary | std::ios::trunc);
        out << headText(provenance);
        for (std::size_t i = 0; i < rows.size() && out; ++i) {
            if (i % kRowsPerCheck == 0) {
                context.throwIfStopped();
                context.advanceTo(static_cast<double>(i));
            }
            out << rowText(rows[i]);
        }
        out.close();
        if (!out)
            throw core::SystemError(
                "cannot write " + path.string() + ": " + std::strerror(errno),
                "Check that the folder exists, can be written to, and that the disk is not full.");
        sha256 = core::sha256OfFile(temporary, context.stopToken());
    });
    context.advanceTo(static_cast<double>(rows.size()));
    return sha256;
}

} // namespace voorwerp::exporting
