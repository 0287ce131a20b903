// SPDX-License-Identifier: GPL-3.0-or-later
// The window as a reader, a researcher, a lead and an operator of a shared server see it: what they may not
// do is greyed, says why, and its key does nothing but say so.
#include "app/app_context.h"
#include "app/label_book.h"
#include "app/right_gate.h"
#include "catalog/audit_store.h"
#include "catalog/label_store.h"
#include "catalog/model_store.h"
#include "catalog/roles.h"
#include "small_demo.h"
#include "support/shared_server.h"
#include "window_under_test.h"

#include <QAction>
#include <QComboBox>
#include <QDirIterator>
#include <QFile>
#include <QFileInfo>
#include <QLabel>
#include <QMenuBar>
#include <QProcess>
#include <QPushButton>
#include <QSignalSpy>
#include <QStatusBar>
#include <QTabWidget>
#include <QTableView>

#include <map>
#include <memory>

using namespace voorwerp;

class TestRoles : public QObject
{
    Q_OBJECT

private slots:
    void initTestCase();
    void cleanupTestCase();
    void whatIsGreyed_data();
    void whatIsGreyed();
    void aKeyOfAGreyedActionSaysWhy();
    void aResearcherLabels();
    void aLeadPromotes();
    void theAuditIsReadPageByPage();
    void thePasswordOfAnAddressStaysSecret();
    void picturesOfAReader();

private:
    std::unique_ptr<test::WindowUnderTest> open(const std::string& login);
    QAction* action(const test::WindowUnderTest& ui, const QString& text) const;
    catalog::Database as(const std::string& login) const { return catalog::Database(m_server->uri(login)); }

    std::unique_ptr<test::TemporaryFolder> m_folder;
    std::unique_ptr<test::SharedServer> m_server;
};

void TestRoles::initTestCase()
{
    m_folder = std::make_unique<test::TemporaryFolder>();
    m_server = std::make_unique<test::SharedServer>();
    qputenv("PGPASSFILE", m_server->passwordFile().c_str());
    core::JobContext quiet;
    const auto session = pipeline::Session::open({*m_folder / "w", m_server->uri("desi")}, quiet);
    pipeline::runDemo(*session, test::smallDemo(), {}, quiet);
    catalog::ModelVersion again = catalog::listModels(session->database()).front();
    again.version = 0;
    catalog::registerModel(session->database(), again); // a second version, to be promoted
    catalog::createRoles(session->database());
    for (const char* role : {"reader", "researcher", "lead", "operator"}) {
        m_server->makeLogin(role);
        catalog::grantRole(session->database(), role, role);
    }
}

void TestRoles::cleanupTestCase()
{
    m_server.reset();
}

std::unique_ptr<test::WindowUnderTest> TestRoles::open(const std::string& login)
{
    auto ui = std::make_unique<test::WindowUnderTest>(
        pipeline::SessionRequest{*m_folder / "w", m_server->uri(login)});
    ui->window().resize(1280, 800);
    [&] {
        QTRY_VERIFY_WITH_TIMEOUT(ui->isOpen(), test::kLongMilliseconds);
        ui->window().showPage(QStringLiteral("candidates"));
        QTRY_VERIFY_WITH_TIMEOUT(ui->find<QTableView>("candidateTable")->model()->rowCount() > 0,
                                 test::kLongMilliseconds);
        QTRY_VERIFY(ui->context().labels().isSettled());
    }();
    return ui;
}

QAction* TestRoles::action(const test::WindowUnderTest& ui, const QString& text) const
{
    for (QAction* action : const_cast<test::WindowUnderTest&>(ui).window().findChildren<QAction*>())
        if (action->text() == text)
            return action;
    return nullptr;
}

