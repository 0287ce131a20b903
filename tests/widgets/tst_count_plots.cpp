// SPDX-License-Identifier: GPL-3.0-or-later
// Binned counts as plots that choose ranges: the arithmetic without a window, then clicks and drags.
#include "widget_fixture.h"
#include "widgets/count_plots.h"
#include "widgets/theme.h"

#include <QTest>

#include <catch2/catch.hpp>

using namespace voorwerp;
using namespace voorwerp::widgets;

namespace {

BinnedCounts ten()
{
    return {{0.0, 5.0}, {1, 4, 9, 20, 15, 8, 3, 0, 1, 0}};
}

SkyCounts sky()
{
    SkyCounts counts{{150.0, 160.0}, {-2.0, 2.0}, 10, 4, std::vector<std::int64_t>(40)};
    counts.counts[0] = 7; // the smallest RA, the smallest Dec
    counts.counts[15] = 100;
    return counts;
}

} // namespace

TEST_CASE("A drag chooses whole bins, in any direction and within the range")
{
    const BinnedCounts bins = ten();
    CHECK(bins.highest() == 20);
    CHECK(bins.binsBetween(1.6, 1.6) == Range{1.5, 2.0});
    CHECK(bins.binsBetween(2.2, 0.9) == Range{0.5, 2.5});
    CHECK(bins.binsBetween(-7.0, 99.0) == Range{0.0, 5.0});
    CHECK(bins.binsBetween(5.0, 5.0) == Range{4.5, 5.0});
    CHECK(BinnedCounts{}.highest() == 0);
}

TEST_CASE("The sky has north up and right ascension to the left")
{
    SkyCounts now = sky();
    now.counts[15] = 0;
    const QImage image = now.image(sky(), qRgb(1, 2, 3), qRgb(200, 0, 0));
    CHECK(image.size() == QSize(10, 4));
    CHECK(qAlpha(image.pixel(9, 3)) == 255);                    // the fullest
    CHECK(image.pixel(10 - 1 - 5, 4 - 1 - 1) == qRgb(1, 2, 3)); // was there before the filter
    CHECK(qAlpha(image.pixel(0, 0)) == 0);
}

TEST_CASE("n(z) chooses a range by drag, a bin by click and nothing by Del")
{
    RangePlot plot(QStringLiteral("redshift"));
    test::showAt(plot, 240, 150);
    std::optional<Range> chosen;
    int emitted = 0;
    QObject::connect(&plot, &RangePlot::rangeChosen, [&](std::optional<Range> range) {
        chosen = range;
        ++emitted;
    });
    QTest::mouseClick(&plot, Qt::LeftButton, {}, plot.rect().center());
    CHECK(emitted == 0); // nothing is counted yet
    plot.setCounts(ten(), ten());
    const QRectF area = plot.plotArea();
    const auto at = [&](double z) {
        return QPoint(static_cast<int>(area.left() + area.width() * z / 5.0),
                      static_cast<int>(area.center().y()));
    };
    QTest::mouseClick(&plot, Qt::LeftButton, {}, at(1.75));
    REQUIRE(chosen);
    CHECK(*chosen == Range{1.5, 2.0});
    QTest::mousePress(&plot, Qt::LeftButton, {}, at(3.25));
    QTest::mouseMove(&plot, at(2.0));
    QTest::mouseRelease(&plot, Qt::LeftButton, {}, at(0.75));
    CHECK(*chosen == Range{0.5, 3.5});
    const auto plain =
        test::countColour(test::picture(plot, QStringLiteral("range_plot")), Theme::of(&plot).accent.rgb());
    CHECK(plain > 200);
    plot.setFocus();
    QTest::keyClick(&plot, Qt::Key_Delete);
    CHECK_FALSE(chosen);
}

TEST_CASE("Numbers of an axis are neither cut off nor over each other, however long they are")
{
    RangePlot plot(QStringLiteral("fraction masked"));
    test::showAt(plot, 290, 150);
    plot.clearFocus();
    const BinnedCounts small{{0.0, 2.5e-6}, {1, 2, 3}};
    plot.setCounts(small, small);
    const QImage image = test::picture(plot, QStringLiteral("range_plot_small_numbers"));
    const auto hasInk = [&](int x) {
        for (int y = static_cast<int>(plot.plotArea().bottom()) + 5; y < image.height(); ++y)
            if (image.pixel(x, y) != image.pixel(2, 2))
                return true;
        return false;
    };
    CHECK_FALSE(hasInk(0));
    CHECK_FALSE(hasInk(image.width() - 1));
    const int longest = QFontMetrics(smallFont(plot.font())).horizontalAdvance(QStringLiteral("0.0000025"));
    int begin = -1, last = -10, labels = 0;
    for (int x = 0; x < image.width(); ++x) {
        if (!hasInk(x))
            continue;
        if (x > last + 3) { // between the digits of one number there is less
            begin = x;
            ++labels;
        }
        last = x;
        CHECK(last - begin <= longest);
    }
    CHECK(labels >= 3);
}

TEST_CASE("The sky plot chooses a box")
{
    SkyPlot plot;
    test::showAt(plot, 240, 150);
    std::optional<Range> ra, dec;
    QObject::connect(&plot, &SkyPlot::boxChosen, [&](std::optional<Range> r, std::optional<Range> d) {
        ra = r;
        dec = d;
    });
    plot.setCounts(sky(), sky());
    const QRectF area = plot.plotArea();
    const auto at = [&](double r, double d) {
        return QPointF(area.right() - area.width() * (r - 150.0) / 10.0,
                       area.bottom() - area.height() * (d + 2.0) / 4.0)
            .toPoint();
    };
    QTest::mousePress(&plot, Qt::LeftButton, {}, at(152.5, -0.5));
    QTest::mouseRelease(&plot, Qt::LeftButton, {}, at(157.5, 0.5));
    REQUIRE(ra);
    CHECK(*ra == Range{152.0, 158.0});
    CHECK(*dec == Range{-1.0, 1.0});
    plot.setChosen(ra, dec);
    test::picture(plot, QStringLiteral("sky_plot"));
}
