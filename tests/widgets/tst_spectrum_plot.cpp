// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/wavelength_grid.h"
#include "widgets/spectrum_plot.h"
#include "widgets/theme.h"
#include "widgets/widget_fixture.h"

#include <catch2/catch.hpp>

#include <QApplication>
#include <QSignalSpy>
#include <QToolTip>
#include <QWheelEvent>
#include <QtTest/QTest>

using namespace voorwerp;
using namespace voorwerp::widgets;

namespace {

struct ShownPlot
{
    SpectrumPlot plot;
    explicit ShownPlot(std::shared_ptr<const SpectrumData> data, int width = 900, int height = 560)
    {
        plot.setSpectrum(std::move(data));
        test::showAt(plot, width, height);
        plot.setFocus();
    }
};

QPoint pointAt(const SpectrumPlot& plot, double wavelength)
{
    return plot.positionOf(wavelength, 1.0).toPoint();
}

} // namespace

TEST_CASE("The keys of the spectrum plot change smoothing, lines, axis and mask, and tell the page")
{
    ShownPlot shown(test::exampleQuasar());
    QSignalSpy changed(&shown.plot, &SpectrumPlot::optionsChanged);
    const SpectrumPlotOptions before = shown.plot.options();
    QTest::keyClick(&shown.plot, Qt::Key_S);
    CHECK(shown.plot.options().smoothingPixels > before.smoothingPixels);
    QTest::keyClick(&shown.plot, Qt::Key_D);
    CHECK(shown.plot.options() == before);
    QTest::keyClick(&shown.plot, Qt::Key_L);
    CHECK(shown.plot.options().lines == LineMode::All);
    QTest::keyClick(&shown.plot, Qt::Key_O);
    CHECK(shown.plot.options().restFrame);
    QTest::keyClick(&shown.plot, Qt::Key_M);
    CHECK_FALSE(shown.plot.options().showMask);
    QTest::keyClick(&shown.plot, Qt::Key_L, Qt::ShiftModifier); // another key
    CHECK(changed.count() == 5);
}

TEST_CASE(
    "Arrow keys nudge z as a trial, z brings the catalogue's back, another object starts without a trial")
{
    ShownPlot shown(test::exampleQuasar(2.0));
    QSignalSpy moved(&shown.plot, &SpectrumPlot::shownZChanged);
    QTest::keyClick(&shown.plot, Qt::Key_Right);
    CHECK(shown.plot.shownZ() == Approx(2.001));
    QTest::keyClick(&shown.plot, Qt::Key_Left, Qt::ShiftModifier);
    CHECK(shown.plot.shownZ() == Approx(2.0009));
    CHECK(shown.plot.zIsTrial());
    QTest::keyClick(&shown.plot, Qt::Key_Z);
    CHECK(shown.plot.shownZ() == 2.0);
    CHECK(moved.count() == 3);
    QTest::keyClick(&shown.plot, Qt::Key_Right);
    shown.plot.setSpectrum(test::exampleQuasar(1.5, 2));
    CHECK_FALSE(shown.plot.zIsTrial());
    CHECK(shown.plot.shownZ() == 1.5);
}

TEST_CASE("Dragging zooms to the dragged wavelengths, r and double click show everything again")
{
    ShownPlot shown(test::exampleQuasar());
    const Range whole = shown.plot.wavelengthRange();
    const QPoint from = pointAt(shown.plot, 5000.0);
    const QPoint to = pointAt(shown.plot, 6000.0);
    QTest::mousePress(&shown.plot, Qt::LeftButton, {}, from);
    QTest::mouseMove(&shown.plot, (from + to) / 2);
    QTest::mouseMove(&shown.plot, to);
    QTest::mouseRelease(&shown.plot, Qt::LeftButton, {}, to);
    CHECK(shown.plot.wavelengthRange().low == Approx(5000.0).margin(8.0));
    CHECK(shown.plot.wavelengthRange().high == Approx(6000.0).margin(8.0));
    test::picture(shown.plot, QStringLiteral("spectrum_zoomed"));
    QTest::keyClick(&shown.plot, Qt::Key_R);
    CHECK(shown.plot.wavelengthRange() == whole);
    shown.plot.setWavelengthRange({4000.0, 4100.0});
    QTest::mouseDClick(&shown.plot, Qt::LeftButton, {}, pointAt(shown.plot, 4050.0));
    CHECK(shown.plot.wavelengthRange() == whole);
}

TEST_CASE("A plain click does not zoom, and the wheel zooms at the cursor")
{
    ShownPlot shown(test::exampleQuasar());
    const Range whole = shown.plot.wavelengthRange();
    const QPoint place = pointAt(shown.plot, 7000.0);
    QTest::mouseClick(&shown.plot, Qt::LeftButton, {}, place);
    CHECK(shown.plot.wavelengthRange() == whole);
    QWheelEvent wheel(place, shown.plot.mapToGlobal(place), {}, QPoint(0, 360), Qt::NoButton, Qt::NoModifier,
                      Qt::NoScrollPhase, false);
    QCoreApplication::sendEvent(&shown.plot, &wheel);
    CHECK(shown.plot.wavelengthRange().span() < 0.6 * whole.span());
    CHECK(shown.plot.positionOf(7000.0, 0.0).x() == Approx(place.x()).margin(1.5));
}

