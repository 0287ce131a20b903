// SPDX-License-Identifier: GPL-3.0-or-later
// DESI's own files: what our readers give must equal what plain cfitsio calls give, by another way to merge.
#include "desi_file.h"

#include "core/wavelength_grid.h"
#include "fits/coadd_reader.h"
#include "fits/desi_tree.h"
#include "fits/redshift_reader.h"
#include "support/test_support.h"

#include <catch2/catch.hpp>
#include <fitsio.h>

#include <cmath>
#include <map>

using namespace voorwerp;
using test::realData;

namespace {

/// A file opened with nothing of ours.
class PlainFits
{
public:
    explicit PlainFits(const std::filesystem::path& path)
    {
        fits_open_file(&m_file, path.c_str(), READONLY, &m_status);
    }
    ~PlainFits() { fits_close_file(m_file, &m_status); }

    bool moveTo(std::string name)
    {
        int status = 0;
        fits_movnam_hdu(m_file, ANY_HDU, name.data(), 0, &status);
        fits_clear_errmsg();
        return status == 0;
    }
    std::vector<double> imageRow(const std::string& name, long row)
    {
        if (!moveTo(name))
            return {};
        long axes[2] = {0, 1};
        fits_get_img_size(m_file, 2, axes, &m_status);
        std::vector<double> values(static_cast<std::size_t>(axes[0]));
        long first[2] = {1, row + 1};
        fits_read_pix(m_file, TDOUBLE, first, axes[0], nullptr, values.data(), nullptr, &m_status);
        REQUIRE(m_status == 0);
        return values;
    }
    template <typename T> std::vector<T> column(int type, std::string name, std::size_t rows)
    {
        int number = 0;
        std::vector<T> values(rows);
        fits_get_colnum(m_file, CASEINSEN, name.data(), &number, &m_status);
        fits_read_col(m_file, type, number, 1, 1, static_cast<LONGLONG>(rows), nullptr, values.data(),
                      nullptr, &m_status);
        REQUIRE(m_status == 0);
        return values;
    }

private:
    fitsfile* m_file = nullptr;
    int m_status = 0;
};

struct Sum
{
    double ivar = 0.0, weighted = 0.0;
    unsigned bits = ~0U;
};

/// The merge of field-notes 0.1, written another way: by wavelength instead of by pixel number.
std::map<long, Sum> mergeByWavelength(PlainFits& plain, long row, const std::string& cameras)
{
    std::map<long, Sum> sums; // key: tenth of an ångström
    for (const char camera : cameras) {
        const std::string name(1, camera);
        const auto wavelength = plain.imageRow(name + "_WAVELENGTH", 0);
        const auto flux = plain.imageRow(name + "_FLUX", row), ivar = plain.imageRow(name + "_IVAR", row);
        const auto mask = plain.imageRow(name + "_MASK", row);
        for (std::size_t i = 0; i < flux.size(); ++i) {
            Sum& sum = sums[std::lround(wavelength[i] * 10.0)];
            const auto bits = mask.empty() ? 0U : static_cast<unsigned>(mask[i]);
            sum.bits &= bits;
            if (bits == 0) {
                sum.ivar += ivar[i];
                sum.weighted += ivar[i] * flux[i];
            }
        }
    }
    return sums;
}

void checkSpectrum(const core::Spectrum& spectrum, const std::map<long, Sum>& expected)
{
    std::size_t wrong = 0;
    for (std::size_t i = 0; i < core::DesiGrid::kPixels; ++i) {
        const auto found = expected.find(std::lround(core::DesiGrid::wavelength(i) * 10.0));
        const Sum sum = found == expected.end() ? Sum{} : found->second;
        const bool good = sum.ivar > 1e-6;
        const double flux = sum.ivar > 0.0 ? sum.weighted / sum.ivar : 0.0;
        wrong += std::abs(static_cast<double>(spectrum.flux[i]) - flux) > 1e-6 * std::abs(flux);
        wrong += std::abs(static_cast<double>(spectrum.ivar[i]) - (good ? sum.ivar : 0.0)) > 1e-6 * sum.ivar;
        wrong += good != (spectrum.mask[i] == 0);
        if (found != expected.end() && sum.bits != 0)
            wrong += spectrum.mask[i] != sum.bits;
    }
    CHECK(wrong == 0);
}

void checkAllSpectra(const std::filesystem::path& path, const std::string& cameras, std::size_t targets)
{
    CAPTURE(path.string());
    fits::CoaddReader reader(path);
    CHECK(reader.targets().size() == targets);
    PlainFits plain(path);
    for (std::size_t i = 0; i < reader.targets().size(); ++i) {
        CAPTURE(i);
        checkSpectrum(reader.read(i), mergeByWavelength(plain, reader.targets()[i].fileRow, cameras));
    }
    reader.checkUnchanged();
}

} // namespace

TEST_CASE("spectra of DESI's own files equal those read by plain cfitsio calls")
{
    checkAllSpectra(realData("desi/fastspecfit/coadd-4-80613-thru20210324.fits"), "BRZ", 1);
    checkAllSpectra(realData("desi/picca/coadd-1-80693-thru20210204.fits"), "BRZ", 5);
    checkAllSpectra(realData("desi/picca/missing_scores.fits"), "BRZ", 2);
    checkAllSpectra(realData("desi/picca/missing_b_color.fits"), "RZ", 2);
    checkAllSpectra(realData("desi/quasarnp/test_coadd.fits"), "BRZ", 25);
    checkAllSpectra(realData("desi/specutils/coadd-sv3-dark-26065.fits"), "BRZ", 5);
}

