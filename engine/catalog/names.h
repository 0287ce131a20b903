// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// Inside the room: names of selections, data sets and models; what somebody may have meant.

#include <string>
#include <vector>

namespace voorwerp::catalog {

/// Throws UserError unless the name is made of letters, digits, '-', '_' and '.', does not begin with '.' or
/// '-', and has at most 64 characters. what: "selection".
void requireName(const std::string& what, const std::string& name);

/// The candidates that look most like the name (edit distance, beginnings), at most three, best first.
std::vector<std::string> nearNames(const std::string& name, const std::vector<std::string>& candidates);

/// "Did you mean a or b?", or otherwise when nothing is near.
std::string didYouMean(const std::string& name, const std::vector<std::string>& candidates,
                       const std::string& otherwise = {});

} // namespace voorwerp::catalog