void TestRoles::whatIsGreyed_data()
{
    QTest::addColumn<QString>("login");
    QTest::addColumn<QStringList>("allowed");
    const QStringList science{QStringLiteral("Label: BAL"), QStringLiteral("Undo label"),
                              QStringLiteral("Save selection…"), QStringLiteral("Start training"),
                              QStringLiteral("Score")};
    const QStringList lead{QStringLiteral("Import DESI files…"), QStringLiteral("Import a folder…"),
                           QStringLiteral("Start the demo"), QStringLiteral("Promote to champion")};
    const QStringList care{QStringLiteral("Back up now")};
    QTest::newRow("reader") << QStringLiteral("reader") << QStringList();
    QTest::newRow("researcher") << QStringLiteral("researcher") << science;
    QTest::newRow("lead") << QStringLiteral("lead") << science + lead;
    QTest::newRow("operator") << QStringLiteral("operator") << care;
    QTest::newRow("owner") << QStringLiteral("desi") << science + lead + care;
}

void TestRoles::whatIsGreyed()
{
    QFETCH(QString, login);
    QFETCH(QStringList, allowed);
    const auto ui = open(login.toStdString());
    ui->window().showPage(QStringLiteral("models"));
    auto* models = ui->find<QTableView>("modelTable");
    QTRY_COMPARE(models->model()->rowCount(), 2);
    const auto champion = QString::fromStdString(ui->context().facts().champion()->reference());
    for (int row = 0; row < 2; ++row) // one that is not the champion
        if (!models->model()->index(row, 0).data().toString().contains(champion))
            models->setCurrentIndex(models->model()->index(row, 0));
    ui->window().showPage(QStringLiteral("train"));
    QTRY_VERIFY(ui->window().currentPage()->isSettled());
    for (const QString& text :
         {QStringLiteral("Label: BAL"), QStringLiteral("Undo label"), QStringLiteral("Save selection…"),
          QStringLiteral("Start training"), QStringLiteral("Score"), QStringLiteral("Import DESI files…"),
          QStringLiteral("Import a folder…"), QStringLiteral("Start the demo"),
          QStringLiteral("Promote to champion"), QStringLiteral("Back up now")}) {
        QAction* one = action(*ui, text);
        QVERIFY2(one, qPrintable(text));
        const bool may = allowed.contains(text);
        if (may)
            QTRY_VERIFY2(one->isEnabled(), qPrintable(text));
        QVERIFY2(one->isEnabled() == may, qPrintable(text));
        QVERIFY2(one->isVisible(), qPrintable(text));
        QVERIFY2(one->toolTip().contains(QLatin1String("You are connected as ")) == !may,
                 qPrintable(one->toolTip()));
        QVERIFY2(may || one->toolTip().contains(QLatin1String("for the role voorwerp_")),
                 qPrintable(one->toolTip()));
    }
    const std::map<const char*, bool> buttons{
        {"saveSelection", allowed.contains(QStringLiteral("Save selection…"))},
        {"trainStart", allowed.contains(QStringLiteral("Start training"))},
        {"trainScore", allowed.contains(QStringLiteral("Score"))},
        {"promote", allowed.contains(QStringLiteral("Promote to champion"))},
        {"backUpNow", allowed.contains(QStringLiteral("Back up now"))}};
    for (const auto& [name, may] : buttons) {
        QVERIFY2(ui->find<QPushButton>(name)->isEnabled() == may, name);
        QVERIFY2(ui->find<QPushButton>(name)->toolTip().contains(QLatin1String("You are connected")) == !may,
                 name);
    }
    QVERIFY(ui->find<QWidget>("labelComment")->isEnabled() == allowed.contains(QStringLiteral("Label: BAL")));
    auto* tabs = ui->find<QTabWidget>("careTabs");
    QCOMPARE(tabs->isTabEnabled(1), login != QLatin1String("reader") && login != QLatin1String("researcher"));
    QVERIFY(tabs->isTabEnabled(1) || tabs->tabToolTip(1).contains(QLatin1String("voorwerp_operator")));
    // Server and role are in the status line.
    bool shown = false;
    const QString role = login == QLatin1String("desi") ? QStringLiteral("(owner)")
                                                        : QStringLiteral("(voorwerp_%1)").arg(login);
    for (const QLabel* label : ui->window().statusBar()->findChildren<QLabel*>())
        shown = shown || (label->text().contains(QStringLiteral("survey on localhost as %1").arg(login)) &&
                          label->text().contains(role));
    QVERIFY(shown);
}

