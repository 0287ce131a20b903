// SPDX-License-Identifier: GPL-3.0-or-later
// Pages Explore and Candidates on a small scored mock survey in a private cluster, driven by mouse and keys.
#include "app/label_book.h"
#include "app/pages/candidate_table_model.h"
#include "app/pages/candidates_page.h"
#include "app/pages/explore_page.h"
#include "app/pages/similar_row.h"
#include "app/pipeline/provenance.h"
#include "app/score_service.h"
#include "app/small_demo.h"
#include "app/spectrum_service.h"
#include "app/window_under_test.h"
#include "latent/neighbours.h"
#include "support/test_support.h"
#include "widgets/command_palette.h"
#include "widgets/latent_map.h"
#include "widgets/score_histogram.h"
#include "widgets/spectrum_plot.h"

#include <QAbstractItemModelTester>
#include <QAction>
#include <QCheckBox>
#include <QComboBox>
#include <QDialog>
#include <QLabel>
#include <QLineEdit>
#include <QMenuBar>
#include <QPushButton>
#include <QTableView>

#include <cmath>

using namespace voorwerp;
using app::CandidateTableModel;
using test::kLongMilliseconds;
using test::WindowUnderTest;

class TestExploreAndCandidates : public QObject
{
    Q_OBJECT

private slots:
    void initTestCase()
    {
        test::makeSmallDemo(m_folder / "workspace");
        m_ui = std::make_unique<WindowUnderTest>(m_folder / "workspace");
        m_ui->window().resize(1280, 800);
        QTRY_VERIFY_WITH_TIMEOUT(m_ui->isOpen(), kLongMilliseconds);
    }
    void cleanupTestCase() { m_ui.reset(); }

    void exploreShowsTheMapAndTheStrangestSpectrum()
    {
        m_ui->window().showPage(QStringLiteral("explore"));
        QTRY_VERIFY(data() != nullptr);
        QVERIFY(data()->size() > 50);
        QCOMPARE(map()->pointCount(), data()->size());
        QTRY_VERIFY(selection().current().has_value());
        QTRY_VERIFY_WITH_TIMEOUT(m_ui->context().spectra().shown() &&
                                     m_ui->context().spectra().shown()->explained,
                                 kLongMilliseconds);
        QVERIFY(map()->currentRow() == data()->rowOf(*selection().current()));
    }

    void nothingIsCutOffOnASmallScreen()
    {
        QVERIFY(explore()->minimumSizeHint().width() <= 900);
        for (const char* name : {"xAxis", "yAxis", "histogramValue"}) {
            const auto* box = m_ui->find<QComboBox>(name);
            QVERIFY2(box->visibleRegion() == QRegion(box->rect()), name);
            QVERIFY2(box->width() >= box->sizeHint().width(), name);
        }
        const auto* title = explore()->findChild<QLabel*>(QStringLiteral("spectrumTitle"));
        QVERIFY(title->text().contains(QStringLiteral("Dec")));
        QVERIFY(title->height() >= title->heightForWidth(title->width()));
    }

    void clickOnTheMapMakesTheNearestPointCurrent()
    {
        QTest::qWait(50);
        const auto row = data()->rowOf(*selection().current()) == 3U ? 4U : 3U;
        const QPoint place = map()->positionOf(row).toPoint();
        QTest::mouseClick(map(), Qt::LeftButton, {}, place);
        const auto got = data()->rowOf(*selection().current());
        QVERIFY(got.has_value());
        QVERIFY(QLineF(map()->positionOf(*got), place).length() <= 3.0);
    }

