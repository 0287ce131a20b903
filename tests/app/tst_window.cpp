// SPDX-License-Identifier: GPL-3.0-or-later
// The whole window on a real private cluster with a small mock survey, driven by clicks and keys: from the
// empty workspace to scores, a backup, a restart that remembers, and a server that is killed.
#include "app/notice_bar.h"
#include "app/pages/filter_line.h"
#include "app/pages/target_table_model.h"
#include "app/pages/train_page.h"
#include "app/spectrum_service.h"
#include "app/window_under_test.h"
#include "catalog/private_cluster.h"
#include "catalog/score_store.h"
#include "core/job_context.h"
#include "mock/mock_survey.h"
#include "support/test_support.h"
#include "widgets/command_palette.h"
#include "widgets/reconstruction_grid.h"
#include "widgets/training_curves.h"

#include <QAbstractItemModelTester>
#include <QAction>
#include <QComboBox>
#include <QDialog>
#include <QDropEvent>
#include <QHeaderView>
#include <QInputDialog>
#include <QLabel>
#include <QLineEdit>
#include <QListWidget>
#include <QMenuBar>
#include <QMimeData>
#include <QPushButton>
#include <QScreen>
#include <QSignalSpy>
#include <QTableView>
#include <QTableWidget>
#include <QUrl>

#include <csignal>
#include <cstdlib>

using namespace voorwerp;
using app::AppContext;
using app::JobState;
using app::TargetTableModel;
using test::kLongMilliseconds;
using test::WindowUnderTest;

namespace {

constexpr int kTargets = 120;

QTableView* targetTable(const WindowUnderTest& ui)
{
    return ui.find<QTableView>("targetTable");
}

QString cell(const QTableView* table, int row, int column)
{
    return table->model()->index(row, column).data().toString();
}

void dropOn(app::MainWindow& window, const std::filesystem::path& folder)
{
    QMimeData data;
    data.setUrls({QUrl::fromLocalFile(QString::fromStdString(folder.string()))});
    QDragEnterEvent enter(QPoint(50, 50), Qt::CopyAction, &data, Qt::LeftButton, Qt::NoModifier);
    QCoreApplication::sendEvent(&window, &enter);
    QVERIFY(enter.isAccepted());
    QDropEvent drop(QPointF(50, 50), Qt::CopyAction, &data, Qt::LeftButton, Qt::NoModifier);
    QCoreApplication::sendEvent(&window, &drop);
}

void typeFilter(const WindowUnderTest& ui, const QString& expression)
{
    auto* edit = ui.find<QLineEdit>("filterEdit");
    edit->setFocus();
    edit->selectAll();
    QTest::keyClick(edit, Qt::Key_Delete);
    QTest::keyClicks(edit, expression);
    QTest::keyClick(edit, Qt::Key_Return);
}

void setField(const WindowUnderTest& ui, const char* name, const QString& text)
{
    auto* edit = ui.find<QLineEdit>(name);
    edit->setText(text);
}

} // namespace

class TestWindow : public QObject
{
    Q_OBJECT

private slots:
    void initTestCase()
    {
        core::JobContext quiet;
        mock::MockConfig config;
        config.targets = kTargets;
        mock::writeMockSurvey(m_folder / "survey", config, quiet);
        m_ui = std::make_unique<WindowUnderTest>(m_folder / "workspace");
        QTRY_VERIFY_WITH_TIMEOUT(m_ui->isOpen(), kLongMilliseconds);
    }

    void cleanupTestCase() { m_ui.reset(); }

    // Each step builds on the one before.
    void init()
    {
        if (m_stepFailed)
            QSKIP("an earlier step failed");
        m_ui->activate();
    }
    void cleanup() { m_stepFailed = m_stepFailed || QTest::currentTestFailed(); }

