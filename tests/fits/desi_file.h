// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// A small DESI coadd for tests, which can be damaged in one place at a time before it is written.

#include "core/wavelength_grid.h"
#include "fits/redshift_reader.h"
#include "fits/table_writer.h"

#include <cmath>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

namespace voorwerp::test {

struct CameraData
{
    std::vector<double> wavelength;
    std::vector<float> flux, ivar; ///< rows × pixels
    std::vector<std::int32_t> mask;
    std::size_t pixels = 0; ///< of flux, ivar and mask
    bool hasFlux = true, hasIvar = true, hasMask = true;
};

/// Two cameras of twelve pixels, the last four of B and the first four of R on the same wavelengths.
struct DesiFile
{
    static constexpr std::size_t kRows = 3;
    std::size_t rows = kRows;
    std::map<std::string, CameraData> cameras;
    std::vector<std::int64_t> targetIds{39627609339857460, 39627374941180812, 39628152963600095};
    std::vector<std::int64_t> scoreIds = targetIds;
    bool hasFibermap = true, hasScores = true, fibermapIsImage = false;
    fits::Header primary{.cards = {{"SPGRP", "healpix"},
                                   {"SPGRPVAL", 9144},
                                   {"HPXPIXEL", 9144},
                                   {"SURVEY", "main"},
                                   {"PROGRAM", "dark"},
                                   {"DEPNAM00", "numpy"},
                                   {"DEPVER00", "1.2"},
                                   {"DEPNAM01", "SPECPROD"},
                                   {"DEPVER01", "iron"}}};

    DesiFile()
    {
        cameras["B"] = camera(2740);
        cameras["R"] = camera(2748);
    }

    static CameraData camera(std::size_t firstPixel, std::size_t pixels = 12)
    {
        CameraData data;
        data.pixels = pixels;
        for (std::size_t i = 0; i < pixels; ++i)
            data.wavelength.push_back(core::DesiGrid::wavelength(firstPixel + i));
        for (std::size_t i = 0; i < kRows * pixels; ++i) {
            data.flux.push_back(1.0F + 0.1F * static_cast<float>(i) +
                                0.001F * static_cast<float>(firstPixel));
            data.ivar.push_back(0.5F + 0.01F * static_cast<float>(i));
            data.mask.push_back(0);
        }
        return data;
    }

    void write(const std::filesystem::path& path) const
    {
        fits::writeFitsFile(path, [&](fits::FitsWriter& out) {
            out.setPrimaryHeader(primary);
            writeFibermap(out);
            for (const auto& [name, data] : cameras)
                writeCamera(out, name, data);
            if (hasScores)
                out.addTable("SCORES", {{"TARGETID", scoreIds},
                                        {"MEDIAN_COADD_SNR_B", std::vector<float>(scoreIds.size(), 2.5F)}});
        });
    }

private:
    void writeFibermap(fits::FitsWriter& out) const
    {
        if (fibermapIsImage)
            out.addImage("FIBERMAP", {2}, std::span<const float>(std::vector<float>{1.0F, 2.0F}));
        else if (hasFibermap)
            out.addTable("FIBERMAP", {{"TARGETID", targetIds},
                                      {"TARGET_RA", std::vector<double>(targetIds.size(), 150.25), "deg"},
                                      {"OBJTYPE", std::vector<std::string>(targetIds.size(), "TGT")},
                                      {"COADD_FIBERSTATUS", std::vector<std::int32_t>(targetIds.size(), 8)},
                                      {"FLUX_R", std::vector<float>(targetIds.size(), 12.5F), "nanomaggy"}});
    }

    void writeCamera(fits::FitsWriter& out, const std::string& name, const CameraData& data) const
    {
        const auto width = static_cast<long>(data.pixels);
        const std::vector<long> axes{width, static_cast<long>(data.flux.size()) / width};
        out.addImage(name + "_WAVELENGTH", {static_cast<long>(data.wavelength.size())},
                     std::span<const double>(data.wavelength));
        if (data.hasFlux)
            out.addImage(name + "_FLUX", axes, std::span<const float>(data.flux));
        if (data.hasIvar)
            out.addImage(name + "_IVAR", {width, static_cast<long>(data.ivar.size()) / width},
                         std::span<const float>(data.ivar));
        if (data.hasMask)
            out.addImage(name + "_MASK", axes, std::span<const std::int32_t>(data.mask));
    }
};

/// All rows of a catalogue at once.
inline fits::QsoCatalogPart readQsoCatalog(const std::filesystem::path& path)
{
    fits::QsoCatalogReader reader(path);
    fits::QsoCatalogPart all, part;
    while (reader.next(part)) {
        all.rows.insert(all.rows.end(), part.rows.begin(), part.rows.end());
        all.rejected.insert(all.rejected.end(), part.rejected.begin(), part.rejected.end());
    }
    return all;
}

} // namespace voorwerp::test
