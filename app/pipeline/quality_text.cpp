// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/pipeline/quality_text.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>

namespace voorwerp::pipeline {

namespace {

using catalog::QualityMeasure;
using Json = nlohmann::ordered_json;

constexpr std::size_t kShownInText = 20;

std::string number(double value, int digits)
{
    std::array<char, 64> text{};
    std::snprintf(text.data(), text.size(), "%.*f", digits, value);
    return text.data();
}

std::string percent(std::int64_t part, std::int64_t all)
{
    return all == 0 ? "0 %" : number(100.0 * static_cast<double>(part) / static_cast<double>(all), 1) + " %";
}

std::string countLine(const std::string& what, std::int64_t count, std::int64_t all)
{
    return what + std::to_string(count) + " (" + percent(count, all) + ")\n";
}

std::string distributionLine(const std::string& what, const catalog::Distribution& found, int digits)
{
    if (found.values == 0)
        return what + "not known\n";
    return what + "median " + number(found.median, digits) + ", 5 to 95 % " + number(found.percent5, digits) +
           " to " + number(found.percent95, digits) + "\n";
}

std::string reasonLines(const std::vector<catalog::ValueCount>& reasons)
{
    std::string text;
    for (const catalog::ValueCount& reason : reasons)
        text += "  " + std::to_string(reason.count) + "  " + reason.value + "\n";
    return text;
}

/// The first lines of a list, and how many more there are.
template <typename List, typename Line> std::string firstLines(const List& list, Line line)
{
    std::string text;
    for (std::size_t i = 0; i < std::min(list.size(), kShownInText); ++i)
        text += "  " + line(list[i]) + "\n";
    if (list.size() > kShownInText)
        text += "  and " + std::to_string(list.size() - kShownInText) + " more\n";
    return text;
}

Json distributionJson(const catalog::Distribution& found)
{
    return {{"values", found.values},       {"median", found.median}, {"percent5", found.percent5},
            {"percent95", found.percent95}, {"low", found.low},       {"high", found.high},
            {"counts", found.counts}};
}

Json reasonsJson(const std::vector<catalog::ValueCount>& reasons)
{
    Json list = Json::array();
    for (const catalog::ValueCount& reason : reasons)
        list.push_back({{"reason", reason.value}, {"count", reason.count}});
    return list;
}

Json outliersJson(const std::vector<catalog::OutlyingGroup>& outliers)
{
    Json list = Json::array();
    for (const catalog::OutlyingGroup& group : outliers)
        list.push_back({{"column", group.column},
                        {"value", group.value},
                        {"spectra", group.spectra},
                        {"measure", qualityMeasureName(group.measure)},
                        {"found", group.found},
                        {"typical", group.typical},
                        {"z", group.z},
                        {"where", group.where()}});
    return list;
}

} // namespace

const char* qualityMeasureName(QualityMeasure measure)
{
    switch (measure) {
    case QualityMeasure::SignalToNoise:
        return "median S/N";
    case QualityMeasure::FractionMasked:
        return "mean fraction masked";
    case QualityMeasure::RedshiftWarnings:
        return "share with ZWARN not 0";
    default:
        return "share with a problem";
    }
}

std::string outlierText(const catalog::OutlyingGroup& group)
{
    return group.column + " " + std::to_string(group.value) + ": " + qualityMeasureName(group.measure) + " " +
           number(group.found, 3) + ", typical " + number(group.typical, 3) + ", " +
           number(std::abs(group.z), 1) + (group.z < 0.0 ? " sigma below (" : " sigma above (") +
           std::to_string(group.spectra) + " spectra)";
}

std::string qualityText(const catalog::QualityReport& report)
{
    std::string text =
        "Data quality" + (report.where.empty() ? std::string() : " of " + report.where) + "\n\n";
    text += "spectra           " + std::to_string(report.spectra) + " of " + std::to_string(report.targets) +
            " targets\n";
    text += countLine("with a redshift   ", report.withRedshift, report.spectra);
    text += countLine("ZWARN not 0       ", report.warned, report.withRedshift);
    text += countLine("with a problem    ", report.unusable, report.spectra);
    text += distributionLine("S/N               ", report.snr, 2);
    text += distributionLine("redshift          ", report.z, 3);
    text += distributionLine("fraction masked   ", report.fractionMasked, 4);
    text += countLine("repeated targets  ", report.repeatedTargets, report.targets);
    text += "within 1 arcsec   " + std::to_string(report.closePairs) + " pairs of different targets\n";
    if (!report.problems.empty())
        text += "\nKept, but left out of training:\n" + reasonLines(report.problems);
    if (!report.refusals.empty())
        text += "\nNot taken from files (" + std::to_string(report.refusedFiles) + " files, " +
                std::to_string(report.refusedRows) + " rows):\n" + reasonLines(report.refusals);
    text += report.outliers.empty() ? "\nNo fibre, petal, tile or night departs from the rest.\n"
                                    : "\nDepart from the rest:\n" + firstLines(report.outliers, outlierText);
    if (!report.repeated.empty())
        text += "\nSeveral spectra of one target:\n" + firstLines(report.repeated, [](const auto& target) {
                    return std::to_string(target.targetId.value) + ": " + std::to_string(target.spectra);
                });
    if (!report.pairs.empty())
        text += "\nDifferent targets at one place:\n" + firstLines(report.pairs, [](const auto& pair) {
                    return std::to_string(pair.first.value) + " and " + std::to_string(pair.second.value) +
                           ": " + number(pair.arcsec, 2) + " arcsec";
                });
    return text;
}

Json qualityJson(const catalog::QualityReport& report)
{
    Json repeated = Json::array(), pairs = Json::array();
    for (const catalog::RepeatedTarget& target : report.repeated)
        repeated.push_back({{"targetid", target.targetId.value}, {"spectra", target.spectra}});
    for (const catalog::ClosePair& pair : report.pairs)
        pairs.push_back(
            {{"first", pair.first.value}, {"second", pair.second.value}, {"arcsec", pair.arcsec}});
    return {{"where", report.where},
            {"spectra", report.spectra},
            {"targets", report.targets},
            {"with_redshift", report.withRedshift},
            {"zwarn_not_0", report.warned},
            {"with_problem", report.unusable},
            {"snr", distributionJson(report.snr)},
            {"z", distributionJson(report.z)},
            {"fraction_masked", distributionJson(report.fractionMasked)},
            {"problems", reasonsJson(report.problems)},
            {"refusals", reasonsJson(report.refusals)},
            {"refused_files", report.refusedFiles},
            {"refused_rows", report.refusedRows},
            {"outliers", outliersJson(report.outliers)},
            {"repeated_targets", report.repeatedTargets},
            {"repeated_spectra", report.repeatedSpectra},
            {"repeated", std::move(repeated)},
            {"close_pairs", report.closePairs},
            {"pairs", std::move(pairs)},
            {"seconds", report.seconds}};
}

} // namespace voorwerp::pipeline
