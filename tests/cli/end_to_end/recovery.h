// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// How well a ranked list finds what a mock survey hid.

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

namespace voorwerp::test {

/// A CSV file by column name; comment lines are kept apart.
struct CsvTable
{
    std::vector<std::string> comments;
    std::vector<std::string> columns;
    std::vector<std::vector<std::string>> rows;
    /// Throws std::out_of_range for a column that is not there.
    std::size_t column(const std::string& name) const;
};
CsvTable readCsvTable(const std::filesystem::path& file);

struct Recovery
{
    double auroc = 0.0; ///< of SCORE, CLASS anomaly against CLASS normal; artefacts are left out
    std::size_t anomalies = 0, normals = 0; ///< that the list has
    std::size_t anomaliesInTruth = 0;
    std::map<std::string, double> aurocOfKind;
};
Recovery measureRecovery(const std::filesystem::path& candidates, const std::filesystem::path& truth);

/// Probability that a positive is above a negative, ties count half (Mann-Whitney U / n·m; Fawcett 2006).
double auroc(const std::vector<double>& positives, const std::vector<double>& negatives);

/// What a FITS file's first table says of itself: NAXIS2 and the TTYPEs, read from the header cards.
struct FitsTableHeader
{
    std::int64_t rows = 0;
    std::vector<std::string> columns;
};
FitsTableHeader readFitsTableHeader(const std::filesystem::path& file);

} // namespace voorwerp::test
