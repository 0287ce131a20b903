// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// Inside the room: quasar rules as SQL over t (voorwerp.target). Only our own words and the numbers of the
// built-in resource stand in it.

#include <string>

namespace voorwerp::catalog {

/// A condition. Throws UserError when there is no such rule.
std::string quasarRuleSql(const std::string& id);
/// int8 and float8 values, as the usual rule computes them; bracketed.
const std::string& qsoMaskbitsSql();
const std::string& zQsoSql();

} // namespace voorwerp::catalog
