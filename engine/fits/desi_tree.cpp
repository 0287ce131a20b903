// SPDX-License-Identifier: GPL-3.0-or-later
#include "fits/desi_tree.h"

#include "core/error.h"
#include "fits/file_name.h"
#include "fits/fits_file.h"

#include <algorithm>
#include <array>
#include <iterator>
#include <map>
#include <set>

namespace voorwerp::fits {

namespace fs = std::filesystem;

namespace {

enum class Kind { Coadd, Redrock, QuasarNet, MgII, QsoCatalog, ZCatalog, Exposures, Other };

/// DESI's products that the workbench does not read (desidatamodel, SPECPROD): not worth opening.
constexpr std::array<std::string_view, 17> kOtherProducts = {
    "rrdetails", "emline",    "zmtl",        "tile",      "tiles",     "cframe",  "frame", "sframe", "sky",
    "stdstars",  "fluxcalib", "fiberassign", "exposures", "fiberflat", "hpixexp", "psf",   "preproc"};

Kind kindByContent(const fs::path& path)
{
    FitsFile file(path);
    bool camera = false;
    for (const HduInfo& hdu : file.hdus()) {
        if (hdu.extname == "REDSHIFTS" || hdu.extname == "ZBEST")
            return Kind::Redrock;
        if (hdu.extname == "QN_RR" || hdu.extname == "QN+RR")
            return Kind::QuasarNet;
        if (hdu.extname == "MGII")
            return Kind::MgII;
        if (hdu.extname == "QSO_CAT")
            return Kind::QsoCatalog;
        if (hdu.extname == "ZCATALOG")
            return Kind::ZCatalog;
        camera = camera || hdu.extname == "B_WAVELENGTH" || hdu.extname == "R_WAVELENGTH" ||
                 hdu.extname == "Z_WAVELENGTH" || hdu.extname == "BRZ_WAVELENGTH";
    }
    return camera ? Kind::Coadd : Kind::Other;
}

Kind kindOf(const fs::path& path)
{
    const std::string product = parseFileName(path).product;
    if (product == "coadd")
        return Kind::Coadd;
    if (product == "redrock" || product == "zbest")
        return Kind::Redrock;
    if (product == "qso_qn")
        return Kind::QuasarNet;
    if (product == "qso_mgii")
        return Kind::MgII;
    if (product.starts_with("qso_cat"))
        return Kind::QsoCatalog;
    if (product == "zall" || product == "zpix" || product == "ztile")
        return Kind::ZCatalog;
    if (product == "spectra")
        return Kind::Exposures;
    if (std::find(kOtherProducts.begin(), kOtherProducts.end(), product) != kOtherProducts.end())
        return Kind::Other;
    return kindByContent(path);
}

class Search
{
public:
    void add(const fs::path& path)
    {
        std::error_code error;
        const fs::file_status status = fs::status(path, error);
        if (fs::is_directory(status))
            addFolder(path);
        else if (fs::is_regular_file(status))
            addFile(path, true);
        else
            reject(path, fs::exists(status) ? "it is neither a file nor a folder"
                                            : "there is no such file or folder");
    }

    DesiFiles result()
    {
        DesiFiles files;
        for (const auto& [group, coadd] : m_coadds)
            files.coadds.push_back({coadd, companion(m_redrocks, group, coadd, "redrock-"),
                                    companion(m_quasarnets, group, coadd, "qso_qn-"),
                                    companion(m_mgiis, group, coadd, "qso_mgii-")});
        for (const auto& [group, redrock] : m_redrocks) {
            if (!m_coadds.contains(group))
                files.orphanRedrocks.push_back(redrock);
        }
        for (const auto* afterburners : {&m_quasarnets, &m_mgiis}) {
            for (const auto& [group, path] : *afterburners) {
                if (!m_coadds.contains(group))
                    reject(path, "an afterburner file without its coadd: there is no spectrum to add");
            }
        }
        std::sort(files.coadds.begin(), files.coadds.end(),
                  [](const CoaddSource& a, const CoaddSource& b) { return a.coadd < b.coadd; });
        std::sort(files.orphanRedrocks.begin(), files.orphanRedrocks.end());
        files.qsoCatalogs.assign(m_catalogs.begin(), m_catalogs.end());
        std::copy_if(m_zCatalogs.begin(), m_zCatalogs.end(), std::back_inserter(files.zCatalogs),
                     [this](const fs::path& path) { return !isPartOfAnother(path); });
        files.rejected = std::move(m_rejected);
        const auto byPath = [](const RejectedFile& a, const RejectedFile& b) { return a.path < b.path; };
        std::sort(files.rejected.begin(), files.rejected.end(), byPath);
        return files;
    }

private:
    void addFolder(const fs::path& folder)
    {
        std::error_code error;
        std::vector<fs::path> files, folders;
        for (fs::directory_iterator entry(folder, error), end; !error && entry != end;
             entry.increment(error)) {
            std::error_code ignored;
            if (entry->is_directory(ignored) && !entry->is_symlink(ignored))
                folders.push_back(entry->path());
            else if (entry->is_regular_file(ignored) && hasFitsSuffix(entry->path()))
                files.push_back(entry->path());
        }
        if (error)
            reject(folder, "the folder cannot be read: " + error.message());
        std::sort(files.begin(), files.end()); // X.fits comes before X.fits.gz and wins
        std::sort(folders.begin(), folders.end());
        for (const fs::path& path : files)
            addFile(path, false);
        for (const fs::path& path : folders)
            addFolder(path);
    }