    void lassoPicksAndEverythingFollows()
    {
        drag({map()->rect().topLeft() + QPoint(62, 40), map()->rect().topRight() + QPoint(-10, 40),
              map()->rect().bottomRight() + QPoint(-10, -30), map()->rect().bottomLeft() + QPoint(40, -30)});
        QVERIFY(selection().picked() != nullptr);
        QCOMPARE(selection().picked()->size(), data()->size());
        QCOMPARE(map()->selectedRows().size(), data()->size());
        QVERIFY(selection().inWords().contains(QStringLiteral("lasso")));
        auto* table = m_ui->find<QTableView>("selectionTable");
        QCOMPARE(table->model()->rowCount(), static_cast<int>(data()->size()));
        QVERIFY(table->isHidden()); // folded until asked for
        m_ui->click("foldTable");
        QVERIFY(table->isVisible());
        QTest::mouseClick(table->viewport(), Qt::LeftButton, {},
                          table->visualRect(table->model()->index(1, 1)).center());
        QCOMPARE(selection().current(), model(table)->idAt(1));
        QCOMPARE(map()->currentRow(), data()->rowOf(*selection().current()));
    }

    void cutInTheHistogramPicksTheTail()
    {
        auto* histogram = explore()->findChild<widgets::ScoreHistogram*>();
        const auto& scores = data()->columns.score;
        std::vector<float> sorted = scores;
        std::sort(sorted.begin(), sorted.end());
        const double wanted = sorted[sorted.size() * 9 / 10];
        const QPoint start(static_cast<int>(histogram->pixelOf(sorted.front())) + 5, histogram->height() / 2);
        const QPoint end(static_cast<int>(histogram->pixelOf(wanted)), histogram->height() / 2);
        QTest::mousePress(histogram, Qt::LeftButton, {}, start);
        QTest::mouseMove(histogram, (start + end) / 2);
        QTest::mouseMove(histogram, end);
        QTest::mouseRelease(histogram, Qt::LeftButton, {}, end);
        QVERIFY(histogram->cut().has_value());
        const auto expected = std::count_if(scores.begin(), scores.end(), [&](float s) {
            return s >= static_cast<float>(*histogram->cut());
        });
        QVERIFY(expected > 0 && expected < static_cast<std::ptrdiff_t>(scores.size()) / 3);
        QCOMPARE(static_cast<std::ptrdiff_t>(selection().picked()->size()), expected);
        histogram->setFocus();
        QTest::keyClick(histogram, Qt::Key_Escape);
        QVERIFY(selection().picked() == nullptr);
        QVERIFY(map()->selectedRows().empty());
    }

    void aLassoIsOneSelectionOnAllPagesUntilEscape()
    {
        // From the histogram's cut to a lasso: the cut does not say any more what is picked.
        auto* histogram = explore()->findChild<widgets::ScoreHistogram*>();
        histogram->setFocus();
        QTest::keyClick(histogram, Qt::Key_Left);
        QVERIFY(histogram->cut().has_value());
        QVERIFY(!map()->selectedRows().empty());
        const QPoint middle = map()->rect().center();
        drag({map()->rect().topLeft() + QPoint(62, 40), QPoint(middle.x(), 50),
              QPoint(middle.x(), map()->height() - 50), map()->rect().bottomLeft() + QPoint(40, -50)});
        QVERIFY(!histogram->cut().has_value());
        const auto picked = selection().picked();
        QVERIFY(picked && picked->size() > 3 && picked->size() < data()->size());
        QCOMPARE(m_ui->find<QTableView>("selectionTable")->model()->rowCount(), int(picked->size()));
        const auto* words = m_ui->find<QLabel>("selectionInWords");
        const QString wanted = QStringLiteral("%1 of %2 selected (lasso on the map)")
                                   .arg(picked->size())
                                   .arg(selection().total());
        QVERIFY2(words->text().contains(wanted), qPrintable(words->text()));

        m_ui->window().showPage(QStringLiteral("candidates"));
        for (QCheckBox* box : page("candidates")->findChildren<QCheckBox*>())
            if (box->text() == QStringLiteral("only what is picked"))
                box->setChecked(true);
        std::vector<core::SpectrumId> listed;
        for (int row = 0; row < candidates()->model()->rowCount(); ++row)
            listed.push_back(model(candidates())->idAt(row));
        std::sort(listed.begin(), listed.end());
        QCOMPARE(listed, *picked);
        for (QCheckBox* box : page("candidates")->findChildren<QCheckBox*>())
            box->setChecked(false);
        QTest::keyClick(candidates(), Qt::Key_Escape);
        QVERIFY(selection().picked() == nullptr);

        m_ui->window().showPage(QStringLiteral("explore"));
        histogram->setFocus();
        QTest::keyClick(histogram, Qt::Key_Left);
        QVERIFY(selection().picked() != nullptr);
        map()->setFocus();
        QTest::keyClick(map(), Qt::Key_Escape);
        QVERIFY(selection().picked() == nullptr);
        QVERIFY(map()->selectedRows().empty());
        QVERIFY(!words->text().contains(QStringLiteral("selected")));
    }

