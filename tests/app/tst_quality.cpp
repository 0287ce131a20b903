// SPDX-License-Identifier: GPL-3.0-or-later
// The quasar rule in the window, the names of bits, and the data quality report, driven by clicks on a real
// database.
#include "app/bit_text.h"
#include "app/filter_parts.h"
#include "app/pages/quality_report_view.h"
#include "app/pages/rule_button.h"
#include "app/pipeline/ingest_job.h"
#include "app/window_under_test.h"
#include "catalog/ingest_store.h"
#include "catalog/selection_store.h"
#include "core/job_context.h"
#include "mock/mock_survey.h"
#include "support/test_support.h"

#include <QAction>
#include <QApplication>
#include <QClipboard>
#include <QComboBox>
#include <QInputDialog>
#include <QLabel>
#include <QLineEdit>
#include <QMenu>
#include <QTabWidget>
#include <QTableView>

using namespace voorwerp;
using test::kLongMilliseconds;
using test::WindowUnderTest;

namespace {

constexpr int kTargets = 400;

QString cell(const QTableView* table, int row, int column)
{
    return table->model()->index(row, column).data().toString();
}

} // namespace

class TestQuality : public QObject
{
    Q_OBJECT

private slots:
    void initTestCase()
    {
        core::JobContext quiet;
        mock::MockConfig config;
        config.targets = kTargets;
        mock::writeMockSurvey(m_folder / "survey", config, quiet);
        for (const auto& entry : std::filesystem::recursive_directory_iterator(m_folder / "survey"))
            if (entry.path().filename().string().starts_with("qso_mgii-")) {
                std::filesystem::resize_file(entry.path(), 100); // damaged: refused
                break;
            }
        m_ui = std::make_unique<WindowUnderTest>(m_folder / "workspace");
        QTRY_VERIFY_WITH_TIMEOUT(m_ui->isOpen(), kLongMilliseconds);
        pipeline::ingest(m_ui->context().session()->database(), {{m_folder / "survey"}, "mock"}, quiet);
        m_ui->context().announceTargets();
        QTRY_COMPARE_WITH_TIMEOUT(m_ui->context().selection().total(), kTargets, kLongMilliseconds);
        m_ui->window().showPage(QStringLiteral("survey"));
    }

    void cleanupTestCase() { m_ui.reset(); }

    void init()
    {
        m_ui->context().selection().setFilter({});
        m_ui->activate();
    }

    void filterPartsKnowTheRule()
    {
        const QString id = QStringLiteral("desi-good-z-qso/v1"),
                      call = QStringLiteral("rule('desi-good-z-qso/v1')");
        QCOMPARE(app::withRule({}, id), call);
        QCOMPARE(app::withRule(QStringLiteral("z > 2"), id), QStringLiteral("z > 2 and ") + call);
        QCOMPARE(app::withRule(QStringLiteral("z > 2 or snr > 3"), id),
                 QStringLiteral("(z > 2 or snr > 3) and ") + call);
        QCOMPARE(app::ruleOf(QStringLiteral("z > 2 and ") + call + QStringLiteral(" and snr > 1")), id);
        QCOMPARE(app::withRule(QStringLiteral("z > 2 and ") + call + QStringLiteral(" and snr > 1"), {}),
                 QStringLiteral("z > 2 and snr > 1"));
        QCOMPARE(app::withRule(call, QStringLiteral("spectype-qso-zwarn0/v1")),
                 QStringLiteral("rule('spectype-qso-zwarn0/v1')"));
        QVERIFY(app::ruleOf(QStringLiteral("not ") + call).isEmpty());
        QVERIFY(app::ruleOf(QStringLiteral("z > 2 or ") + call).isEmpty());
        QVERIFY(app::ruleOf(QStringLiteral("label = \" and rule('x')\"")).isEmpty());
        QVERIFY(app::ruleOf(QStringLiteral("(") + call + QStringLiteral(" or z > 2) and snr > 1")).isEmpty());
    }

