// SPDX-License-Identifier: GPL-3.0-or-later
// The Survey page over a list far longer than what is loaded of it: 40,000 rows made by SQL, since pixels do
// not matter here.
#include <pqxx/pqxx>

#include "app/pages/survey_page.h"
#include "app/pages/survey_side.h"
#include "app/pages/target_table_model.h"
#include "app/row_count_text.h"
#include "app/window_under_test.h"
#include "core/job_context.h"
#include "support/test_support.h"
#include "widgets/count_plots.h"
#include "widgets/empty_state.h"

#include <QLabel>
#include <QTableView>

#include <atomic>
#include <thread>

using namespace voorwerp;
using app::TargetTableModel;
using test::kLongMilliseconds;
using test::WindowUnderTest;

namespace {

constexpr int kRows = 40'000;

void fill(const std::string& uri)
{
    pqxx::connection connection(uri);
    pqxx::work work(connection);
    work.exec("INSERT INTO voorwerp.file (path, specprod, kind, size, mtime, sha256)"
              " VALUES ('/made.fits', 'made', 'coadd', 1, 1, 'x')");
    work.exec(
        "INSERT INTO voorwerp.target (targetid, specprod, survey, program, spgrp, spgrpval, tileid, objtype,"
        " target_ra, target_dec, spectype, subtype, redshift_source, problem, file_id, file_row, z, zwarn)"
        " SELECT i, 'made', 'main', 'dark', 'healpix', 1, -1, 'TGT', 100 + i % 50, i % 20, 'QSO', '',"
        " 'redrock', '', f.id, i, i / 10000.0, 0 FROM generate_series(1, " +
        std::to_string(kRows) + ") i, voorwerp.file f");
    work.commit();
    pqxx::nontransaction(connection).exec("ANALYZE voorwerp.target");
}

} // namespace

class TestTables : public QObject
{
    Q_OBJECT

private slots:
    void initTestCase()
    {
        m_ui = std::make_unique<WindowUnderTest>(m_folder / "workspace");
        QTRY_VERIFY_WITH_TIMEOUT(m_ui->isOpen(), kLongMilliseconds);
    }
    void cleanupTestCase() { m_ui.reset(); }

    void emptyPageSaysThatAnImportRuns()
    {
        m_ui->window().showPage(QStringLiteral("survey"));
        QVERIFY(emptyTexts().contains(QStringLiteral("No spectra yet")));
        m_enough = false;
        m_ui->context().jobs().start(endlessJob("ingest", "Reading DESI files"));
        QTRY_VERIFY2(emptyTexts().contains(QStringLiteral("300 spectra so far")), qPrintable(emptyTexts()));
        QVERIFY(emptyTexts().contains(QStringLiteral("Importing")));
        m_enough = true;
        QTRY_VERIFY(emptyTexts().contains(QStringLiteral("No spectra yet")));
    }

    void emptyCandidatesSayThatScoresAreBeingMade()
    {
        m_ui->window().showPage(QStringLiteral("candidates"));
        QVERIFY(emptyTexts("candidatesPage").contains(QStringLiteral("No ranked list yet")));
        m_enough = false;
        m_ui->context().jobs().start(endlessJob("score", "Scoring"));
        QTRY_VERIFY2(emptyTexts("candidatesPage").contains(QStringLiteral("Scoring…")),
                     qPrintable(emptyTexts("candidatesPage")));
        m_enough = true;
        QTRY_VERIFY(emptyTexts("candidatesPage").contains(QStringLiteral("No ranked list yet")));
        m_ui->window().showPage(QStringLiteral("survey"));
    }

    void theListIsLoadedDownToTheCurrentObject()
    {
        fill(m_ui->context().session()->database().uri());
        m_ui->context().announceTargets();
        QTRY_COMPARE(m_ui->context().facts().targets(), kRows);
        QTRY_VERIFY(model()->rowCount() >= 200);
        QTRY_COMPARE(table()->currentIndex().row(), 0);
        QVERIFY(model()->rowCount() < 1000);
        const core::SpectrumId wanted{model()->row(0).id.value + 4321};
        selection().setCurrent(wanted);
        QTRY_COMPARE(table()->currentIndex().row(), 4321);
        QCOMPARE(model()->row(4321).id, wanted);
        QVERIFY(table()->selectionModel()->isRowSelected(4321));
        QCOMPARE(model()->rowsAbove().value, std::int64_t(0));
        QVERIFY(note().isEmpty());
        QTest::keyClick(&m_ui->window(), Qt::Key_N);
        QCOMPARE(selection().current(), core::SpectrumId{wanted.value + 1});
    }

    void theEndOfTheTableAsksForMoreThoughAnotherQuestionIsUnderWay()
    {
        model()->reload();
        QTRY_VERIFY(!model()->isLoading());
        const int before = model()->rowCount();
        model()->reveal(model()->row(0).id);
        QVERIFY(model()->isLoading());
        table()->scrollToBottom();
        QTRY_VERIFY(model()->rowCount() > before);
        table()->scrollToTop();
        QTRY_VERIFY(!model()->isLoading());
    }