    void emptyWorkspaceOffersDemoAndImport()
    {
        auto* page = m_ui->find<QWidget>("startPage");
        QVERIFY(page->isVisible());
        QStringList buttons;
        for (const QPushButton* button : page->findChildren<QPushButton*>())
            if (button->isVisible())
                buttons.append(button->text());
        QVERIFY(buttons.contains(QStringLiteral("Start with the demo")));
        QVERIFY(buttons.contains(QStringLiteral("Import DESI files…")));
    }

    void windowFitsALaptopScreen()
    {
        const QSize least = m_ui->window().minimumSizeHint();
        QVERIFY2(least.width() <= 1280 && least.height() <= 760,
                 qPrintable(QStringLiteral("%1 × %2").arg(least.width()).arg(least.height())));
        const QSize room = m_ui->window().screen()->availableSize().expandedTo(least);
        QCOMPARE(m_ui->window().size().boundedTo(room), m_ui->window().size());
    }

    void everyActionHasItsOwnKeysAndATip()
    {
        QHash<QKeySequence, QString> names;
        for (const QAction* action : widgets::CommandPalette::actionsOf(m_ui->window().menuBar())) {
            QVERIFY2(!action->toolTip().isEmpty(), qPrintable(action->text()));
            if (action->shortcut().isEmpty())
                continue;
            QVERIFY2(!names.contains(action->shortcut()),
                     qPrintable(action->text() + QStringLiteral(" and ") + names.value(action->shortcut())));
            names.insert(action->shortcut(), action->text());
        }
    }

    void actionsThatCannotActAreGreyed()
    {
        for (const char* name :
             {"Promote to champion", "Roll back champion", "Verify file", "Stop training", "Resume training",
              "Score", "Stop all jobs", "Show the other jobs", "Next spectrum", "Export candidates…",
              "Label: BAL", "Comment", "Save selection…", "Clear filter", "Clear the selection",
              "Copy TARGETID", "Verify backup"})
            QVERIFY2(!isEnabled(name), name);
        for (const char* name : {"Import DESI files…", "Start the demo", "Find action…", "Guide", "Quit"})
            QVERIFY2(isEnabled(name), name);
    }

    void droppedFolderIsImportedAndShown()
    {
        dropOn(m_ui->window(), m_folder / "survey");
        QTRY_VERIFY_WITH_TIMEOUT(m_ui->done(QStringLiteral("ingest")) == 1, kLongMilliseconds);
        QTRY_VERIFY(targetTable(*m_ui)->isVisible());
        QTRY_COMPARE(m_ui->context().selection().total(), kTargets);
        QTRY_VERIFY(targetTable(*m_ui)->model()->rowCount() > 0);
        QAbstractItemModelTester tester(targetTable(*m_ui)->model(),
                                        QAbstractItemModelTester::FailureReportingMode::QtTest);
        QTRY_VERIFY(m_ui->context().spectra().shown() != nullptr);
    }

    void filterIsDoneByTheServerAndCounted()
    {
        typeFilter(*m_ui, QStringLiteral("z > 2"));
        QTRY_VERIFY(m_ui->context().selection().matching() > 0);
        const auto matching = m_ui->context().selection().matching();
        QVERIFY(matching < kTargets);
        QTRY_COMPARE(targetTable(*m_ui)->model()->rowCount(), static_cast<int>(matching));
        for (int row = 0; row < matching; ++row)
            QVERIFY(QLocale().toDouble(cell(targetTable(*m_ui), row, TargetTableModel::Z)) > 2.0);
        auto* words = m_ui->find<QLabel>("selectionInWords");
        QTRY_VERIFY2(words->text().contains(QStringLiteral("z > 2")), qPrintable(words->text()));
    }

