// SPDX-License-Identifier: GPL-3.0-or-later
// The window on a production of a specprod-db server with a role that may only read; spectra from a folder of
// FITS files.
#include "support/specprod_server.h"

#include "app/desi_database_dialog.h"
#include "app/pages/target_table_model.h"
#include "app/spectrum_service.h"
#include "app/window_under_test.h"
#include "fits/coadd_reader.h"
#include "fits/desi_tree.h"
#include "mock/mock_survey.h"
#include "widgets/empty_state.h"

#include <QAction>
#include <QComboBox>
#include <QFile>
#include <QLabel>
#include <QLineEdit>
#include <QPushButton>
#include <QSignalSpy>
#include <QTableView>

using namespace voorwerp;
using app::TargetTableModel;
using test::kLongMilliseconds;
using test::SpecprodServer;
using test::WindowUnderTest;

class TestBrowse : public QObject
{
    Q_OBJECT

private slots:
    void initTestCase()
    {
        m_server = std::make_unique<SpecprodServer>();
        mock::MockConfig config;
        config.targets = 20;
        config.specprod = "iron";
        core::JobContext quiet;
        mock::writeMockSurvey(m_folder / "tree", config, quiet);
        const auto coadds = fits::findDesiFiles({m_folder / "tree"}).coadds;
        const fits::CoaddReader reader(coadds.front().coadd);
        m_mock = reader.targets().front();
        m_server->addRow(m_mock.key.targetId.value, m_mock.key.spgrpval, 2.5);
        m_server->run("ALTER ROLE desi_public SET default_transaction_read_only = on");
        pipeline::SessionRequest request{m_folder / "workspace", m_server->uri()};
        request.production = "iron";
        request.tree = m_folder / "tree";
        m_ui = std::make_unique<WindowUnderTest>(request);
        QTRY_VERIFY_WITH_TIMEOUT(m_ui->isOpen(), kLongMilliseconds);
    }
    void cleanupTestCase()
    {
        m_ui.reset();
        QCOMPARE(m_server->run("SELECT count(*) FROM pg_namespace WHERE nspname = 'voorwerp'"),
                 std::string("0"));
        m_server.reset();
    }

    void surveyPageListsTheServersRows()
    {
        m_ui->window().showPage(QStringLiteral("survey"));
        QCOMPARE(m_ui->context().facts().targets(), std::int64_t{SpecprodServer::kRows + 1});
        QTRY_VERIFY(table()->model()->rowCount() > 100);
        m_ui->context().selection().setFilter(QStringLiteral("survey = 'sv3' and z > 3.9"));
        const int expected =
            std::stoi(m_server->run("SELECT count(*) FROM iron.zpix WHERE survey = 'sv3' AND z > 3.9"));
        QTRY_COMPARE(table()->model()->rowCount(), expected);
        table()->sortByColumn(TargetTableModel::Z, Qt::DescendingOrder);
        QTRY_COMPARE(cell(0, TargetTableModel::Z), QStringLiteral("3.9960"));
        QVERIFY(m_ui->window().windowTitle().contains(QStringLiteral("iron (read-only)")));
    }

    void columnsThatTheServerLacksAreGrey()
    {
        const auto colour = [this](int column) {
            return table()->model()->headerData(column, Qt::Horizontal, Qt::ForegroundRole);
        };
        QVERIFY(colour(TargetTableModel::Snr).isValid());
        QVERIFY(colour(TargetTableModel::Label).isValid());
        QVERIFY(!colour(TargetTableModel::Z).isValid());
        QVERIFY(!table()
                     ->model()
                     ->headerData(TargetTableModel::Snr, Qt::Horizontal, Qt::ToolTipRole)
                     .toString()
                     .isEmpty());
    }

    void spectrumComesFromTheFolderOfFiles()
    {
        m_ui->context().selection().setFilter(QStringLiteral("targetid = %1").arg(m_mock.key.targetId.value));
        QTRY_COMPARE(cell(0, TargetTableModel::TargetId), QString::number(m_mock.key.targetId.value));
        table()->setCurrentIndex(table()->model()->index(0, 0));
        app::SpectrumService& spectra = m_ui->context().spectra();
        QTRY_VERIFY(spectra.shown() && spectra.shown()->info.key.targetId == m_mock.key.targetId);
        fits::CoaddReader reader(
            fits::findHealpixCoadd(m_folder / "tree", "iron", "main", "dark", m_mock.key.spgrpval));
        QCOMPARE(spectra.shown()->plot->flux, reader.read(0).flux);
        QCOMPARE(spectra.shown()->plot->z, 2.5); // the server's
        QVERIFY(std::isfinite(spectra.shown()->info.snr));
    }

