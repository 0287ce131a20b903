// SPDX-License-Identifier: GPL-3.0-or-later
#include "mock/survey_files.h"

#include "core/version.h"
#include "core/wavelength_grid.h"
#include "fits/table_writer.h"

#include <algorithm>
#include <cmath>

namespace voorwerp::mock {

using fits::Column;
using Targets = std::vector<ObservedTarget>;

namespace {

constexpr std::int64_t kQsoTargetBit = 1 << 2; // DESI_TARGET QSO
constexpr std::int32_t kFirstTile = 1000;
constexpr std::int32_t kFirstNight = 20210514;
constexpr float kEpoch = 2015.5F;

/// One value a target.
template <typename T, typename Function>
Column column(const char* name, const Targets& targets, Function value)
{
    std::vector<T> values;
    values.reserve(targets.size());
    for (const ObservedTarget& target : targets)
        values.push_back(static_cast<T>(value(target)));
    return {name, std::move(values)};
}

template <typename T> Column constant(const char* name, const Targets& targets, T value)
{
    return {name, std::vector<T>(targets.size(), value)};
}

std::int32_t fiberOf(const ObservedTarget& observed)
{
    return static_cast<std::int32_t>(observed.target.number * 7919 % 5000);
}

std::int32_t tileOf(const ObservedTarget& observed, int exposure)
{
    return kFirstTile + static_cast<std::int32_t>(observed.target.number % 11) + exposure / 2;
}

std::int32_t nightOf(int exposure)
{
    return kFirstNight + exposure;
}

std::vector<Column> identityColumns(const Targets& t)
{
    using O = ObservedTarget;
    return {column<std::int64_t>("TARGETID", t, [](const O& o) { return o.target.targetId; }),
            column<std::int16_t>("PETAL_LOC", t, [](const O& o) { return fiberOf(o) / 500; }),
            column<std::int32_t>("DEVICE_LOC", t, [](const O& o) { return fiberOf(o) % 500 + 11; }),
            column<std::int64_t>("LOCATION", t,
                                 [](const O& o) { return fiberOf(o) / 500 * 1000 + fiberOf(o) % 500 + 11; }),
            column<std::int32_t>("FIBER", t, fiberOf),
            constant<std::int32_t>("COADD_FIBERSTATUS", t, 0),
            column<double>("TARGET_RA", t, [](const O& o) { return o.target.ra; }),
            column<double>("TARGET_DEC", t, [](const O& o) { return o.target.dec; }),
            constant<float>("PMRA", t, 0.0F),
            constant<float>("PMDEC", t, 0.0F),
            constant<float>("REF_EPOCH", t, kEpoch),
            constant<float>("LAMBDA_REF", t, 5400.0F),
            constant<std::int64_t>("FA_TARGET", t, kQsoTargetBit),
            constant<std::uint8_t>("FA_TYPE", t, 1),
            constant<std::string>("OBJTYPE", t, "TGT"),
            constant<float>("FIBERASSIGN_X", t, 0.0F),
            constant<float>("FIBERASSIGN_Y", t, 0.0F),
            constant<std::int32_t>("PRIORITY", t, 3400),
            constant<double>("SUBPRIORITY", t, 0.5),
            constant<std::int32_t>("OBSCONDITIONS", t, 1),
            constant<std::int16_t>("RELEASE", t, 9010)};
}

std::vector<Column> photometryColumns(const Targets& t)
{
    using O = ObservedTarget;
    const auto g = [](const O& o) { return o.fluxG; };
    const auto r = [](const O& o) { return o.fluxR; };
    const auto z = [](const O& o) { return o.fluxZ; };
    const auto w1 = [](const O& o) { return 2.2 * o.fluxZ; }; // typical quasar colours
    const auto w2 = [](const O& o) { return 3.0 * o.fluxZ; };
    std::vector<Column> columns{
        constant<std::string>("BRICKNAME", t, "0000p000"),
        column<std::int32_t>("BRICKID", t, [](const O& o) { return (o.target.targetId >> 22) & 0xFFFFF; }),
        column<std::int32_t>("BRICK_OBJID", t, [](const O& o) { return o.target.targetId & 0x3FFFFF; }),
        constant<std::string>("MORPHTYPE", t, "PSF"),
        column<float>("EBV", t, [](const O& o) { return o.target.ebv; }),
        column<float>("FLUX_G", t, g),
        column<float>("FLUX_R", t, r),
        column<float>("FLUX_Z", t, z),
        column<float>("FLUX_W1", t, w1),
        column<float>("FLUX_W2", t, w2),
        constant<float>("FLUX_IVAR_G", t, 800.0F),
        constant<float>("FLUX_IVAR_R", t, 400.0F),
        constant<float>("FLUX_IVAR_Z", t, 80.0F),
        constant<float>("FLUX_IVAR_W1", t, 2.5F),
        constant<float>("FLUX_IVAR_W2", t, 0.6F),
        column<float>("FIBERFLUX_G", t, [](const O& o) { return 0.78 * o.fluxG; }),
        column<float>("FIBERFLUX_R", t, [](const O& o) { return 0.78 * o.fluxR; }),
        column<float>("FIBERFLUX_Z", t, [](const O& o) { return 0.78 * o.fluxZ; }),
        column<float>("FIBERTOTFLUX_G", t, [](const O& o) { return 0.78 * o.fluxG; }),
        column<float>("FIBERTOTFLUX_R", t, [](const O& o) { return 0.78 * o.fluxR; }),
        column<float>("FIBERTOTFLUX_Z", t, [](const O& o) { return 0.78 * o.fluxZ; }),
        constant<std::int16_t>("MASKBITS", t, 0),
        constant<float>("SERSIC", t, 0.0F),
        constant<float>("SHAPE_R", t, 0.0F),
        constant<float>("SHAPE_E1", t, 0.0F),
        constant<float>("SHAPE_E2", t, 0.0F),
        constant<std::int64_t>("REF_ID", t, 0),
        constant<std::string>("REF_CAT", t, ""),
        column<float>("GAIA_PHOT_G_MEAN_MAG", t,
                      [](const O& o) { return o.target.magR < 20.7 ? o.target.magR : 0.0; }),
        constant<float>("GAIA_PHOT_BP_MEAN_MAG", t, 0.0F),
        constant<float>("GAIA_PHOT_RP_MEAN_MAG", t, 0.0F),
        constant<float>("PARALLAX", t, 0.0F),
        constant<std::string>("PHOTSYS", t, "S")};
    for (Column& c : columns) {
        if (c.name.starts_with("FLUX_IVAR"))
            c.unit = "nanomaggy^-2";
        else if (c.name.starts_with("FLUX") || c.name.starts_with("FIBER"))
            c.unit = "nanomaggy";
    }
    return columns;
}

std::vector<Column> coaddColumns(const Targets& t)
{
    using O = ObservedTarget;
    return {constant<std::int64_t>("PRIORITY_INIT", t, 3400),
            constant<std::int64_t>("NUMOBS_INIT", t, 4),
            constant<std::int64_t>("DESI_TARGET", t, kQsoTargetBit),
            constant<std::int64_t>("BGS_TARGET", t, 0),
            constant<std::int64_t>("MWS_TARGET", t, 0),
            constant<std::int64_t>("SCND_TARGET", t, 0),
            column<double>("PLATE_RA", t, [](const O& o) { return o.target.ra; }),
            column<double>("PLATE_DEC", t, [](const O& o) { return o.target.dec; }),
            column<std::int16_t>("COADD_NUMEXP", t, [](const O& o) { return o.target.exposures; }),
            column<float>("COADD_EXPTIME", t, [](const O& o) { return o.target.exposureSeconds; }),
            column<std::int16_t>("COADD_NUMNIGHT", t, [](const O& o) { return o.target.exposures; }),
            column<std::int16_t>("COADD_NUMTILE", t, [](const O& o) { return (o.target.exposures + 1) / 2; }),
            constant<float>("MEAN_DELTA_X", t, 0.0F),
            constant<float>("RMS_DELTA_X", t, 0.003F),
            constant<float>("MEAN_DELTA_Y", t, 0.0F),
            constant<float>("RMS_DELTA_Y", t, 0.003F),
            column<double>("MEAN_FIBER_RA", t, [](const O& o) { return o.target.ra; }),
            constant<float>("STD_FIBER_RA", t, 0.1F),
            column<double>("MEAN_FIBER_DEC", t, [](const O& o) { return o.target.dec; }),
            constant<float>("STD_FIBER_DEC", t, 0.1F),
            constant<float>("MEAN_PSF_TO_FIBER_SPECFLUX", t, 0.789F),
            constant<float>("MEAN_FIBER_X", t, 0.0F),
            constant<float>("MEAN_FIBER_Y", t, 0.0F)};
}

std::vector<Column> fibermap(const Targets& targets)
{
    std::vector<Column> columns = identityColumns(targets);
    for (auto part : {photometryColumns, coaddColumns}) {
        for (Column& c : part(targets))
            columns.push_back(std::move(c));
    }
    return columns;
}

/// One row an exposure of a target.
std::vector<Column> exposureFibermap(const Targets& targets)
{
    std::vector<std::int64_t> ids, locations;
    std::vector<std::int32_t> nights, exposures, tiles, fibers, statuses;
    std::vector<std::int16_t> petals;
    std::vector<double> dates, times, ra, dec;
    for (const ObservedTarget& observed : targets) {
        for (int i = 0; i < observed.target.exposures; ++i) {
            const std::int32_t fiber = fiberOf(observed);
            ids.push_back(observed.target.targetId);
            locations.push_back(fiber / 500 * 1000 + fiber % 500 + 11);
            nights.push_back(nightOf(i));
            exposures.push_back(88000 + tileOf(observed, i) % 1000 * 10 + i);
            tiles.push_back(tileOf(observed, i));
            fibers.push_back(fiber);
            statuses.push_back(0);
            petals.push_back(static_cast<std::int16_t>(fiber / 500));
            dates.push_back(59348.2 + i);
            times.push_back(observed.target.exposureSeconds / observed.target.exposures);
            ra.push_back(observed.target.ra);
            dec.push_back(observed.target.dec);
        }
    }
    return {{"TARGETID", ids}, {"NIGHT", nights},         {"EXPID", exposures},  {"MJD", dates},
            {"TILEID", tiles}, {"EXPTIME", times},        {"PETAL_LOC", petals}, {"LOCATION", locations},
            {"FIBER", fibers}, {"FIBERSTATUS", statuses}, {"FIBER_RA", ra},      {"FIBER_DEC", dec}};
}

/// Template S/N², which grows with time; values of DESI's dark tiles in 1000 s.
std::vector<Column> templateSnr(const Targets& targets)
{
    struct Class
    {
        const char* name;
        double b, r, z;
    };
    static constexpr Class kClasses[] = {{"GPBDARK", 450, 540, 8},  {"ELG", 2, 30, 75},
                                         {"GPBBRIGHT", 90, 100, 2}, {"LYA", 70, 0.1, 0},
                                         {"BGS", 1200, 4500, 6500}, {"GPBBACKUP", 500, 700, 10},
                                         {"QSO", 8, 9, 17},         {"LRG", 3, 35, 50}};
    std::vector<Column> columns;
    const auto add = [&](const std::string& name, double value) {
        columns.push_back(column<float>(name.c_str(), targets, [value](const ObservedTarget& o) {
            return value * o.target.exposureSeconds / 1000.0;
        }));
    };
    for (const auto& [suffix, member] :
         {std::pair{"_B", &Class::b}, std::pair{"_R", &Class::r}, std::pair{"_Z", &Class::z}}) {
        for (const Class& c : kClasses)
            add(std::string("TSNR2_") + c.name + suffix, c.*member);
    }
    for (const Class& c : kClasses)
        add(std::string("TSNR2_") + c.name, c.b + c.r + c.z);
    return columns;
}

/// Median of flux and of S/N, and integral of flux, in a camera's range.
struct CameraScore
{
    float integral = 0.0F, median = 0.0F, snr = 0.0F;
};

CameraScore scoreOf(const CameraExposure& exposure, const CameraLayout& layout)
{
    std::vector<float> flux, snr;
    for (std::size_t i = 0; i < layout.pixels; ++i) {
        const double wavelength = core::DesiGrid::wavelength(layout.firstPixel + i);
        if (exposure.ivar[i] > 0.0F && wavelength > layout.snrLow && wavelength < layout.snrHigh) {
            flux.push_back(exposure.flux[i]);
            snr.push_back(exposure.flux[i] * std::sqrt(exposure.ivar[i]));
        }
    }
    CameraScore score;
    if (flux.empty())
        return score;
    for (const float value : flux)
        score.integral += value * static_cast<float>(core::DesiGrid::kStepAngstrom);
    const auto half = static_cast<std::ptrdiff_t>(flux.size() / 2);
    std::nth_element(flux.begin(), flux.begin() + half, flux.end());
    std::nth_element(snr.begin(), snr.begin() + half, snr.end());
    score.median = flux[flux.size() / 2];
    score.snr = snr[snr.size() / 2];
    return score;
}

std::vector<Column> scores(const Targets& targets)
{
    std::vector<Column> columns{
        column<std::int64_t>("TARGETID", targets, [](const ObservedTarget& o) { return o.target.targetId; })};
    for (std::size_t c = 0; c < kCameras.size(); ++c) {
        std::vector<float> integral, median, snr;
        for (const ObservedTarget& observed : targets) {
            const CameraScore score = scoreOf(observed.exposure[c], kCameras[c]);
            integral.push_back(score.integral);
            median.push_back(score.median);
            snr.push_back(score.snr);
        }
        const std::string letter(1, kCameras[c].letter);
        columns.push_back({"INTEG_COADD_FLUX_" + letter, std::move(integral)});
        columns.push_back({"MEDIAN_COADD_FLUX_" + letter, std::move(median)});
        columns.push_back({"MEDIAN_COADD_SNR_" + letter, std::move(snr)});
    }
    for (Column& c : templateSnr(targets))
        columns.push_back(std::move(c));
    return columns;
}

fits::Header primaryHeader(std::int64_t healpix, const std::string& specprod)
{
    return {.cards = {{"SPGRP", "healpix"},
                      {"SPGRPVAL", healpix},
                      {"HPXPIXEL", healpix},
                      {"HPXNSIDE", 64},
                      {"HPXNEST", true},
                      {"SURVEY", "main"},
                      {"PROGRAM", "dark"},
                      {"DEPNAM00", "voorwerp"},
                      {"DEPVER00", core::kVersion},
                      {"DEPNAM01", "SPECPROD"},
                      {"DEPVER01", specprod}},
            .comments = {"Synthetic spectra made by voorwerp; these are no observations."}};
}

void writeCamera(fits::FitsWriter& out, std::size_t c, const Targets& targets)
{
    const CameraLayout& layout = kCameras[c];
    const std::string letter(1, layout.letter);
    const auto width = static_cast<long>(layout.pixels), rows = static_cast<long>(targets.size());
    std::vector<double> wavelengths;
    for (std::size_t i = 0; i < layout.pixels; ++i)
        wavelengths.push_back(core::DesiGrid::wavelength(layout.firstPixel + i));
    std::vector<float> flux, ivar;
    std::vector<std::int32_t> mask;
    for (const ObservedTarget& observed : targets) {
        const CameraExposure& camera = observed.exposure[c];
        flux.insert(flux.end(), camera.flux.begin(), camera.flux.end());
        ivar.insert(ivar.end(), camera.ivar.begin(), camera.ivar.end());
        mask.insert(mask.end(), camera.mask.begin(), camera.mask.end());
    }
    out.addImage(letter + "_WAVELENGTH", {width}, std::span<const double>(wavelengths),
                 {.cards = {{"BUNIT", "Angstrom"}}});
    out.addImage(letter + "_FLUX", {width, rows}, std::span<const float>(flux),
                 {.cards = {{"BUNIT", "10**-17 erg/(s cm2 Angstrom)"}}});
    out.addImage(letter + "_IVAR", {width, rows}, std::span<const float>(ivar),
                 {.cards = {{"BUNIT", "10**+34 (s2 cm4 Angstrom2) / erg2"}}});
    out.addImage(letter + "_MASK", {width, rows}, std::span<const std::int32_t>(mask));
}

std::vector<Column> redshifts(const Targets& t)
{
    using O = ObservedTarget;
    std::vector<Column> columns{
        column<std::int64_t>("TARGETID", t, [](const O& o) { return o.target.targetId; }),
        column<double>("Z", t, [](const O& o) { return o.target.z; }),
        column<double>("ZERR", t, [](const O& o) { return o.target.zerr; }),
        column<std::int64_t>("ZWARN", t, [](const O& o) { return o.target.zwarn; }),
        column<double>("CHI2", t, [](const O& o) { return 7900.0 * (1.0 + 0.002 * o.snr * o.snr); }),
        {"COEFF", std::vector<double>(10 * t.size(), 0.0), "", 10},
        constant<std::int64_t>("NPIXELS", t, 7900),
        {"SPECTYPE", std::vector<std::string>(t.size(), "QSO"), "", 6},
        {"SUBTYPE", std::vector<std::string>(t.size(), "LOZ"), "", 20},
        constant<std::int64_t>("NCOEFF", t, 4),
        column<double>("DELTACHI2", t,
                       [](const O& o) { return o.target.zwarn != 0 ? 5.0 : 40.0 + 120.0 * o.snr * o.snr; })};
    auto& subtypes = std::get<std::vector<std::string>>(columns[8].values);
    for (std::size_t i = 0; i < t.size(); ++i) {
        if (t[i].target.z > 1.6)
            subtypes[i] = "HIZ";
    }
    return columns;
}

} // namespace

void writeCoadd(const std::filesystem::path& path, std::int64_t healpix, const Targets& targets,
                const std::string& specprod)
{
    fits::writeFitsFile(path, [&](fits::FitsWriter& out) {
        out.setPrimaryHeader(primaryHeader(healpix, specprod));
        out.addTable("FIBERMAP", fibermap(targets));
        out.addTable("EXP_FIBERMAP", exposureFibermap(targets));
        for (std::size_t c = 0; c < kCameras.size(); ++c)
            writeCamera(out, c, targets);
        out.addTable("SCORES", scores(targets));
    });
}

void writeRedrock(const std::filesystem::path& path, std::int64_t healpix, const Targets& targets,
                  const std::string& specprod)
{
    fits::writeFitsFile(path, [&](fits::FitsWriter& out) {
        fits::Header header = primaryHeader(healpix, specprod);
        for (const auto& [key, value] : {std::pair{"RRVER", "mock"},
                                         {"TEMNAM00", "QSO:::HIZ"},
                                         {"TEMVER00", "mock"},
                                         {"TEMNAM01", "QSO:::LOZ"},
                                         {"TEMVER01", "mock"}})
            header.cards.emplace_back(key, value);
        out.setPrimaryHeader(header);
        out.addTable("REDSHIFTS", redshifts(targets));
        out.addTable("FIBERMAP", fibermap(targets));
        out.addTable("EXP_FIBERMAP", exposureFibermap(targets));
        std::vector<Column> tsnr2{column<std::int64_t>(
            "TARGETID", targets, [](const ObservedTarget& o) { return o.target.targetId; })};
        for (Column& c : templateSnr(targets))
            tsnr2.push_back(std::move(c));
        out.addTable("TSNR2", tsnr2);
    });
}

} // namespace voorwerp::mock
