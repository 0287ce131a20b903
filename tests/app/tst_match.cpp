// SPDX-License-Identifier: GPL-3.0-or-later
// Places on the sky and foreign catalogues in the window: the sky entry, spectra near one, the match dialog.
#include "app/page.h"
#include "app/pages/filter_line.h"
#include "app/pages/match_dialog.h"
#include "app/small_demo.h"
#include "app/spectrum_service.h"
#include "app/window_under_test.h"
#include "catalog/target_query.h"
#include "export/csv.h"
#include "support/test_support.h"
#include "widgets/separation_plot.h"

#include <QAction>
#include <QComboBox>
#include <QDoubleSpinBox>
#include <QLabel>
#include <QLineEdit>
#include <QPushButton>
#include <QTableView>
#include <QTableWidget>

#include <fstream>

using namespace voorwerp;
using test::kLongMilliseconds;
using test::WindowUnderTest;

class TestMatch : public QObject
{
    Q_OBJECT

private slots:
    void initTestCase()
    {
        test::makeSmallDemo(m_folder / "workspace");
        m_ui = std::make_unique<WindowUnderTest>(m_folder / "workspace");
        QTRY_VERIFY_WITH_TIMEOUT(m_ui->isOpen(), kLongMilliseconds);
        m_ui->window().showPage(QStringLiteral("survey"));
        QTRY_VERIFY(table()->model()->rowCount() > 50);
        m_places = catalog::loadTargetColumns(m_ui->context().session()->database());
        std::ofstream file(m_folder / "others.csv");
        file << "# somebody's list\nNAME,RA,DEC,KIND\n";
        for (std::size_t i = 0; i < 40; ++i) // 0.36 arcsec to the north of every third spectrum
            file << "object " << i << "," << exporting::csvNumber(m_places.ra[3 * i]) << ","
                 << exporting::csvNumber(m_places.dec[3 * i] + 1e-4) << ",BAL\n";
        file << "nowhere,x,y,\n";
    }
    void cleanupTestCase() { m_ui.reset(); }
    void cleanup() { m_ui->context().selection().setFilter({}); }

    void aPlaceBecomesAConeOfTheFilter()
    {
        auto* entry = m_ui->find<QLineEdit>("skySearch");
        QVERIFY(entry);
        // What its tooltip gives as an example can be read while it is typed, beside the clear button.
        QVERIFY(entry->width() - 40 >
                entry->fontMetrics().horizontalAdvance(QStringLiteral("SDSS J123456.78+012345.6")));
        m_ui->context().selection().setFilter(QStringLiteral("z > 0"));
        const QString place =
            QStringLiteral("%1 %2").arg(m_places.ra[0], 0, 'f', 8).arg(m_places.dec[0], 0, 'f', 8);
        type(entry, place + QStringLiteral(" 2"));
        QVERIFY2(filter().startsWith(QStringLiteral("z > 0 and cone(")), qPrintable(filter()));
        QVERIFY(filter().endsWith(QStringLiteral(", 2)")));
        QTRY_COMPARE(table()->model()->rowCount(), 1);
        type(entry, place + QStringLiteral(" 3")); // another radius, not another cone
        QCOMPARE(filter().count(QStringLiteral("cone")), 1);
        type(entry, QStringLiteral("12:34:56.7 +01:23:45 30\""));
        QCOMPARE(filter(), QStringLiteral("z > 0 and cone(188.73625, 1.3958333333333333, 30)"));
        type(entry, QStringLiteral("somewhere"));
        QCOMPARE(filter(), QStringLiteral("z > 0 and cone(188.73625, 1.3958333333333333, 30)"));
        type(entry, {});
        QCOMPARE(filter(), QStringLiteral("z > 0"));
    }

    void theMenuOfARowShowsWhatIsNearIt()
    {
        m_ui->context().selection().setCurrent(m_places.ids[5]);
        QTRY_VERIFY(m_ui->context().spectra().shown() &&
                    m_ui->context().spectra().shown()->id == m_places.ids[5]);
        const auto actions = table()->actions();
        const auto near = std::find_if(actions.begin(), actions.end(), [](const QAction* action) {
            return action->text() == QStringLiteral("Spectra near this one");
        });
        QVERIFY(near != actions.end());
        (*near)->trigger();
        QVERIFY2(filter().startsWith(QStringLiteral("cone(")), qPrintable(filter()));
        QTRY_VERIFY(table()->model()->rowCount() >= 1 && table()->model()->rowCount() < 50);
    }