    void wrongFilterIsExplainedInPlace()
    {
        typeFilter(*m_ui, QStringLiteral("z >> 2"));
        auto* error = m_ui->find<QLabel>("filterError");
        QVERIFY(error->isVisible());
        QVERIFY(!error->text().isEmpty());
        QCOMPARE(m_ui->context().selection().filter(), QStringLiteral("z > 2"));
        typeFilter(*m_ui, QStringLiteral("z < -5"));
        QTRY_VERIFY(m_ui->window().findChild<QTableView*>(QStringLiteral("targetTable"))->isHidden());
        typeFilter(*m_ui, {});
        QTRY_COMPARE(m_ui->context().selection().matching(), kTargets);
        QTRY_VERIFY(targetTable(*m_ui)->isVisible());
    }

    void headerClickSortsOnTheServer()
    {
        QHeaderView* header = targetTable(*m_ui)->horizontalHeader();
        const auto clickSnr = [header] {
            const int x = header->sectionViewportPosition(TargetTableModel::Snr) + 10;
            QTest::mouseClick(header->viewport(), Qt::LeftButton, {}, QPoint(x, header->height() / 2));
        };
        auto* model = static_cast<TargetTableModel*>(targetTable(*m_ui)->model());
        clickSnr();
        QTRY_VERIFY(!model->isLoading());
        const auto order = model->sortOrder();
        QCOMPARE(model->sortColumn(), TargetTableModel::Snr);
        const auto sorted = [&] {
            const double first = QLocale().toDouble(cell(targetTable(*m_ui), 0, TargetTableModel::Snr));
            const double later = QLocale().toDouble(cell(targetTable(*m_ui), 60, TargetTableModel::Snr));
            return model->sortOrder() == Qt::AscendingOrder ? first < later : first > later;
        };
        QTRY_VERIFY(sorted());
        clickSnr();
        QTRY_VERIFY(model->sortOrder() != order);
        QTRY_VERIFY(sorted());
    }

    void keysMoveThroughTheSpectra()
    {
        QTableView* table = targetTable(*m_ui);
        table->setFocus();
        table->setCurrentIndex(table->model()->index(0, 0));
        const auto first = m_ui->context().selection().current();
        QTest::keyClick(&m_ui->window(), Qt::Key_N);
        QCOMPARE(table->currentIndex().row(), 1);
        QVERIFY(m_ui->context().selection().current() != first);
        QTest::keyClick(table, Qt::Key_Down);
        QCOMPARE(table->currentIndex().row(), 2);
        QTest::keyClick(&m_ui->window(), Qt::Key_B);
        QTest::keyClick(&m_ui->window(), Qt::Key_B);
        QCOMPARE(m_ui->context().selection().current(), first);
        QTRY_VERIFY(m_ui->context().spectra().shown() && m_ui->context().spectra().shown()->id == *first);
    }

    void selectionIsSavedUnderAName()
    {
        typeFilter(*m_ui, QStringLiteral("spectype = 'QSO'"));
        QTRY_VERIFY(m_ui->context().selection().matching() > 0);
        m_ui->activate();
        targetTable(*m_ui)->setFocus();
        QTest::keyClick(&m_ui->window(), Qt::Key_S, Qt::ControlModifier);
        QTRY_VERIFY(m_ui->window().findChild<QInputDialog*>());
        auto* dialog = m_ui->window().findChild<QInputDialog*>();
        dialog->setTextValue(QStringLiteral("quasars"));
        QTest::keyClick(dialog, Qt::Key_Return);
        auto* note = m_ui->find<QLabel>("surveyNote");
        QTRY_VERIFY2(note->text().contains(QStringLiteral("quasars")), qPrintable(note->text()));
    }

