// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/wavelength_grid.h"
#include "fits/camera_merge.h"

#include <catch2/catch.hpp>

#include <cmath>
#include <limits>
#include <vector>

using namespace voorwerp;
using fits::CameraSpectrum;

namespace {

constexpr float kNaN = std::numeric_limits<float>::quiet_NaN();
constexpr float kInf = std::numeric_limits<float>::infinity();

} // namespace

TEST_CASE("a pixel that one camera sees keeps flux, ivar and mask")
{
    const std::vector<float> flux{1.3F, -7.25F, 1e-3F}, ivar{0.7F, 12.3F, 3e5F};
    const std::vector<std::uint32_t> mask{0, 0, 0};
    const CameraSpectrum camera{100, flux, ivar, mask};
    const core::Spectrum merged = fits::mergeCameras({&camera, 1});
    REQUIRE(merged.flux.size() == core::DesiGrid::kPixels);
    for (std::size_t i = 0; i < flux.size(); ++i) {
        CHECK(merged.flux[100 + i] == flux[i]);
        CHECK(merged.ivar[100 + i] == ivar[i]);
        CHECK(merged.mask[100 + i] == 0);
    }
    CHECK(merged.ivar[99] == 0.0F);
    CHECK(merged.flux[99] == 0.0F);
    CHECK(merged.mask[99] == fits::kMaskNoData);
}

TEST_CASE("overlapping cameras are averaged by ivar and their mask bits are AND-ed")
{
    const std::vector<float> fluxB{2.0F, 2.0F, 2.0F, 2.0F}, ivarB{1.0F, 1.0F, 1.0F, 1.0F};
    const std::vector<float> fluxR{5.0F, 5.0F, 5.0F, 5.0F}, ivarR{3.0F, 3.0F, 3.0F, 3.0F};
    const std::vector<std::uint32_t> maskB{0, 4, 6, 4}, maskR{0, 0, 3, 8};
    const std::vector<CameraSpectrum> cameras{{7, fluxB, ivarB, maskB}, {7, fluxR, ivarR, maskR}};
    const core::Spectrum merged = fits::mergeCameras(cameras);
    CHECK(merged.flux[7] == Approx((2.0 + 15.0) / 4.0)); // both good
    CHECK(merged.ivar[7] == 4.0F);
    CHECK(merged.mask[7] == 0);
    CHECK(merged.flux[8] == 5.0F); // B is masked
    CHECK(merged.ivar[8] == 3.0F);
    CHECK(merged.mask[8] == 0);
    CHECK(merged.ivar[9] == 0.0F); // both masked, with one bit in common
    CHECK(merged.flux[9] == 0.0F);
    CHECK(merged.mask[9] == 2);
    CHECK(merged.ivar[10] == 0.0F); // both masked, with no bit in common: still marked
    CHECK(merged.mask[10] == (4 | 8));
}

TEST_CASE("what is not finite or negative counts as no data")
{
    const std::vector<float> flux{kNaN, kInf, 1.0F, 1.0F, 1.0F, 1.0F, 1.0F};
    const std::vector<float> ivar{1.0F, 1.0F, kNaN, kInf, -2.0F, 5e-7F, 0.0F};
    const CameraSpectrum camera{0, flux, ivar, {}};
    const core::Spectrum merged = fits::mergeCameras({&camera, 1});
    for (std::size_t i = 0; i < flux.size(); ++i) {
        CAPTURE(i);
        CHECK(merged.ivar[i] == 0.0F);
        CHECK(std::isfinite(merged.flux[i]));
        CHECK(merged.mask[i] == fits::kMaskNoData);
    }
    CHECK(merged.flux[4] == 0.0F);
}