    void fiveSpectraLikeTheCurrentOneAreAClickAway()
    {
        auto* similar = explore()->findChild<app::SimilarRow*>();
        QTRY_VERIFY(similar->isVisible() && similar->isSettled());
        const auto row = data()->rowOf(*selection().current());
        const auto nearest = latent::nearestNeighbours(
            data()->columns.latent, data()->columns.latentDimensions, *row, app::SimilarRow::kCount);
        std::vector<std::uint32_t> rows;
        for (const auto& neighbour : nearest)
            rows.push_back(neighbour.row);
        QCOMPARE(similar->ids(), data()->idsOf(rows));
        const auto second = similar->ids()[1];
        m_ui->click("similar1");
        QCOMPARE(selection().current(), std::optional(second));
        QCOMPARE(map()->currentRow(), data()->rowOf(second));
        QTRY_VERIFY(similar->isSettled() && similar->ids() != data()->idsOf(rows)); // now like the new one
    }

    void axesOfTheMapAreChosenAboveIt()
    {
        const auto low = data()->columns.z[0] < data()->columns.z[1] ? 0U : 1U;
        QVERIFY(choose("xAxis", QStringLiteral("z")));
        QVERIFY(choose("yAxis", QStringLiteral("latent3")));
        QCOMPARE(map()->pointCount(), data()->size());
        QVERIFY(map()->positionOf(low).x() < map()->positionOf(1U - low).x());
        const auto latent = [&](std::uint32_t row) { return data()->columns.latent[3 * row + 2]; };
        QCOMPARE(map()->positionOf(0).y() > map()->positionOf(1).y(), latent(0) < latent(1)); // upwards
        QVERIFY(map()->currentRow() == data()->rowOf(*selection().current()));
        QVERIFY(choose("yAxis", QStringLiteral("snr")));
        QVERIFY(choose("xAxis", QStringLiteral("pc1")));
        QCOMPARE(map()->pointCount(), data()->size());
    }

    void filterOfTheSurveyLimitsTheMap()
    {
        const auto all = data()->size();
        const auto points = data()->points;
        const auto id = data()->columns.ids[data()->size() / 2];
        selection().setFilter(QStringLiteral("z > 2"));
        QTRY_VERIFY(data() && data()->size() < all);
        for (const float z : data()->columns.z)
            QVERIFY(z > 2.0F);
        if (const auto row = data()->rowOf(id)) // the same place as on the whole map
            QCOMPARE(data()->points->x[*row], points->x[all / 2]);
        selection().setFilter(QStringLiteral("z < -3"));
        QTRY_VERIFY(data() && data()->size() == 0);
        QVERIFY(!map()->isVisible());
        selection().setFilter({});
        QTRY_VERIFY(data() && data()->size() == all);
        QVERIFY(map()->isVisible());
    }