    void trainingSetIsBuiltAndATinyTrainingFillsTheCurves()
    {
        QTest::keyClick(&m_ui->window(), Qt::Key_2, Qt::ControlModifier);
        QCOMPARE(m_ui->window().currentPage()->name(), QStringLiteral("train"));
        auto* selection = m_ui->find<QComboBox>("selectionCombo");
        QTRY_VERIFY(selection->findData(QStringLiteral("quasars")) >= 0);
        selection->setCurrentIndex(selection->findData(QStringLiteral("quasars")));
        auto* storage = m_ui->find<QComboBox>("storageCombo");
        storage->setCurrentIndex(storage->findData(true));
        setField(*m_ui, "datasetName", QStringLiteral("tiny"));
        QTRY_VERIFY(m_ui->find<QPushButton>("buildDataset")->isEnabled());
        m_ui->click("buildDataset");
        QTRY_VERIFY_WITH_TIMEOUT(m_ui->done(QStringLiteral("dataset")) == 1, kLongMilliseconds);
        QTRY_COMPARE(m_ui->find<QComboBox>("datasetCombo")->currentData().toString(), QStringLiteral("tiny"));
        auto* facts = m_ui->find<QLabel>("datasetFacts");
        QTRY_VERIFY2(facts->text().contains(QStringLiteral("compact")), qPrintable(facts->text()));

        setField(*m_ui, "setting_hidden", QStringLiteral("16"));
        setField(*m_ui, "setting_latent", QStringLiteral("3"));
        setField(*m_ui, "setting_epochs", QStringLiteral("4"));
        setField(*m_ui, "modelName", QStringLiteral("vae-test"));
        m_ui->click("trainStart");
        QTRY_VERIFY_WITH_TIMEOUT(m_ui->done(QStringLiteral("train")) == 1, kLongMilliseconds);
        auto* curves = m_ui->window().page(QStringLiteral("train"))->findChild<widgets::TrainingCurves*>();
        QTRY_COMPARE(curves->history().size(), std::size_t{4});
        QTRY_COMPARE(m_ui->find<QTableView>("runTable")->model()->rowCount(), 1);
        QVERIFY(m_ui->find<QLabel>("trainState")->text().contains(QStringLiteral("best")));
        QVERIFY(m_ui->find<QLabel>("trainDevice")->text().startsWith(QStringLiteral("cpu (")));
    }

    void anEarlierRunShowsItsCurvesAndReconstructionsAgain()
    {
        auto* page = m_ui->window().page(QStringLiteral("train"));
        auto* grid = page->findChild<widgets::ReconstructionGrid*>();
        auto* runs = m_ui->find<QTableView>("runTable");
        grid->setItems({});
        runs->setCurrentIndex({});
        QTest::mouseClick(runs->viewport(), Qt::LeftButton, {},
                          runs->visualRect(runs->model()->index(0, 0)).center());
        QTRY_COMPARE_WITH_TIMEOUT(grid->count(), std::size_t{6}, kLongMilliseconds);
        QCOMPARE(page->findChild<widgets::TrainingCurves*>()->history().size(), std::size_t{4});
        QVERIFY(m_ui->find<QLabel>("trainState")->text().contains(QStringLiteral("4 epochs, best")));
        QVERIFY(m_ui->find<QLabel>("trainDevice")->text().startsWith(QStringLiteral("cpu (")));
    }

    void trainButtonsStayWhereTheyAre()
    {
        const auto place = [this] {
            auto* button = m_ui->find<QPushButton>("trainStart");
            return QRect(button->mapTo(&m_ui->window(), QPoint()), button->size());
        };
        const QSize before = m_ui->window().size();
        m_ui->window().resize(1000, 650);
        const QRect first = place();
        setField(*m_ui, "setting_epochs", QStringLiteral("many"));
        m_ui->click("trainStart"); // a long message
        QVERIFY(m_ui->find<QLabel>("trainMessage")->isVisible());
        QCOMPARE(place(), first);
        m_ui->find<QLabel>("trainState")->setText(QString(400, QLatin1Char('x')));
        QCOMPARE(place(), first);
        QCOMPARE(m_ui->window().width(), 1000);
        setField(*m_ui, "setting_epochs", QStringLiteral("4"));
        m_ui->window().resize(before);
    }