void TestRoles::aKeyOfAGreyedActionSaysWhy()
{
    const auto ui = open("reader");
    ui->activate();
    const QSignalSpy messages(&ui->context(), &app::AppContext::showMessage);
    const auto press = [&](Qt::Key key, Qt::KeyboardModifiers modifiers = Qt::NoModifier) {
        QTest::keyClick(&ui->window(), key, modifiers);
        return messages.isEmpty() ? QString() : messages.last().first().toString();
    };
    const QString label =
        QStringLiteral("You are connected as reader (voorwerp_reader), which may not set labels. "
                       "Ask the owner of the database (desi) for the role voorwerp_researcher.");
    QCOMPARE(press(Qt::Key_B, Qt::ShiftModifier), label);
    QCOMPARE(press(Qt::Key_4), label);
    QCOMPARE(press(Qt::Key_Return), label);
    QCOMPARE(press(Qt::Key_Z, Qt::ControlModifier), label);
    QCOMPARE(messages.size(), 4);
    QCOMPARE(ui->window().statusBar()->currentMessage(), label);
    QVERIFY(press(Qt::Key_O, Qt::ControlModifier).contains(QLatin1String("may not import files")));
    ui->window().showPage(QStringLiteral("models"));
    QVERIFY(press(Qt::Key_P, Qt::ControlModifier).contains(QLatin1String("may not promote")));
    QCOMPARE(messages.size(), 6);
    QVERIFY(ui->context().labels().isSettled());
    QVERIFY(catalog::listLabels(as("desi")).empty());
    // In review mode, which has no status line, the page itself says it.
    ui->window().showPage(QStringLiteral("candidates"));
    ui->activate();
    QTest::keyClick(&ui->window(), Qt::Key_F11);
    QTest::keyClick(&ui->window(), Qt::Key_B, Qt::ShiftModifier);
    QVERIFY(ui->find<QLabel>("candidatesNote")->isVisible());
    QCOMPARE(ui->find<QLabel>("candidatesNote")->text(), label);
}

void TestRoles::aResearcherLabels()
{
    const auto ui = open("researcher");
    ui->activate();
    QTest::keyClick(&ui->window(), Qt::Key_B, Qt::ShiftModifier);
    QTRY_COMPARE(catalog::listLabels(as("desi")).size(), std::size_t(1));
    QTest::keyClick(&ui->window(), Qt::Key_Z, Qt::ControlModifier);
    QTRY_VERIFY(catalog::listLabels(as("desi")).empty());
}

void TestRoles::aLeadPromotes()
{
    const auto ui = open("lead");
    const auto before = ui->context().facts().champion()->reference();
    ui->window().showPage(QStringLiteral("models"));
    auto* models = ui->find<QTableView>("modelTable");
    QTRY_COMPARE(models->model()->rowCount(), 2);
    for (int row = 0; row < 2 && !ui->find<QPushButton>("promote")->isEnabled(); ++row)
        models->setCurrentIndex(models->model()->index(row, 0));
    ui->click("promote");
    QTRY_VERIFY(ui->context().facts().champion()->reference() != before);
    QTRY_VERIFY(ui->find<QPushButton>("rollBack")->isEnabled());
    ui->click("rollBack");
    QTRY_COMPARE(ui->context().facts().champion()->reference(), before);
}

