// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// Writes the targets of one healpix pixel as DESI does: coadd-*.fits (FIBERMAP, EXP_FIBERMAP, cameras,
// SCORES) and redrock-*.fits (REDSHIFTS, FIBERMAP, EXP_FIBERMAP, TSNR2), with DESI's column names, types and
// units. RESOLUTION is left out: it would make the files four times as large and nothing here reads it.

#include "mock/desi_camera.h"
#include "mock/population.h"

#include <filesystem>

namespace voorwerp::mock {

/// A target with what the telescope saw of it.
struct ObservedTarget
{
    MockTarget target;
    Exposure exposure;
    double fluxG = 0.0, fluxR = 0.0, fluxZ = 0.0; ///< nanomaggies, of the noiseless spectrum
    float snr = 0.0F;                             ///< median per pixel of the merged spectrum
};

void writeCoadd(const std::filesystem::path& path, std::int64_t healpix,
                const std::vector<ObservedTarget>& targets, const std::string& specprod);
void writeRedrock(const std::filesystem::path& path, std::int64_t healpix,
                  const std::vector<ObservedTarget>& targets, const std::string& specprod);

} // namespace voorwerp::mock