    void wrongSettingIsNamedBesideTheButton()
    {
        setField(*m_ui, "setting_epochs", QStringLiteral("many"));
        m_ui->click("trainStart");
        auto* message = m_ui->find<QLabel>("trainMessage");
        QVERIFY(message->isVisible());
        QVERIFY2(message->text().contains(QStringLiteral("epochs")), qPrintable(message->text()));
        setField(*m_ui, "setting_epochs", QStringLiteral("4"));
    }

    void scoresAppearInTheSurveyTable()
    {
        m_ui->find<QComboBox>("scoringPrecision")->setCurrentText(QStringLiteral("tf32"));
        m_ui->click("trainScore");
        QTRY_VERIFY_WITH_TIMEOUT(m_ui->done(QStringLiteral("score")) == 1, kLongMilliseconds);
        const auto runs = catalog::latestScoreRuns(m_ui->context().session()->database());
        QVERIFY(QByteArray::fromStdString(runs.at(0).configuration).contains("\"precision\": \"tf32\""));
        m_ui->activate();
        QTest::keyClick(&m_ui->window(), Qt::Key_1, Qt::ControlModifier);
        QTRY_VERIFY(m_ui->context().facts().isScored());
        typeFilter(*m_ui, QStringLiteral("rank <= 5"));
        QTRY_COMPARE(m_ui->context().selection().matching(), 5);
        QTRY_COMPARE(targetTable(*m_ui)->model()->rowCount(), 5);
        QVERIFY(!targetTable(*m_ui)->isColumnHidden(TargetTableModel::Rank));
        QTRY_VERIFY_WITH_TIMEOUT(m_ui->context().spectra().shown() &&
                                     m_ui->context().spectra().shown()->explained,
                                 kLongMilliseconds);
    }

    void modelFileIsVerifiedAndAnotherVersionPromotedAndRolledBack()
    {
        QTest::keyClick(&m_ui->window(), Qt::Key_2, Qt::ControlModifier);
        m_ui->click("trainStart");
        QTRY_VERIFY_WITH_TIMEOUT(m_ui->done(QStringLiteral("train")) == 2, kLongMilliseconds);
        m_ui->window().showPage(QStringLiteral("models"));
        auto* table = m_ui->find<QTableView>("modelTable");
        QTRY_COMPARE(table->model()->rowCount(), 2);
        table->setCurrentIndex(table->model()->index(0, 0));
        m_ui->click("verifyModel");
        auto* message = m_ui->find<QLabel>("modelMessage");
        QTRY_VERIFY2(message->text().contains(QStringLiteral("intact")), qPrintable(message->text()));
        const auto champion = [this] {
            return QString::fromStdString(m_ui->context().facts().champion()->reference());
        };
        QCOMPARE(champion(), QStringLiteral("vae-test@1"));
        QVERIFY(!isEnabled("Roll back champion")); // the first champion has none before it
        QVERIFY(isEnabled("Promote to champion"));
        m_ui->click("promote");
        QTRY_COMPARE(champion(), QStringLiteral("vae-test@2"));
        QTRY_VERIFY(!isEnabled("Promote to champion"));
        QTRY_VERIFY(m_ui->find<QPushButton>("rollBack")->isEnabled());
        m_ui->click("rollBack");
        QTRY_COMPARE(champion(), QStringLiteral("vae-test@1"));
        QTRY_VERIFY(m_ui->find<QTableWidget>("aliasHistory")->rowCount() >= 3);
        QTRY_VERIFY(!isEnabled("Roll back champion"));
    }

