// SPDX-License-Identifier: GPL-3.0-or-later
// What the machine does while a training runs, in the window: through a library with NVML's symbols and the
// numbers of a file, and with invented samples where minutes would have to pass.
#include "app/machine_values.h"
#include "app/pages/machine_view.h"
#include "app/small_demo.h"
#include "app/training_monitor.h"
#include "app/window_under_test.h"
#include "monitor/fake_gpus.h"
#include "support/test_support.h"
#include "widgets/trend_strip.h"

#include <QLabel>
#include <QLineEdit>
#include <QPushButton>
#include <QSignalSpy>
#include <QTableView>

#include <cmath>
#include <dlfcn.h>

using namespace voorwerp;
using app::MachineView;
using app::TrainingMonitor;
using monitor::Sample;
using monitor::TrainingStep;
using test::FakeGpus;
using test::kLongMilliseconds;
using test::WindowUnderTest;

namespace {

constexpr std::int64_t kGibibyte = std::int64_t{1} << 30;

TrainingStep step(std::size_t done, const std::string& device = "cuda:0")
{
    return {done, 8000, "steps", "epoch " + std::to_string(1 + done / 200) + "/40", device};
}

monitor::GpuSample card(unsigned index, double use = 83.0, double celsius = 71.0)
{
    monitor::GpuSample gpu;
    gpu.index = index;
    gpu.name = "NVIDIA RTX A4000";
    gpu.smPercent = use;
    gpu.memoryTotalBytes = 16 * kGibibyte;
    gpu.memoryUsedBytes = 8 * kGibibyte;
    gpu.memoryFreeBytes = 8 * kGibibyte;
    gpu.temperatureCelsius = celsius;
    gpu.slowdownCelsius = 92.0;
    gpu.powerWatts = 128.0;
    gpu.powerLimitWatts = 140.0;
    gpu.smClockMHz = 1560.0;
    gpu.memoryClockMHz = 7001.0;
    gpu.processes = {{{42, "python", 1 * kGibibyte, false}}};
    return gpu;
}

/// A sample so many seconds after the first.
Sample sampleAt(int seconds, std::vector<monitor::GpuSample> gpus, std::optional<TrainingStep> at)
{
    Sample sample;
    sample.gpu.time = sample.host.time =
        monitor::Time(std::chrono::hours(500'000) + std::chrono::seconds(seconds));
    sample.gpu.gpus = std::move(gpus);
    if (sample.gpu.gpus.empty())
        sample.gpu.problem = "no NVIDIA driver";
    sample.host.cores = 8;
    sample.host.cpuPercent = 34.0;
    sample.host.memoryTotalBytes = 32 * kGibibyte;
    sample.host.memoryAvailableBytes = 24 * kGibibyte;
    sample.host.ownMemoryBytes = 2 * kGibibyte;
    sample.step = std::move(at);
    return sample;
}

QString lineOf(const QWidget& where, const char* name)
{
    return where.findChild<QLabel*>(QLatin1String(name))->text();
}

} // namespace

class TestMachine : public QObject
{
    Q_OBJECT

private slots:
    /// What is loaded under the name of the real library is what the program finds.
    void initTestCase()
    {
        QLocale::setDefault(QLocale::c());
        QVERIFY2(::dlopen(VOORWERP_FAKE_NVML, RTLD_NOW | RTLD_GLOBAL), VOORWERP_FAKE_NVML);
        test::makeSmallDemo(m_folder / "workspace");
    }
    void cleanupTestCase() { m_ui.reset(); }

    void gpuThatComputesIsShownWithItsStep()
    {
        auto ours = card(1);
        ours.processes->insert(ours.processes->begin(), {7, "voorwerp", 6 * kGibibyte, true});
        const Sample sample = sampleAt(0, {card(0), ours}, step(1240));
        QCOMPARE(app::shownGpu(sample), std::optional(1U)); // the driver's word, not CUDA's number
        const QStringList expected{QStringLiteral("83 %"), QStringLiteral("8.0 of 16.0 GiB"),
                                   QStringLiteral("71 °C, slows at 92"), QStringLiteral("128 of 140 W"),
                                   QStringLiteral("1560 / 7001 MHz")};
        QCOMPARE(app::machineCaptions(sample, 1), expected);
        QCOMPARE(app::machineHeading(sample, 1),
                 QStringLiteral("GPU 1, NVIDIA RTX A4000: step 1240 of 8000, epoch 7/40"));
        QCOMPARE(app::machineDetails(sample, 1),
                 QStringLiteral("on the GPU: this program 6.0 GiB, python 1.0 GiB · CPU 34 % · "
                                "memory 8.0 of 32.0 GiB, ours 2.0"));
        QCOMPARE(app::machineUse(sample), QStringLiteral("GPU 83 %"));
        // In a container no process is ours: what the training names.
        QCOMPARE(app::shownGpu(sampleAt(0, {card(0), card(1)}, step(5, "cuda:1"))), std::optional(1U));
        QCOMPARE(app::shownGpu(sampleAt(0, {card(3)}, {})), std::optional(3U));
    }

    void processorIsShownWhereNoGpuComputes()
    {
        const Sample without = sampleAt(0, {}, step(3, "cpu"));
        QVERIFY(!app::shownGpu(without));
        QCOMPARE(app::machineHeading(without, {}),
                 QStringLiteral("No NVIDIA GPU, the processor computes: step 3 of 8000, epoch 1/40"));
        const QStringList expected{QStringLiteral("34 %"), QStringLiteral("8.0 of 32.0 GiB, ours 2.0")};
        QCOMPARE(app::machineCaptions(without, {}), expected);
        QCOMPARE(app::machineUse(without), QStringLiteral("CPU 34 %"));
        const Sample unused = sampleAt(0, {card(0)}, TrainingStep{0, 0, "steps", {}, "cpu"});
        QVERIFY(!app::shownGpu(unused));
        QCOMPARE(app::machineHeading(unused, {}),
                 QStringLiteral("The processor computes: before the first step"));
    }

    void whatACardDoesNotTellIsADash()
    {
        monitor::GpuSample bare;
        bare.name = "Old card";
        const Sample sample = sampleAt(0, {bare}, step(1));
        const QString dash = QStringLiteral("–");
        const QStringList expected{dash, dash, dash, dash, dash};
        QCOMPARE(app::machineCaptions(sample, 0), expected);
        monitor::SampleLog log;
        log.add(sample);
        const widgets::TrendSet trends = app::machineTrends(log, 0);
        QCOMPARE(trends.trends.size(), 5U);
        for (const widgets::Trend& trend : trends.trends)
            QVERIFY2(std::isnan(trend.values.at(0)) && trend.range.span() > 0.0, qPrintable(trend.name));
        QVERIFY(app::machineUse(sample).isEmpty());
        bare.problem = "GPU is lost";
        QVERIFY(app::machineHeading(sampleAt(0, {bare}, step(1)), 0)
                    .startsWith(QStringLiteral("GPU 0, GPU is lost")));
    }

    void warningsShowInPlaceAndGoAway()
    {
        TrainingMonitor monitor(m_folder.path());
        MachineView view(monitor);
        auto* warnings = view.findChild<QLabel*>(QStringLiteral("machineWarnings"));
        QVERIFY(view.isHidden());
        monitor.begin();
        int second = 0;
        const auto pass = [&](int seconds, double celsius) {
            for (int i = 0; i < seconds; ++i, ++second)
                monitor.take(sampleAt(second, {card(0, 83.0, celsius)}, step(1240)));
        };
        pass(4, 88.0);
        QVERIFY(!view.isHidden());
        QVERIFY(warnings->isHidden());
        pass(3, 88.0);
        QVERIFY(!warnings->isHidden());
        QCOMPARE(
            warnings->text(),
            QStringLiteral("Warning: GPU 0 is at 88 °C, and slows down at 92 °C. Check the fans and the air "
                           "of the case, or let fewer jobs run on the card."));
        pass(12, 60.0);
        QVERIFY(warnings->isHidden());
        pass(7, 90.0);
        QVERIFY(!warnings->isHidden());
        monitor.end(); // and with the training
        QVERIFY(warnings->isHidden());
        QVERIFY(monitor.warnings().empty());
        QVERIFY(lineOf(view, "machineHeading").endsWith(QStringLiteral("the last of the training")));
        const std::size_t kept = monitor.log().samples().size();
        monitor.take(sampleAt(second, {card(0)}, step(1241))); // too late
        QCOMPARE(monitor.log().samples().size(), kept);
        monitor.begin();
        QVERIFY(view.isHidden()); // nothing of the training before
    }

    void cursorShowsTheSampleAndStepOfItsTime()
    {
        TrainingMonitor monitor(m_folder.path());
        MachineView view(monitor);
        monitor.begin();
        for (int second = 0; second < 60; ++second)
            monitor.take(sampleAt(second, {card(0, second)}, step(std::size_t(10 * second))));
        view.resize(900, 150);
        view.show();
        QVERIFY(QTest::qWaitForWindowExposed(&view));
        auto* strip = view.findChild<widgets::TrendStrip*>();
        QVERIFY(lineOf(view, "machineHeading").endsWith(QStringLiteral("step 590 of 8000, epoch 3/40")));
        QTest::keyClick(strip, Qt::Key_Left);
        QVERIFY2(lineOf(view, "machineHeading").contains(QStringLiteral("step 580 of 8000, epoch 3/40, at ")),
                 qPrintable(lineOf(view, "machineHeading")));
        QTest::keyClick(strip, Qt::Key_Escape);
        QVERIFY(lineOf(view, "machineHeading").contains(QStringLiteral("step 590")));
    }

    void samplesComeFromTheDriverWhileStepsAreTold()
    {
        const FakeGpus gpus(test::kOneCard);
        TrainingMonitor monitor(m_folder.path());
        const QSignalSpy changes(&monitor, &TrainingMonitor::changed);
        QTest::qWait(50);
        QCOMPARE(changes.count(), 0);
        monitor.onStep(TrainingStep{0, 0, "steps", {}, "cuda:0"});
        monitor.onStep(step(1240));
        QTRY_VERIFY(monitor.isRunning() && !monitor.log().samples().empty() &&
                    monitor.log().samples().back().step && monitor.log().samples().back().step->done == 1240);
        QCOMPARE(monitor.log().samples().back().gpu.gpus.at(0).smPercent, std::optional(97.0));
        monitor.onStep(std::nullopt);
        QTRY_VERIFY(!monitor.isRunning());
        const auto kept = monitor.log().samples().size();
        QTest::qWait(1300); // longer than from one sample to the next
        QCOMPARE(monitor.log().samples().size(), kept);
        monitor.onStep(step(1)); // and goes while it samples
        QTRY_COMPARE(monitor.log().samples().size(), 1U);
    }

    void trainPageAndStatusLineShowARealTraining()
    {
        const FakeGpus gpus("count=0\ninit=9\n"); // a driver that is not loaded
        open();
        QVERIFY(machine()->isHidden());
        const QString device = status();
        startLongTraining();
        QTRY_VERIFY_WITH_TIMEOUT(heading().contains(QStringLiteral("step ")) &&
                                     heading().contains(QStringLiteral("epoch ")),
                                 kLongMilliseconds);
        QVERIFY2(heading().startsWith(QStringLiteral("No NVIDIA GPU, the processor computes: step ")),
                 qPrintable(heading()));
        QVERIFY(machine()->isVisible());
        QTRY_VERIFY(status().startsWith(QStringLiteral("CPU ")) && status().endsWith(QStringLiteral(" %")));
        QVERIFY2(m_ui->window().minimumSizeHint().height() <= 760,
                 qPrintable(QString::number(m_ui->window().minimumSizeHint().height())));
        picture("train-cpu");
        m_ui->click("trainStop");
        QTRY_VERIFY_WITH_TIMEOUT(m_ui->context().jobs().isIdle(), kLongMilliseconds);
        QTRY_COMPARE(status(), device);
        QVERIFY(machine()->isVisible()); // to be read after the end
        QVERIFY(heading().endsWith(QStringLiteral("the last of the training")));
        auto* runs = m_ui->find<QTableView>("runTable");
        runs->setCurrentIndex(runs->model()->index(0, 0));
        QVERIFY(machine()->isHidden()); // it was another run's machine
    }

    void warningOfAFullCardIsOnThePageAndInTheStatusLine()
    {
        const std::string full = "0.memory=17179869184 1073741824 16106127360\n";
        const FakeGpus gpus(test::kOneCard + full);
        auto& monitor = m_ui->context().monitor();
        std::size_t done = 1240;
        const auto told = [&] { return monitor.onStep(step(++done)), true; };
        auto* warnings = m_ui->find<QLabel>("machineWarnings");
        QTRY_VERIFY_WITH_TIMEOUT(told() && warnings->isVisible(), kLongMilliseconds);
        QVERIFY2(warnings->text().startsWith(QStringLiteral("Warning: GPU 0 has 6 % of its memory free")),
                 qPrintable(warnings->text()));
        QVERIFY(heading().startsWith(QStringLiteral("GPU 0, NVIDIA RTX A4000: step 1")));
        QCOMPARE(status(), QStringLiteral("GPU 97 %, warning: see Train"));
        picture("train-gpu");
        gpus.set(test::kOneCard);
        QTRY_VERIFY_WITH_TIMEOUT(told() && !warnings->isVisible(), kLongMilliseconds);
        QCOMPARE(status(), QStringLiteral("GPU 97 %"));
        QVERIFY(monitor.isRunning());
        monitor.onStep(std::nullopt);
        QTRY_VERIFY(!monitor.isRunning());
    }

    void windowGoesInTheMiddleOfATraining()
    {
        const FakeGpus gpus(test::kOneCard);
        startLongTraining();
        auto& monitor = m_ui->context().monitor();
        QTRY_VERIFY_WITH_TIMEOUT(monitor.isRunning() && !monitor.log().samples().empty(), kLongMilliseconds);
        m_ui.reset();
    }

private:
    void open()
    {
        m_ui = std::make_unique<WindowUnderTest>(m_folder / "workspace");
        m_ui->window().resize(1280, 800);
        QTRY_VERIFY_WITH_TIMEOUT(m_ui->isOpen(), kLongMilliseconds);
        m_ui->window().showPage(QStringLiteral("train"));
        QTRY_VERIFY(m_ui->window().currentPage() && m_ui->window().currentPage()->isSettled());
    }
    void startLongTraining()
    {
        m_ui->find<QLineEdit>("setting_epochs")->setText(QStringLiteral("100000"));
        m_ui->find<QLineEdit>("setting_patience")->setText(QStringLiteral("0"));
        m_ui->find<QLineEdit>("modelName")->setText(QStringLiteral("vae-long"));
        QTRY_VERIFY(m_ui->find<QPushButton>("trainStart")->isEnabled());
        m_ui->click("trainStart");
    }
    MachineView* machine() const { return m_ui->window().findChild<MachineView*>(); }
    QString heading() const { return lineOf(*machine(), "machineHeading"); }
    QString status() const { return m_ui->find<QLabel>("deviceInWords")->text(); }
    void picture(const char* name) const
    {
        if (qEnvironmentVariableIsSet("VOORWERP_RENDER_DIR"))
            m_ui->window().grab().save(
                QStringLiteral("%1/%2.png")
                    .arg(qEnvironmentVariable("VOORWERP_RENDER_DIR"), QLatin1String(name)));
    }

    test::TemporaryFolder m_folder;
    std::unique_ptr<WindowUnderTest> m_ui;
};

QTEST_MAIN(TestMachine)
#include "tst_machine.moc"
