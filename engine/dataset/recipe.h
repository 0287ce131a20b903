// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// How an observed spectrum becomes a row of a training set: one versioned value, stored as JSON with every
// training set and model. Built-in recipes are resources/recipes/NAME.json (compiled in), a user's own lie in
// the workspace. README.md of this folder explains each key.

#include "core/wavelength_grid.h"
#include "core/workspace.h"

#include <nlohmann/json_fwd.hpp>

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace voorwerp::dataset {

/// A rest-frame window whose median flux is the normalisation of spectra with zFirst <= z <= zLast. Between
/// zLast of one window and zFirst of the next, the two are blended, so that the normalisation is continuous
/// in z.
struct NormalisationWindow
{
    double firstAngstrom = 0.0;
    double lastAngstrom = 0.0;
    double zFirst = 0.0;
    double zLast = 0.0;
    double compositeRatio = 1.0; ///< flux of a typical quasar here over that in the reference window
    bool operator==(const NormalisationWindow&) const = default;
};

/// A range of observed wavelengths [Å] that is never used.
struct WavelengthRange
{
    double firstAngstrom = 0.0;
    double lastAngstrom = 0.0;
    bool operator==(const WavelengthRange&) const = default;
};

/// Pixels that the sky spoils (spender, get_skyline_mask): |λ − line| < halfWidth·(1 +
/// log10(I/minIntensity)).
struct SkyMaskSettings
{
    bool enabled = true;
    double minIntensity = 2.0;
    double halfWidthAngstrom = 5.0;
    std::vector<WavelengthRange> ranges; ///< masked besides the listed lines
    double guardFraction = 0.1;          ///< ivar below this share of its local median is not used; 0 = off
    double guardHalfWidthAngstrom = 50.0;
    bool operator==(const SkyMaskSettings&) const = default;
};

struct Recipe
{
    static constexpr int kFormatVersion = 1;

    std::string name;
    std::string description;
    core::LogGrid grid;  ///< rest frame
    double zFirst = 0.0; ///< spectra outside zFirst..zLast are rejected
    double zLast = 0.0;
    std::vector<NormalisationWindow> windows; ///< by rising zFirst, not overlapping
    SkyMaskSettings sky;
    double minimumIvar = 1e-6;           ///< at or below: not used
    double modelErrorFloor = 0.0;        ///< share of the local flux added to σ in quadrature
    bool deredden = true;                ///< correct for the Galaxy's dust where E(B−V) is known
    std::size_t minimumGoodPixels = 0;   ///< of the rest-frame grid; fewer: rejected
    std::size_t minimumWindowPixels = 0; ///< good observed pixels in a normalisation window

    bool operator==(const Recipe&) const = default;

    /// Throws UserError naming the key on unknown keys, missing keys, wrong types and impossible values.
    static Recipe fromJson(const nlohmann::json& object);
    nlohmann::json toJson() const;
    /// A built-in or workspace recipe by name (the workspace wins), or the path of a JSON file.
    /// Throws UserError listing what there is.
    static Recipe byName(const std::string& name, const core::Workspace& workspace);
    static Recipe builtIn(const std::string& name);
    /// SHA-256 of the canonical JSON: two recipes with the same hash give the same rows.
    std::string hash() const;
};

/// Names that Recipe::byName knows, sorted.
std::vector<std::string> recipeNames(const core::Workspace& workspace);

} // namespace voorwerp::dataset
