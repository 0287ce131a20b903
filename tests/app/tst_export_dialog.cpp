// SPDX-License-Identifier: GPL-3.0-or-later
// The export of candidates on a small scored mock survey: what is written, and what stands in the way.
#include "app/pages/candidate_table_model.h"
#include "app/score_service.h"
#include "app/small_demo.h"
#include "app/window_under_test.h"
#include "support/test_support.h"

#include <QComboBox>
#include <QDate>
#include <QDialog>
#include <QLabel>
#include <QLineEdit>
#include <QPushButton>
#include <QTableView>
#include <QTableWidget>

#include <fstream>

using namespace voorwerp;
using app::CandidateTableModel;
using test::kLongMilliseconds;
using test::WindowUnderTest;

class TestExportDialog : public QObject
{
    Q_OBJECT

private slots:
    void initTestCase()
    {
        test::makeSmallDemo(m_folder / "workspace");
        m_ui = std::make_unique<WindowUnderTest>(m_folder / "workspace");
        QTRY_VERIFY_WITH_TIMEOUT(m_ui->isOpen(), kLongMilliseconds);
        m_ui->window().showPage(QStringLiteral("candidates"));
        QTRY_VERIFY(candidates()->model()->rowCount() > 50);
    }
    void cleanupTestCase() { m_ui.reset(); }

    void exportWritesWhatTheListShows()
    {
        auto* dialog = openExport();
        QVERIFY(dialog);
        const int shown = candidates()->model()->rowCount();
        auto* what = dialog->findChild<QComboBox*>(QStringLiteral("exportWhat"));
        QVERIFY2(what->currentText().contains(QLocale().toString(shown)), qPrintable(what->currentText()));
        auto* preview = dialog->findChild<QTableWidget*>(QStringLiteral("exportPreview"));
        QTRY_COMPARE(preview->rowCount(), 8);
        QCOMPARE(preview->horizontalHeaderItem(0)->text(), QStringLiteral("RANK"));
        QCOMPARE(preview->item(0, 0)->text(), QStringLiteral("1"));
        auto* file = dialog->findChild<QLineEdit*>(QStringLiteral("exportFile"));
        QVERIFY2(file->text().contains(QDate::currentDate().toString(Qt::ISODate)), qPrintable(file->text()));
        QVERIFY2(file->text().contains(QStringLiteral("-v1-")), qPrintable(file->text()));
        if (qEnvironmentVariableIsSet("VOORWERP_RENDER_DIR"))
            dialog->grab().save(qEnvironmentVariable("VOORWERP_RENDER_DIR") + QStringLiteral("/export.png"));
        file->setText(QString::fromStdString((m_folder / "list.csv").string()));
        QTest::keyClick(dialog, Qt::Key_Return);
        QTRY_COMPARE_WITH_TIMEOUT(m_ui->done(QStringLiteral("export")), 1, kLongMilliseconds);
        QTRY_VERIFY(!m_ui->find<QDialog>("exportDialog"));
        QCOMPARE(rowsOf(m_folder / "list.csv"), shown);
    }

    void exportOfThePickedAsksBeforeItReplaces()
    {
        selection().setPicked({model(candidates())->idAt(9), model(candidates())->idAt(3)},
                              QStringLiteral("by the test"));
        auto* dialog = openExport();
        QVERIFY(dialog);
        auto* what = dialog->findChild<QComboBox*>(QStringLiteral("exportWhat"));
        what->setCurrentIndex(1);
        QVERIFY2(what->currentText().contains(QStringLiteral("by the test")),
                 qPrintable(what->currentText()));
        auto* preview = dialog->findChild<QTableWidget*>(QStringLiteral("exportPreview"));
        QTRY_COMPARE(preview->rowCount(), 2);
        QCOMPARE(preview->item(0, 0)->text(), QStringLiteral("4")); // by rank
        auto* button = dialog->findChild<QPushButton*>(QStringLiteral("exportButton"));
        auto* file = dialog->findChild<QLineEdit*>(QStringLiteral("exportFile"));
        auto* said = dialog->findChild<QLabel*>(QStringLiteral("exportNote"));

        // A folder that is not there: said in the dialog, which stays.
        file->setText(QString::fromStdString((m_folder / "missing" / "list.csv").string()));
        button->click();
        QTRY_VERIFY2(said->text().contains(QStringLiteral("missing")) && button->isEnabled(),
                     qPrintable(said->text()));
        QVERIFY(dialog->isVisible());

        const int before = rowsOf(m_folder / "list.csv");
        QVERIFY(before > 2);
        file->setText(QString::fromStdString((m_folder / "list.csv").string()));
        button->click();
        QCOMPARE(button->text(), QStringLiteral("Replace"));
        QVERIFY2(said->text().contains(QStringLiteral("exists")), qPrintable(said->text()));
        QCOMPARE(rowsOf(m_folder / "list.csv"), before);
        file->setText(file->text() + QStringLiteral("x"));
        QCOMPARE(button->text(), QStringLiteral("Export")); // another name was not agreed to
        file->setText(QString::fromStdString((m_folder / "list.csv").string()));
        button->click();
        button->click();
        QTRY_COMPARE_WITH_TIMEOUT(m_ui->done(QStringLiteral("export")), 2, kLongMilliseconds);
        QCOMPARE(rowsOf(m_folder / "list.csv"), 2);
        QTRY_VERIFY(!m_ui->find<QDialog>("exportDialog"));
        selection().clearPicked();
    }

private:
    app::Selection& selection() { return m_ui->context().selection(); }
    QTableView* candidates() const { return m_ui->find<QTableView>("candidateTable"); }
    QDialog* openExport() const
    {
        m_ui->activate();
        candidates()->setFocus();
        QTest::keyClick(candidates(), Qt::Key_E, Qt::ControlModifier);
        return m_ui->find<QDialog>("exportDialog");
    }
    /// Lines of a CSV file, without comments and header.
    static int rowsOf(const std::filesystem::path& file)
    {
        std::ifstream written(file);
        int rows = -1;
        for (std::string line; std::getline(written, line);)
            rows += line.starts_with('#') ? 0 : 1;
        return rows;
    }
    static CandidateTableModel* model(const QTableView* table)
    {
        return static_cast<CandidateTableModel*>(table->model());
    }

    test::TemporaryFolder m_folder;
    std::unique_ptr<WindowUnderTest> m_ui;
};

QTEST_MAIN(TestExportDialog)
#include "tst_export_dialog.moc"