void TestRoles::theAuditIsReadPageByPage()
{
    // More than two pages of labels.
    std::vector<catalog::Label> labels;
    for (int i = 0; i < 450; ++i)
        labels.push_back({{1000 + i}, "star", {}, {}, "ann", {}});
    catalog::importLabels(as("researcher"), labels);
    const auto ui = open("operator");
    ui->window().showPage(QStringLiteral("care"));
    auto* tabs = ui->find<QTabWidget>("careTabs");
    QVERIFY(tabs->isTabEnabled(1));
    tabs->setCurrentIndex(1);
    auto* table = ui->find<QTableView>("auditTable");
    QTRY_COMPARE(table->model()->rowCount(), 200);
    QCOMPARE(table->model()->index(0, 3).data().toString(), QStringLiteral("label set"));
    QCOMPARE(table->model()->index(0, 1).data().toString(), QStringLiteral("researcher"));
    table->scrollToBottom();
    QTRY_COMPARE(table->model()->rowCount(), 400);
    auto* who = ui->find<QComboBox>("auditWho");
    QTRY_VERIFY(who->findData(QStringLiteral("lead")) > 0);
    who->setCurrentIndex(who->findData(QStringLiteral("lead")));
    QTRY_COMPARE(table->model()->index(0, 3).data().toString(), QStringLiteral("alias set"));
    for (int row = 0; row < table->model()->rowCount(); ++row)
        QCOMPARE(table->model()->index(row, 1).data().toString(), QStringLiteral("lead"));
    auto* what = ui->find<QComboBox>("auditWhat");
    what->setCurrentIndex(what->findData(QStringLiteral("label set")));
    QTRY_COMPARE(table->model()->rowCount(), 0);
}

void TestRoles::thePasswordOfAnAddressStaysSecret()
{
    const QByteArray password = test::SharedServer::kPassword;
    const QString folder = QString::fromStdString(m_folder->path().string());
    QProcess program;
    QProcessEnvironment environment = QProcessEnvironment::systemEnvironment();
    environment.remove(QStringLiteral("PGPASSFILE"));
    environment.insert(QStringLiteral("HOME"), folder);
    environment.insert(QStringLiteral("QT_LOGGING_RULES"), QStringLiteral("voorwerp.*=true"));
    program.setProcessEnvironment(environment);
    program.setProcessChannelMode(QProcess::MergedChannels);
    program.start(QStringLiteral(VOORWERP_PROGRAM),
                  {QStringLiteral("--workspace"), folder + QStringLiteral("/w"), QStringLiteral("--db"),
                   QString::fromStdString(m_server->uriWithPassword("desi")),
                   QStringLiteral("--screenshot-folder"), folder + QStringLiteral("/pictures")});
    QVERIFY(program.waitForStarted());
    QVERIFY(program.waitForReadyRead(test::kLongMilliseconds)); // the warning
    QFile arguments(QStringLiteral("/proc/%1/cmdline").arg(program.processId()));
    QVERIFY(arguments.open(QFile::ReadOnly));
    const QByteArray shown = arguments.readAll();
    QVERIFY(shown.contains("desi:***"));
    QVERIFY(!shown.contains(password));
    QVERIFY(program.waitForFinished(2 * test::kLongMilliseconds));
    const QByteArray output = program.readAll();
    QVERIFY2(program.exitCode() == 0, output.constData());
    QVERIFY2(output.contains("a password on the command line"), output.constData());
    QVERIFY(!output.contains(password));
    QVERIFY(QFileInfo::exists(folder + QStringLiteral("/pictures/care.png")));
    int files = 0;
    for (QDirIterator it(folder, QDir::Files | QDir::Hidden, QDirIterator::Subdirectories); it.hasNext();
         ++files) {
        QFile file(it.next());
        QVERIFY(file.open(QFile::ReadOnly));
        QVERIFY2(!file.readAll().contains(password), qPrintable(file.fileName()));
    }
    QVERIFY(files > 5);
}

/// To be looked at: VOORWERP_PICTURES names the folder.
void TestRoles::picturesOfAReader()
{
    const QString folder = qEnvironmentVariable("VOORWERP_PICTURES");
    if (folder.isEmpty())
        QSKIP("VOORWERP_PICTURES names no folder");
    for (const char* login : {"reader", "lead"}) {
        const auto ui = open(login);
        for (const char* page : {"candidates", "models", "care", "train", "survey"}) {
            ui->window().showPage(QString::fromLatin1(page));
            if (login == std::string("lead"))
                ui->find<QTabWidget>("careTabs")->setCurrentIndex(1);
            QTRY_VERIFY(ui->window().currentPage()->isSettled());
            ui->window().grab().save(QStringLiteral("%1/%2-%3.png")
                                         .arg(folder, QString::fromLatin1(login), QString::fromLatin1(page)));
        }
    }
}

QTEST_MAIN(TestRoles)
#include "tst_roles.moc"