TEST_CASE("single exposures with tile-compressed masks are read too")
{
    fits::CoaddReader reader(realData("desi/specutils/spectra-sv3-dark-26065.fits"));
    REQUIRE(reader.targets().size() + reader.rejected().size() == 5);
    PlainFits plain(reader.path());
    for (std::size_t i = 0; i < reader.targets().size(); ++i)
        checkSpectrum(reader.read(i), mergeByWavelength(plain, reader.targets()[i].fileRow, "BRZ"));
}

TEST_CASE("the complete tile coadd has its key, FIBERMAP values and redshift")
{
    const auto path = realData("desi/fastspecfit/coadd-4-80613-thru20210324.fits");
    const fits::DesiFiles files = fits::findDesiFiles({path.parent_path()});
    REQUIRE(files.coadds.size() == 1);
    REQUIRE(files.coadds[0].redrock.filename() == "redrock-4-80613-thru20210324.fits");
    const core::TargetInfo info = fits::CoaddReader(path).targets().at(0);
    CHECK(info.key ==
          core::SpectrumKey{"iron", "sv1", "", "cumulative", 20210324, 80613, {39633345008634465}});
    CHECK(info.objtype == "TGT");
    CHECK(info.petalLoc == 4);
    CHECK(info.night == 20210324);
    PlainFits plain(path);
    REQUIRE(plain.moveTo("FIBERMAP"));
    CHECK(info.targetRa == plain.column<double>(TDOUBLE, "TARGET_RA", 1)[0]);
    CHECK(info.ebv == plain.column<float>(TFLOAT, "EBV", 1)[0]);
    CHECK(info.fluxW2 == plain.column<float>(TFLOAT, "FLUX_W2", 1)[0]);
    CHECK(info.coaddExptime == plain.column<float>(TFLOAT, "COADD_EXPTIME", 1)[0]);
    CHECK(info.coaddFiberstatus == plain.column<int>(TINT, "COADD_FIBERSTATUS", 1)[0]);
    REQUIRE(plain.moveTo("SCORES"));
    CHECK(info.snrZ == plain.column<float>(TFLOAT, "MEDIAN_COADD_SNR_Z", 1)[0]);
    const fits::RedrockTable redrock = fits::readRedrock(files.coadds[0].redrock);
    REQUIRE(redrock.rows.size() == 1);
    CHECK(redrock.rows[0].first == info.key.targetId);
    CHECK(redrock.rows[0].second.z == Approx(0.36874).margin(1e-5));
    CHECK(redrock.rows[0].second.zwarn == 0);
    CHECK(redrock.rows[0].second.spectype == "GALAXY");
    CHECK(redrock.provenance.at(0) == std::pair<std::string, std::string>{"RRVER", "0.17.0"});
}

TEST_CASE("quasars without redrock have their redshift in the QSO catalogue")
{
    const fits::DesiFiles files = fits::findDesiFiles({realData("desi/picca")});
    CHECK(files.coadds.size() == 3);
    REQUIRE(files.qsoCatalogs.size() == 1);
    const fits::QsoCatalogPart catalog = test::readQsoCatalog(files.qsoCatalogs[0]);
    CHECK(catalog.rows.size() == 10);
    std::map<core::TargetId, double> redshifts;
    for (const fits::QsoCatalogRow& row : catalog.rows)
        redshifts[row.targetId] = row.redshift.z;
    std::vector<double> found;
    const fits::CoaddReader reader(files.coadds[0].coadd);
    for (const core::TargetInfo& target : reader.targets()) {
        CHECK(target.key.tileid == 80693);
        CHECK(target.key.specprod == "fuji");
        found.push_back(redshifts.at(target.key.targetId));
    }
    REQUIRE(found.size() == 5);
    std::sort(found.begin(), found.end());
    CHECK(found[0] == Approx(2.117).margin(5e-4));
    CHECK(found[4] == Approx(3.036).margin(5e-4));
}

TEST_CASE("rows that cannot be used are marked, and the redrock without coadd is an orphan")
{
    fits::CoaddReader reader(realData("desi/specutils/coadd-sv3-dark-26065.fits"));
    CHECK(reader.targets()[0].key.spgrpval == 26065);
    CHECK(reader.targets()[0].key.survey == "sv3");
    int unusable = 0, negative = 0;
    for (std::size_t i = 0; i < reader.targets().size(); ++i) {
        core::TargetInfo info = reader.targets()[i];
        fits::assessSpectrum(reader.read(i), info);
        unusable += info.problem == "no good pixel";
        negative += info.key.targetId.value < 0;
    }
    CHECK(unusable > 0);
    CHECK(negative > 0);
    CHECK(fits::CoaddReader(realData("desi/quasarnp/test_coadd.fits")).targets()[3].problem ==
          "no TARGETID in the file");
    CHECK(fits::CoaddReader(realData("desi/picca/missing_b_color.fits")).targets()[0].problem ==
          "B_FLUX is missing");
    const fits::DesiFiles files = fits::findDesiFiles({realData("desi/redrock")});
    CHECK(files.orphanRedrocks.size() == 1);
    const fits::RedrockTable table = fits::readRedrock(files.orphanRedrocks.at(0));
    REQUIRE(table.rows.size() == 3);
    CHECK(std::count_if(table.rows.begin(), table.rows.end(),
                        [](const auto& row) { return row.second.zwarn != 0; }) == 1);
}
