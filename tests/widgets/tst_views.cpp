// SPDX-License-Identifier: GPL-3.0-or-later
// Training curves, reconstructions, job strip, tables, empty state.
#include "widgets/empty_state.h"
#include "widgets/job_strip.h"
#include "widgets/reconstruction_grid.h"
#include "widgets/score_bars.h"
#include "widgets/table_setup.h"
#include "widgets/theme.h"
#include "widgets/training_curves.h"
#include "widgets/widget_fixture.h"

#include <catch2/catch.hpp>

#include <QDialog>
#include <QGraphicsTextItem>
#include <QGraphicsView>
#include <QHeaderView>
#include <QLabel>
#include <QPlainTextEdit>
#include <QProgressBar>
#include <QPushButton>
#include <QSignalSpy>
#include <QStandardItemModel>
#include <QTableView>
#include <QToolButton>
#include <QVBoxLayout>
#include <QtTest/QTest>

#include <cmath>

using namespace voorwerp;
using namespace voorwerp::widgets;

namespace {

std::vector<TrainingPoint> history(int epochs)
{
    std::vector<TrainingPoint> points;
    for (int i = 1; i <= epochs; ++i) {
        const double falling = 0.5 + 2.0 * std::exp(-i / (0.12 * epochs));
        points.push_back({double(i), falling, falling + 0.05 + 0.03 * std::sin(i * 0.9),
                          12.0 * (1.0 - falling / 3.0), std::min(1.0, i / (0.25 * epochs)) * 1e-3,
                          1e-3 * std::exp(-2.0 * i / epochs)});
    }
    return points;
}

JobRow runningJob()
{
    JobRow job;
    job.id = 7;
    job.title = QStringLiteral("Training vae-3");
    job.state = JobRow::State::Running;
    job.phase = QStringLiteral("epoch 12/40");
    job.fraction = 0.31;
    job.secondsLeft = 100.0;
    job.ratePerSecond = 9800.0;
    job.unit = QStringLiteral("spectra");
    return job;
}

JobRow failedJob(qint64 id)
{
    JobRow failed;
    failed.id = id;
    failed.title = QStringLiteral("Importing 12 files");
    failed.state = JobRow::State::Failed;
    failed.error = QStringLiteral("coadd-main-dark-9999.fits: HDU B_FLUX is shorter than its header says.");
    failed.remedy = QStringLiteral("Fetch the file again.");
    failed.canRetry = true;
    return failed;
}

QPushButton* buttonNamed(const QWidget& widget, const QString& text)
{
    for (auto* button : widget.findChildren<QPushButton*>()) {
        if (button->isVisible() && button->text() == text)
            return button;
    }
    return nullptr;
}

} // namespace

TEST_CASE("Thinning thousands of epochs keeps the first, the last and the best")
{
    auto points = history(9000);
    points[4321].validationLoss = 0.01;
    const auto kept = thinned(points, 500);
    CHECK(kept.size() <= 500);
    CHECK(kept.front().epoch == 1.0);
    CHECK(kept.back().epoch == 9000.0);
    CHECK(std::any_of(kept.begin(), kept.end(), [](const auto& point) { return point.epoch == 4322.0; }));
    CHECK(std::is_sorted(kept.begin(), kept.end(), [](auto& a, auto& b) { return a.epoch < b.epoch; }));
    CHECK(thinned(points, 20000).size() == points.size());
}

TEST_CASE("Training curves draw losses, KL, beta and learning rate as epochs arrive")
{
    TrainingCurves curves;
    test::showAt(curves, 1280, 500);
    test::picture(curves, QStringLiteral("curves_empty"));
    curves.append(history(1).front());
    test::picture(curves, QStringLiteral("curves_one_epoch"));
    curves.setHistory(history(40));
    curves.setBestEpoch(37.0);
    const QImage image = test::picture(curves, QStringLiteral("curves"));
    CHECK(test::countColour(image, Theme::of(&curves).accent.rgb(), 60) > 800);
    for (const QSize size : {QSize(1280, 500), QSize(510, 228)}) {
        test::showAt(curves, size.width(), size.height());
        test::picture(curves, QStringLiteral("curves_%1").arg(size.width()));
        QString words;
        for (const QGraphicsView* view : curves.findChildren<QGraphicsView*>())
            for (const QGraphicsItem* item : view->scene()->items())
                if (const auto* text = dynamic_cast<const QGraphicsTextItem*>(item);
                    text && text->isVisible())
                    words += text->toPlainText() + QLatin1Char('|');
        INFO(words.toStdString());
        CHECK_FALSE(words.contains(QStringLiteral("...")));
        CHECK_FALSE(words.contains(QChar(0x2026)));
        CHECK_FALSE(words.contains(QStringLiteral("e-0"))); // 10⁻³ stands in the title
        CHECK(words.contains(QStringLiteral("[10⁻³]")));
    }
    curves.setHistory(history(5000));
    CHECK(curves.history().size() == 5000);
    test::picture(curves, QStringLiteral("curves_5000"));
    curves.clear();
    CHECK(curves.history().empty());
}

