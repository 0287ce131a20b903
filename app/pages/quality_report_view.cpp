// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/pages/quality_report_view.h"

#include "app/app_context.h"
#include "app/filter_parts.h"
#include "app/pipeline/quality_text.h"
#include "core/file_io.h"
#include "widgets/count_plots.h"
#include "widgets/table_setup.h"

#include <QApplication>
#include <QClipboard>
#include <QDialogButtonBox>
#include <QFileDialog>
#include <QHBoxLayout>
#include <QHeaderView>
#include <QLabel>
#include <QLocale>
#include <QPushButton>
#include <QStandardItemModel>
#include <QTabWidget>
#include <QTableView>
#include <QVBoxLayout>

#include <cmath>

namespace voorwerp::app {

namespace {

constexpr int kSortRole = Qt::UserRole;
constexpr int kWhereRole = Qt::UserRole + 1; ///< of the first cell of a row: the expression of its spectra

QString number(std::int64_t value)
{
    return QLocale().toString(static_cast<qlonglong>(value));
}

QString q(const std::string& text)
{
    return QString::fromStdString(text);
}

QStandardItem* textItem(const QString& text)
{
    auto* item = new QStandardItem(text);
    item->setEditable(false);
    item->setData(text, kSortRole);
    item->setToolTip(text);
    return item;
}

QStandardItem* numberItem(const QString& text, double value)
{
    auto* item = new QStandardItem(text);
    item->setEditable(false);
    item->setData(value, kSortRole);
    item->setData(widgets::numberAlignment(), Qt::TextAlignmentRole);
    return item;
}

QStandardItem* countItem(std::int64_t value)
{
    return numberItem(number(value), static_cast<double>(value));
}

QStandardItemModel* modelOf(const QTableView* table)
{
    return static_cast<QStandardItemModel*>(table->model());
}

/// A heading stands as the cells of its column do; numbers in the last one stay beside it.
void alignHeadings(QTableView* table)
{
    QStandardItemModel* model = modelOf(table);
    for (int column = 0; model->rowCount() > 0 && column < model->columnCount(); ++column) {
        const QVariant side = model->index(0, column).data(Qt::TextAlignmentRole);
        model->setHeaderData(column, Qt::Horizontal, side.isValid() ? side : widgets::textAlignment(),
                             Qt::TextAlignmentRole);
        table->horizontalHeader()->setStretchLastSection(!side.isValid());
    }
}

/// The largest first; a click on a heading changes it.
void sortBy(QTableView* table, int column)
{
    table->sortByColumn(column, Qt::DescendingOrder);
    table->setSortingEnabled(true);
}

widgets::BinnedCounts binsOf(const catalog::Distribution& found)
{
    return {{found.low, found.high}, found.counts};
}

QString rangePart(const char* column, const widgets::Range& range)
{
    return QStringLiteral("%1 between %2 and %3")
        .arg(QLatin1String(column))
        .arg(range.low, 0, 'g', 6)
        .arg(range.high, 0, 'g', 6);
}

} // namespace

QualityReportView::QualityReportView(AppContext& context, const QString& where, QWidget* parent)
    : QDialog(parent)
    , m_context(context)
    , m_where(where)
    , m_query(context)
    , m_facts(new QLabel(tr("Looking at the data…")))
    , m_snr(new widgets::RangePlot(tr("S/N per pixel")))
    , m_z(new widgets::RangePlot(tr("redshift")))
    , m_masked(new widgets::RangePlot(tr("fraction masked")))
    , m_tabs(new QTabWidget)
    , m_note(new QLabel)
{
    setObjectName(QStringLiteral("qualityReport"));
    setWindowTitle(where.isEmpty() ? tr("Data quality of all spectra") : tr("Data quality of %1").arg(where));
    setAttribute(Qt::WA_DeleteOnClose);
    m_facts->setObjectName(QStringLiteral("qualityFacts"));
    m_facts->setTextInteractionFlags(Qt::TextSelectableByMouse);
    m_facts->setWordWrap(true);
    m_note->setWordWrap(true);
    auto* column = new QVBoxLayout(this);
    column->addWidget(m_facts);
    column->addWidget(makePlots());
    column->addWidget(m_tabs, 1);
    makeTables();
    makeButtons();
    resize(900, 640);
    connect(&m_query, &AsyncQuery::failed, this,
            [this](const ErrorText& error) { m_facts->setText(error.toString()); });
    load();
}

QWidget* QualityReportView::makePlots()
{
    auto* plots = new QWidget;
    auto* row = new QHBoxLayout(plots);
    row->setContentsMargins({});
    const std::pair<widgets::RangePlot*, const char*> named[] = {
        {m_snr, "snr"}, {m_z, "z"}, {m_masked, "fraction_masked"}};
    for (const auto& [plot, column] : named) {
        plot->setToolTip(tr("Drag a range to see its spectra"));
        plot->setObjectName(QStringLiteral("quality_") + QLatin1String(column));
        row->addWidget(plot, 1);
        connect(plot, &widgets::RangePlot::rangeChosen, this,
                [this, column = column](std::optional<widgets::Range> range) {
                    if (range)
                        chooseSpectra(rangePart(column, *range));
                });
    }
    plots->setFixedHeight(150);
    return plots;
}

QTableView* QualityReportView::addTable(const char* name, const QString& title, const QStringList& headings)
{
    auto* table = new QTableView;
    table->setObjectName(QLatin1String(name));
    table->setAccessibleName(title);
    auto* model = new QStandardItemModel(table);
    model->setHorizontalHeaderLabels(headings);
    model->setSortRole(kSortRole);
    table->setModel(model);
    widgets::setupTable(table);
    m_tabs->addTab(table, title);
    connect(table, &QTableView::clicked, this, [this](const QModelIndex& index) {
        const QString where = index.siblingAtColumn(0).data(kWhereRole).toString();
        if (!where.isEmpty())
            chooseSpectra(where);
    });
    return table;
}

void QualityReportView::makeTables()
{
    m_outliers = addTable("qualityOutliers", tr("Departing groups"),
                          {tr("Group"), tr("Number"), tr("Spectra"), tr("Measure"), tr("Found"),
                           tr("Typical"), tr("Departure [σ]")});
    m_reasons = addTable("qualityReasons", tr("Reasons"), {tr("Reason"), tr("Count"), tr("Where")});
    m_repeats = addTable("qualityRepeats", tr("Repeats"),
                         {tr("TARGETID"), tr("What"), tr("Spectra"), tr("Distance [arcsec]")});
    m_tabs->setTabToolTip(
        0, tr("Fibres, petals, tiles and nights far from the others; a click shows the spectra"));
    m_tabs->setTabToolTip(1,
                          tr("Why spectra are left out of training, and why files and rows were not taken"));
    m_tabs->setTabToolTip(2, tr("Several spectra of one target, and different targets at one place"));
}

void QualityReportView::makeButtons()
{
    auto* buttons = new QDialogButtonBox(QDialogButtonBox::Close);
    m_copy = buttons->addButton(tr("Copy"), QDialogButtonBox::ActionRole);
    m_save = buttons->addButton(tr("Save…"), QDialogButtonBox::ActionRole);
    m_copy->setObjectName(QStringLiteral("copyQuality"));
    m_copy->setToolTip(tr("The report as text"));
    m_save->setToolTip(tr("The report as text, or as JSON in a file .json"));
    for (QPushButton* button : {m_copy, m_save}) {
        button->setEnabled(false);
        button->setAutoDefault(false);
    }
    connect(m_copy, &QPushButton::clicked, this, &QualityReportView::copy);
    connect(m_save, &QPushButton::clicked, this, &QualityReportView::save);
    connect(buttons, &QDialogButtonBox::rejected, this, &QDialog::reject);
    auto* row = new QHBoxLayout;
    row->addWidget(m_note, 1);
    row->addWidget(buttons);
    static_cast<QVBoxLayout*>(layout())->addLayout(row);
}

void QualityReportView::load()
{
    m_query.ask(
        [where = m_where.toStdString()](const pipeline::Session& session, std::stop_token stop) {
            return catalog::checkQuality(session.database(), where, std::move(stop));
        },
        [this](const std::shared_ptr<const catalog::QualityReport>& report) { showReport(report); });
}

void QualityReportView::showReport(const std::shared_ptr<const catalog::QualityReport>& report)
{
    m_report = report;
    showFacts();
    for (const auto& [plot, found] : {std::pair{m_snr, &report->snr}, std::pair{m_z, &report->z},
                                      std::pair{m_masked, &report->fractionMasked}})
        plot->setCounts(binsOf(*found), binsOf(*found)); // nothing is behind them
    fillOutliers();
    fillReasons();
    fillRepeats();
    for (QTableView* table : {m_outliers, m_reasons, m_repeats}) {
        alignHeadings(table);
        widgets::fitColumns(table, 420);
    }
    m_copy->setEnabled(true);
    m_save->setEnabled(true);
}

void QualityReportView::showFacts()
{
    const catalog::QualityReport& r = *m_report;
    const auto share = [](std::int64_t part, std::int64_t all) {
        return all == 0 ? QStringLiteral("–")
                        : QStringLiteral("%1 %").arg(QLocale().toString(
                              100.0 * static_cast<double>(part) / static_cast<double>(all), 'f', 1));
    };
    m_facts->setText(
        tr("%1 spectra of %2 targets; %3 have a redshift, of these %4 with ZWARN not 0; %5 cannot be trained "
           "on.\n"
           "Median S/N %6, median redshift %7, median fraction masked %8. Not taken from files: %9.")
            .arg(number(r.spectra), number(r.targets), share(r.withRedshift, r.spectra),
                 share(r.warned, r.withRedshift), share(r.unusable, r.spectra),
                 widgets::numberText(r.snr.median, 2), widgets::numberText(r.z.median, 3),
                 widgets::numberText(r.fractionMasked.median, 4),
                 tr("%Ln file(s)", nullptr, static_cast<int>(r.refusedFiles)) + QStringLiteral(", ") +
                     tr("%Ln row(s)", nullptr, static_cast<int>(r.refusedRows))));
}

void QualityReportView::fillOutliers()
{
    const auto groupName = [](const std::string& column) {
        return column == "fiber"       ? tr("fibre")
               : column == "petal_loc" ? tr("petal")
               : column == "night"     ? tr("night")
                                       : tr("tile");
    };
    const auto measureName = [](catalog::QualityMeasure measure) {
        using Measure = catalog::QualityMeasure;
        return measure == Measure::SignalToNoise      ? tr("median S/N")
               : measure == Measure::FractionMasked   ? tr("mean fraction masked")
               : measure == Measure::RedshiftWarnings ? tr("share with ZWARN not 0")
                                                      : tr("share with a problem");
    };
    for (const catalog::OutlyingGroup& group : m_report->outliers) {
        QStandardItem* first = textItem(groupName(group.column));
        first->setData(q(group.where()), kWhereRole);
        modelOf(m_outliers)
            ->appendRow({first, numberItem(QString::number(group.value), static_cast<double>(group.value)),
                         countItem(group.spectra), textItem(measureName(group.measure)),
                         numberItem(widgets::numberText(group.found, 3), group.found),
                         numberItem(widgets::numberText(group.typical, 3), group.typical),
                         numberItem(widgets::numberText(group.z, 1), std::abs(group.z))});
    }
    m_tabs->setTabText(0, tr("Departing groups (%1)").arg(number(m_outliers->model()->rowCount())));
    sortBy(m_outliers, 6);
}

void QualityReportView::fillReasons()
{
    const auto add = [this](const catalog::ValueCount& reason, const QString& where,
                            const QString& expression) {
        QStandardItem* first = textItem(q(reason.value));
        first->setData(expression, kWhereRole);
        modelOf(m_reasons)->appendRow({first, countItem(reason.count), textItem(where)});
    };
    for (const catalog::ValueCount& reason : m_report->problems)
        add(reason, tr("kept, left out of training"),
            QStringLiteral("problem = '%1'")
                .arg(q(reason.value).replace(QLatin1Char('\''), QLatin1String("''"))));
    for (const catalog::ValueCount& reason : m_report->refusals)
        add(reason, tr("not taken from a file"), {});
    m_tabs->setTabText(1, tr("Reasons (%1)").arg(number(m_reasons->model()->rowCount())));
    sortBy(m_reasons, 1);
}

void QualityReportView::fillRepeats()
{
    const auto id = [](core::TargetId target) { return QString::number(target.value); };
    const auto add = [this](const QString& name, const QString& where, const QString& what,
                            std::int64_t spectra, double arcsec) {
        QStandardItem* first = textItem(name);
        first->setData(where, kWhereRole);
        modelOf(m_repeats)->appendRow(
            {first, textItem(what), countItem(spectra),
             numberItem(widgets::numberText(arcsec, 2), std::isnan(arcsec) ? -1.0 : arcsec)});
    };
    for (const catalog::RepeatedTarget& target : m_report->repeated)
        add(id(target.targetId), QStringLiteral("targetid = ") + id(target.targetId), tr("several spectra"),
            target.spectra, core::TargetInfo::kNaN);
    for (const catalog::ClosePair& pair : m_report->pairs)
        add(tr("%1 and %2").arg(id(pair.first), id(pair.second)),
            QStringLiteral("targetid in (%1, %2)").arg(id(pair.first), id(pair.second)),
            tr("two targets at one place"), 2, pair.arcsec);
    m_tabs->setTabText(2, tr("Repeats (%1)").arg(number(m_report->repeatedTargets + m_report->closePairs)));
    sortBy(m_repeats, 2);
}

void QualityReportView::chooseSpectra(const QString& where)
{
    const QString filter = m_where.isEmpty() ? where : QStringLiteral("(%1) and %2").arg(m_where, where);
    m_context.selection().setFilter(filter);
    emit m_context.showPage(QStringLiteral("survey"));
    m_note->setText(tr("The page Survey shows %1").arg(filter));
}

void QualityReportView::copy() const
{
    QApplication::clipboard()->setText(q(pipeline::qualityText(*m_report)));
}

void QualityReportView::save()
{
    const QString path = QFileDialog::getSaveFileName(
        this, tr("Save the report"), QStringLiteral("data-quality.txt"), tr("Text (*.txt);;JSON (*.json)"));
    if (path.isEmpty())
        return;
    const bool json = path.endsWith(QLatin1String(".json"), Qt::CaseInsensitive);
    try {
        core::writeTextAtomically(path.toStdString(), json ? pipeline::qualityJson(*m_report).dump(1) + "\n"
                                                           : pipeline::qualityText(*m_report));
        m_note->setText(tr("Saved %1").arg(path));
    } catch (const core::Error& error) {
        m_note->setText(QString::fromUtf8(error.what()));
    }
}

} // namespace voorwerp::app