    void aFarObjectBeginsTheListAndTheTopIsALinkAway()
    {
        const core::SpectrumId first = model()->row(0).id;
        selection().setCurrent(core::SpectrumId{first.value + 39'800});
        QTRY_VERIFY(model()->rowsAbove().value > 0);          // only a page was loaded
        const catalog::RowCount above = model()->rowsAbove(); // an estimate where the machine is busy
        QVERIFY(std::abs(above.value - 39'800) <= (above.exact ? 0 : 6 * above.uncertainty));
        QTRY_COMPARE(table()->currentIndex().row(), 0);
        QCOMPARE(model()->row(0).id, *selection().current());
        QVERIFY2(note().contains(app::rowCountText(above)), qPrintable(note()));
        auto* label = m_ui->find<QWidget>("surveyPage")->findChild<QLabel*>(QStringLiteral("listNote"));
        emit label->linkActivated(QStringLiteral("top"));
        QTRY_COMPARE(selection().current(), first);
        QTRY_COMPARE(model()->rowsAbove().value, std::int64_t(0));
        QTRY_VERIFY(note().isEmpty());
    }

    void whatTheFilterHidesIsSaidAndMovingGoesOnAtItsPlace()
    {
        const core::SpectrumId hidden{model()->row(0).id.value + 99}; // targetid 100
        selection().setCurrent(hidden);
        QTRY_COMPARE(table()->currentIndex().row(), 99);
        selection().setFilter(QStringLiteral("targetid & 1 != 0"));
        QTRY_VERIFY2(note().contains(QStringLiteral("not in this list")), qPrintable(note()));
        QCOMPARE(selection().current(), hidden);
        QVERIFY(!table()->currentIndex().isValid());
        QVERIFY(table()->selectionModel()->selectedRows().isEmpty());
        table()->clearFocus();
        table()->setFocus(); // a view with the focus likes to have a current row
        QCOMPARE(selection().current(), hidden);
        QTest::keyClick(table(), Qt::Key_Down);
        QCOMPARE(selection().current(), core::SpectrumId{hidden.value + 1});
        QVERIFY(note().isEmpty());
        selection().setCurrent(hidden);
        QTRY_VERIFY(!note().isEmpty());
        QTest::keyClick(&m_ui->window(), Qt::Key_B);
        QCOMPARE(selection().current(), core::SpectrumId{hidden.value - 1});
        selection().setFilter({});
    }

    void plotsBesideTheTableFollowTheFilterAndSetIt()
    {
        auto* side = m_ui->find<app::SurveySide>("surveySide");
        auto* z = side->findChild<widgets::RangePlot*>();
        auto* sky = side->findChild<widgets::SkyPlot*>();
        QTRY_VERIFY(side->isVisible() && side->isSettled());
        QTest::mouseClick(z, Qt::LeftButton, {}, z->plotArea().center().toPoint());
        QVERIFY2(selection().filter().startsWith(QStringLiteral("z between ")),
                 qPrintable(selection().filter()));
        auto* chip = m_ui->find<QWidget>("surveyPage")->findChild<QAbstractButton*>(QStringLiteral("zChip"));
        QVERIFY(chip->isVisible());
        QTRY_VERIFY(selection().matching() > 0);
        QVERIFY(selection().matching() < kRows / 20);
        QTRY_VERIFY(side->isSettled());
        QTest::mouseClick(sky, Qt::LeftButton, {}, sky->plotArea().center().toPoint());
        QVERIFY2(selection().filter().contains(QStringLiteral(" and target_ra between ")),
                 qPrintable(selection().filter()));
        chip->click();
        QVERIFY(selection().filter().startsWith(QStringLiteral("target_ra between ")));
        m_ui->find<QWidget>("surveyPage")->findChild<QAbstractButton*>(QStringLiteral("skyChip"))->click();
        QVERIFY(selection().filter().isEmpty());
        m_ui->click("sideButton");
        QVERIFY(!side->isVisible());
        QVERIFY(m_ui->close()); // the window keeps its state
        QVERIFY(!m_ui->context().settings().value(QStringLiteral("survey/side")).toBool());
    }

private:
    app::Selection& selection() { return m_ui->context().selection(); }
    QTableView* table() const { return m_ui->find<QTableView>("targetTable"); }
    TargetTableModel* model() const { return static_cast<TargetTableModel*>(table()->model()); }
    QString note() const
    {
        const auto* label = m_ui->find<QWidget>("surveyPage")->findChild<QLabel*>(QStringLiteral("listNote"));
        return label->isHidden() ? QString() : label->text();
    }
    /// Runs until enough, and says so all the time.
    app::JobRequest endlessJob(const char* kind, const std::string& phase)
    {
        app::JobRequest job;
        job.kind = QLatin1String(kind);
        job.title = QLatin1String(kind);
        job.persistent = false;
        job.work = [this, phase](core::JobContext& context) {
            context.beginPhase(phase, "files", 4.0);
            while (!m_enough) {
                context.throwIfStopped();
                context.advanceTo(1.0, "300 spectra");
                std::this_thread::yield();
            }
            return app::JobOutcome{};
        };
        return job;
    }
    QString emptyTexts(const char* page = "surveyPage") const
    {
        QString texts;
        const auto* empty = m_ui->find<QWidget>(page)->findChild<widgets::EmptyState*>();
        for (const QLabel* label : empty->findChildren<QLabel*>())
            texts += label->text() + QLatin1Char('\n');
        return texts;
    }

    test::TemporaryFolder m_folder;
    std::atomic<bool> m_enough = false; ///< outlives the window and its jobs
    std::unique_ptr<WindowUnderTest> m_ui;
};

QTEST_MAIN(TestTables)
#include "tst_tables.moc"
