// SPDX-License-Identifier: GPL-3.0-or-later
// Axes, ticks, smoothing and spectrum geometry, without a window.
#include "core/wavelength_grid.h"
#include "widgets/axis_map.h"
#include "widgets/colour_map.h"
#include "widgets/line_list.h"
#include "widgets/spectrum_controls.h"
#include "widgets/spectrum_geometry.h"
#include "widgets/spectrum_smoothing.h"
#include "widgets/theme.h"
#include "widgets/widget_fixture.h"

#include <catch2/catch.hpp>

#include <QPalette>

#include <cmath>
#include <limits>
#include <random>

using namespace voorwerp;
using namespace voorwerp::widgets;

namespace {

constexpr float kNaN = std::numeric_limits<float>::quiet_NaN();

double luminance(const QColor& colour)
{
    const auto linear = [](double c) {
        return c <= 0.03928 ? c / 12.92 : std::pow((c + 0.055) / 1.055, 2.4);
    };
    return 0.2126 * linear(colour.redF()) + 0.7152 * linear(colour.greenF()) +
           0.0722 * linear(colour.blueF());
}

double contrast(const QColor& a, const QColor& b)
{
    const double high = std::max(luminance(a), luminance(b));
    const double low = std::min(luminance(a), luminance(b));
    return (high + 0.05) / (low + 0.05);
}

} // namespace

TEST_CASE("An axis maps data to pixels and back, also when it grows upwards")
{
    for (const AxisMap& axis : {AxisMap{{3600.0, 9824.0}, 50.0, 850.0}, AxisMap{{-2.0, 7.5}, 400.0, 10.0}}) {
        CHECK(axis.toPixel(axis.data.low) == Approx(axis.pixelLow));
        CHECK(axis.toPixel(axis.data.high) == Approx(axis.pixelHigh));
        for (double pixel = 60.0; pixel < 400.0; pixel += 33.3)
            CHECK(axis.toPixel(axis.toData(pixel)) == Approx(pixel));
    }
}

TEST_CASE("Zooming keeps the value under the cursor, panning keeps the span, clamping keeps the limits")
{
    const AxisMap axis{{100.0, 200.0}, 0.0, 1000.0};
    const Range zoomed = axis.zoomed(250.0, 4.0);
    CHECK(zoomed.span() == Approx(25.0));
    CHECK((AxisMap{zoomed, 0.0, 1000.0}).toData(250.0) == Approx(axis.toData(250.0)));
    const Range panned = axis.panned(100.0);
    CHECK(panned.low == Approx(90.0));
    CHECK(panned.span() == Approx(100.0));
    CHECK(clampedTo({-50.0, 20.0}, {0.0, 100.0}, 5.0) == Range{0.0, 70.0});
    CHECK(clampedTo({50.0, 50.1}, {0.0, 100.0}, 5.0).span() == Approx(5.0));
    CHECK(clampedTo({-500.0, 500.0}, {0.0, 100.0}, 5.0) == Range{0.0, 100.0});
}

TEST_CASE("Ticks are round, inside the range and labelled with the decimals that the step needs")
{
    const auto ticks = makeTicks({0.02, 1.13}, 6);
    REQUIRE(ticks.size() >= 4);
    CHECK(ticks.front().value >= 0.02);
    CHECK(ticks.back().value <= 1.13 + 1e-9);
    CHECK(ticks.front().label == QStringLiteral("0.2"));
    CHECK(makeTicks({-6.0, 6.0}, 4).front().label == QStringLiteral("−5"));
    CHECK(makeTicks({3600.0, 9824.0}, 7).front().label == QStringLiteral("4,000"));
    CHECK(makeTicks({1.0, 1.0}, 5).empty());
    const auto residual = makeTicks({-7.2, 7.2}, 2, 3); // two would be 0 alone
    REQUIRE(residual.size() == 3);
    CHECK(residual.front().value == -residual.back().value);
    CHECK(residual[1].label == QStringLiteral("0"));
    for (const double high : {0.13, 0.99, 1.1, 2.4, 4.9, 7.0, 9.9})
        CHECK(makeTicks({0.1, high}, 1, 3).size() >= 3);
    CHECK(makeTicks({0.0, std::numeric_limits<double>::infinity()}, 5).empty());
    CHECK(makeDecadeTicks({0.0, 3.4}).size() == 4);
    CHECK(shortNumber(1600231.0) == QStringLiteral("1.60M"));
    CHECK(shortNumber(1000000.0) == QStringLiteral("1M"));
    CHECK(shortNumber(12345.0) == QStringLiteral("12.3k"));
    CHECK(shortNumber(250.0) == QStringLiteral("250"));
}

