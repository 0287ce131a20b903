// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// Private to this folder: the columns that the quasar afterburners and the quasar catalogues share.

#include "core/spectrum.h"
#include "fits/fits_file.h"

#include <array>
#include <cstdint>
#include <optional>
#include <vector>

namespace voorwerp::fits {

/// Whichever of the columns a table has, whole.
class QuasarColumns
{
public:
    QuasarColumns(FitsFile& file, const HduInfo& hdu);
    /// What the table says in a row; no source. Nothing but NaN and nullopt for columns that it does not
    /// have.
    core::QuasarFacts row(std::size_t i) const;

private:
    using Numbers = std::optional<std::vector<double>>;
    using Flags = std::optional<std::vector<bool>>;

    Numbers m_zNew, m_deltachi2New, m_zQn, m_deltaChi2Mgii, m_probaRf;
    std::array<Numbers, 6> m_confidence;
    Flags m_isQsoQnNewRr, m_isQsoMgii;
    std::optional<std::vector<std::int64_t>> m_maskbits;
};

} // namespace voorwerp::fits
