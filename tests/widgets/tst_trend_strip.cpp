// SPDX-License-Identifier: GPL-3.0-or-later
// The row of small plots over the last minutes: its arithmetic without a window, then what is repainted and
// what the cursor chooses.
#include "widgets/theme.h"
#include "widgets/trend_strip.h"
#include "widgets/widget_fixture.h"

#include <catch2/catch.hpp>

#include <QPaintEvent>
#include <QSignalSpy>
#include <QtTest/QTest>

#include <cmath>

using namespace voorwerp;
using namespace voorwerp::widgets;

namespace {

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

/// What is painted on a widget.
class Painted : public QObject
{
public:
    explicit Painted(QWidget& widget) { widget.installEventFilter(this); }
    QRegion takeRegion()
    {
        QCoreApplication::processEvents();
        return std::exchange(m_region, {});
    }

protected:
    bool eventFilter(QObject*, QEvent* event) override
    {
        if (event->type() == QEvent::Paint)
            m_region += static_cast<QPaintEvent*>(event)->region();
        return false;
    }

private:
    QRegion m_region;
};

/// Samples a second apart; the second plot is level.
TrendSet example(int samples, double last = 40.0)
{
    TrendSet set;
    std::vector<double> moving, level;
    for (int i = 0; i < samples; ++i) {
        set.seconds.push_back(i - samples + 1);
        moving.push_back(i + 1 == samples ? last : 50.0 + 40.0 * std::sin(0.3 * i));
        level.push_back(6.0);
    }
    set.trends = {{QStringLiteral("GPU use"), {0.0, 100.0}, moving, {}},
                  {QStringLiteral("Memory"), {0.0, 16.0}, level, level}};
    return set;
}

} // namespace

TEST_CASE("Plots of a row share its width, and each maps the same time to its own place and back")
{
    const TrendGeometry geometry{{600.0, 90.0}, 3, 30.0, 25.0, 120.0};
    for (std::size_t plot = 0; plot < 3; ++plot) {
        const QRectF area = geometry.area(plot);
        CHECK(QRectF(QPointF(), geometry.size).contains(area));
        CHECK(geometry.time(plot).toPixel(0.0) == Approx(area.right()));
        const double at = geometry.time(plot).toPixel(-45.0);
        CHECK(geometry.secondsAt({at, area.center().y()}).value() == Approx(-45.0));
        CHECK(geometry.secondsAt({geometry.cell(plot).left() + 1.0, 5.0}).value() == -120.0);
        if (plot > 0)
            CHECK(geometry.cell(plot).left() > geometry.cell(plot - 1).right());
    }
    CHECK_FALSE(geometry.secondsAt({geometry.cell(0).right() + 3.0, 40.0}));
    CHECK_FALSE(geometry.secondsAt({200.0, -1.0}));
}

TEST_CASE("As much time is shown as there are samples, in steps")
{
    CHECK(secondsToShow({}) == 60.0);
    CHECK(secondsToShow({-60.0, 0.0}) == 60.0);
    CHECK(secondsToShow({-61.0, 0.0}) == 120.0);
    CHECK(secondsToShow({-250.0, 0.0}) == 300.0);
    CHECK(secondsToShow({-5000.0, 0.0}) == 600.0);
}

TEST_CASE("The nearest sample to a time is found, also beyond both ends")
{
    const std::vector<double> seconds{-9.0, -4.0, 0.0};
    CHECK(sampleNear(seconds, -100.0) == 0U);
    CHECK(sampleNear(seconds, -6.0) == 1U);
    CHECK(sampleNear(seconds, -7.0) == 0U);
    CHECK(sampleNear(seconds, 3.0) == 2U);
    CHECK_FALSE(sampleNear({}, 0.0));
}

