// SPDX-License-Identifier: GPL-3.0-or-later
// Parts of the window that need no database: selection, filter line, settings form, tables, notices.
#include "app/closing_guard.h"
#include "app/filter_parts.h"
#include "app/notice_bar.h"
#include "app/pages/filter_line.h"
#include "app/pages/lineage_text.h"
#include "app/pages/model_table_model.h"
#include "app/pages/preview_items.h"
#include "app/pages/restore_dialog.h"
#include "app/pages/selection_chips.h"
#include "app/pages/snapshot_table_model.h"
#include "app/pages/train_settings_form.h"
#include "app/selection.h"
#include "app/translations.h"
#include "app/window_memory.h"
#include "core/error.h"
#include "support/test_support.h"

#include <QAbstractItemModelTester>
#include <QDir>
#include <QLabel>
#include <QLineEdit>
#include <QPushButton>
#include <QSignalSpy>
#include <QTest>
#include <QToolButton>
#include <QTranslator>

#include <cmath>

using namespace voorwerp;

namespace {

catalog::ModelVersion version(int number)
{
    catalog::ModelVersion model;
    model.id = {number};
    model.name = "vae";
    model.version = number;
    model.sha256 = "abc";
    model.dataset = "set";
    model.created = "2026-01-0" + std::to_string(number) + "T00:00:00Z";
    model.metrics = R"({"epochs": 2, "best_epoch": 1, "train_loss": 0.5, "validation_loss": 0.75,
        "history": [{"epoch": 1, "train_loss": 0.6, "validation_loss": 0.75},
                    {"epoch": 2, "train_loss": 0.5, "validation_loss": null}]})";
    model.lineage = R"({"dataset": {"selection": "quasars", "where": "z > 2", "recipe": "quasar",
        "lineage": {"files": [{"path": "/a/coadd.fits", "sha256": "0123456789abcdef"}]}}})";
    model.configuration = R"({"latent": 4})";
    return model;
}

} // namespace