    void rowWithoutAFileSaysWhereItWasLookedFor()
    {
        QSignalSpy failed(&m_ui->context().spectra(), &app::SpectrumService::failed);
        m_ui->context().selection().setFilter(QStringLiteral("targetid = 39627000000000020"));
        QTRY_COMPARE(cell(0, TargetTableModel::TargetId), QStringLiteral("39627000000000020"));
        table()->setCurrentIndex(table()->model()->index(0, 0));
        QTRY_VERIFY(failed.count() > 0);
        const auto error = failed.last().first().value<app::ErrorText>();
        QVERIFY2(error.toString().contains(QStringLiteral("healpix/main/bright/100/10000")),
                 qPrintable(error.toString()));
        QCOMPARE(m_ui->context().state(), app::AppContext::State::Open);
    }

    void whatNeedsTablesOfOursSaysWhy()
    {
        for (const char* name : {"train", "explore", "candidates", "models", "care"}) {
            m_ui->window().showPage(QLatin1String(name));
            const auto* state = m_ui->window().currentPage()->findChild<widgets::EmptyState*>();
            QVERIFY2(state, name);
            QString text;
            for (const QLabel* label : state->findChildren<QLabel*>())
                text += label->text();
            QVERIFY2(text.contains(QStringLiteral("only browsed")), qPrintable(text));
        }
        for (QAction* action : m_ui->window().findChildren<QAction*>())
            if (action->text().startsWith(QLatin1String("Import")) ||
                action->text().startsWith(QLatin1String("Save selection")))
                QVERIFY2(!action->isEnabled(), qPrintable(action->text()));
        m_ui->window().showPage(QStringLiteral("survey"));
    }

    void dialogFindsTheProductionsAndKeepsNoPassword()
    {
        auto* dialog = new app::DesiDatabaseDialog(m_ui->context(), &m_ui->window());
        QSignalSpy chosen(dialog, &app::DesiDatabaseDialog::chosen);
        dialog->open();
        auto* server = dialog->findChild<QLineEdit*>(QStringLiteral("desiServer"));
        QTest::keyClicks(server, QString::fromStdString(m_server->uri() + " password=a-secret-of-mine"));
        QTest::mouseClick(dialog->findChild<QPushButton*>(QStringLiteral("desiFind")), Qt::LeftButton);
        auto* productions = dialog->findChild<QComboBox*>(QStringLiteral("desiProduction"));
        QTRY_COMPARE(productions->count(), 2);
        productions->setCurrentText(QStringLiteral("iron"));
        dialog->findChild<QLineEdit*>(QStringLiteral("desiTree"))
            ->setText(QString::fromStdString(m_folder / "tree"));
        dialog->accept();
        QCOMPARE(chosen.count(), 1);
        const QStringList arguments = chosen.first().first().toStringList();
        QCOMPARE(arguments.value(arguments.indexOf(QStringLiteral("--specprod")) + 1),
                 QStringLiteral("iron"));
        QCOMPARE(arguments.value(arguments.indexOf(QStringLiteral("--tree")) + 1),
                 QString::fromStdString(m_folder / "tree"));
        QVERIFY(!arguments.join(QLatin1Char(' ')).contains(QStringLiteral("a-secret-of-mine")));
        m_ui->context().settings().sync();
        QFile settings(m_ui->context().settings().fileName());
        QVERIFY(settings.open(QIODevice::ReadOnly));
        const QByteArray text = settings.readAll();
        QVERIFY(text.contains("iron"));
        QVERIFY(!text.contains("a-secret-of-mine"));
        QVERIFY(!text.contains(SpecprodServer::kPassword));
    }

    void dialogShowsALongErrorInFullAndItsKeys()
    {
        auto* dialog = new app::DesiDatabaseDialog(m_ui->context(), &m_ui->window());
        dialog->open();
        for (const QLabel* label : dialog->findChildren<QLabel*>())
            QVERIFY2(!label->text().contains(QLatin1Char('&')) || label->buddy(), qPrintable(label->text()));
        dialog->findChild<QLineEdit*>(QStringLiteral("desiServer"))
            ->setText(QStringLiteral("postgresql://nobody@127.0.0.1:1/desi?sslmode=disable"));
        auto* find = dialog->findChild<QPushButton*>(QStringLiteral("desiFind"));
        QTRY_VERIFY(find->isEnabled()); // it looked at the server of the last time
        QTest::mouseClick(find, Qt::LeftButton);
        auto* note = dialog->findChild<QLabel*>(QStringLiteral("desiNote"));
        QTRY_VERIFY2(note->text().contains(QStringLiteral("cannot connect")), qPrintable(note->text()));
        QTRY_VERIFY2(note->height() >= note->heightForWidth(note->width()),
                     qPrintable(QString::number(note->height())));
        dialog->close();
    }

private:
    QTableView* table() const { return m_ui->find<QTableView>("targetTable"); }
    QString cell(int row, int column) const { return table()->model()->index(row, column).data().toString(); }

    test::TemporaryFolder m_folder;
    std::unique_ptr<SpecprodServer> m_server;
    core::TargetInfo m_mock;
    std::unique_ptr<WindowUnderTest> m_ui;
};

QTEST_MAIN(TestBrowse)
#include "tst_browse.moc"