    void candidatesAreRankedAndKeysMove()
    {
        m_ui->window().showPage(QStringLiteral("candidates"));
        QTableView* table = candidates();
        QTRY_VERIFY(table->model()->rowCount() > 50);
        QAbstractItemModelTester tester(table->model(),
                                        QAbstractItemModelTester::FailureReportingMode::QtTest);
        for (int row = 0; row < 20; ++row)
            QCOMPARE(cell(row, CandidateTableModel::Rank), QString::number(row + 1));
        table->setCurrentIndex(table->model()->index(0, 0));
        QTest::keyClick(&m_ui->window(), Qt::Key_N);
        QCOMPARE(table->currentIndex().row(), 1);
        QTest::keyClick(table, Qt::Key_Down);
        QTest::keyClick(&m_ui->window(), Qt::Key_B);
        QCOMPARE(table->currentIndex().row(), 1);
        QCOMPARE(selection().current(), model(table)->idAt(1));
        table->model()->sort(CandidateTableModel::Z, Qt::DescendingOrder);
        QVERIFY(QLocale().toDouble(cell(0, CandidateTableModel::Z)) >=
                QLocale().toDouble(cell(9, CandidateTableModel::Z)));
        table->model()->sort(CandidateTableModel::Rank, Qt::AscendingOrder);
    }

    void whatIsNotInTheListIsSaidAndMovingGoesOn()
    {
        QTableView* table = candidates();
        table->setCurrentIndex(table->model()->index(4, 0));
        const auto fourth = model(table)->idAt(4);
        const auto fifth = model(table)->idAt(5);
        auto* note = page("candidates")->findChild<QLabel*>(QStringLiteral("listNote"));
        QVERIFY(note->isHidden());
        std::vector<core::SpectrumId> others;
        for (int row = 5; row < 12; ++row)
            others.push_back(model(table)->idAt(row));
        selection().setPicked(others, QStringLiteral("by the test"));
        auto* only = onlyPicked();
        only->click();
        QCOMPARE(table->model()->rowCount(), 7);
        QCOMPARE(selection().current(), fourth); // the spectrum stays, and no row claims to be it
        QVERIFY(!table->currentIndex().isValid());
        QVERIFY(!note->isHidden());
        table->clearFocus();
        table->setFocus();
        QCOMPARE(selection().current(), fourth);
        QTest::keyClick(table, Qt::Key_Down);
        QCOMPARE(selection().current(), model(table)->idAt(4));
        QVERIFY(note->isHidden());
        only->click();
        selection().clearPicked();
        QCOMPARE(model(table)->idAt(5), fifth);
    }

    void pickedRowsAreTintedAndEscapeDropsThem()
    {
        QTableView* table = candidates();
        auto* chip = page("candidates")->findChild<QAbstractButton*>(QStringLiteral("pickedChip"));
        QVERIFY(chip->isHidden());
        selection().setPicked({model(table)->idAt(2)}, QStringLiteral("by the test"));
        const auto tint = [table](int row) {
            return table->model()->index(row, CandidateTableModel::Label).data(Qt::BackgroundRole);
        };
        QVERIFY(tint(2).isValid() && !tint(1).isValid());
        QVERIFY(!chip->isHidden() && chip->text().startsWith(QStringLiteral("1 picked")));
        table->setFocus();
        QTest::keyClick(table, Qt::Key_Escape);
        QVERIFY(!selection().picked());
        QVERIFY(!tint(2).isValid() && chip->isHidden());
        m_ui->window().showPage(QStringLiteral("survey"));
        selection().setPicked({*selection().current()}, QStringLiteral("by the test"));
        QTest::keyClick(m_ui->find<QTableView>("targetTable"), Qt::Key_Escape);
        QVERIFY(!selection().picked());
        m_ui->window().showPage(QStringLiteral("candidates"));
    }