    void bitsHaveNamesInTooltips()
    {
        QVERIFY(app::bitText(QStringLiteral("ZWARN"), 4, {})
                    .contains(QStringLiteral("SMALL_DELTA_CHI2: best fit")));
        QVERIFY(app::bitText(QStringLiteral("ZWARN"), 0, {}).contains(QStringLiteral("no bit")));
        auto* title = m_ui->window().currentPage()->findChild<QLabel*>(QStringLiteral("spectrumTitle"));
        QVERIFY(title);
        QTRY_VERIFY_WITH_TIMEOUT(title->toolTip().contains(QStringLiteral("DESI_TARGET 4\nQSO: quasar")),
                                 kLongMilliseconds);
        const QString tip = title->toolTip();
        QVERIFY2(tip.contains(QStringLiteral("SPECTYPE_QSO")), qPrintable(tip));
        QVERIFY2(tip.contains(QStringLiteral("z as a quasar")), qPrintable(tip));
        auto* table = m_ui->find<QTableView>("targetTable");
        QTRY_VERIFY_WITH_TIMEOUT(table->model()->rowCount() > 0, kLongMilliseconds);
        QVERIFY(
            table->model()->index(0, 4).data(Qt::ToolTipRole).toString().startsWith(QStringLiteral("ZWARN")));
    }

    void theRuleButtonPutsARuleIntoTheFilter()
    {
        auto* button = m_ui->find<app::RuleButton>("ruleButton");
        QVERIFY(button->isVisible());
        QCOMPARE(button->menu()->actions().size(), 3);
        button->menu()->actions().at(1)->trigger();
        QCOMPARE(m_ui->context().selection().filter(), QStringLiteral("rule('desi-good-z-qso/v1')"));
        button->menu()->actions().at(2)->trigger(); // another rule, not both; some of the mock have a ZWARN
        QCOMPARE(m_ui->context().selection().filter(), QStringLiteral("rule('spectype-qso-zwarn0/v1')"));
        QCOMPARE(button->text(), QStringLiteral("spectype-qso-zwarn0/v1"));
        QTRY_VERIFY_WITH_TIMEOUT(m_ui->context().selection().matching() > 0 &&
                                     m_ui->context().selection().matching() < kTargets,
                                 kLongMilliseconds);
        QVERIFY(m_ui->find<QLabel>("filterError")->isHidden());
        button->menu()->actions().at(0)->trigger();
        QVERIFY(m_ui->context().selection().filter().isEmpty());
    }

    void aTrainingSetIsBuiltByTheChosenRule()
    {
        m_ui->window().showPage(QStringLiteral("train"));
        auto* rule = m_ui->find<QComboBox>("ruleCombo");
        QTRY_VERIFY_WITH_TIMEOUT(rule->isVisible(), kLongMilliseconds);
        rule->setCurrentIndex(rule->findData(QStringLiteral("desi-good-z-qso/v1")));
        m_ui->find<QLineEdit>("datasetName")->setText(QStringLiteral("ruled"));
        QTRY_VERIFY_WITH_TIMEOUT(m_ui->find<QAbstractButton>("buildDataset")->isEnabled(), kLongMilliseconds);
        m_ui->click("buildDataset");
        QTRY_COMPARE_WITH_TIMEOUT(m_ui->done(QStringLiteral("dataset")), 1, kLongMilliseconds);
        const auto saved = catalog::findSelection(m_ui->context().session()->database(), "ruled");
        QCOMPARE(QString::fromStdString(saved.rule), QStringLiteral("desi-good-z-qso/v1"));
        m_ui->window().showPage(QStringLiteral("survey"));
    }