TEST_CASE("Reconstructions stand in cells that do not overlap, and a click tells which")
{
    ReconstructionGrid grid;
    std::vector<Reconstruction> items;
    for (int n = 0; n < 6; ++n) {
        Reconstruction item;
        item.title = QStringLiteral("z %1 · χ²/ν 1.0%2").arg(1.5 + 0.3 * n).arg(n);
        for (int i = 0; i < 600; ++i) {
            const double wavelength = 1100.0 + 3.0 * i;
            const double model = 1.0 + 2.0 * std::exp(-0.5 * std::pow((wavelength - 1549.0) / 18.0, 2));
            item.wavelength.push_back(static_cast<float>(wavelength));
            item.model.push_back(static_cast<float>(model));
            item.flux.push_back(static_cast<float>(model + 0.2 * std::sin(i * 12.9898 * (n + 1))));
            item.weight.push_back(i > 500 ? 0.0F : 25.0F);
        }
        items.push_back(item);
    }
    test::showAt(grid, 1000, 360);
    test::picture(grid, QStringLiteral("reconstructions_empty"));
    grid.setItems(items);
    for (std::size_t i = 0; i < items.size(); ++i) {
        for (std::size_t j = 0; j < i; ++j)
            CHECK_FALSE(grid.cell(i).intersects(grid.cell(j)));
        CHECK(grid.rect().contains(grid.cell(i)));
    }
    CHECK(test::countColour(test::picture(grid, QStringLiteral("reconstructions")),
                            Theme::of(&grid).accent.rgb(), 60) > 800);
    QSignalSpy clicked(&grid, &ReconstructionGrid::clicked);
    QTest::mouseClick(&grid, Qt::LeftButton, {}, grid.cell(4).center());
    REQUIRE(clicked.count() == 1);
    CHECK(clicked.front().front().toInt() == 4);
}

TEST_CASE("Time left reads as people say it")
{
    CHECK(timeLeftText(-1.0).isEmpty());
    CHECK(timeLeftText(12.2) == QStringLiteral("13 s left"));
    CHECK(timeLeftText(100.0) == QStringLiteral("1 min 40 s left"));
    CHECK(timeLeftText(7500.0) == QStringLiteral("2 h 5 min left"));
    CHECK(timeLeftText(std::numeric_limits<double>::infinity()).isEmpty());
}

TEST_CASE("The job strip shows progress and stops, then cause and remedy with Retry and Dismiss")
{
    QWidget window;
    JobStrip strip(&window);
    test::showAt(window, 1280, 300);
    strip.setGeometry(0, 240, 1280, strip.height());
    strip.setJob(runningJob());
    CHECK(strip.findChild<QProgressBar*>()->value() == 310);
    QSignalSpy stop(&strip, &JobStrip::stopRequested);
    QTest::mouseClick(buttonNamed(strip, QStringLiteral("Stop")), Qt::LeftButton);
    REQUIRE(stop.count() == 1);
    CHECK(stop.front().front().toLongLong() == 7);
    strip.removeJob(7);

    strip.setJob(failedJob(9));
    QCoreApplication::processEvents();
    test::picture(window, QStringLiteral("job_strip_failed"));
    QSignalSpy retry(&strip, &JobStrip::retryRequested);
    QSignalSpy dismissed(&strip, &JobStrip::dismissed);
    QTest::mouseClick(buttonNamed(strip, QStringLiteral("Retry")), Qt::LeftButton);
    QTest::mouseClick(buttonNamed(strip, QStringLiteral("Dismiss")), Qt::LeftButton);
    CHECK(retry.count() == 1);
    REQUIRE(dismissed.count() == 1);
    CHECK(dismissed.front().front().toLongLong() == 9);

    JobRow stopped = failedJob(9);
    stopped.state = JobRow::State::Stopped;
    stopped.error.clear();
    strip.setJob(stopped);
    CHECK(buttonNamed(strip, QStringLiteral("Go on")) != nullptr);
    CHECK(buttonNamed(strip, QStringLiteral("Details")) == nullptr);
}