    void backupIsMadeAndVerified()
    {
        m_ui->window().showPage(QStringLiteral("care"));
        QTRY_VERIFY(m_ui->find<QPushButton>("backUpNow")->isEnabled());
        m_ui->click("backUpNow");
        QTRY_VERIFY_WITH_TIMEOUT(m_ui->done(QStringLiteral("backup")) == 1, kLongMilliseconds);
        auto* table = m_ui->find<QTableView>("backupTable");
        QTRY_COMPARE_WITH_TIMEOUT(table->model()->rowCount(), 1, kLongMilliseconds);
        QTRY_VERIFY(m_ui->find<QPushButton>("verifyBackup")->isEnabled());
        m_ui->click("verifyBackup");
        QTRY_VERIFY_WITH_TIMEOUT(m_ui->done(QStringLiteral("backup-verify")) == 1, kLongMilliseconds);
    }

    void actionFoundFromElsewhereBringsItsPageToTheFront()
    {
        m_ui->window().showPage(QStringLiteral("care"));
        for (QAction* action : widgets::CommandPalette::actionsOf(m_ui->window().menuBar()))
            if (action->text() == QStringLiteral("Filter"))
                action->trigger();
        QCOMPARE(m_ui->window().currentPage()->name(), QStringLiteral("survey"));
        QVERIFY(m_ui->find<QLineEdit>("filterEdit")->hasFocus());
    }

    void helpKeysAndPaletteOpen()
    {
        QTest::keyClick(&m_ui->window(), Qt::Key_F1);
        QTRY_VERIFY(m_ui->find<QWidget>("guide") && m_ui->find<QWidget>("guide")->isVisible());
        m_ui->find<QWidget>("guide")->close();
        m_ui->activate();
        QTest::keyClick(&m_ui->window(), Qt::Key_Question);
        QTRY_VERIFY(m_ui->find<QWidget>("keySheet"));
        m_ui->find<QWidget>("keySheet")->close();
        m_ui->activate();
        QTest::keyClick(&m_ui->window(), Qt::Key_K, Qt::ControlModifier);
        QTRY_VERIFY(qobject_cast<QLineEdit*>(QApplication::focusWidget()));
        QTest::keyClicks(QApplication::focusWidget(), QStringLiteral("survey"));
        QTest::keyClick(QApplication::focusWidget(), Qt::Key_Return);
        QTRY_COMPARE(m_ui->window().currentPage()->name(), QStringLiteral("survey"));
    }

    void deviceIsCheckedFromTheHelpMenu()
    {
        for (QAction* action : widgets::CommandPalette::actionsOf(m_ui->window().menuBar()))
            if (action->text() == QStringLiteral("Check the device"))
                action->trigger();
        auto* table = m_ui->find<QTableWidget>("deviceDifferences");
        QVERIFY(table);
        QTRY_COMPARE_WITH_TIMEOUT(table->rowCount(), 6, kLongMilliseconds);
        for (int row = 0; row < table->rowCount(); ++row)
            QVERIFY(table->item(row, 2)->text().toDouble() < table->item(row, 3)->text().toDouble());
        QCOMPARE(m_ui->find<QLabel>("deviceVerdict")->text(),
                 QStringLiteral("The device computes what it should."));
        if (qEnvironmentVariableIsSet("VOORWERP_RENDER_DIR"))
            table->window()->grab().save(qEnvironmentVariable("VOORWERP_RENDER_DIR") +
                                         QStringLiteral("/device-check.png"));
        m_ui->find<QDialog>("deviceCheckDialog")->close();
        QTRY_VERIFY(!m_ui->find<QDialog>("deviceCheckDialog"));
        m_ui->activate();
    }

    void killedServerIsSaidAndComesBack()
    {
        const auto status = catalog::PrivateCluster::status(m_ui->context().workspace());
        QVERIFY(status.pid > 0);
        QSignalSpy states(&m_ui->context(), &AppContext::stateChanged);
        QCOMPARE(::kill(static_cast<pid_t>(status.pid), SIGKILL), 0);
        // As F5 does; a backend may outlive its server for a moment.
        QTRY_VERIFY((m_ui->context().announceTargets(), states.count() > 0));
        auto* notices = m_ui->find<app::NoticeBar>("noticeBar");
        QTRY_VERIFY_WITH_TIMEOUT(m_ui->context().state() == AppContext::State::Open, kLongMilliseconds);
        typeFilter(*m_ui, QStringLiteral("z > 1"));
        QTRY_VERIFY(m_ui->context().selection().matching() > 0);
        QVERIFY(!notices->isShown(QStringLiteral("database")));
    }

