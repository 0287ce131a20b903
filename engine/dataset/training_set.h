// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// The HDF5 training set: rows of rest-frame spectra with ids, split, recipe and provenance inside.
// Layout: README.md. Thread rule: one thread at a time per object; the HDF5 library is locked inside.

#include "core/ids.h"
#include "core/spectrum.h"
#include "dataset/preprocess.h"
#include "dataset/recipe.h"

#include <nlohmann/json.hpp>

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace voorwerp::dataset {

enum class Split : std::uint8_t { Train = 0, Validation = 1, Test = 2 };

/// 80/10/10 by a hash of TARGETID: all spectra of a target are on one side, in every training set.
Split splitOf(core::TargetId target);

/// How flux and weight are stored.
enum class Storage {
    Exact,   ///< float32, as they are
    Compact, ///< three bytes a pixel instead of eight: half and weight codes of nn/compact_rows.h
};

/// What goes with a row.
struct RowInfo
{
    core::TargetId targetId;
    core::SpectrumId spectrumId;
    double z = 0.0;
    float snr = 0.0F; ///< median S/N per observed pixel (TargetInfo::snr)
};

struct TrainingSetSummary
{
    std::filesystem::path file;
    std::size_t spectra = 0;
    std::size_t pixels = 0;
    std::size_t train = 0, validation = 0, test = 0;
    std::string sha256; ///< of the file
};

/// Writes row by row into a temporary file; path appears complete at finish() or not at all.
class TrainingSetWriter
{
public:
    /// provenance: at least the selection expression and the source files with their hashes; the software
    /// version is added. Throws SystemError.
    TrainingSetWriter(std::filesystem::path path, Recipe recipe, nlohmann::json provenance,
                      Storage storage = Storage::Exact);
    /// Without finish(), removes the temporary file.
    ~TrainingSetWriter();
    TrainingSetWriter(const TrainingSetWriter&) = delete;
    TrainingSetWriter& operator=(const TrainingSetWriter&) = delete;

    /// Throws UserError when the spectrum is not usable or has another number of pixels.
    void add(const RowInfo& row, const RestFrameSpectrum& spectrum);
    /// Throws UserError when there is no row, SystemError (disk full).
    TrainingSetSummary finish();

private:
    struct Impl;
    std::unique_ptr<Impl> m_impl;
};

/// A training set that is read. Small columns are in memory; flux and weight too when they fit the budget.
class TrainingSet
{
public:
    static constexpr std::size_t kDefaultMemoryBudget = std::size_t{2} << 30; ///< bytes

    /// Throws FormatError saying what is wrong (not HDF5, not a training set, newer version, truncated,
    /// shapes that differ, bad recipe), SystemError when the file cannot be read.
    static TrainingSet open(const std::filesystem::path& path,
                            std::size_t memoryBudget = kDefaultMemoryBudget);
    TrainingSet(TrainingSet&&) noexcept;
    TrainingSet& operator=(TrainingSet&&) noexcept;
    ~TrainingSet();

    std::size_t size() const;
    std::size_t pixels() const;
    Storage storage() const;
    const std::vector<core::TargetId>& targetIds() const;
    const std::vector<core::SpectrumId>& spectrumIds() const;
    const std::vector<double>& redshifts() const;
    const std::vector<float>& snr() const;
    const std::vector<float>& normalisations() const;
    const std::vector<std::int32_t>& windows() const;
    const std::vector<Split>& split() const;
    /// Row numbers of one split, ascending.
    std::vector<std::size_t> rowsOf(Split split) const;
    const Recipe& recipe() const;
    const nlohmann::json& provenance() const;
    const std::filesystem::path& path() const;
    /// SHA-256 of the file, computed at the first call.
    const std::string& sha256() const;

    /// Rows in the order given (any order, repeats allowed) into flux and weight, row-major
    /// (rows.size(), pixels()); decoded where the set is compact. Throws FormatError.
    void readRows(std::span<const std::size_t> rows, float* flux, float* weight) const;
    /// count rows from first.
    void readRows(std::size_t first, std::size_t count, float* flux, float* weight) const;
    /// The same of a compact set, as they are stored (nn::CompactRows): IEEE half and weight codes. Only
    /// where storage() is Compact. Throws FormatError.
    void readCompact(std::span<const std::size_t> rows, std::uint16_t* flux, std::uint8_t* weight) const;

private:
    struct Impl;
    explicit TrainingSet(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> m_impl;
};

} // namespace voorwerp::dataset
