// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// The data files under resources/ (line lists, sky lines, recipes), built into the program so that they are
// found from the build tree and from an installation alike. Embedded are resources/*.csv, resources/*.json
// and resources/recipes/*.json; a new file is picked up by the next build. Any thread may call these.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace voorwerp::core {

/// Content of a resource by its path below resources/, e.g. "lines.csv" or "recipes/quasar.json".
/// Throws UserError naming the resource when there is none of that name.
std::string_view resource(std::string_view name);
/// The same, or nothing.
std::optional<std::string_view> findResource(std::string_view name);
/// Names that begin with prefix, sorted: resourceNames("recipes/").
std::vector<std::string> resourceNames(std::string_view prefix = {});

/// Rows of a resource in CSV: lines that start with '#' and empty lines are left out, the first row is the
/// header and is left out too. Fields are not quoted and hold no comma.
std::vector<std::vector<std::string>> resourceCsv(std::string_view name);

} // namespace voorwerp::core