    void closingWithARunningJobAsksThenStopsIt()
    {
        QTest::keyClick(&m_ui->window(), Qt::Key_2, Qt::ControlModifier);
        setField(*m_ui, "setting_epochs", QStringLiteral("100000"));
        setField(*m_ui, "setting_patience", QStringLiteral("0"));
        setField(*m_ui, "modelName", QStringLiteral("vae-long"));
        m_ui->click("trainStart");
        QTRY_VERIFY_WITH_TIMEOUT(!m_ui->context().training().history().empty(), kLongMilliseconds);
        QVERIFY(!m_ui->close());
        auto* stop = m_ui->find<QPushButton>("closing/Stop and close");
        QVERIFY(stop && stop->isVisible());
        QTest::mouseClick(stop, Qt::LeftButton);
        QTRY_VERIFY_WITH_TIMEOUT(m_ui->window().isHidden(), kLongMilliseconds);
        QCOMPARE(m_ui->finished().back().state, JobState::Stopped);
    }

    void restartRemembersEverythingAndOffersTheJobAgain()
    {
        const auto current = m_ui->context().selection().current();
        m_ui.reset();
        m_ui = std::make_unique<WindowUnderTest>(m_folder / "workspace");
        QTRY_VERIFY_WITH_TIMEOUT(m_ui->isOpen(), kLongMilliseconds);
        QTRY_VERIFY(m_ui->window().currentPage());
        QCOMPARE(m_ui->window().currentPage()->name(), QStringLiteral("train"));
        QCOMPARE(m_ui->context().selection().filter(), QStringLiteral("z > 1"));
        QCOMPARE(m_ui->context().selection().current(), current);
        QCOMPARE(m_ui->find<QLineEdit>("modelName")->text(), QStringLiteral("vae-long"));
        QCOMPARE(m_ui->find<QComboBox>("scoringPrecision")->currentText(), QStringLiteral("tf32"));
        auto* model = static_cast<TargetTableModel*>(targetTable(*m_ui)->model());
        QCOMPARE(model->sortColumn(), TargetTableModel::Snr);

        QPushButton* goOn = nullptr;
        const auto findGoOn = [&] {
            for (QPushButton* button : m_ui->find<QWidget>("noticeBar")->findChildren<QPushButton*>())
                if (button->text() == QStringLiteral("Go on"))
                    goOn = button;
            return goOn != nullptr;
        };
        QTRY_VERIFY(findGoOn());
        QTest::mouseClick(goOn, Qt::LeftButton);
        QTRY_VERIFY_WITH_TIMEOUT(!m_ui->context().training().history().empty(), kLongMilliseconds);
        QVERIFY(m_ui->context().training().history().front().epoch > 1); // from its checkpoint
        m_ui->context().jobs().stopAll();
        QTRY_VERIFY_WITH_TIMEOUT(m_ui->context().jobs().isIdle(), kLongMilliseconds);
        QVERIFY(m_ui->close());
    }

private:
    bool isEnabled(const char* name) const
    {
        for (const QAction* action : widgets::CommandPalette::actionsOf(m_ui->window().menuBar()))
            if (action->text().remove(QLatin1Char('&')) == QString::fromUtf8(name))
                return action->isEnabled();
        qWarning("there is no action %s", name);
        return false;
    }

    bool m_stepFailed = false;
    test::TemporaryFolder m_folder;
    std::unique_ptr<WindowUnderTest> m_ui;
};

QTEST_MAIN(TestWindow)
#include "tst_window.moc"
