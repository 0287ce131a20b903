// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/density_image.h"
#include "widgets/latent_map.h"
#include "widgets/score_histogram.h"
#include "widgets/theme.h"
#include "widgets/widget_fixture.h"

#include <catch2/catch.hpp>

#include <QComboBox>
#include <QSignalSpy>
#include <QWheelEvent>
#include <QtTest/QTest>

#include <cmath>
#include <limits>
#include <random>
#include <set>

using namespace voorwerp;
using namespace voorwerp::widgets;

namespace {

constexpr float kNaN = std::numeric_limits<float>::quiet_NaN();

std::shared_ptr<MapPoints> cloud(std::size_t count)
{
    auto points = std::make_shared<MapPoints>();
    std::mt19937 random(5);
    std::normal_distribution<float> normal;
    for (std::size_t i = 0; i < count; ++i) {
        const float turn = 3.0F * normal(random);
        points->x.push_back(std::cos(turn) * 4.0F + 0.6F * normal(random));
        points->y.push_back(std::sin(turn) * 2.0F + turn * 0.4F + 0.6F * normal(random));
    }
    points->xName = QStringLiteral("PC 1");
    points->yName = QStringLiteral("PC 2");
    return points;
}

/// Corners of a 3 × 3 lattice with spacing 10.
std::shared_ptr<MapPoints> lattice()
{
    auto points = std::make_shared<MapPoints>();
    for (int i = 0; i < 9; ++i) {
        points->x.push_back(static_cast<float>(10 * (i % 3)));
        points->y.push_back(static_cast<float>(10 * (i / 3)));
    }
    return points;
}

struct ShownMap
{
    LatentMap map;
    explicit ShownMap(std::shared_ptr<const MapPoints> points, int width = 700, int height = 600)
    {
        map.setPoints(std::move(points));
        test::showAt(map, width, height);
        QTest::qWait(60);
    }
    void drag(const std::vector<QPointF>& path, Qt::KeyboardModifiers modifiers = {})
    {
        QTest::mousePress(&map, Qt::LeftButton, modifiers, path.front().toPoint());
        for (std::size_t i = 1; i < path.size(); ++i) {
            for (int step = 1; step <= 10; ++step)
                QTest::mouseMove(&map, (path[i - 1] + (path[i] - path[i - 1]) * step / 10.0).toPoint());
        }
        QTest::mouseRelease(&map, Qt::LeftButton, modifiers, path.back().toPoint());
    }
    /// A box around the points from row a to row b (opposite corners).
    std::vector<QPointF> around(std::uint32_t a, std::uint32_t b) const
    {
        const QRectF box =
            QRectF(map.positionOf(a), map.positionOf(b)).normalized().adjusted(-15, -15, 15, 15);
        return {box.topLeft(), box.topRight(), box.bottomRight(), box.bottomLeft(), box.topLeft()};
    }
};

} // namespace

TEST_CASE("Binning counts every point inside the view once and leaves NaN out")
{
    const auto points = cloud(20000);
    points->x[7] = kNaN;
    const MapView view{{-8.0, 8.0}, {-8.0, 8.0}, 400, 300};
    const auto grid = binPoints(points->x, points->y, points->x, view, 2);
    CHECK(grid.columns == 200);
    CHECK(grid.rows == 150);
    std::size_t inside = 0;
    for (std::size_t i = 0; i < points->x.size(); ++i)
        inside += std::abs(points->x[i]) < 8.0F && std::abs(points->y[i]) < 8.0F ? 1U : 0U;
    std::size_t counted = 0;
    for (const auto count : grid.count)
        counted += count;
    CHECK(std::abs(double(counted) - double(inside)) <= 3.0); // points on the border
    const auto column = static_cast<std::size_t>(view.column(3.0) / 2.0);
    for (std::size_t row = 0; row < 150; ++row) {
        const float mean = grid.mean[row * 200 + column];
        if (!std::isnan(mean))
            CHECK(mean == Approx(3.0).margin(0.09));
    }
}

TEST_CASE("A lasso takes exactly the points inside its polygon, also near the edge")
{
    const auto points = cloud(50000);
    QPolygonF star;
    for (int i = 0; i < 10; ++i) {
        const double radius = i % 2 == 0 ? 5.0 : 2.0;
        star << QPointF(radius * std::cos(i * 0.6283), radius * std::sin(i * 0.6283));
    }
    const auto rows = pointsInside(points->x, points->y, star);
    std::set<std::uint32_t> found(rows.begin(), rows.end());
    std::size_t expected = 0;
    for (std::uint32_t i = 0; i < points->x.size(); ++i) {
        const bool inside = star.containsPoint({points->x[i], points->y[i]}, Qt::OddEvenFill);
        expected += inside ? 1U : 0U;
        if (inside != (found.count(i) > 0))
            FAIL("row " << i << " at " << points->x[i] << ", " << points->y[i]);
    }
    CHECK(expected > 1000);
    CHECK(pointsInside(points->x, points->y, QPolygonF({{0, 0}, {1, 1}})).empty());
}