    void plotKeysWorkWhileTheListHasTheFocus()
    {
        candidates()->setFocus();
        const auto before = m_ui->context().spectra().options();
        QTest::keyClick(candidates(), Qt::Key_S);
        QVERIFY(m_ui->context().spectra().options().smoothingPixels > before.smoothingPixels);
        QTest::keyClick(candidates(), Qt::Key_D);
        QCOMPARE(m_ui->context().spectra().options().smoothingPixels, before.smoothingPixels);
    }

    void spectrumKeysAreActionsThatLeaveTextFieldsAlone()
    {
        const auto options = [this] { return m_ui->context().spectra().options(); };
        QAction* lines = nullptr;
        for (QAction* action : widgets::CommandPalette::actionsOf(m_ui->window().menuBar()))
            if (action->shortcut() == QKeySequence(Qt::Key_L))
                lines = action;
        QVERIFY(lines != nullptr);
        m_ui->window().showPage(QStringLiteral("train"));
        QVERIFY(!lines->isEnabled()); // no spectrum there
        m_ui->window().showPage(QStringLiteral("candidates"));
        QVERIFY(lines->isEnabled());
        QVERIFY(lines->toolTip().contains(QStringLiteral("(L)")));
        const auto before = options().lines;
        lines->trigger();
        QVERIFY(options().lines != before);
        const auto after = options().lines;
        QTest::keyClick(candidates(), Qt::Key_L, Qt::ShiftModifier); // another key
        QCOMPARE(options().lines, after);
        auto* comment = m_ui->find<QLineEdit>("labelComment");
        comment->setFocus();
        QTest::keyClicks(comment, QStringLiteral("small"));
        QCOMPARE(comment->text(), QStringLiteral("small"));
        QCOMPARE(options().lines, after);
        QTest::keyClick(comment, Qt::Key_Escape); // keeps nothing of it
        candidates()->setFocus();
        QTest::keyClick(&m_ui->window(), Qt::Key_Question);
        auto* sheet = m_ui->find<QDialog>("keySheet");
        QVERIFY(sheet != nullptr);
        QString text;
        for (const QLabel* label : sheet->findChildren<QLabel*>())
            text += label->text();
        QVERIFY(text.contains(QStringLiteral("Whole wavelength range")));
        sheet->close();
        QTRY_VERIFY(m_ui->find<QDialog>("keySheet") == nullptr);
        m_ui->activate();
        candidates()->setFocus();
        QTRY_VERIFY(candidates()->hasFocus());
    }

    void labelsByKeyAreInTheDatabaseAndCanBeUndone()
    {
        candidates()->setCurrentIndex(candidates()->model()->index(0, 0));
        const auto first = model(candidates())->targetAt(0);
        const auto second = model(candidates())->targetAt(1);
        QTest::keyClick(candidates(), Qt::Key_B, Qt::ShiftModifier);
        QCOMPARE(cell(0, CandidateTableModel::Label), QStringLiteral("BAL"));
        QTest::keyClick(candidates(), Qt::Key_4); // saves and goes on
        QCOMPARE(candidates()->currentIndex().row(), 1);
        QTest::keyClick(candidates(), Qt::Key_A, Qt::ShiftModifier);
        QTest::keyClick(candidates(), Qt::Key_2);
        QTRY_VERIFY(m_ui->context().labels().isSettled());
        const auto stored = storedLabel(first);
        QVERIFY(stored.has_value());
        QCOMPARE(stored->labelClass, std::string("BAL"));
        QCOMPARE(stored->quality, std::optional(4));
        QCOMPARE(storedLabel(second)->labelClass, std::string("artefact"));
        QCOMPARE(storedLabel(second)->quality, std::optional(2));

        QTest::keyClick(candidates(), Qt::Key_Z, Qt::ControlModifier);
        QTest::keyClick(candidates(), Qt::Key_Z, Qt::ControlModifier);
        QTRY_VERIFY(m_ui->context().labels().isSettled());
        QVERIFY(!storedLabel(second).has_value());
        QTRY_VERIFY(cell(1, CandidateTableModel::Label).isEmpty());
        QCOMPARE(selection().current(), model(candidates())->idAt(1)); // shown what was undone
        QCOMPARE(storedLabel(first)->labelClass, std::string("BAL"));
    }

