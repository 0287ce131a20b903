// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// Reads one DESI coadd file: who is in it (targets()) and their spectra, one by one (read()).
//
// HDUs are found by EXTNAME, in any order: FIBERMAP, EXP_FIBERMAP, SCORES, and
// {B,R,Z,BRZ,...}_{WAVELENGTH,FLUX, IVAR,MASK}, plain or tile-compressed; the file may be gzipped. Plain
// files are read in blocks of rows, never whole. What a file lacks is dealt with like this:
//   FIBERMAP columns   what is there is read, the rest stays NaN or nullopt in TargetInfo
//   FIBERMAP           TARGETID from SCORES; without SCORES each row gets a negative id made of the file's
//   name and
//                      the row (placeholderTargetId()), and problem = "no TARGETID in the file"
//   SCORES             snrB, snrR, snrZ stay NaN
//   a MASK HDU         mask 0 for that camera
//   a camera's FLUX or IVAR while its WAVELENGTH or the other is there: the other cameras are read and every
//                      target is marked, problem = "B_FLUX is missing"
//   survey, program    from the header, else the file name, else the SV1/SV2/SV3/CMX target columns
// A file that is truncated, whose HDUs disagree about the number of rows or pixels, whose wavelengths are not
// DesiGrid's (tolerance: kWavelengthToleranceAngstrom) or that has no camera at all: FormatError naming file,
// HDU and cause.
//
// Thread rule: one thread per object; different objects may be used at the same time.

#include "core/spectrum.h"
#include "core/table_chunk.h"
#include "fits/file_stamp.h"

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

namespace voorwerp::fits {

/// How far a camera's wavelength may be from the nearest DesiGrid pixel [Å]. DESI's own are within 1e-4 Å.
inline constexpr double kWavelengthToleranceAngstrom = 0.01;

/// A row of the file that targets() leaves out.
struct RejectedRow
{
    std::int32_t row = -1; ///< 0-based
    core::TargetId targetId;
    std::string reason; ///< "the same TARGETID as row 3"
};

class CoaddReader
{
public:
    /// Opens the file and reads its tables. specprod: the production; empty: what the file says (DEPNAMnn
    /// SPECPROD), else "local". Throws FormatError, or SystemError when it cannot be opened.
    explicit CoaddReader(std::filesystem::path path, std::string specprod = {});
    ~CoaddReader();
    CoaddReader(CoaddReader&&) noexcept;
    CoaddReader& operator=(CoaddReader&&) noexcept;

    const std::filesystem::path& path() const;
    /// One entry a target in the order of the file; of a repeated TARGETID the first. No redshift, snr and
    /// fractionMasked yet. TargetInfo::fileRow is the row in the file.
    const std::vector<core::TargetInfo>& targets() const;
    /// Rows that targets() leaves out.
    const std::vector<RejectedRow>& rejected() const;
    /// The camera-merged spectrum of targets()[index] (see camera_merge.h). Fast when called in ascending
    /// order. Throws FormatError naming file, HDU and row.
    core::Spectrum read(std::size_t index);
    /// One row a target of targets(), with every column that the file's tables and its redrock file (empty:
    /// none) have: for catalogues that keep more than TargetInfo does.
    core::TableChunk catalogRows(const std::filesystem::path& redrock);
    /// Throws FormatError when the file changed since it was opened: call after the last read().
    void checkUnchanged() const;

private:
    class Private;
    std::unique_ptr<Private> m_d;
};

/// What CoaddReader gives to a row of a file that has no TARGETID: negative, below DESI's own negative ids,
/// the same whenever a file of this name is read.
core::TargetId placeholderTargetId(const std::filesystem::path& path, std::size_t row);

/// Fills info.snr and info.fractionMasked from the merged spectrum, and where nothing is wrong yet,
/// info.problem = "no good pixel" for a spectrum that has none. Call it after read().
void assessSpectrum(const core::Spectrum& spectrum, core::TargetInfo& info);

} // namespace voorwerp::fits
