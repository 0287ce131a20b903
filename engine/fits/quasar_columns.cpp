// SPDX-License-Identifier: GPL-3.0-or-later
#include "fits/quasar_columns.h"

#include <cmath>
#include <limits>

namespace voorwerp::fits {

namespace {

constexpr std::array<const char*, 6> kConfidence{"C_LYA", "C_CIV", "C_CIII", "C_MgII", "C_Hbeta", "C_Halpha"};

double valueOf(const std::optional<std::vector<double>>& values, std::size_t row)
{
    return values ? (*values)[row] : core::QuasarFacts::kNaN;
}

/// NaN for what a float cannot hold.
float singleOf(const std::optional<std::vector<double>>& values, std::size_t row)
{
    const double value = valueOf(values, row);
    return std::abs(value) <= std::numeric_limits<float>::max() ? static_cast<float>(value)
                                                                : core::QuasarFacts::kNaN;
}

template <typename Vector> auto entryOf(const std::optional<Vector>& values, std::size_t row)
{
    using Value = typename Vector::value_type;
    return values ? std::optional<Value>((*values)[row]) : std::nullopt;
}

} // namespace

QuasarColumns::QuasarColumns(FitsFile& file, const HduInfo& hdu)
    : m_zNew(file.numbers(hdu, "Z_NEW"))
    , m_deltachi2New(file.numbers(hdu, "DELTACHI2_NEW"))
    , m_zQn(file.numbers(hdu, "Z_QN"))
    , m_deltaChi2Mgii(file.numbers(hdu, "DELTA_CHI2_MGII")) // as catalogues call it
    , m_probaRf(file.numbers(hdu, "PROBA_RF"))
    , m_isQsoQnNewRr(file.flags(hdu, "IS_QSO_QN_NEW_RR"))
    , m_isQsoMgii(file.flags(hdu, "IS_QSO_MGII"))
    , m_maskbits(file.integers(hdu, "QSO_MASKBITS"))
{
    if (!m_deltaChi2Mgii)
        m_deltaChi2Mgii = file.numbers(hdu, "DELTA_CHI2");
    for (std::size_t line = 0; line < kConfidence.size(); ++line)
        m_confidence[line] = file.numbers(hdu, kConfidence[line]);
}

core::QuasarFacts QuasarColumns::row(std::size_t i) const
{
    core::QuasarFacts facts;
    facts.zNew = valueOf(m_zNew, i);
    facts.deltachi2New = valueOf(m_deltachi2New, i);
    facts.zQn = valueOf(m_zQn, i);
    for (std::size_t line = 0; line < kConfidence.size(); ++line)
        facts.confidence[line] = singleOf(m_confidence[line], i);
    facts.isQsoQnNewRr = entryOf(m_isQsoQnNewRr, i);
    facts.isQsoMgii = entryOf(m_isQsoMgii, i);
    facts.deltaChi2Mgii = singleOf(m_deltaChi2Mgii, i);
    facts.probaRf = singleOf(m_probaRf, i);
    facts.qsoMaskbits = entryOf(m_maskbits, i);
    return facts;
}

} // namespace voorwerp::fits
