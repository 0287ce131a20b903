// SPDX-License-Identifier: GPL-3.0-or-later
#include "cli/end_to_end/recovery.h"

#include "core/file_io.h"
#include "export/csv.h"

#include <algorithm>
#include <stdexcept>

namespace voorwerp::test {

std::size_t CsvTable::column(const std::string& name) const
{
    const auto found = std::find(columns.begin(), columns.end(), name);
    if (found == columns.end())
        throw std::out_of_range("no column " + name);
    return static_cast<std::size_t>(found - columns.begin());
}

CsvTable readCsvTable(const std::filesystem::path& file)
{
    const std::string text = core::readText(file);
    exporting::CsvReader reader(text);
    CsvTable table;
    while (const auto record = reader.next())
        if (table.columns.empty())
            table.columns = record->cells;
        else
            table.rows.push_back(record->cells);
    table.comments = reader.comments();
    return table;
}

double auroc(const std::vector<double>& positives, const std::vector<double>& negatives)
{
    std::vector<double> sorted = negatives;
    std::sort(sorted.begin(), sorted.end());
    double wins = 0.0;
    for (const double value : positives) {
        const auto [first, last] = std::equal_range(sorted.begin(), sorted.end(), value);
        wins += static_cast<double>(first - sorted.begin()) + 0.5 * static_cast<double>(last - first);
    }
    return wins / (static_cast<double>(positives.size()) * static_cast<double>(negatives.size()));
}

Recovery measureRecovery(const std::filesystem::path& candidates, const std::filesystem::path& truth)
{
    const CsvTable list = readCsvTable(candidates);
    std::map<std::string, double> scores;
    for (const auto& row : list.rows)
        scores[row.at(list.column("TARGETID"))] = std::stod(row.at(list.column("SCORE")));
    const CsvTable known = readCsvTable(truth);
    Recovery recovery;
    std::vector<double> anomalies, normals;
    std::map<std::string, std::vector<double>> ofKind;
    for (const auto& row : known.rows) {
        const std::string& group = row.at(known.column("CLASS"));
        recovery.anomaliesInTruth += group == "anomaly" ? 1 : 0;
        const auto score = scores.find(row.at(known.column("TARGETID")));
        if (score == scores.end() || group == "artefact")
            continue;
        (group == "anomaly" ? anomalies : normals).push_back(score->second);
        if (group == "anomaly")
            ofKind[row.at(known.column("KIND"))].push_back(score->second);
    }
    recovery.anomalies = anomalies.size();
    recovery.normals = normals.size();
    recovery.auroc = auroc(anomalies, normals);
    for (const auto& [kind, values] : ofKind)
        recovery.aurocOfKind[kind] = auroc(values, normals);
    return recovery;
}

FitsTableHeader readFitsTableHeader(const std::filesystem::path& file)
{
    constexpr std::size_t kCard = 80;
    const std::string text = core::readText(file);
    FitsTableHeader header;
    bool inTable = false;
    for (std::size_t at = 0; at + kCard <= text.size(); at += kCard) {
        const std::string card = text.substr(at, kCard);
        if (card.starts_with("XTENSION= 'BINTABLE'"))
            inTable = true;
        else if (inTable && card.starts_with("END     "))
            break;
        else if (inTable && card.starts_with("NAXIS2  ="))
            header.rows = std::stoll(card.substr(10));
        else if (inTable && card.starts_with("TTYPE")) {
            const std::size_t open = card.find('\'');
            std::string name = card.substr(open + 1, card.find('\'', open + 1) - open - 1);
            name.erase(name.find_last_not_of(' ') + 1);
            header.columns.push_back(name);
        }
    }
    return header;
}

} // namespace voorwerp::test