    void keysFasterThanTheServerLoseNothing()
    {
        candidates()->setCurrentIndex(candidates()->model()->index(20, 0));
        for (int i = 0; i < 12; ++i)
            QTest::keyClick(candidates(), static_cast<Qt::Key>(Qt::Key_0 + i % 5));
        QTRY_VERIFY_WITH_TIMEOUT(m_ui->context().labels().isSettled(), kLongMilliseconds);
        for (int i = 0; i < 12; ++i)
            QCOMPARE(storedLabel(model(candidates())->targetAt(20 + i))->quality, std::optional(i % 5));
    }

    void suggestionCommentAndRemoval()
    {
        candidates()->setCurrentIndex(candidates()->model()->index(5, 0));
        const auto target = model(candidates())->targetAt(5);
        const QString kind = cell(5, CandidateTableModel::Kind);
        QTest::keyClick(candidates(), Qt::Key_Return);
        QCOMPARE(cell(5, CandidateTableModel::Label), kind);
        QTest::keyClick(candidates(), Qt::Key_C);
        auto* comment = m_ui->find<QLineEdit>("labelComment");
        QVERIFY(comment->hasFocus());
        QTest::keyClicks(comment, QStringLiteral("Broad trough, B3"));
        QTest::keyClick(comment, Qt::Key_Return);
        QVERIFY(candidates()->hasFocus());
        QTRY_VERIFY(m_ui->context().labels().isSettled());
        QCOMPARE(storedLabel(target)->comment, std::string("Broad trough, B3"));
        QCOMPARE(storedLabel(target)->labelClass, kind.toStdString());
        QTest::keyClick(candidates(), Qt::Key_Delete);
        QTRY_VERIFY(m_ui->context().labels().isSettled());
        QVERIFY(!storedLabel(target).has_value());
    }

    void reviewModeLeavesSpectrumLabelAndKeys()
    {
        QTest::keyClick(candidates(), Qt::Key_F11);
        QVERIFY(!candidates()->isVisible());
        QVERIFY(!m_ui->find<QWidget>("pageList")->isVisible());
        QVERIFY(m_ui->find<QLabel>("reviewKeys")->isVisible());
        auto* plot = page("candidates")->findChild<widgets::SpectrumPlot*>();
        QVERIFY(plot->isVisible() && plot->hasFocus());
        const int row = candidates()->currentIndex().row();
        QTest::keyClick(plot, Qt::Key_N);
        QCOMPARE(candidates()->currentIndex().row(), row + 1);
        QTest::keyClick(plot, Qt::Key_Up);
        QCOMPARE(candidates()->currentIndex().row(), row);
        QTRY_VERIFY(m_ui->window().currentPage()->isSettled());
        picture("review");
        QTest::keyClick(plot, Qt::Key_F11);
        QVERIFY(candidates()->isVisible());
        QVERIFY(m_ui->find<QWidget>("pageList")->isVisible());
    }

    void hiddenArtefactsAndLabelledLeaveTheList()
    {
        const int all = candidates()->model()->rowCount();
        for (QCheckBox* box : page("candidates")->findChildren<QCheckBox*>()) {
            if (box->text() != QStringLiteral("hide labelled"))
                continue;
            QTest::mouseClick(box, Qt::LeftButton, {}, QPoint(8, box->height() / 2));
            QVERIFY(candidates()->model()->rowCount() <= all - 13);
            QTest::mouseClick(box, Qt::LeftButton, {}, QPoint(8, box->height() / 2));
        }
        QCOMPARE(candidates()->model()->rowCount(), all);
    }