TEST_CASE("Smoothing preserves a constant spectrum whatever the weights")
{
    std::mt19937 random(3);
    std::uniform_real_distribution<float> weight(0.0F, 9.0F);
    const std::vector<float> flux(500, 3.25F);
    std::vector<float> ivar(500);
    for (float& value : ivar)
        value = weight(random);
    for (const double sigma : {0.0, 1.0, 4.5, 26.0}) {
        for (const float value : smoothFlux(flux, ivar, sigma))
            CHECK(value == Approx(3.25));
    }
}

TEST_CASE(
    "Pixels with ivar 0 or without a finite flux have no influence, and gaps wider than the kernel stay gaps")
{
    std::vector<float> flux(200, 1.0F);
    std::vector<float> ivar(200, 4.0F);
    flux[50] = 1e9F;
    ivar[50] = 0.0F;
    flux[60] = kNaN;
    for (std::size_t i = 100; i < 120; ++i)
        ivar[i] = 0.0F;
    const auto smooth = smoothFlux(flux, ivar, 2.0);
    CHECK(smooth[50] == Approx(1.0));
    CHECK(smooth[60] == Approx(1.0));
    CHECK(std::isnan(smooth[110]));
    CHECK(std::isfinite(smooth[98]));
    CHECK(std::isnan(smoothFlux(flux, ivar, 0.0)[50]));
    CHECK(std::isnan(smoothedSigma(ivar, 0.0)[50]));
    CHECK(smoothedSigma(ivar, 0.0)[0] == Approx(0.5));
}

TEST_CASE("The smoothed noise is the scatter of the smoothed flux, and smoothed residuals keep unit variance")
{
    std::mt19937 random(7);
    std::normal_distribution<float> normal;
    const std::size_t size = 40000;
    std::vector<float> noise(size);
    for (float& value : noise)
        value = normal(random);
    const std::vector<float> ivar(size, 1.0F);
    const auto scatter = [](const std::vector<float>& values) {
        double sum = 0.0;
        for (const float value : values)
            sum += double(value) * value;
        return std::sqrt(sum / static_cast<double>(values.size()));
    };
    const double expected = smoothedSigma(ivar, 3.0)[size / 2];
    CHECK(scatter(smoothFlux(noise, ivar, 3.0)) == Approx(expected).epsilon(0.03));
    CHECK(scatter(smoothResidual(noise, 3.0)) == Approx(1.0).epsilon(0.03));
}

TEST_CASE("The smoothing keys walk through the steps and stop at both ends")
{
    CHECK(nextSmoothing(0.0, 1) == 1.0);
    CHECK(nextSmoothing(2.0, -1) == 1.0);
    CHECK(nextSmoothing(2.4, 1) == 3.0);
    CHECK(nextSmoothing(26.0, 1) == 26.0);
    CHECK(nextSmoothing(0.0, -1) == 0.0);
}

TEST_CASE("Column binning keeps every extreme of the spectrum in its column")
{
    std::vector<float> values(core::DesiGrid::kPixels, 1.0F);
    values[4000] = 50.0F;
    values[4001] = -20.0F;
    values[10] = kNaN;
    const AxisMap x{{3600.0, 9824.0}, 60.0, 660.0};
    const auto columns = binColumns(values, x);
    CHECK(columns.size() < 610);
    const auto column = static_cast<std::size_t>(x.toPixel(core::DesiGrid::wavelength(4000)) - 60.0);
    CHECK(columns[column].high == 50.0F);
    CHECK(columns[column].low == -20.0F);
    CHECK(columns[column + 2].high == 1.0F);
}

TEST_CASE("The flux range follows percentiles, so that one spike does not flatten the spectrum")
{
    auto data = test::exampleQuasar();
    data->flux[3000] = 5000.0F;
    const auto prepared = prepareSpectrum(*data, 0.0);
    const Range range = fluxRange(prepared, {3600.0, 9824.0});
    CHECK(range.high < 20.0);
    CHECK(range.low <= 0.0);
    CHECK(fluxRange(PreparedSpectrum{}, {3600.0, 9824.0}) == Range{-1.0, 1.0});
    CHECK(residualRange(prepared, {3600.0, 9824.0}).high <= 30.0);
}