    void theReportShowsOutliersAndAClickShowsTheirSpectra()
    {
        makeAFibreBad();
        openReport();
        auto* report = m_ui->find<app::QualityReportView>("qualityReport");
        QTRY_VERIFY_WITH_TIMEOUT(report->isSettled(), kLongMilliseconds);
        const QString facts = report->findChild<QLabel*>(QStringLiteral("qualityFacts"))->text();
        QVERIFY2(facts.contains(QStringLiteral("of 515 targets")), qPrintable(facts));
        QVERIFY2(facts.contains(QStringLiteral(": 1 file")), qPrintable(facts)); // the damaged one
        auto* outliers = report->findChild<QTableView*>(QStringLiteral("qualityOutliers"));
        QVERIFY(outliers->model()->rowCount() > 0);
        for (int i = 1; i < outliers->model()->rowCount(); ++i) // the most outlying first
            QVERIFY(std::abs(QLocale().toDouble(cell(outliers, i - 1, 6))) >=
                    std::abs(QLocale().toDouble(cell(outliers, i, 6))));
        for (const int numeric : {1, 2, 4, 5, 6})
            QCOMPARE(outliers->model()->headerData(numeric, Qt::Horizontal, Qt::TextAlignmentRole),
                     outliers->model()->index(0, numeric).data(Qt::TextAlignmentRole));
        int row = 0;
        while (row < outliers->model()->rowCount() && cell(outliers, row, 0) != QStringLiteral("fibre"))
            ++row;
        QVERIFY(row < outliers->model()->rowCount());
        QCOMPARE(cell(outliers, row, 1), QStringLiteral("4999"));
        const QRect place = outliers->visualRect(outliers->model()->index(row, 1));
        QTest::mouseClick(outliers->viewport(), Qt::LeftButton, Qt::NoModifier, place.center());
        QCOMPARE(m_ui->context().selection().filter(), QStringLiteral("fiber = 4999"));
        QTRY_COMPARE_WITH_TIMEOUT(m_ui->context().selection().matching(), 25, kLongMilliseconds);
        auto* reasons = report->findChild<QTableView*>(QStringLiteral("qualityReasons"));
        QVERIFY(reasons->model()->rowCount() > 0);
        QTest::mouseClick(report->findChild<QAbstractButton*>(QStringLiteral("copyQuality")), Qt::LeftButton);
        const QString copied = QApplication::clipboard()->text();
        QVERIFY2(copied.contains(QStringLiteral("fiber 4999")), qPrintable(copied));
        report->close();
        QTRY_VERIFY(m_ui->find<QWidget>("qualityReport") == nullptr);
    }

    void theReportOfAFilterAndAReportClosedWhileItIsMade()
    {
        m_ui->context().selection().setFilter(QStringLiteral("z > 2"));
        openReport();
        m_ui->find<QWidget>("qualityReport")->close(); // stops the query
        QTRY_VERIFY(m_ui->find<QWidget>("qualityReport") == nullptr);
        openReport();
        auto* report = m_ui->find<app::QualityReportView>("qualityReport");
        QTRY_VERIFY_WITH_TIMEOUT(report->isSettled(), kLongMilliseconds);
        QVERIFY(report->windowTitle().contains(QStringLiteral("z > 2")));
        report->close();
    }

private:
    void openReport()
    {
        for (QAction* action : m_ui->window().findChildren<QAction*>())
            if (action->text() == QStringLiteral("Data quality…"))
                action->trigger();
        QVERIFY(m_ui->find<QWidget>("qualityReport") != nullptr);
    }

    /// Twenty-five spectra on fibre 4999, all with warnings, and nine good fibres with ten each.
    void makeAFibreBad();

    test::TemporaryFolder m_folder;
    std::unique_ptr<WindowUnderTest> m_ui;
};

void TestQuality::makeAFibreBad()
{
    catalog::FileRecord file;
    file.path = "/made/bad-fibre.fits";
    file.sha256 = "bad-fibre";
    file.specprod = "mock";
    catalog::FileIngest ingest(m_ui->context().session()->database(), file);
    core::Spectrum flat;
    flat.flux.assign(7781, 1.0F);
    flat.ivar.assign(7781, 2.0F);
    flat.mask.assign(7781, 0U);
    for (int i = 0; i < 115; ++i) {
        const bool bad = i < 25;
        core::TargetInfo info;
        info.key.targetId.value = 1000 + i;
        info.key.specprod = "mock";
        info.fiber = bad ? 4999 : 4990 + i % 9;
        info.snr = bad ? 0.1F : 2.5F + 0.01F * static_cast<float>(i % 7);
        info.fractionMasked = bad ? 0.9F : 0.02F;
        info.redshift = core::Redshift{1.0, 1e-3, bad ? 4 : 0, 1.0, 1.0, "GALAXY", "", "redrock"};
        ingest.add(info, flat);
    }
    ingest.commit();
    m_ui->context().announceTargets();
}

QTEST_MAIN(TestQuality)
#include "tst_quality.moc"