    void picturesOfBothPages()
    {
        picture("candidates");
        m_ui->window().showPage(QStringLiteral("explore"));
        QTest::qWait(100);
        picture("explore");
        QVERIFY(!m_ui->window().grab().isNull());
    }

    void restartRemembersChoices()
    {
        explore()->findChild<widgets::LatentMap*>()->findChild<QComboBox*>()->setFocus();
        m_ui->window().showPage(QStringLiteral("candidates"));
        const auto current = selection().current();
        QVERIFY(m_ui->close());
        m_ui.reset();
        m_ui = std::make_unique<WindowUnderTest>(m_folder / "workspace");
        QTRY_VERIFY_WITH_TIMEOUT(m_ui->isOpen(), kLongMilliseconds);
        QCOMPARE(m_ui->window().currentPage()->name(), QStringLiteral("candidates"));
        QTRY_VERIFY(candidates()->model()->rowCount() > 50);
        QCOMPARE(selection().current(), current);
        QCOMPARE(m_ui->find<QComboBox>("xAxis")->currentData().toString(), QStringLiteral("pc1"));
        QCOMPARE(m_ui->find<QComboBox>("yAxis")->currentData().toString(), QStringLiteral("snr"));
        QCOMPARE(model(candidates())->idAt(candidates()->currentIndex().row()), *current);
        QTRY_COMPARE(cell(0, CandidateTableModel::Label), QStringLiteral("BAL"));
    }

private:
    app::Selection& selection() { return m_ui->context().selection(); }
    app::ScoreDataPointer data() { return m_ui->context().scores().data(); }
    QWidget* page(const char* name) const { return m_ui->window().page(QLatin1String(name)); }
    QWidget* explore() const { return page("explore"); }
    widgets::LatentMap* map() const { return explore()->findChild<widgets::LatentMap*>(); }
    QCheckBox* onlyPicked() const
    {
        return page("candidates")->findChild<QCheckBox*>(QStringLiteral("onlyPicked"));
    }
    QTableView* candidates() const { return m_ui->find<QTableView>("candidateTable"); }
    static CandidateTableModel* model(const QTableView* table)
    {
        return static_cast<CandidateTableModel*>(table->model());
    }
    QString cell(int row, int column) const
    {
        return candidates()->model()->index(row, column).data().toString();
    }
    std::optional<catalog::Label> storedLabel(core::TargetId target)
    {
        return catalog::currentLabel(m_ui->context().session()->database(), target);
    }
    /// By keys, as a person without a mouse.
    bool choose(const char* name, const QString& key) const
    {
        auto* box = m_ui->find<QComboBox>(name);
        box->setFocus();
        QTest::keyClick(box, Qt::Key_Home);
        for (int i = 1; i < box->count() && box->currentData().toString() != key; ++i)
            QTest::keyClick(box, Qt::Key_Down);
        return box->currentData().toString() == key;
    }
    void drag(const std::vector<QPoint>& corners)
    {
        QTest::mousePress(map(), Qt::LeftButton, {}, corners.front());
        for (std::size_t i = 0; i < corners.size(); ++i) {
            const QPoint from = corners[i];
            const QPoint to = corners[(i + 1) % corners.size()];
            for (int step = 1; step <= 8; ++step)
                QTest::mouseMove(map(), from + (to - from) * step / 8);
        }
        QTest::mouseRelease(map(), Qt::LeftButton, {}, corners.front());
    }
    void picture(const char* name)
    {
        if (qEnvironmentVariableIsSet("VOORWERP_RENDER_DIR"))
            m_ui->window().grab().save(qEnvironmentVariable("VOORWERP_RENDER_DIR") + QLatin1Char('/') +
                                       QLatin1String(name) + QStringLiteral(".png"));
    }

    test::TemporaryFolder m_folder;
    std::unique_ptr<WindowUnderTest> m_ui;
};

QTEST_MAIN(TestExploreAndCandidates)
#include "tst_explore_and_candidates.moc"