    void addFile(const fs::path& path, bool named)
    {
        std::error_code error;
        fs::path place = fs::weakly_canonical(path, error);
        if (error)
            place = path;
        if (!m_seen.insert(place).second)
            return;
        Kind kind = Kind::Other;
        try {
            kind = kindOf(path);
        } catch (const core::Error& e) {
            if (named)
                reject(path, e.what());
            return;
        }
        const std::string group = (place.parent_path() / groupName(path)).string();
        switch (kind) {
        case Kind::Coadd:
            addOnce(m_coadds, group, path);
            break;
        case Kind::Redrock:
            addOnce(m_redrocks, group, path);
            break;
        case Kind::QuasarNet:
            addOnce(m_quasarnets, group, path);
            break;
        case Kind::MgII:
            addOnce(m_mgiis, group, path);
            break;
        case Kind::QsoCatalog:
            m_catalogs.insert(path);
            break;
        case Kind::ZCatalog:
            m_zCatalogs.insert(path);
            break;
        case Kind::Exposures:
            if (named)
                reject(path, "it holds single exposures; the workbench reads coadds (coadd-*)");
            break;
        case Kind::Other:
            if (named)
                reject(path, "it is no DESI coadd, redrock, quasar or redshift catalogue");
            break;
        }
    }

    /// zpix and ztile files beside a zall file, which has all of their rows.
    bool isPartOfAnother(const fs::path& path) const
    {
        const std::string product = parseFileName(path).product;
        if (product != "zpix" && product != "ztile")
            return false;
        const std::string whole = product == "zpix" ? "pix" : "tile";
        return std::any_of(m_zCatalogs.begin(), m_zCatalogs.end(), [&](const fs::path& other) {
            const FileNameParts parts = parseFileName(other);
            return other.parent_path() == path.parent_path() && parts.product == "zall" &&
                   parts.group.starts_with(whole);
        });
    }

    /// The file of this product that belongs to a coadd: the one found, else, for a coadd that was named
    /// alone, the one beside it; or empty.
    static fs::path companion(const std::map<std::string, fs::path>& found, const std::string& group,
                              const fs::path& coadd, const std::string& product)
    {
        if (const auto known = found.find(group); known != found.end())
            return known->second;
        for (const char* suffix : {".fits", ".fits.gz"}) {
            const fs::path path = coadd.parent_path() / (product + parseFileName(coadd).group + suffix);
            std::error_code ignored;
            if (fs::is_regular_file(path, ignored))
                return path;
        }
        return {};
    }

    /// What a coadd, its redrock and its afterburners have in common.
    static std::string groupName(const fs::path& path)
    {
        const FileNameParts parts = parseFileName(path);
        return parts.group.empty() ? parts.product : parts.group;
    }

    void addOnce(std::map<std::string, fs::path>& files, const std::string& group, const fs::path& path)
    {
        const auto [first, isNew] = files.emplace(group, path);
        if (!isNew)
            reject(path, "the same as " + first->second.filename().string());
    }

    void reject(const fs::path& path, std::string reason) { m_rejected.push_back({path, std::move(reason)}); }

    std::map<std::string, fs::path> m_coadds, m_redrocks, m_quasarnets, m_mgiis; ///< by folder and group
    std::set<fs::path> m_catalogs, m_zCatalogs, m_seen;
    std::vector<RejectedFile> m_rejected;
};

} // namespace

fs::path findHealpixCoadd(const fs::path& tree, const std::string& specprod, const std::string& survey,
                          const std::string& program, std::int64_t healpix)
{
    const std::string pixel = std::to_string(healpix);
    const fs::path group = fs::path(survey) / program / std::to_string(healpix / 100) / pixel;
    const std::string name = "coadd-" + survey + "-" + program + "-" + pixel;
    for (const fs::path& folder : {tree / "healpix", tree / specprod / "healpix", tree})
        for (const char* suffix : {".fits", ".fits.gz"}) {
            std::error_code ignored;
            if (const fs::path path = folder / group / (name + suffix); fs::is_regular_file(path, ignored))
                return path;
        }
    return {};
}

DesiFiles findDesiFiles(const std::vector<fs::path>& paths)
{
    Search search;
    for (const fs::path& path : paths)
        search.add(path);
    return search.result();
}

} // namespace voorwerp::fits
