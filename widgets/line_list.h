// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// Spectral lines, sky lines and mask bits as the plots name them. The tables are data under resources/, read
// once.

#include <QString>
#include <QStringList>

#include <cstdint>
#include <vector>

namespace voorwerp::widgets {

struct SpectralLine
{
    QString name;                ///< "C IV", "Lyα"
    QString longName;            ///< "C IV doublet"
    double vacuumAngstrom = 0.0; ///< rest wavelength, vacuum [Å]
    bool major = false;          ///< shown by default
    bool absorption = false;
};

/// resources/lines.csv, by wavelength. Throws core::FormatError naming a row that cannot be read.
const std::vector<SpectralLine>& builtInLines();

/// The lines to draw: the major ones or all; of two with one name less than 15 Å apart only the first, so
/// that an absorption line does not repeat its emission line.
std::vector<SpectralLine> shownLines(bool onlyMajor);

/// A stretch of bright night sky, where subtraction residuals are expected (observed Å, vacuum).
struct SkyBand
{
    double lowAngstrom = 0.0;
    double highAngstrom = 0.0;
    QString name;
};
/// The brightest features of the optical night sky in DESI's range.
const std::vector<SkyBand>& skyBands();

/// What is wrong with a pixel: one bit of DESI's SPECMASK.
struct MaskBit
{
    QString name;    ///< "COSMIC"
    QString meaning; ///< "hit by a cosmic ray"
};
/// Bit 0..31 of SPECMASK (resources/mask_bits.csv); unknown ones are called "BIT27".
MaskBit specMaskBit(int bit);
/// Names of the bits that are set.
QStringList specMaskNames(std::uint32_t bits);

} // namespace voorwerp::widgets
