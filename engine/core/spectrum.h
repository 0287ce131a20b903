// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// A camera-merged DESI spectrum and the catalogue row that belongs to it: the values that readers, the
// database, the preprocessing and the views exchange.

#include "core/ids.h"

#include <array>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <vector>

namespace voorwerp::core {

/// One spectrum on DesiGrid. Empty vectors mean "not loaded"; otherwise all three have DesiGrid::kPixels
/// values.
struct Spectrum
{
    std::vector<float> flux; ///< 1e-17 erg/s/cm²/Å; finite everywhere (0 where ivar is 0 and it was not)
    std::vector<float> ivar; ///< inverse variance of flux; >= 0; 0 where the pixel must not be used
    std::vector<std::uint32_t> mask; ///< DESI SPECMASK bits (field B/R/Z_MASK), 0 = good

    bool empty() const { return flux.empty(); }
};

/// What a pipeline says about the distance of a target.
struct Redshift
{
    double z = std::numeric_limits<double>::quiet_NaN();
    double zerr = std::numeric_limits<double>::quiet_NaN();
    std::int64_t zwarn = 0; ///< DESI ZWARN bits
    double chi2 = std::numeric_limits<double>::quiet_NaN();
    double deltachi2 = std::numeric_limits<double>::quiet_NaN();
    std::string spectype; ///< GALAXY, QSO, STAR
    std::string subtype;
    std::string source; ///< "redrock" or "qso_cat"
};

/// What DESI's quasar afterburners (QuasarNet, Mg II) or a quasar catalogue say about a target. NaN or
/// nullopt: not known.
struct QuasarFacts
{
    static constexpr float kNaN = std::numeric_limits<float>::quiet_NaN();

    double zNew = kNaN;         ///< Z_NEW: redrock once more, near QuasarNet's redshift
    double deltachi2New = kNaN; ///< DELTACHI2_NEW; since DR2
    double zQn = kNaN;          ///< Z_QN: QuasarNet's redshift from its surest line
    /// C_LYA, C_CIV, C_CIII, C_MgII, C_Hbeta, C_Halpha: QuasarNet's confidence that the line is there
    std::array<float, 6> confidence{kNaN, kNaN, kNaN, kNaN, kNaN, kNaN};
    std::optional<bool> isQsoQnNewRr;        ///< IS_QSO_QN_NEW_RR: Z_NEW should be used
    std::optional<bool> isQsoMgii;           ///< IS_QSO_MGII: a broad Mg II line was found
    float deltaChi2Mgii = kNaN;              ///< DELTA_CHI2 of the fit with Mg II against redrock's
    float probaRf = kNaN;                    ///< PROBA_RF: target selection's probability of a quasar
    std::optional<std::int64_t> qsoMaskbits; ///< QSO_MASKBITS of a quasar catalogue
    std::string source;                      ///< "afterburner", "qso_cat"; empty: nothing is known
};

/// What identifies one coadd: the same target may be in several surveys, programs and groups.
struct SpectrumKey
{
    std::string specprod; ///< production, "fuji", "iron", "mock"
    std::string survey;   ///< main, sv1, sv2, sv3, special, cmx; empty when the file does not say
    std::string program;  ///< dark, bright, backup, other; empty when the file does not say
    std::string spgrp;    ///< "healpix" or "cumulative", "pernight", ... (DESI SPGRP)
    std::int64_t spgrpval =
        -1;                   ///< healpix pixel (nside 64, nested), or last night of a tile group; -1 unknown
    std::int32_t tileid = -1; ///< tile, or -1 in healpix groups
    TargetId targetId;
    bool operator==(const SpectrumKey&) const = default;
};

/// Catalogue values of one coadd. NaN or nullopt mean that the file does not have the column.
/// Names are specprod-db's; fluxes are nanomaggies, angles degrees (J2000).
struct TargetInfo
{
    static constexpr float kNaN = std::numeric_limits<float>::quiet_NaN();

    SpectrumKey key;
    double targetRa = kNaN;
    double targetDec = kNaN;
    std::string objtype;                          ///< TGT, SKY, BAD, NON; empty unknown
    std::optional<std::int64_t> coaddFiberstatus; ///< DESI FIBERSTATUS bits
    std::optional<std::int64_t> desiTarget;       ///< DESI_TARGET bits
    std::optional<std::int64_t> scndTarget;       ///< SCND_TARGET bits
    std::optional<std::int32_t> fiber;
    std::optional<std::int32_t> petalLoc;
    std::optional<std::int32_t> night;      ///< last night, YYYYMMDD
    std::optional<std::int32_t> lastTileid; ///< tile of the last exposure
    std::optional<std::int32_t> coaddNumexp;
    float coaddExptime = kNaN; ///< s
    float ebv = kNaN;          ///< E(B-V) of the Galaxy [mag]
    float fluxG = kNaN, fluxR = kNaN, fluxZ = kNaN, fluxW1 = kNaN, fluxW2 = kNaN;
    float snrB = kNaN, snrR = kNaN, snrZ = kNaN; ///< SCORES MEDIAN_COADD_SNR_*, per pixel
    float snr = kNaN;            ///< median of flux·sqrt(ivar) over the good pixels of the merged spectrum
    float fractionMasked = kNaN; ///< share of DesiGrid pixels with ivar = 0
    std::optional<Redshift> redshift;
    QuasarFacts quasar;
    std::string
        problem; ///< empty, or why the spectrum cannot be trained on: "no redshift", "no good pixel", ...
    std::int32_t fileRow = -1; ///< row in the coadd file (0-based)
};

} // namespace voorwerp::core
