// SPDX-License-Identifier: GPL-3.0-or-later
// How long a person waits for a view: the latent map of DESI's quasars (1.6 million points), a lasso and a
// click on it, and a spectrum of 7,781 pixels, drawn anew and from its pixmap.
#include "bench/harness.h"
#include "core/wavelength_grid.h"
#include "widgets/density_image.h"
#include "widgets/spectrum_plot.h"

#include <QApplication>
#include <QPolygonF>
#include <QWindow>

#include <algorithm>
#include <cmath>
#include <random>

using namespace voorwerp;
using namespace voorwerp::widgets;

namespace {

std::vector<double> milliseconds(std::vector<double> seconds)
{
    for (double& value : seconds)
        value *= 1e3;
    return seconds;
}

void measureMap(bench::Benchmark& bench)
{
    const std::size_t points = bench.size(1'600'000);
    std::mt19937 random(1);
    std::normal_distribution<float> normal;
    std::vector<float> x(points);
    std::vector<float> y(points);
    std::generate(x.begin(), x.end(), [&] { return normal(random); });
    std::generate(y.begin(), y.end(), [&] { return normal(random); });
    const MapView view{{-6.0, 6.0}, {-6.0, 6.0}, 1240, 740};
    QPolygonF circle;
    for (int i = 0; i < 300; ++i)
        circle << QPointF(std::cos(i * 0.02094), std::sin(i * 0.02094));
    std::size_t counted = 0;
    std::size_t inside = 0;
    const auto image = bench.time([&] {
        const DensityGrid grid = binPoints(x, y, x, view, 2);
        counted = 0;
        for (const auto count : grid.count)
            counted += count;
        bench::Benchmark::require(!densityImage(grid, {}).isNull(), "there is an image");
    });
    bench::Benchmark::require(counted == points, "every point is in the image");
    bench.report("map_image", "ms", milliseconds(image), {{"points", points}});
    const auto lasso = bench.time([&] { inside = pointsInside(x, y, circle).size(); });
    const double share = static_cast<double>(inside) / static_cast<double>(points);
    bench::Benchmark::require(std::abs(share - (1.0 - std::exp(-0.5))) < 0.01, "the circle of 1σ holds 39 %");
    bench.report("lasso", "ms", milliseconds(lasso), {{"points", points}});
    const auto click = bench.time([&] {
        bench::Benchmark::require(nearestPoint(x, y, view, 620, 370, 24).has_value(), "a point is near");
    });
    bench.report("nearest_point", "ms", milliseconds(click), {{"points", points}});
}

void measureSpectrum(bench::Benchmark& bench)
{
    std::mt19937 random(2);
    std::normal_distribution<float> normal;
    SpectrumData data;
    for (std::size_t i = 0; i < core::DesiGrid::kPixels; ++i) {
        data.flux.push_back(3.0F + normal(random));
        data.ivar.push_back(1.0F);
        data.model.push_back(3.0F);
    }
    data.mask.assign(core::DesiGrid::kPixels, 0U);
    data.z = 2.0;
    SpectrumPlot plot;
    plot.resize(1280, 800);
    plot.show();
    while (!plot.windowHandle()->isExposed()) // else nothing is painted
        QCoreApplication::processEvents();
    const auto fresh = bench.time([&] {
        plot.setSpectrum(std::make_shared<const SpectrumData>(data));
        plot.repaint();
    });
    bench::Benchmark::require(!plot.readoutAt(6000.0).isEmpty(), "the spectrum is shown");
    bench.report("spectrum_drawn", "ms", milliseconds(fresh));
    bench.report("spectrum_repainted", "ms", milliseconds(bench.time([&] { plot.repaint(); })));
}

} // namespace

int main(int argc, char** argv)
{
    if (!qEnvironmentVariableIsSet("QT_QPA_PLATFORM"))
        qputenv("QT_QPA_PLATFORM", "offscreen");
    QApplication application(argc, argv);
    return bench::runBenchmark("views", argc, argv, [](bench::Benchmark& bench) {
        measureMap(bench);
        measureSpectrum(bench);
    });
}
