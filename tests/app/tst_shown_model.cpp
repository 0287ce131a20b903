// SPDX-License-Identifier: GPL-3.0-or-later
// Which model's scores are shown: champion and chosen model, promotion and roll-back, on the window with a
// small scored survey and two models, driven by mouse and keys.
#include "app/jobs/workbench_jobs.h"
#include "app/notice_bar.h"
#include "app/pages/candidate_table_model.h"
#include "app/pages/model_chooser.h"
#include "app/pages/model_table_model.h"
#include "app/pipeline/score_job.h"
#include "app/score_service.h"
#include "app/small_demo.h"
#include "app/spectrum_service.h"
#include "app/window_under_test.h"
#include "support/test_support.h"

#include <QLabel>
#include <QPushButton>
#include <QTableView>
#include <QTableWidget>

using namespace voorwerp;
using app::ModelChooser;
using app::ModelTableModel;
using test::kLongMilliseconds;
using test::WindowUnderTest;

class TestShownModel : public QObject
{
    Q_OBJECT

private slots:
    /// vae-demo@1 is the champion and scored; own@1, the first of its name, has no scores.
    void initTestCase()
    {
        {
            const auto session = test::makeSmallDemo(m_folder / "workspace");
            core::JobContext quiet;
            auto config = test::smallDemo().config;
            config.seed = 7;
            pipeline::trainModel(*session, {pipeline::kDemoDataset, "own", config, "cpu"}, {}, quiet);
        }
        open();
    }
    void cleanupTestCase() { m_ui.reset(); }

    void firstVersionOfAnotherNameIsNotTheChampion()
    {
        m_ui->window().showPage(QStringLiteral("models"));
        QTRY_COMPARE(versions()->rowCount(), 2);
        QCOMPARE(aliases("vae-demo@1"), QStringLiteral("champion, vae-demo@champion"));
        QCOMPARE(aliases("own@1"), QStringLiteral("own@champion"));
        choose("vae-demo@1");
        QVERIFY(!button("promote")->isEnabled());
        QVERIFY(!button("rollBack")->isEnabled()); // there is nothing before the first champion
        QCOMPARE(m_ui->find<QTableWidget>("aliasHistory")->rowCount(), 1);
        choose("own@1");
        QVERIFY(button("promote")->isEnabled());
        QVERIFY(!button("showScores")->isEnabled());
    }

    void promotionAndRollBackAreInverses()
    {
        m_ui->click("promote");
        QTRY_COMPARE(champion(), QStringLiteral("own@1"));
        QTRY_COMPARE(aliases("own@1"), QStringLiteral("champion, own@champion"));
        QCOMPARE(aliases("vae-demo@1"), QStringLiteral("vae-demo@champion")); // names keep theirs
        QVERIFY(!button("promote")->isEnabled());
        QVERIFY(button("rollBack")->isEnabled());
        QCOMPARE(button("rollBack")->text(), QStringLiteral("Roll back to vae-demo@1"));
        auto* history = m_ui->find<QTableWidget>("aliasHistory");
        QCOMPARE(history->item(0, 1)->text(), QStringLiteral("vae-demo@1"));
        QCOMPARE(history->item(0, 2)->text(), QStringLiteral("own@1"));
        QVERIFY(!history->item(0, 3)->text().isEmpty());
        QCOMPARE(shown(), QStringLiteral("vae-demo@1")); // a champion without scores has nothing to show

        m_ui->click("rollBack");
        QTRY_COMPARE(champion(), QStringLiteral("vae-demo@1"));
        QTRY_VERIFY(!button("rollBack")->isEnabled());
        QVERIFY(button("promote")->isEnabled());
        QCOMPARE(history->rowCount(), 3);
        QCOMPARE(history->item(0, 4)->text(), QStringLiteral("rolled back"));
    }

    void finishedScoringOffersToShowAndToPromote()
    {
        m_ui->window().showPage(QStringLiteral("explore"));
        QTRY_VERIFY(data() != nullptr);
        QTRY_VERIFY(spectra().shown() && spectra().shown()->explained);
        startScoring();
        QTRY_VERIFY_WITH_TIMEOUT(notices()->isShown(QStringLiteral("scores")), kLongMilliseconds);
        QCOMPARE(shown(), QStringLiteral("vae-demo@1"));
        const auto before = data();
        const auto curve = spectra().shown()->plot->model;
        m_ui->click("scores/Show these scores");
        QCOMPARE(shown(), QStringLiteral("own@1"));
        QTRY_VERIFY(data() && data() != before);
        QCOMPARE(data()->model.value, m_ui->context().facts().shownModel()->id.value);
        QVERIFY(data()->columns.score != before->columns.score);
        QTRY_VERIFY(spectra().shown() && spectra().shown()->explained &&
                    spectra().shown()->plot->model != curve); // the curve is the shown model's, too
        for (const ModelChooser* chooser : m_ui->window().findChildren<ModelChooser*>())
            QCOMPARE(chooser->currentText(), QStringLiteral("model: own@1"));
        QVERIFY(notices()->isShown(QStringLiteral("scores"))); // it can still be promoted
        const auto chosen = data();
        m_ui->click("scores/Promote to champion");
        QTRY_COMPARE(champion(), QStringLiteral("own@1"));
        QTRY_VERIFY(!notices()->isShown(QStringLiteral("scores")));
        for (const ModelChooser* chooser : m_ui->window().findChildren<ModelChooser*>())
            QCOMPARE(chooser->currentText(), QStringLiteral("model: own@1 (champion)"));
        QCOMPARE(data(), chosen); // the same scores are not loaded again
    }

