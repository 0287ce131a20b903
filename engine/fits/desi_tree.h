// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// Finds the files of a DESI production that the workbench reads, in the healpix/ and tiles/ layouts or
// anywhere else. Files are known by name (coadd-*, redrock-*, qso_qn-*, qso_mgii-*, QSO_cat*, zall-*, zpix-*,
// ztile-*; .fits or .fits.gz); a FITS file with another name is known by its HDUs. Opens no file whose name
// tells enough.

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace voorwerp::fits {

/// A coadd, and what redrock and the quasar afterburners made of the same group.
struct CoaddSource
{
    std::filesystem::path coadd;
    std::filesystem::path redrock;   ///< empty: there is none beside the coadd
    std::filesystem::path quasarnet; ///< the same; qso_qn-*
    std::filesystem::path mgii;      ///< the same; qso_mgii-*
};

/// A file that was named but cannot be used, or that repeats another one.
struct RejectedFile
{
    std::filesystem::path path;
    std::string reason;
};

struct DesiFiles
{
    std::vector<CoaddSource> coadds;
    std::vector<std::filesystem::path> qsoCatalogs;
    std::vector<std::filesystem::path> zCatalogs; ///< zall-pix-*, zall-tile*; without them zpix-*, ztile-*
    std::vector<std::filesystem::path> orphanRedrocks; ///< redrock files without their coadd
    std::vector<RejectedFile> rejected;

    bool empty() const
    {
        return coadds.empty() && qsoCatalogs.empty() && zCatalogs.empty() && orphanRedrocks.empty();
    }
};

/// Looks at files, and through folders recursively (links to folders are not followed). Everything is sorted
/// by path and listed once. A redrock file belongs to the coadd of the same folder and name (coadd-X,
/// redrock-X), and so do the afterburners' (qso_qn-X, qso_mgii-X); those of a coadd that was named alone are
/// looked for beside it. Afterburner files without their coadd are rejected. Inside folders, DESI's other
/// products (spectra-*, emline-*, ...) are passed over; a file that was named itself and is no coadd, redrock
/// or catalogue is rejected with the reason, and so are paths that do not exist and folders that cannot
/// be read.
DesiFiles findDesiFiles(const std::vector<std::filesystem::path>& paths);

/// The coadd of a healpix group below the folder of a production, of its redux folder (which has productions)
/// or of its healpix folder:
/// healpix/{survey}/{program}/{hpix/100}/{hpix}/coadd-{survey}-{program}-{hpix}.fits or .fits.gz; empty when
/// there is none.
std::filesystem::path findHealpixCoadd(const std::filesystem::path& tree, const std::string& specprod,
                                       const std::string& survey, const std::string& program,
                                       std::int64_t healpix);

} // namespace voorwerp::fits
