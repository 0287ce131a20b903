// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// Names in the HDF5 file of a training set, shared by its writer and its reader. See README.md.

namespace voorwerp::dataset::format {

inline constexpr const char* kMagic = "voorwerp-training-set";
inline constexpr int kVersion = 1;
inline constexpr const char* kMagicAttribute = "magic";
inline constexpr const char* kVersionAttribute = "format_version";
inline constexpr const char* kRowsAttribute = "rows";
inline constexpr const char* kRecipeAttribute = "recipe";
inline constexpr const char* kProvenanceAttribute = "provenance";

inline constexpr const char* kFlux = "flux";
inline constexpr const char* kWeight = "weight";
inline constexpr const char* kTargetId = "targetid";
inline constexpr const char* kSpectrumId = "spectrum_id";
inline constexpr const char* kZ = "z";
inline constexpr const char* kSnr = "snr";
inline constexpr const char* kNormalisation = "normalisation";
inline constexpr const char* kWindow = "window";
inline constexpr const char* kSplit = "split";

} // namespace voorwerp::dataset::format