TEST_CASE("Lines break where nothing is known, stay inside their axes and leave out what is level")
{
    const AxisMap x{{-60.0, 0.0}, 100.0, 220.0};
    const AxisMap y{{0.0, 10.0}, 50.0, 10.0};
    const std::vector<double> seconds{-70.0, -60.0, -50.0, -40.0, -30.0, -20.0, -10.0, 0.0};
    const auto lines = trendLines(seconds, {9.0, 5.0, 5.0, 5.0, kNaN, 0.0, 99.0, kNaN}, x, y);
    REQUIRE(lines.size() == 2);
    CHECK(lines[0] == QPolygonF({{100.0, 30.0}, {140.0, 30.0}}));
    CHECK(lines[1] == QPolygonF({{180.0, 50.0}, {200.0, 10.0}}));
    CHECK(trendLines(seconds, std::vector<double>(8, kNaN), x, y).empty());
    CHECK(trendLines(seconds, {}, x, y).empty());
}

TEST_CASE("Only the plots that change are painted again")
{
    TrendStrip strip;
    strip.setTrends(example(200));
    strip.setCaptions({QStringLiteral("40 %"), QStringLiteral("6.0 of 16.0 GiB")});
    test::showAt(strip, 500, 90);
    Painted painted(strip);
    painted.takeRegion();
    strip.setTrends(example(200, 80.0));
    const QRegion first = painted.takeRegion();
    REQUIRE_FALSE(first.isEmpty());
    CHECK(first.boundingRect().right() < 250);
    strip.setTrends(example(200, 80.0));
    strip.setCaptions({QStringLiteral("40 %"), QStringLiteral("6.0 of 16.0 GiB")});
    CHECK(painted.takeRegion().isEmpty());
    strip.setCaptions({QStringLiteral("40 %"), QStringLiteral("6.1 of 16.0 GiB")});
    const QRegion words = painted.takeRegion();
    REQUIRE_FALSE(words.isEmpty());
    CHECK((words.boundingRect().left() > 240 && words.boundingRect().bottom() < 50));
}

TEST_CASE("The cursor chooses a sample by mouse and keys, and goes")
{
    TrendStrip strip;
    strip.setTrends(example(50));
    test::showAt(strip, 500, 90);
    const QSignalSpy changes(&strip, &TrendStrip::chosenChanged);
    CHECK_FALSE(strip.chosen());
    QTest::mouseMove(&strip, {495 - 8, 60});
    REQUIRE(strip.chosen());
    CHECK(*strip.chosen() >= 48U);
    QTest::mouseMove(&strip, {45, 60});
    REQUIRE(strip.chosen());
    CHECK(*strip.chosen() < 10U);
    CHECK(changes.count() == 2);
    QTest::keyClick(&strip, Qt::Key_Escape);
    CHECK_FALSE(strip.chosen());
    QTest::keyClick(&strip, Qt::Key_Left);
    CHECK(strip.chosen() == 48U);
    QTest::keyClick(&strip, Qt::Key_Right);
    QTest::keyClick(&strip, Qt::Key_Right);
    CHECK(strip.chosen() == 49U);
    strip.setTrends({});
    CHECK_FALSE(strip.chosen());
    test::picture(strip, QStringLiteral("trend-strip"));
}

TEST_CASE("A strip draws in a light and in a dark palette, with one sample and with none")
{
    TrendStrip strip;
    for (const bool dark : {false, true}) {
        QPalette palette;
        palette.setColor(QPalette::Base, dark ? QColor(30, 30, 34) : Qt::white);
        palette.setColor(QPalette::Text, dark ? QColor(230, 230, 230) : Qt::black);
        strip.setPalette(palette);
        const Theme theme = Theme::of(palette);
        strip.setTrends(example(90));
        test::showAt(strip, 500, 90);
        const QImage many =
            test::picture(strip, dark ? QStringLiteral("trends-dark") : QStringLiteral("trends"));
        CHECK(test::countColour(many, theme.accent.rgb(), 40) > 100);
        strip.setTrends(example(1));
        CHECK(test::countColour(test::picture(strip, QStringLiteral("trends-one")), theme.accent.rgb(), 90) >
              0);
        strip.setTrends({});
        CHECK(test::countColour(test::picture(strip, QStringLiteral("trends-none")), theme.accent.rgb(),
                                40) == 0);
    }
}