class TestParts : public QObject
{
    Q_OBJECT

private slots:
    void selectionSaysItselfInWords()
    {
        QLocale::setDefault(QLocale::c());
        app::Selection selection;
        selection.setCounts({1500}, 1500);
        QCOMPARE(selection.inWords(), QStringLiteral("1500 spectra"));
        selection.setFilter(QStringLiteral(" z > 2.1 "));
        QCOMPARE(selection.filter(), QStringLiteral("z > 2.1"));
        selection.setCounts({340}, 1500);
        QCOMPARE(selection.inWords(), QStringLiteral("340 of 1500 selected (z > 2.1)"));
        selection.setCounts({12'345, false, 210}, 15'000);
        QCOMPARE(selection.inWords(), QStringLiteral("about 12300 of 15000 selected (z > 2.1)"));
        selection.setCounts({0, false, 300}, 1500);
        QCOMPARE(selection.inWords(), QStringLiteral("fewer than 300 of 1500 selected (z > 2.1)"));
        QVERIFY(!selection.isCountExact());
        selection.setCounts({340}, 1500);
        selection.setPicked({{3}, {1}, {3}}, QStringLiteral("lasso"));
        QCOMPARE(selection.inWords(), QStringLiteral("2 of 1500 selected (lasso, z > 2.1)"));
        QVERIFY(selection.isPicked({1}));
        QVERIFY(!selection.isPicked({2}));
    }

    void rangesOfPlotsArePartsOfTheFilter()
    {
        using widgets::Range;
        const QString z = app::withZRange({}, Range{2.1, 2.40004});
        QCOMPARE(z, QStringLiteral("z between 2.1 and 2.4"));
        QCOMPARE(app::zRangeOf(z), std::optional(Range{2.1, 2.4}));
        QCOMPARE(app::withZRange(QStringLiteral("snr > 3"), Range{0.0, 100.0}),
                 QStringLiteral("snr > 3 and z between 0 and 100"));
        const app::SkyBox box{{150.0, 152.5}, {-1.0, 3.25}};
        const QString both = app::withSkyBox(z + QStringLiteral(" and snr > 3"), box);
        QCOMPARE(app::skyBoxOf(both), std::optional(box));
        QCOMPARE(app::zRangeOf(both), std::optional(Range{2.1, 2.4}));
        QCOMPARE(
            app::withZRange(both, Range{1.0, 2.0}),
            QStringLiteral("snr > 3 and target_ra between 150 and 152.5 and target_dec between -1 and 3.25 "
                           "and z between 1 and 2"));
        QCOMPARE(app::withSkyBox(app::withZRange(both, {}), {}), QStringLiteral("snr > 3"));
        // What holds for one side of an "or" only is no range of the list.
        const QString either = QStringLiteral("snr > 3 or label = 'a or b' and z between 1 and 2");
        QVERIFY(!app::zRangeOf(either));
        QCOMPARE(app::withZRange(either, Range{1.0, 2.0}),
                 QStringLiteral("(%1) and z between 1 and 2").arg(either));
        QVERIFY(app::zRangeOf(QStringLiteral("label = 'a or b' and z between 1 and 2")));
        const QString cone = app::withCone(QStringLiteral("z > 1 and cone(1, 2, 3) and snr > 3"),
                                           QStringLiteral("cone(4, 5, 6)"));
        QCOMPARE(cone, QStringLiteral("z > 1 and snr > 3 and cone(4, 5, 6)"));
        QCOMPARE(app::withCone(QStringLiteral("cone(4, 5, 6)"), {}), QString());
        QCOMPARE(app::withCone(QStringLiteral("not cone(4, 5, 6)"), {}), QStringLiteral("not cone(4, 5, 6)"));
        const QString inside = QStringLiteral("not (snr > 1 and z between 1 and 2 and zwarn = 0)");
        QVERIFY(!app::zRangeOf(inside));
        QCOMPARE(app::withZRange(inside, Range{3.0, 4.0}), inside + QStringLiteral(" and z between 3 and 4"));
    }

    void chipsTakeAwayWhatTheySay()
    {
        app::Selection selection;
        app::SelectionChips whole(selection, true);
        app::SelectionChips parts(selection, false);
        QVERIFY(whole.isHidden());
        const auto chip = [](const app::SelectionChips& chips, const char* name) {
            return chips.findChild<QToolButton*>(QLatin1String(name));
        };
        selection.setFilter(QStringLiteral("snr > 3 and z between 1 and 2"));
        selection.setPicked({{3}, {1}}, QStringLiteral("lasso"));
        QVERIFY(!whole.isHidden() && !chip(whole, "filterChip")->isHidden());
        QVERIFY(chip(parts, "filterChip")->isHidden());
        QCOMPARE(chip(parts, "zChip")->text(), QStringLiteral("z 1 to 2  ✕"));
        QCOMPARE(chip(whole, "pickedChip")->text(), QStringLiteral("2 picked: lasso  ✕"));
        QTest::mouseClick(chip(parts, "zChip"), Qt::LeftButton);
        QCOMPARE(selection.filter(), QStringLiteral("snr > 3"));
        QTest::mouseClick(chip(whole, "pickedChip"), Qt::LeftButton);
        QVERIFY(!selection.picked());
        QTest::mouseClick(chip(whole, "filterChip"), Qt::LeftButton);
        QVERIFY(selection.filter().isEmpty());
        QVERIFY(whole.isHidden());
    }

    void filterLineSaysWhereTheExpressionIsWrong()
    {
        app::FilterLine line;
        QSignalSpy changed(&line, &app::FilterLine::filterChanged);
        QTest::keyClicks(line.edit(), QStringLiteral("z > 2 and nosuchcolumn = 1"));
        QTest::keyClick(line.edit(), Qt::Key_Return);
        QVERIFY2(line.errorText().contains(QStringLiteral("nosuchcolumn")), qPrintable(line.errorText()));
        QCOMPARE(changed.count(), 0);
        line.edit()->clear();
        QTest::keyClicks(line.edit(), QStringLiteral("z > 2"));
        QTest::keyClick(line.edit(), Qt::Key_Return);
        QVERIFY(line.errorText().isEmpty());
        QCOMPARE(changed.count(), 1);
        QCOMPARE(changed.front().front().toString(), QStringLiteral("z > 2"));
    }

    void escapePutsBackTheFilterInForce()
    {
        app::FilterLine line;
        line.setExpression(QStringLiteral("z > 2"));
        QTest::keyClicks(line.edit(), QStringLiteral(" and rubbish"));
        QTest::keyClick(line.edit(), Qt::Key_Escape);
        QCOMPARE(line.expression(), QStringLiteral("z > 2"));
    }

    void restoreDialogSaysThatNothingIsReplaced()
    {
        test::TemporaryFolder folder;
        const QString full = QString::fromStdString((folder / "full").string());
        QVERIFY(QDir().mkpath(full + QStringLiteral("/something")));
        backup::SnapshotInfo snapshot;
        snapshot.shortId = "0badcafe";
        snapshot.time = "2026-01-02T03:04:05Z";
        snapshot.bytes = 40'000'000;
        snapshot.rows = 12;
        auto* dialog = new app::RestoreDialog(snapshot, full);
        const QString words = dialog->findChild<QLabel*>(QStringLiteral("restoreWords"))->text();
        for (const char* said : {"0badcafe", "Nothing is replaced", "38.1 MiB", "/full"})
            QVERIFY2(words.contains(QLatin1String(said)), said);
        QSignalSpy wanted(dialog, &app::RestoreDialog::restoreWanted);
        auto* edit = dialog->findChild<QLineEdit*>(QStringLiteral("restoreFolder"));
        auto* error = dialog->findChild<QLabel*>(QStringLiteral("restoreError"));
        edit->setText(full);
        dialog->accept();
        QVERIFY(!error->isHidden());
        QCOMPARE(wanted.count(), 0);
        edit->setText(full + QStringLiteral("/new"));
        QVERIFY(error->isHidden());
        dialog->accept();
        QCOMPARE(wanted.count(), 1);
        QCOMPARE(wanted.front().front().toString(), full + QStringLiteral("/new"));
    }

    void trainSettingsRoundTripAndNameTheWrongKey()
    {
        app::TrainSettingsForm form;
        QCOMPARE(form.config(), train::TrainConfig());
        QVERIFY(form.changedTexts().isEmpty());
        form.field(QStringLiteral("hidden"))->setText(QStringLiteral("64, 16"));
        form.field(QStringLiteral("epochs"))->setText(QStringLiteral("3"));
        QCOMPARE(form.config().hidden, (std::vector<std::size_t>{64, 16}));
        QCOMPARE(form.changedTexts().size(), 2);
        app::TrainSettingsForm other;
        other.setTexts(form.changedTexts());
        QCOMPARE(other.config(), form.config());
        form.field(QStringLiteral("epochs"))->setText(QStringLiteral("many"));
        QString message;
        try {
            form.config();
        } catch (const core::UserError& e) {
            message = QString::fromUtf8(e.what());
        }
        QVERIFY2(message.contains(QStringLiteral("epochs")), qPrintable(message));
    }

    void modelTableIsAModel()
    {
        app::ModelTableModel model;
        QAbstractItemModelTester tester(&model, QAbstractItemModelTester::FailureReportingMode::QtTest);
        model.setModels({version(1), version(2)});
        QCOMPARE(model.rowCount(), 2);
        QCOMPARE(model.index(0, 0).data().toString(), QStringLiteral("vae@2"));
        QCOMPARE(model.rowOf({1}), 1);
        model.setModels({});
        QCOMPARE(model.rowCount(), 0);
    }

    void metricsOfAnOldVersionAreReadAsFarAsTheyGo()
    {
        const app::ModelMetrics metrics = app::metricsOf(version(1));
        QCOMPARE(metrics.history.size(), std::size_t{2});
        QCOMPARE(metrics.bestEpoch, 1);
        QVERIFY(std::isnan(metrics.history[1].validationLoss));
        catalog::ModelVersion broken = version(1);
        broken.metrics = "not json";
        QVERIFY(app::metricsOf(broken).history.empty());
    }

    void lineageIsALineOfLinks()
    {
        const auto steps = app::lineageSteps(version(1));
        QStringList ids;
        for (const app::LineageStep& step : steps)
            ids.append(step.id);
        QCOMPARE(ids.join(QLatin1Char(' ')), QStringLiteral("files selection recipe dataset run version"));
        QVERIFY(
            app::lineageHtml(steps).contains(QStringLiteral("<a href='selection'>selection quasars</a>")));
    }

    void snapshotTableIsAModel()
    {
        app::SnapshotTableModel model;
        QAbstractItemModelTester tester(&model, QAbstractItemModelTester::FailureReportingMode::QtTest);
        backup::SnapshotInfo old, fresh;
        old.shortId = "aaaa";
        old.verified = backup::VerifiedMark{"2026-01-01T00:00:00Z", true, {}};
        fresh.shortId = "bbbb";
        model.setSnapshots({old, fresh});
        QCOMPARE(model.index(0, app::SnapshotTableModel::Id).data().toString(), QStringLiteral("bbbb"));
        QCOMPARE(app::verifiedInWords(fresh), QStringLiteral("not yet"));
    }

    void previewsCarryWavelengthsAndTheirChi2()
    {
        train::Preview preview;
        preview.rows = {7};
        preview.pixels = 3;
        preview.flux = {1.0F, 2.0F, 9.0F};
        preview.weight = {4.0F, 1.0F, 0.0F};
        preview.model = {0.0F, 2.0F, 0.0F};
        const auto items = app::previewItems(preview, core::LogGrid{1000.0, 4000.0, 3});
        QCOMPARE(items.size(), std::size_t{1});
        QCOMPARE(qRound(items[0].wavelength[1]), 2000);
        QCOMPARE(app::reducedChi2(items[0]), 2.0);
    }

    void pluralsAreSpokenUnderEveryLocale()
    {
        for (const QLocale& locale : {QLocale(QLocale::German), QLocale(QLocale::English), QLocale::c()}) {
            QLocale::setDefault(locale);
            app::installTranslations(*qApp);
            const char* text =
                "%n job(s) are running. They can go on at the next start from where they stop now.";
            QVERIFY(app::ClosingGuard::tr(text, nullptr, 1).startsWith(QStringLiteral("One job is")));
            QVERIFY(app::ClosingGuard::tr(text, nullptr, 3).startsWith(QStringLiteral("3 jobs are")));
            qDeleteAll(qApp->findChildren<QTranslator*>());
        }
    }

    void windowIsFittedIntoTheScreen()
    {
        const QRect screen(0, 30, 1280, 770);
        QCOMPARE(app::fittedInto(QRect(100, 100, 800, 600), screen), QRect(100, 100, 800, 600));
        QCOMPARE(app::fittedInto(QRect(0, 0, 2560, 1440), screen), screen);
        QCOMPARE(app::fittedInto(QRect(3000, 2000, 800, 600), screen), QRect(480, 200, 800, 600));
        QCOMPARE(app::fittedInto(QRect(-500, -500, 800, 600), screen), QRect(0, 30, 800, 600));
    }

    void pickedIdsArePackedSmallAndComeBack()
    {
        std::vector<core::SpectrumId> ids;
        for (std::int64_t id = 5; id < 100'000; id += 1 + id % 3)
            ids.push_back({id});
        const QByteArray packed = app::packedIds(ids);
        QVERIFY(packed.size() < static_cast<qsizetype>(ids.size()));
        QVERIFY(app::unpackedIds(packed) == ids);
        QVERIFY(app::unpackedIds({}).empty());
        QVERIFY(app::unpackedIds(QByteArray("no ids at all")).empty());
    }

    void noticesGoAwayWhenAnswered()
    {
        app::NoticeBar bar;
        int answered = 0;
        bar.show(QStringLiteral("a"), QStringLiteral("question"),
                 {{QStringLiteral("Yes"), [&] { ++answered; }}});
        auto* button = bar.findChild<QPushButton*>(QStringLiteral("a/Yes"));
        QVERIFY(button);
        QTest::mouseClick(button, Qt::LeftButton);
        QCOMPARE(answered, 1);
        QVERIFY(!bar.isShown(QStringLiteral("a")));
        QVERIFY(bar.isHidden());
    }
};

QTEST_MAIN(TestParts)
#include "tst_parts.moc"