TEST_CASE(
    "The readout names both wavelengths, flux with noise and the residual in sigma, masked pixels say so")
{
    ShownPlot shown(test::exampleQuasar(2.0));
    const QString good = shown.plot.readoutAt(6000.0);
    CHECK(good.contains(QStringLiteral("6000.0 Å")));
    CHECK(good.contains(QStringLiteral("rest 2000.0 Å")));
    CHECK(good.contains(QStringLiteral("±")));
    CHECK(good.contains(QStringLiteral("σ")));
    CHECK(shown.plot.readoutAt(core::DesiGrid::wavelength(5260)).contains(QStringLiteral("masked")));
    CHECK(shown.plot.readoutAt(100.0).isEmpty());
}

TEST_CASE("Pointing at a masked block names its bits")
{
    ShownPlot shown(test::exampleQuasar());
    const QPoint place = pointAt(shown.plot, core::DesiGrid::wavelength(5260));
    QHelpEvent help(QEvent::ToolTip, place, shown.plot.mapToGlobal(place));
    QCoreApplication::sendEvent(&shown.plot, &help);
    CHECK(QToolTip::text().contains(QStringLiteral("COSMIC: hit by a cosmic ray")));
    CHECK(QToolTip::text().contains(QStringLiteral("NODATA")));
    QEvent leave(QEvent::Leave);
    QApplication::sendEvent(&shown.plot, &leave);
    CHECK(QTest::qWaitFor([] { return !QToolTip::isVisible(); }));
}

TEST_CASE("The plot draws flux, model and residual, and repaints without drawing the spectrum again")
{
    ShownPlot shown(test::exampleQuasar(), 1280, 800);
    QTest::mouseMove(&shown.plot, pointAt(shown.plot, 5200.0));
    const QImage image = test::picture(shown.plot, QStringLiteral("spectrum"));
    const Theme theme = Theme::of(&shown.plot);
    CHECK(test::countColour(image, theme.data.rgb()) > 2000);
    CHECK(test::countColour(image, theme.accent.rgb()) > 500);
    SpectrumPlotOptions options = shown.plot.options();
    options.showModel = false;
    options.lines = LineMode::None;
    shown.plot.setOptions(options);
    const QImage without = test::picture(shown.plot, QStringLiteral("spectrum_plain"));
    CHECK(test::countColour(without, theme.accent.rgb()) < test::countColour(image, theme.accent.rgb()));
}

TEST_CASE("Empty, all-masked and wrongly sized spectra say so instead of drawing")
{
    auto masked = test::exampleQuasar();
    std::fill(masked->ivar.begin(), masked->ivar.end(), 0.0F);
    ShownPlot shown(masked, 500, 400);
    const Theme theme = Theme::of(&shown.plot);
    const QImage image = test::picture(shown.plot, QStringLiteral("spectrum_masked"));
    CHECK(test::countColour(image, theme.accent.rgb()) == 0);
    CHECK(test::countColour(image, theme.faint.rgb()) > 50);
    QTest::keyClick(&shown.plot, Qt::Key_S);
    QTest::mouseMove(&shown.plot, QPoint(200, 200));
    auto broken = test::exampleQuasar();
    broken->ivar.resize(10);
    shown.plot.setSpectrum(broken);
    shown.plot.setSpectrum(nullptr);
    test::picture(shown.plot, QStringLiteral("spectrum_empty"));
    CHECK(shown.plot.readoutAt(5000.0).isEmpty());
}

TEST_CASE("A spectrum without redshift or model is drawn, and its z keys do nothing")
{
    auto data = test::exampleQuasar();
    data->z = std::numeric_limits<double>::quiet_NaN();
    data->model.clear();
    ShownPlot shown(data);
    QTest::keyClick(&shown.plot, Qt::Key_Right);
    CHECK_FALSE(shown.plot.zIsTrial());
    CHECK_FALSE(shown.plot.readoutAt(6000.0).contains(QStringLiteral("rest")));
    const QImage image = test::picture(shown.plot, QStringLiteral("spectrum_no_redshift"));
    CHECK(test::countColour(image, Theme::of(&shown.plot).data.rgb()) > 1000);
}

TEST_CASE("The plot follows a change to a dark palette")
{
    ShownPlot shown(test::exampleQuasar(), 1000, 600);
    const QImage light = test::picture(shown.plot, QStringLiteral("spectrum_light"));
    QPalette dark;
    dark.setColor(QPalette::Window, QColor(45, 45, 45));
    dark.setColor(QPalette::Button, QColor(45, 45, 45));
    dark.setColor(QPalette::Base, QColor(28, 28, 28));
    for (const auto role : {QPalette::Text, QPalette::WindowText, QPalette::ButtonText})
        dark.setColor(role, QColor(225, 225, 225));
    shown.plot.setPalette(dark);
    const QImage image = test::picture(shown.plot, QStringLiteral("spectrum_dark"));
    const Theme theme = Theme::of(dark);
    CHECK(theme.dark);
    CHECK(test::countColour(image, theme.paper.rgb(), 4) > image.width() * image.height() / 2);
    CHECK(test::countColour(image, theme.data.rgb()) > 1000);
    CHECK(test::countColour(light, theme.paper.rgb(), 4) < light.width() * light.height() / 20);
}
