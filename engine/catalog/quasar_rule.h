// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// The rules by which a spectrum counts as a quasar with a good redshift: data with a version
// (resources/quasar_rules.json), used in expressions as rule('desi-good-z-qso/v1'). A rule may differ between
// productions; the specprod of each spectrum chooses. What is not known passes no test, with two exceptions:
// without afterburners the quasar bits are what SPECTYPE alone says, and an unknown DELTACHI2 does not fail
// the cut at low redshift. Thread rule: any thread.

#include "core/spectrum.h"

#include <cstdint>
#include <string>
#include <vector>

namespace voorwerp::catalog {

struct QuasarRule
{
    std::string id;     ///< with its version: "desi-good-z-qso/v1"
    std::string title;  ///< one line
    std::string source; ///< where the rule is published
};

/// All rules, the usual one first.
const std::vector<QuasarRule>& quasarRules();
/// Throws UserError naming near ids when there is none.
const QuasarRule& findQuasarRule(const std::string& id);

/// An expression and a rule together: "(where) and rule('id')". An empty id adds nothing. Throws UserError.
std::string withQuasarRule(const std::string& where, const std::string& id);
/// The ids of the rules that an expression uses, sorted, joined by ", "; empty: none. Throws WhereError.
std::string quasarRulesOf(const std::string& where);

/// QSO_MASKBITS of a target: a quasar catalogue's, else computed as the usual rule does
/// (resources/mask_bits.csv names the bits).
std::int64_t qsoMaskbits(const core::TargetInfo& info);
/// Z_QSO: QuasarNet's new redshift where the bits say that it was used, else the redshift; NaN: none.
double zQso(const core::TargetInfo& info);

} // namespace voorwerp::catalog
