// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// The files of DESI's quasar afterburners for one healpix pixel of the mock survey: what QuasarNet and the Mg
// II fit would say of each target, after its kind, redshift and S/N. HDUs and columns are those of DESI's
// data model.

#include "core/spectrum.h"
#include "mock/survey_files.h"

#include <filesystem>
#include <vector>

namespace voorwerp::mock {

/// Lines that a target has and DESI sees are found the surer the higher its S/N; a redshift that redrock took
/// wrongly is found again from the lines (Z_NEW). Deterministic.
core::QuasarFacts afterburnersSay(const ObservedTarget& observed);

void writeQuasarNet(const std::filesystem::path& path, const std::vector<ObservedTarget>& targets);
void writeMgII(const std::filesystem::path& path, const std::vector<ObservedTarget>& targets);

} // namespace voorwerp::mock
