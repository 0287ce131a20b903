// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// What a spectrum panel draws: one spectrum on DESI's grid, the model's idea of it, and the numbers in its
// title.

#include <QString>

#include <cstdint>
#include <limits>
#include <vector>

namespace voorwerp::widgets {

/// A stretch of the spectrum that an explanation points at (observed Å).
struct MarkedRegion
{
    double lowAngstrom = 0.0;
    double highAngstrom = 0.0;
    QString text; ///< "C IV trough −9,800 km/s"
};

/// Built once, then immutable: share it as shared_ptr<const SpectrumData>. All vectors have DesiGrid::kPixels
/// values (observed frame, vacuum) or are empty.
struct SpectrumData
{
    QString title;                   ///< "TARGETID 39633… "; shown by the page, not by the plot
    std::vector<float> flux;         ///< 1e-17 erg/s/cm²/Å
    std::vector<float> ivar;         ///< 0 = do not use
    std::vector<std::uint32_t> mask; ///< SPECMASK bits
    std::vector<float> model;        ///< flux units; NaN where the model says nothing; may be empty
    std::vector<float>
        residual; ///< (flux − model)·sqrt(ivar) [σ]; empty: computed from model when there is one
    double z = std::numeric_limits<double>::quiet_NaN();
    std::vector<MarkedRegion> regions;
    bool operator==(const SpectrumData&) const = default;
};
inline bool operator==(const MarkedRegion& a, const MarkedRegion& b)
{
    return a.lowAngstrom == b.lowAngstrom && a.highAngstrom == b.highAngstrom && a.text == b.text;
}

} // namespace voorwerp::widgets