    void aCatalogueIsImportedMatchedAndShown()
    {
        auto* dialog = openDialog();
        dialog->setFile(QString::fromStdString((m_folder / "others.csv").string()));
        auto* preview = dialog->findChild<QTableWidget*>(QStringLiteral("matchPreview"));
        QTRY_COMPARE(preview->rowCount(), 8);
        QCOMPARE(dialog->findChild<QComboBox*>(QStringLiteral("matchRa"))->currentText(),
                 QStringLiteral("RA"));
        QCOMPARE(dialog->findChild<QLineEdit*>(QStringLiteral("matchName"))->text(),
                 QStringLiteral("others"));
        for (int column = 0; column < 4; ++column) // NAME, RA, DEC, KIND
            QCOMPARE((preview->item(0, column)->textAlignment() & Qt::AlignRight) != 0,
                     column == 1 || column == 2);
        render(dialog, "match_preview");
        dialog->findChild<QDoubleSpinBox*>(QStringLiteral("matchRadius"))->setValue(1.0);
        click(dialog, "matchButton");
        QTRY_COMPARE_WITH_TIMEOUT(m_ui->done(QStringLiteral("match")), 1, kLongMilliseconds);
        auto* numbers = dialog->findChild<QLabel*>(QStringLiteral("matchNumbers"));
        QTRY_VERIFY2(numbers->text().contains(QStringLiteral("<b>40</b> of 40 rows")),
                     qPrintable(numbers->text()));
        auto* report = dialog->findChild<QDialog*>();
        QVERIFY(report); // the row without a place
        report->close();
        auto* plot = dialog->findChild<widgets::SeparationPlot*>();
        QVERIFY2(plot->sentence(1.0).contains(QStringLiteral("40 matched")), qPrintable(plot->sentence(1.0)));
        QTest::mouseClick(plot, Qt::LeftButton, {}, plot->plotArea().center().toPoint());
        const double taken = dialog->findChild<QDoubleSpinBox*>(QStringLiteral("matchRadius"))->value();
        QVERIFY2(taken > 1.3 && taken < 1.7, qPrintable(QString::number(taken)));
        render(dialog, "match_result");
        click(dialog, "showMatches");
        QCOMPARE(filter(), QStringLiteral("matched('others')"));
        QTRY_VERIFY(table()->model()->rowCount() >= 40 && table()->model()->rowCount() < 60);
    }

    void whatTheCatalogueSaysStandsBesideTheSpectrum()
    {
        auto* note = m_ui->window().currentPage()->findChild<QLabel*>(QStringLiteral("catalogueNote"));
        QVERIFY(note);
        m_ui->context().selection().setCurrent(m_places.ids[3]);
        QTRY_VERIFY(note->isVisible());
        QTRY_VERIFY2(note->text().contains(QStringLiteral("object 1,")), qPrintable(note->text()));
        QVERIFY2(note->text().contains(QStringLiteral("0.36")), qPrintable(note->text()));
        QVERIFY2(note->toolTip().contains(QStringLiteral("BAL")), qPrintable(note->toolTip()));
        render(&m_ui->window(), "match_note");
    }

    void aTakenNameIsAskedAboutAndACatalogueRemoved()
    {
        auto* dialog = openDialog();
        dialog->setFile(QString::fromStdString((m_folder / "others.csv").string()));
        QTRY_COMPARE(dialog->findChild<QTableWidget*>(QStringLiteral("matchPreview"))->rowCount(), 8);
        click(dialog, "matchButton");
        auto* note = dialog->findChild<QLabel*>(QStringLiteral("matchNote"));
        QVERIFY2(note->text().contains(QStringLiteral("Replace it")), qPrintable(note->text()));
        QCOMPARE(m_ui->done(QStringLiteral("match")), 1);
        click(dialog, "matchButton");
        QTRY_COMPARE_WITH_TIMEOUT(m_ui->done(QStringLiteral("match")), 2, kLongMilliseconds);
        auto* remove = dialog->findChild<QPushButton*>(QStringLiteral("removeCatalogue"));
        QTRY_VERIFY(remove->isVisible());
        if (auto* report = dialog->findChild<QDialog*>())
            report->close();
        click(dialog, "removeCatalogue");
        QVERIFY(remove->text().contains(QStringLiteral("others")));
        click(dialog, "removeCatalogue");
        QTRY_COMPARE(dialog->findChild<QComboBox*>(QStringLiteral("matchCatalogue"))->count(), 1);
        dialog->close();
    }

private:
    QTableView* table() const { return m_ui->find<QTableView>("targetTable"); }
    QString filter() const { return m_ui->context().selection().filter(); }

    static void type(QLineEdit* entry, const QString& text)
    {
        entry->selectAll();
        if (text.isEmpty())
            QTest::keyClick(entry, Qt::Key_Delete);
        QTest::keyClicks(entry, text);
        QTest::keyClick(entry, Qt::Key_Return);
    }

    app::MatchDialog* openDialog()
    {
        for (const app::Page* page : m_ui->window().findChildren<app::Page*>())
            for (const app::Page::MenuAction& item : page->actions())
                if (item.action->text().startsWith(QStringLiteral("Match with")))
                    item.action->trigger();
        auto dialogs = m_ui->window().findChildren<app::MatchDialog*>();
        Q_ASSERT(!dialogs.isEmpty());
        // The list of catalogues arrives first; it would take back a file that is set before.
        auto* list = dialogs.constLast()->findChild<QComboBox*>(QStringLiteral("matchCatalogue"));
        [&] { QTRY_VERIFY(list->count() > 0); }();
        return dialogs.constLast();
    }

    static void click(QWidget* parent, const char* name)
    {
        auto* button = parent->findChild<QPushButton*>(QLatin1String(name));
        QTRY_VERIFY2(button->isEnabled(), name);
        QTest::mouseClick(button, Qt::LeftButton);
    }

    static void render(QWidget* widget, const char* name)
    {
        if (qEnvironmentVariableIsSet("VOORWERP_RENDER_DIR"))
            widget->grab().save(qEnvironmentVariable("VOORWERP_RENDER_DIR") + QLatin1Char('/') +
                                QLatin1String(name) + QStringLiteral(".png"));
    }

    test::TemporaryFolder m_folder;
    std::unique_ptr<WindowUnderTest> m_ui;
    catalog::TargetColumns m_places;
};

QTEST_MAIN(TestMatch)
#include "tst_match.moc"
