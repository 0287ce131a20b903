// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/file_io.h"
#include "export/candidate_table.h"
#include "export/candidate_text.h"
#include "fits/table_writer.h"

#include <algorithm>

namespace voorwerp::exporting {

namespace {

constexpr std::size_t kHealpixColumn = 5; // 1-based, as in TNULL5

/// One member of every row, as the writer takes it.
template <typename Get> auto gather(std::span<const CandidateRow> rows, Get get)
{
    std::vector<std::decay_t<decltype(get(rows.front()))>> values;
    values.reserve(rows.size());
    for (const CandidateRow& row : rows)
        values.push_back(get(row));
    return values;
}

/// In the order of candidateColumns().
std::vector<fits::Column::Values> columnValues(std::span<const CandidateRow> rows)
{
    const auto member = [&](auto pointer) {
        return gather(rows, [pointer](const CandidateRow& row) { return row.*pointer; });
    };
    return {member(&CandidateRow::rank),
            gather(rows, [](const CandidateRow& row) { return row.targetId.value; }),
            member(&CandidateRow::survey),
            member(&CandidateRow::program),
            member(&CandidateRow::healpix),
            member(&CandidateRow::targetRa),
            member(&CandidateRow::targetDec),
            member(&CandidateRow::z),
            member(&CandidateRow::zwarn),
            member(&CandidateRow::spectype),
            member(&CandidateRow::snr),
            member(&CandidateRow::score),
            member(&CandidateRow::chi2),
            member(&CandidateRow::robust),
            member(&CandidateRow::smoothed),
            member(&CandidateRow::density),
            member(&CandidateRow::kl),
            member(&CandidateRow::artefact),
            member(&CandidateRow::pValue),
            member(&CandidateRow::qValue),
            member(&CandidateRow::kind),
            member(&CandidateRow::label),
            member(&CandidateRow::model),
            member(&CandidateRow::modelSha256)};
}

fits::Header tableHeader(const Provenance& provenance)
{
    fits::Header header;
    const auto columns = candidateColumns();
    for (std::size_t i = 0; i < columns.size(); ++i)
        header.cards.emplace_back("TCOMM" + std::to_string(i + 1), std::string(columns[i].description));
    header.cards.emplace_back("TNULL" + std::to_string(kHealpixColumn), std::int64_t{-1},
                              "no pixel: a tile group");
    const std::string date = provenance.time.substr(0, provenance.time.find_first_of("Z+"));
    const std::vector<fits::Card> named{{"MODEL", provenance.model, "model version"},
                                        {"MODELSHA", provenance.modelSha256, "SHA-256 of the model file"},
                                        {"CREATOR", provenance.software},
                                        {"DATE", date, "UTC"}};
    std::copy_if(named.begin(), named.end(), std::back_inserter(header.cards),
                 [](const fits::Card& card) { return !std::get<std::string>(card.value).empty(); });
    for (const auto& [name, value] : provenanceLines(provenance))
        header.history.push_back(name + ": " + value);
    return header;
}

} // namespace

std::string writeCandidatesFits(const std::filesystem::path& path, std::span<const CandidateRow> rows,
                                const Provenance& provenance, core::JobContext& context)
{
    context.beginPhase("Writing candidates", "rows", static_cast<double>(rows.size()));
    const auto descriptions = candidateColumns();
    auto values = columnValues(rows);
    std::vector<fits::Column> columns;
    for (std::size_t i = 0; i < values.size(); ++i)
        columns.push_back(
            {std::string(descriptions[i].name), std::move(values[i]), std::string(descriptions[i].unit)});
    context.throwIfStopped();
    fits::writeFitsFile(path, [&](fits::FitsWriter& out) {
        out.addTable("CANDIDATES", columns, tableHeader(provenance));
        context.throwIfStopped();
    });
    context.advanceTo(static_cast<double>(rows.size()));
    return core::sha256OfFile(path);
}

} // namespace voorwerp::exporting
