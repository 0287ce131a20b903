// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// A data quality report as text for people and as JSON for programs; the same in the window and on the
// command line.

#include "catalog/quality_report.h"

#include <nlohmann/json.hpp>

#include <string>

namespace voorwerp::pipeline {

/// "median S/N", "share with ZWARN", ...
const char* qualityMeasureName(catalog::QualityMeasure measure);
/// "fiber 1234: median S/N 0.31, typical 2.15, 14.2 sigma below (212 spectra)".
std::string outlierText(const catalog::OutlyingGroup& group);
std::string qualityText(const catalog::QualityReport& report);
nlohmann::ordered_json qualityJson(const catalog::QualityReport& report);

} // namespace voorwerp::pipeline
