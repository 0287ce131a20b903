// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/widget_fixture.h"

#include "core/wavelength_grid.h"

#include <QCoreApplication>
#include <QDir>
#include <QImage>
#include <QPixmap>
#include <QWidget>
#include <QtTest/QTest>

#include <array>
#include <cmath>
#include <cstdlib>
#include <random>

namespace voorwerp::test {

using core::DesiGrid;

namespace {

double gaussian(double x, double centre, double sigma)
{
    return std::exp(-0.5 * (x - centre) * (x - centre) / (sigma * sigma));
}

double modelFlux(double rest)
{
    constexpr std::array<std::array<double, 3>, 6> kLines = {{{1215.67, 14.0, 5.0},
                                                              {1240.1, 12.0, 1.6},
                                                              {1398.0, 14.0, 0.8},
                                                              {1549.1, 18.0, 2.6},
                                                              {1908.7, 24.0, 1.2},
                                                              {2798.8, 26.0, 1.0}}};
    double flux = 2.2 * std::pow(rest / 1450.0, -1.5);
    for (const auto& line : kLines)
        flux += line[2] * gaussian(rest, line[0], line[1]);
    return rest < 1205.0 ? flux * 0.75 : flux;
}

} // namespace

std::shared_ptr<widgets::SpectrumData> exampleQuasar(double z, unsigned seed)
{
    auto data = std::make_shared<widgets::SpectrumData>();
    std::mt19937 random(seed);
    std::normal_distribution<double> normal;
    data->title = QStringLiteral("example %1").arg(seed);
    data->z = z;
    data->mask.assign(DesiGrid::kPixels, 0U);
    for (std::size_t i = 0; i < DesiGrid::kPixels; ++i) {
        const double observed = DesiGrid::wavelength(i);
        const double rest = observed / (1.0 + z);
        const double sky =
            1.0 + 12.0 * gaussian(observed, 5578.9, 2.0) + 3.0 * gaussian(observed, 9400.0, 15.0);
        const double sigma = (0.35 + 0.6 * gaussian(observed, 3600.0, 250.0)) * sky;
        const double model = modelFlux(rest);
        const double trough = 1.0 - 0.8 * gaussian(rest, 1500.0, 9.0);
        data->model.push_back(static_cast<float>(model));
        data->flux.push_back(static_cast<float>(model * trough + sigma * normal(random)));
        data->ivar.push_back(static_cast<float>(1.0 / (sigma * sigma)));
    }
    for (std::size_t i = 5200; i < 5320; ++i) {
        data->mask[i] = (1U << 2) | (1U << 8);
        data->ivar[i] = 0.0F;
    }
    data->regions.push_back(
        {1475.0 * (1.0 + z), 1525.0 * (1.0 + z), QStringLiteral("C IV trough −9,800 km/s")});
    return data;
}

void showAt(QWidget& widget, int width, int height)
{
    widget.resize(width, height);
    widget.show();
    if (!QTest::qWaitForWindowExposed(&widget))
        throw std::runtime_error("the widget did not appear");
    QCoreApplication::processEvents();
}

QImage picture(QWidget& widget, const QString& name)
{
    QCoreApplication::processEvents();
    const QImage image = widget.grab().toImage();
    if (const char* folder = std::getenv("VOORWERP_RENDER_DIR")) {
        QDir().mkpath(QString::fromLocal8Bit(folder));
        image.save(QString::fromLocal8Bit(folder) + QLatin1Char('/') + name + QStringLiteral(".png"));
    }
    return image;
}

int countColour(const QImage& image, unsigned rgb, int tolerance)
{
    int count = 0;
    for (int y = 0; y < image.height(); ++y) {
        for (int x = 0; x < image.width(); ++x) {
            const QRgb pixel = image.pixel(x, y);
            if (std::abs(qRed(pixel) - qRed(rgb)) <= tolerance &&
                std::abs(qGreen(pixel) - qGreen(rgb)) <= tolerance &&
                std::abs(qBlue(pixel) - qBlue(rgb)) <= tolerance)
                ++count;
        }
    }
    return count;
}

} // namespace voorwerp::test
