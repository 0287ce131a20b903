// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// Pixels out of the database: one spectrum, a few, or a stream of all that match.

#include "catalog/database.h"
#include "core/spectrum.h"

#include <cstddef>
#include <memory>
#include <optional>
#include <span>
#include <stop_token>
#include <string>
#include <vector>

namespace voorwerp::catalog {

struct StoredSpectrum
{
    core::SpectrumId id;
    core::TargetInfo info;
    core::Spectrum spectrum;
};

/// Throws UserError when there is no such spectrum, FormatError when its stored bytes are damaged.
core::Spectrum readSpectrum(const Database& database, core::SpectrumId id);
/// With catalogue values, in the order of ids; ids that do not exist are left out.
std::vector<StoredSpectrum> readSpectra(const Database& database, std::span<const core::SpectrumId> ids);

/// All spectra of a where-expression ordered by id, as of the moment the stream was opened. While the caller
/// works on a batch the next one is read, and unpacked on all cores: two are in memory. Holds a connection
/// and threads of its own; one caller at a time.
class SpectrumStream
{
public:
    SpectrumStream(const Database& database, const std::string& where, std::size_t batch = 256,
                   std::stop_token stop = {});
    SpectrumStream(SpectrumStream&&) noexcept;
    SpectrumStream& operator=(SpectrumStream&&) noexcept;
    ~SpectrumStream();
    /// Replaces the content of batch by the next spectra; false (and empty) at the end. Throws DatabaseError,
    /// FormatError when stored bytes are damaged, Cancelled.
    bool next(std::vector<StoredSpectrum>& batch);

private:
    class Implementation;
    std::unique_ptr<Implementation> m_implementation;
};

} // namespace voorwerp::catalog