TEST_CASE("The job strip keeps its height whatever jobs come and go, the others unfold over the page")
{
    QWidget window;
    auto* column = new QVBoxLayout(&window);
    column->setContentsMargins({});
    auto* page = new QWidget;
    auto* strip = new JobStrip;
    column->addWidget(page, 1);
    column->addWidget(strip);
    test::showAt(window, 1280, 400);
    const QRect before = page->geometry();
    for (qint64 id = 1; id <= 9; ++id) {
        JobRow job = runningJob();
        job.id = id;
        job.title = QStringLiteral("Scoring %1").arg(id);
        job.state = id == 5 ? JobRow::State::Running : JobRow::State::Queued;
        strip->setJob(job);
    }
    strip->setJob(failedJob(10));
    QCoreApplication::processEvents();
    CHECK(page->geometry() == before);
    auto* more = strip->findChild<QToolButton*>(QStringLiteral("otherJobs"));
    REQUIRE(more->isVisible());
    CHECK(more->text() == QStringLiteral("⚠ 9 more"));
    CHECK(more->toolTip().contains(QStringLiteral("1 of them failed")));
    QTest::mouseClick(more, Qt::LeftButton);
    auto* panel = window.findChild<QWidget*>(QStringLiteral("jobPanel"));
    REQUIRE(panel->isVisible());
    QCoreApplication::processEvents();
    test::picture(window, QStringLiteral("job_strip_many"));
    CHECK(page->geometry() == before);
    CHECK(window.rect().contains(panel->geometry()));
    QSignalSpy stop(strip, &JobStrip::stopRequested);
    QTest::mouseClick(buttonNamed(*strip, QStringLiteral("Stop")),
                      Qt::LeftButton); // the one that runs is in front
    REQUIRE(stop.count() == 1);
    CHECK(stop.front().front().toLongLong() == 5);
    for (qint64 id = 1; id <= 10; ++id)
        strip->removeJob(id);
    QCoreApplication::processEvents();
    CHECK(strip->isVisible());
    CHECK_FALSE(panel->isVisible());
    CHECK(page->geometry() == before);
}

TEST_CASE("A long error keeps the window narrow and is read in full with the keyboard")
{
    QWidget window;
    auto* column = new QVBoxLayout(&window);
    auto* strip = new JobStrip;
    column->addWidget(strip);
    test::showAt(window, 900, 200);
    JobRow job = failedJob(3);
    job.title = QString(300, QLatin1Char('t'));
    job.error = QStringLiteral("first line\nsecond line ") + QString(4000, QLatin1Char('e'));
    strip->setJob(job);
    QCoreApplication::processEvents();
    CHECK(window.minimumSizeHint().width() <= 900);
    CHECK(window.width() == 900);
    const auto labels = strip->findChildren<QLabel*>();
    CHECK(std::any_of(labels.begin(), labels.end(), [&](const QLabel* label) {
        return label->text().startsWith(QStringLiteral("first line second line")) &&
               label->toolTip().contains(job.error);
    }));
    QPushButton* details = buttonNamed(*strip, QStringLiteral("Details"));
    REQUIRE(details != nullptr);
    CHECK(details->focusPolicy() != Qt::NoFocus);
    QTest::keyClick(details, Qt::Key_Space);
    auto* dialog = window.findChild<QDialog*>(QStringLiteral("jobDetails"));
    REQUIRE(dialog != nullptr);
    CHECK(dialog->findChild<QPlainTextEdit*>()->toPlainText().contains(job.error));
    dialog->close();
}