TEST_CASE("Residuals come from flux, model and ivar when none are given, and are empty at masked pixels")
{
    const auto data = test::exampleQuasar();
    const auto prepared = prepareSpectrum(*data, 0.0);
    CHECK(prepared.residual[100] ==
          Approx((data->flux[100] - data->model[100]) * std::sqrt(data->ivar[100])).epsilon(1e-4));
    CHECK(std::isnan(prepared.residual[5250]));
    CHECK(prepared.goodPixels == core::DesiGrid::kPixels - 120);
}

TEST_CASE("Labels of one row never touch and important ones win")
{
    std::vector<LabelRequest> requests;
    for (int i = 0; i < 40; ++i)
        requests.push_back({100.0 + 12.0 * i, 30.0, i % 5 == 0});
    const auto rows = placeLabels(requests, 2, 4.0, {0.0, 700.0});
    for (std::size_t i = 0; i < rows.size(); ++i) {
        if (requests[i].important)
            CHECK(rows[i] >= 0);
        for (std::size_t j = 0; j < i; ++j) {
            if (rows[i] >= 0 && rows[i] == rows[j])
                CHECK(std::abs(requests[i].centre - requests[j].centre) >= 34.0);
        }
    }
    CHECK(placeLabels({{690.0, 30.0, true}}, 2, 4.0, {0.0, 700.0}).front() == -1);
}

TEST_CASE("Mask runs cover every unused pixel once and name its bits")
{
    const auto data = test::exampleQuasar();
    data->ivar[7000] = 0.0F;
    const auto runs = maskRuns(*data);
    REQUIRE(runs.size() == 2);
    CHECK(runs[0].lowAngstrom == Approx(core::DesiGrid::wavelength(5200) - 0.4));
    CHECK(runs[0].highAngstrom == Approx(core::DesiGrid::wavelength(5319) + 0.4));
    CHECK(specMaskNames(runs[0].bits) == QStringList({QStringLiteral("COSMIC"), QStringLiteral("NODATA")}));
    CHECK(runs[1].bits == 0U);
    CHECK(specMaskNames(1U << 27) == QStringList({QStringLiteral("BIT27")}));
}

TEST_CASE("The line list is in vacuum, sorted, and does not name one line twice")
{
    const auto& lines = builtInLines();
    REQUIRE(lines.size() > 40);
    CHECK(std::is_sorted(lines.begin(), lines.end(),
                         [](const auto& a, const auto& b) { return a.vacuumAngstrom < b.vacuumAngstrom; }));
    const auto shown = shownLines(true);
    CHECK(shown.size() < shownLines(false).size());
    const auto lyman = std::count_if(shown.begin(), shown.end(),
                                     [](const auto& line) { return line.name == QStringLiteral("Lyα"); });
    CHECK(lyman == 1);
}

TEST_CASE("Colours: scales run from dark to bright, greys are readable on paper in light and dark palettes")
{
    for (const ColourScale scale : {ColourScale::Viridis, ColourScale::Cividis}) {
        double previous = -1.0;
        for (int i = 0; i <= 255; i += 15) {
            const double value = luminance(QColor(colourTable(scale)[static_cast<std::size_t>(i)]));
            CHECK(value > previous);
            previous = value;
        }
        CHECK(colourAt(scale, -3.0) == colourTable(scale).front());
        CHECK(colourAt(scale, 3.0) == colourTable(scale).back());
    }
    QPalette light;
    light.setColor(QPalette::Base, Qt::white);
    light.setColor(QPalette::Text, Qt::black);
    QPalette dark;
    dark.setColor(QPalette::Base, QColor(30, 30, 30));
    dark.setColor(QPalette::Text, QColor(230, 230, 230));
    for (const QPalette& palette : {light, dark}) {
        const Theme theme = Theme::of(palette);
        CHECK(contrast(theme.faint, theme.paper) >= 4.5);
        CHECK(contrast(theme.accent, theme.paper) >= 4.5);
        CHECK(contrast(theme.warning, theme.paper) >= 4.5);
    }
    CHECK(Theme::of(dark).dark);
    CHECK_FALSE(Theme::of(light).dark);
}