TEST_CASE("A point whose place on the axes is not known is not marked")
{
    const auto points = cloud(10);
    points->y[3] = kNaN;
    ShownMap shown(points);
    shown.map.setSelectedRows({2, 3, 10});
    CHECK(shown.map.selectedRows() == std::vector<std::uint32_t>{2});
    shown.map.setCurrentRow(3);
    CHECK_FALSE(shown.map.currentRow());
    shown.map.setCurrentRow(2);
    CHECK(shown.map.currentRow() == 2U);
}

TEST_CASE("The nearest point is found within reach only")
{
    const auto points = lattice();
    const MapView view{{-5.0, 25.0}, {-5.0, 25.0}, 300, 300};
    CHECK(nearestPoint(points->x, points->y, view, view.column(10.0) + 3.0, view.row(20.0) - 2.0, 10.0) ==
          7U);
    CHECK_FALSE(nearestPoint(points->x, points->y, view, view.column(5.0), view.row(5.0), 10.0));
}

TEST_CASE("Dragging on the map lassoes points, Shift adds and Alt removes")
{
    ShownMap shown(lattice());
    std::vector<std::uint32_t> rows;
    SelectMode mode = SelectMode::Replace;
    QObject::connect(&shown.map, &LatentMap::lassoed,
                     [&](const std::vector<std::uint32_t>& found, SelectMode how) {
                         rows = found;
                         mode = how;
                     });
    shown.drag(shown.around(0, 4));
    CHECK(rows == std::vector<std::uint32_t>{0, 1, 3, 4});
    CHECK(mode == SelectMode::Replace);
    shown.drag(shown.around(8, 8), Qt::ShiftModifier);
    CHECK(rows == std::vector<std::uint32_t>{8});
    CHECK(mode == SelectMode::Add);
    shown.drag(shown.around(6, 7), Qt::AltModifier);
    CHECK(rows == std::vector<std::uint32_t>{6, 7});
    CHECK(mode == SelectMode::Remove);
}

TEST_CASE("A click on the map makes the nearest point current and does not lasso")
{
    ShownMap shown(lattice());
    QSignalSpy clicked(&shown.map, &LatentMap::pointClicked);
    QSignalSpy lassoed(&shown.map, &LatentMap::lassoed);
    QTest::mouseClick(&shown.map, Qt::LeftButton, {}, shown.map.positionOf(5).toPoint() + QPoint(4, -3));
    REQUIRE(clicked.count() == 1);
    CHECK(clicked.front().front().toUInt() == 5U);
    CHECK(shown.map.currentRow() == 5U);
    CHECK(lassoed.isEmpty());
}

TEST_CASE("The wheel zooms the map at the cursor, r shows everything, Escape gives up a lasso")
{
    ShownMap shown(lattice());
    const MapView whole = shown.map.view();
    const QPoint place = shown.map.positionOf(2).toPoint();
    QWheelEvent wheel(place, shown.map.mapToGlobal(place), {}, QPoint(0, 240), Qt::NoButton, Qt::NoModifier,
                      Qt::NoScrollPhase, false);
    QCoreApplication::sendEvent(&shown.map, &wheel);
    CHECK(shown.map.view().x.span() < whole.x.span());
    CHECK(QLineF(shown.map.positionOf(2), place).length() < 25.0);
    QTest::keyClick(&shown.map, Qt::Key_R);
    CHECK(shown.map.view() == whole);
    QSignalSpy lassoed(&shown.map, &LatentMap::lassoed);
    QTest::mousePress(&shown.map, Qt::LeftButton, {}, QPoint(200, 200));
    QTest::mouseMove(&shown.map, QPoint(300, 300));
    QTest::keyClick(&shown.map, Qt::Key_Escape);
    QTest::mouseRelease(&shown.map, Qt::LeftButton, {}, QPoint(300, 300));
    CHECK(lassoed.isEmpty());
}

TEST_CASE("The map shows density, values with a legend, labels, the selection and the current point")
{
    ShownMap shown(cloud(60000), 1280, 800);
    shown.map.setColourChoices({QStringLiteral("density"), QStringLiteral("score"), QStringLiteral("label")},
                               1);
    QTest::qWait(60);
    test::picture(shown.map, QStringLiteral("map_density"));
    auto values = std::make_shared<std::vector<float>>();
    auto labels = std::make_shared<std::vector<float>>();
    const auto points = cloud(60000);
    for (std::size_t i = 0; i < points->x.size(); ++i) {
        values->push_back(points->x[i] + points->y[i]);
        labels->push_back(i % 97 == 0 ? static_cast<float>(i % 3) : kNaN);
    }
    shown.map.setColour({QStringLiteral("score"), values, ColourScale::Viridis, {}});
    std::vector<std::uint32_t> rows;
    for (std::uint32_t i = 0; i < 60; ++i)
        rows.push_back(i * 31);
    shown.map.setSelectedRows(rows);
    shown.map.setCurrentRow(620);
    QTest::qWait(60);
    const QImage picture = test::picture(shown.map, QStringLiteral("map_score"));
    CHECK(test::countColour(picture, Theme::of(&shown.map).selection.rgb()) > 300);
    const QPoint current = shown.map.positionOf(620).toPoint() * picture.devicePixelRatio();
    const QImage around = picture.copy(current.x() - 12, current.y() - 12, 24, 24);
    CHECK(test::countColour(around, Theme::of(&shown.map).ink.rgb()) > 10);
    shown.map.setColour({QStringLiteral("label"),
                         labels,
                         ColourScale::Viridis,
                         {QStringLiteral("BAL"), QStringLiteral("blazar"), QStringLiteral("artefact")}});
    QTest::qWait(60);
    test::picture(shown.map, QStringLiteral("map_labels"));
    std::vector<std::uint32_t> all(60000);
    for (std::uint32_t i = 0; i < all.size(); ++i)
        all[i] = i;
    shown.map.setSelectedRows(all);
    CHECK(test::countColour(test::picture(shown.map, QStringLiteral("map_all_selected")),
                            Theme::of(&shown.map).selection.rgb()) > 5000);
}

