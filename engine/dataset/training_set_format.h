// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// Names in the HDF5 file of a training set, shared by its writer and its reader. See README.md.

#include <H5Cpp.h>

namespace voorwerp::dataset::format {

inline constexpr const char* kMagic = "voorwerp-training-set";
inline constexpr int kExactVersion = 1;   ///< of a set with flux and weight as float32
inline constexpr int kCompactVersion = 2; ///< with flux as half and weight codes; the newest there is
inline constexpr const char* kMagicAttribute = "magic";
inline constexpr const char* kVersionAttribute = "format_version";
inline constexpr const char* kRowsAttribute = "rows";
inline constexpr const char* kRecipeAttribute = "recipe";
inline constexpr const char* kProvenanceAttribute = "provenance";

inline constexpr const char* kFlux = "flux";
inline constexpr const char* kWeight = "weight";
inline constexpr const char* kWeightCode = "weight_code"; ///< instead of weight in a compact set
inline constexpr const char* kMeaningAttribute = "meaning";
inline constexpr const char* kTargetId = "targetid";
inline constexpr const char* kSpectrumId = "spectrum_id";
inline constexpr const char* kZ = "z";
inline constexpr const char* kSnr = "snr";
inline constexpr const char* kNormalisation = "normalisation";
inline constexpr const char* kWindow = "window";
inline constexpr const char* kSplit = "split";

/// IEEE half, little-endian; h5py reads it as float16. In memory it is a uint16 of the same bits.
inline H5::FloatType halfType()
{
    H5::FloatType half(H5::PredType::IEEE_F32LE);
    half.setFields(15, 10, 5, 0, 10); // sign, exponent from and width, mantissa from and width
    half.setSize(2);
    half.setEbias(15);
    return half;
}

} // namespace voorwerp::dataset::format