    void scoringTheShownChampionAgainOffersNothing()
    {
        startScoring();
        QTRY_COMPARE_WITH_TIMEOUT(m_ui->done(QStringLiteral("score")), 2, kLongMilliseconds);
        QTRY_VERIFY(m_ui->context().facts().isSettled());
        QVERIFY(!notices()->isShown(QStringLiteral("scores")));
    }

    void chooserOnOnePageChangesAllAndIsRemembered()
    {
        m_ui->window().showPage(QStringLiteral("candidates"));
        auto* chooser = m_ui->window().currentPage()->findChild<ModelChooser*>();
        QVERIFY(chooser->isVisible());
        chooser->setFocus();
        QTest::keyClick(chooser, Qt::Key_Down);
        QTRY_COMPARE(shown(), QStringLiteral("vae-demo@1"));
        QTRY_VERIFY(data() && data()->model.value == m_ui->context().facts().shownModel()->id.value);
        auto* table = m_ui->find<QTableView>("candidateTable");
        QTRY_VERIFY(static_cast<app::CandidateTableModel*>(table->model())->scores() == data());

        QVERIFY(m_ui->close());
        m_ui.reset();
        open();
        QCOMPARE(champion(), QStringLiteral("own@1"));
        QCOMPARE(shown(), QStringLiteral("vae-demo@1"));
    }

    void modelsPageShowsTheScoresOfAVersion()
    {
        m_ui->window().showPage(QStringLiteral("models"));
        QTRY_COMPARE(versions()->rowCount(), 2);
        choose("own@1");
        m_ui->click("showScores");
        QCOMPARE(m_ui->window().currentPage()->name(), QStringLiteral("candidates"));
        QCOMPARE(shown(), QStringLiteral("own@1"));
        // The champion was chosen, not this version: who is promoted next is shown.
        m_ui->context().facts().rollBackChampion();
        QTRY_COMPARE(shown(), QStringLiteral("vae-demo@1"));
    }

private:
    void open()
    {
        m_ui = std::make_unique<WindowUnderTest>(m_folder / "workspace");
        m_ui->window().resize(1280, 800);
        QTRY_VERIFY_WITH_TIMEOUT(m_ui->isOpen(), kLongMilliseconds);
    }
    void startScoring()
    {
        m_ui->context().jobs().start(app::scoreJob(
            m_ui->context().session(), pipeline::ScoreRequest{"own", pipeline::kDemoSelection, "cpu"}));
    }
    QTableView* table() const { return m_ui->find<QTableView>("modelTable"); }
    ModelTableModel* versions() const { return static_cast<ModelTableModel*>(table()->model()); }
    QPushButton* button(const char* name) const { return m_ui->find<QPushButton>(name); }
    int rowOf(const char* reference) const
    {
        for (int row = 0; row < versions()->rowCount(); ++row)
            if (versions()->model(row).reference() == reference)
                return row;
        return -1;
    }
    void choose(const char* reference) { table()->setCurrentIndex(versions()->index(rowOf(reference), 0)); }
    QString aliases(const char* reference) const
    {
        return versions()->index(rowOf(reference), ModelTableModel::Aliases).data().toString();
    }
    QString champion() const
    {
        return QString::fromStdString(m_ui->context().facts().champion()->reference());
    }
    QString shown() const
    {
        return QString::fromStdString(m_ui->context().facts().shownModel()->reference());
    }
    app::NoticeBar* notices() const { return m_ui->find<app::NoticeBar>("noticeBar"); }
    app::ScoreDataPointer data() const { return m_ui->context().scores().data(); }
    app::SpectrumService& spectra() const { return m_ui->context().spectra(); }

    test::TemporaryFolder m_folder;
    std::unique_ptr<WindowUnderTest> m_ui;
};

QTEST_MAIN(TestShownModel)
#include "tst_shown_model.moc"