TEST_CASE("The colour control of the map tells which array is wanted")
{
    ShownMap shown(lattice());
    QSignalSpy chosen(&shown.map, &LatentMap::colourChosen);
    shown.map.setColourChoices({QStringLiteral("density"), QStringLiteral("z")}, 0);
    auto* box = shown.map.findChild<QComboBox*>();
    REQUIRE(box != nullptr);
    box->setFocus();
    QTest::keyClick(box, Qt::Key_Down);
    REQUIRE(chosen.count() == 1);
    CHECK(chosen.front().front().toInt() == 1);
}

TEST_CASE("An empty map says what is missing, and rows that do not exist are left out")
{
    ShownMap shown(nullptr);
    shown.map.setEmptyText(QStringLiteral("Score a selection to see its map."));
    shown.map.setSelectedRows({1, 2});
    shown.map.setCurrentRow(3);
    CHECK(shown.map.selectedRows().empty());
    CHECK_FALSE(shown.map.currentRow());
    CHECK(test::countColour(test::picture(shown.map, QStringLiteral("map_empty")),
                            Theme::of(&shown.map).faint.rgb()) > 50);
}

TEST_CASE("A histogram counts every finite value once, far values go to the last bin")
{
    const auto histogram =
        Histogram::make(std::vector<float>{0.0F, 0.5F, 9.99F, 10.0F, 1e9F, -5.0F, kNaN}, {0.0, 10.0}, 10);
    CHECK(histogram.counts.front() == 3);
    CHECK(histogram.counts.back() == 3);
}

TEST_CASE("The cut of the histogram is dragged with the mouse, moved with keys and taken away with Escape")
{
    ScoreHistogram plot;
    auto values = std::make_shared<std::vector<float>>();
    std::mt19937 random(9);
    std::gamma_distribution<float> gamma(2.0F, 0.4F);
    for (int i = 0; i < 1600; ++i)
        values->push_back(gamma(random));
    plot.setValues(values, QStringLiteral("score"));
    test::showAt(plot, 640, 160);
    QSignalSpy moved(&plot, &ScoreHistogram::cutMoved);
    QSignalSpy committed(&plot, &ScoreHistogram::cutCommitted);
    const QPoint from(static_cast<int>(plot.pixelOf(1.0)), 80);
    const QPoint to(static_cast<int>(plot.pixelOf(2.0)), 80);
    QTest::mousePress(&plot, Qt::LeftButton, {}, from);
    QTest::mouseMove(&plot, (from + to) / 2);
    QTest::mouseMove(&plot, to);
    CHECK(committed.isEmpty());
    QTest::mouseRelease(&plot, Qt::LeftButton, {}, to);
    CHECK(moved.count() >= 2);
    REQUIRE(committed.count() == 1);
    REQUIRE(plot.cut());
    CHECK(*plot.cut() == Approx(2.0).margin(0.02));
    const auto above = static_cast<std::size_t>(std::count_if(
        values->begin(), values->end(), [&](float value) { return value >= float(*plot.cut()); }));
    CHECK(plot.countAbove(*plot.cut()) == above);
    std::vector<std::uint32_t> rows;
    for (std::uint32_t i = 0; i < values->size(); ++i) {
        if ((*values)[i] >= *plot.cut())
            rows.push_back(i);
    }
    plot.setSelectedRows(rows);
    CHECK(test::countColour(test::picture(plot, QStringLiteral("histogram")),
                            Theme::of(&plot).selection.rgb()) > 40);
    const double before = *plot.cut();
    QTest::keyClick(&plot, Qt::Key_Right);
    CHECK(*plot.cut() > before);
    QTest::keyClick(&plot, Qt::Key_Escape);
    CHECK_FALSE(plot.cut());
    CHECK(std::isnan(committed.last().front().toDouble()));
    plot.setValues(nullptr, {});
    QTest::keyClick(&plot, Qt::Key_Left);
    test::picture(plot, QStringLiteral("histogram_empty"));
    CHECK_FALSE(plot.cut());
}
