// SPDX-License-Identifier: GPL-3.0-or-later
// The demo as the start page tells it: all steps from the start, stopped and gone on with from the strip, and
// its end leaves the person where they are.
#include "app/demo_steps.h"
#include "app/jobs/workbench_jobs.h"
#include "app/window_under_test.h"
#include "support/test_support.h"

#include <QLabel>
#include <QPushButton>
#include <QSet>

using namespace voorwerp;
using app::JobState;
using app::JobStatus;
using test::kLongMilliseconds;
using test::WindowUnderTest;

class TestDemo : public QObject
{
    Q_OBJECT

private slots:
    void initTestCase()
    {
        m_ui = std::make_unique<WindowUnderTest>(m_folder / "workspace");
        QTRY_VERIFY_WITH_TIMEOUT(m_ui->isOpen(), kLongMilliseconds);
        connect(&m_ui->context().jobs(), &app::JobRunner::jobChanged, this, [this](const JobStatus& job) {
            if (!job.progress.phase.empty())
                m_phases.insert(QString::fromStdString(job.progress.phase));
        });
    }
    void cleanupTestCase() { m_ui.reset(); }

    void stoppedDemoSaysThatItCanGoOn()
    {
        pipeline::DemoRequest request; // small, but too long to end by itself before it is stopped
        request.targets = 150;
        request.device = "cpu";
        request.config.hidden = {16};
        request.config.latent = 3;
        request.config.epochs = 100'000;
        request.config.patience = 0;
        auto& context = m_ui->context();
        const quint64 id =
            context.jobs().start(app::demoJob(context.session(), request, context.trainObserver()));
        QTRY_VERIFY(says(QStringLiteral("The demo is running")));
        QVERIFY(says(QStringLiteral("Write a synthetic survey")));
        QVERIFY(says(QStringLiteral("Score and rank the spectra"))); // all steps from the start
        QTRY_VERIFY_WITH_TIMEOUT(!context.training().history().empty(), kLongMilliseconds);
        context.jobs().stop(id);
        QTRY_VERIFY_WITH_TIMEOUT(says(QStringLiteral("The demo was stopped")), kLongMilliseconds);
        QVERIFY(button(QStringLiteral("Go on with the demo")));
    }

    void goOnFromTheStripIsFollowedByTheStartPage()
    {
        auto* goOn = m_ui->find<QWidget>("jobStrip")->findChild<QPushButton*>(QStringLiteral("retry"));
        QCOMPARE(goOn->text(), QStringLiteral("Go on"));
        QTest::mouseClick(goOn, Qt::LeftButton);
        QTRY_VERIFY(says(QStringLiteral("The demo is running")));
        QVERIFY(!says(QStringLiteral("The demo was stopped")));
        m_ui->context().jobs().stopAll();
        QTRY_VERIFY_WITH_TIMEOUT(m_ui->context().jobs().isIdle(), kLongMilliseconds);
    }

    void endOfTheDemoLeavesThePersonWhereTheyAre()
    {
        std::filesystem::remove_all(m_folder / "workspace" / "runs"); // the long training is given up
        pipeline::DemoRequest request;
        request.targets = 150;
        request.device = "cpu";
        request.config.hidden = {16};
        request.config.latent = 3;
        request.config.epochs = 3;
        auto& context = m_ui->context();
        context.jobs().start(app::demoJob(context.session(), request, context.trainObserver()));
        QCOMPARE(context.jobs().jobs().size(), std::size_t{1}); // one row for one piece of work
        m_ui->window().showPage(QStringLiteral("models"));
        QTRY_COMPARE_WITH_TIMEOUT(m_ui->done(QStringLiteral("demo")), 1, kLongMilliseconds);
        QCOMPARE(m_ui->window().currentPage()->name(), QStringLiteral("models"));
        QVERIFY(m_ui->close());
    }

    void everyPhaseOfTheDemoBelongsToAStep()
    {
        QVERIFY(m_phases.size() >= 5);
        for (const QString& phase : std::as_const(m_phases))
            QVERIFY2(app::DemoSteps::stepOf(phase.toStdString()), qPrintable(phase));
    }

private:
    bool says(const QString& text) const
    {
        for (const QLabel* label : m_ui->find<QWidget>("startPage")->findChildren<QLabel*>())
            if (label->isVisible() && label->text() == text)
                return true;
        return false;
    }
    bool button(const QString& text) const
    {
        for (const QPushButton* one : m_ui->find<QWidget>("startPage")->findChildren<QPushButton*>())
            if (one->isVisible() && one->text() == text)
                return true;
        return false;
    }

    test::TemporaryFolder m_folder;
    std::unique_ptr<WindowUnderTest> m_ui;
    QSet<QString> m_phases;
};

QTEST_MAIN(TestDemo)
#include "tst_demo.moc"
