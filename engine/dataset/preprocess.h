// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// Observed spectrum and redshift in, rest-frame row out: mask, deredden, normalise, rebin. See README.md.

#include "core/spectrum.h"
#include "dataset/recipe.h"

#include <limits>
#include <span>
#include <string>
#include <vector>

namespace voorwerp::dataset {

/// A row of a training set. flux is in units of the normalisation; weight is its inverse variance, 0 = no
/// data.
struct RestFrameSpectrum
{
    std::vector<float> flux;    ///< Recipe::grid.pixels values; 0 where weight is 0
    std::vector<float> weight;  ///< 1/normalisation² units; model-error floor included
    float normalisation = 0.0F; ///< flux at 1 [1e-17 erg/s/cm²/Å, dereddened when the recipe says so]
    int window = -1;            ///< index of the normalisation window with the larger share
    float snr = 0.0F;           ///< median of flux·sqrt(weight) per rest-frame pixel with data
    std::string rejection;      ///< empty: usable; else why it is not (vectors are then empty)

    bool usable() const { return rejection.empty(); }
    static RestFrameSpectrum rejected(std::string reason)
    {
        RestFrameSpectrum spectrum;
        spectrum.rejection = std::move(reason);
        return spectrum;
    }
};

/// Why a spectrum is rejected that was looked at, in the order of the checks.
inline constexpr char kNoNormalisation[] = "no positive flux in the normalisation window";
inline constexpr char kTooFewPixels[] = "too few good pixels";

/// Median of flux·sqrt(weight) over the pixels with data; 0 when there are none.
float medianSnr(std::span<const float> flux, std::span<const float> weight);

/// Thread rule: const after construction; apply() may be called from several threads at once.
class Preprocessor
{
public:
    explicit Preprocessor(Recipe recipe);

    /// ebv: E(B−V) of the Galaxy [mag]; NaN = unknown, not corrected.
    RestFrameSpectrum apply(const core::Spectrum& spectrum, double z,
                            float ebv = std::numeric_limits<float>::quiet_NaN()) const;

    /// Inverse variance that may be used on DesiGrid: 0 where DESI's mask, the sky mask or the guard say so.
    std::vector<float> usableIvar(const core::Spectrum& spectrum) const;
    /// Factor by which dereddening multiplies the flux on DesiGrid; all 1 when off or unknown.
    std::vector<float> dereddening(float ebv) const;
    /// 1 where the recipe's list of sky lines and ranges masks a pixel of DesiGrid.
    const std::vector<unsigned char>& skyMask() const { return m_skyMask; }
    const Recipe& recipe() const { return m_recipe; }

    // The parts of apply(), for who computes them elsewhere.

    /// Why a spectrum is not even looked at; null: it is.
    const char* rejectionBefore(const core::Spectrum& spectrum, double z) const;
    /// Dereddening is exp(exponent·extinction()); 0 when off or unknown.
    float dustExponent(float ebv) const;
    std::span<const float> extinction() const { return m_extinction; } ///< A(λ)/E(B−V) on DesiGrid
    /// ivar of DesiGrid must be above it; infinite where the sky is masked.
    std::span<const float> leastIvar() const { return m_leastIvar; }
    std::span<const double> restEdges() const { return m_edges; } ///< of the recipe's pixels, one more [Å]

private:
    void findUsableIvar(const core::Spectrum& spectrum, std::vector<float>& ivar) const;
    void findDereddening(float ebv, std::vector<float>& factor) const;

    Recipe m_recipe;
    std::vector<unsigned char> m_skyMask;
    std::vector<float> m_leastIvar, m_extinction;
    std::vector<double> m_edges;
};

} // namespace voorwerp::dataset