TEST_CASE("Tables look alike: whole rows, tabular figures, units in the header, bars for component scores")
{
    QStandardItemModel model(40, 5);
    model.setHorizontalHeaderLabels(
        {headerText(QStringLiteral("Rank")), headerText(QStringLiteral("TARGETID")),
         headerText(QStringLiteral("Flux g"), QStringLiteral("nMgy")),
         headerText(QStringLiteral("Components")), headerText(QStringLiteral("Kind"))});
    for (int row = 0; row < model.rowCount(); ++row) {
        const QStringList texts = {QString::number(row + 1),
                                   QString::number(39628152963600095LL + row * 7),
                                   numberText(row * 1.37, 2),
                                   {},
                                   QStringLiteral("BAL")};
        for (int column = 0; column < texts.size(); ++column) {
            model.setData(model.index(row, column), texts[column]);
            model.setData(model.index(row, column), column < 3 ? numberAlignment() : textAlignment(),
                          Qt::TextAlignmentRole);
        }
        model.setData(model.index(row, 3),
                      QVariant::fromValue(ScoreBarValues{{row / 40.0, 0.99, 0.5, std::nan(""), 0.97},
                                                         {QStringLiteral("χ²"), QStringLiteral("robust")}}));
    }
    QTableView view;
    view.setModel(&model);
    setupTable(&view);
    auto* bars = new ScoreBars(&view);
    view.setItemDelegateForColumn(3, bars);
    fitColumns(&view);
    test::showAt(view, 700, 400);
    view.selectRow(2);
    CHECK(test::countColour(test::picture(view, QStringLiteral("table")), Theme::of(&view).accent.rgb()) >
          500);
    CHECK(view.columnWidth(3) >= bars->sizeHint({}, model.index(0, 3)).width());
    QTest::mouseClick(view.viewport(), Qt::LeftButton, {}, view.visualRect(model.index(5, 1)).center());
    CHECK(view.selectionModel()->selectedRows().size() == 1);
    CHECK(view.currentIndex().row() == 5);
    CHECK(headerText(QStringLiteral("Flux"), QStringLiteral("nMgy")) == QStringLiteral("Flux [nMgy]"));
    CHECK(numberText(std::nan(""), 2) == QStringLiteral("–"));
    CHECK(sizeText(512) == QStringLiteral("512 bytes"));
    CHECK(sizeText(40'000'000) == QStringLiteral("38.1 MiB"));
    CHECK(probabilityText(3.2e-5) == QStringLiteral("3.2e-05"));
    CHECK(ScoreBars::describe({{0.981, std::nan("")}, {QStringLiteral("χ²"), QStringLiteral("KL")}}) ==
          QStringLiteral("χ² 98.1 %, KL –"));
}

TEST_CASE("Columns of a table that is not shown yet are as wide as those of one that is")
{
    QStandardItemModel model(3, 3);
    model.setHorizontalHeaderLabels(
        {QStringLiteral("TARGETID"), QStringLiteral("Label"), QStringLiteral("x")});
    model.setHeaderData(1, Qt::Horizontal, QStringLiteral("wrong redshift"), kLongestTextRole);
    for (int row = 0; row < 3; ++row)
        model.setData(model.index(row, 0), QStringLiteral("39628152963600095"));
    QTableView early, late;
    for (QTableView* view : {&early, &late}) {
        view->setModel(&model);
        setupTable(view);
    }
    fitColumns(&early); // hidden: again when it appears
    test::showAt(early, 700, 200);
    test::showAt(late, 700, 200);
    fitColumns(&late);
    for (const int column : {0, 1})
        CHECK(early.columnWidth(column) == late.columnWidth(column));
    const QFontMetrics metrics(early.font());
    CHECK(early.columnWidth(1) >= metrics.horizontalAdvance(QStringLiteral("wrong redshift")) + 12);
    early.setColumnWidth(0, 50); // a person's width stays
    early.hide();
    early.show();
    CHECK(early.columnWidth(0) == 50);
    // Header and cells have the same room beside their texts.
    const QStyle* style = early.style();
    CHECK(style->pixelMetric(QStyle::PM_HeaderMargin, nullptr, early.horizontalHeader()) ==
          style->pixelMetric(QStyle::PM_FocusFrameHMargin, nullptr, &early) + 1);
}

TEST_CASE("An empty state has a button that can be reached with the keyboard")
{
    EmptyState state(
        QStringLiteral("No spectra yet"),
        QStringLiteral("Import DESI coadd files, or write and import a synthetic survey to look around."),
        QStringLiteral("Import files…"));
    test::showAt(state, 900, 500);
    test::picture(state, QStringLiteral("empty_state"));
    QSignalSpy triggered(&state, &EmptyState::triggered);
    state.button()->setFocus();
    QTest::keyClick(state.button(), Qt::Key_Space);
    CHECK(triggered.count() == 1);
}
