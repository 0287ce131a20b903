// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/pages/survey_page.h"

#include "app/app_context.h"
#include "app/icons.h"
#include "app/pages/filter_line.h"
#include "app/pages/import_report.h"
#include "app/pages/match_dialog.h"
#include "app/pages/quality_report_view.h"
#include "app/pages/rule_button.h"
#include "app/pages/selection_chips.h"
#include "app/pages/sky_search.h"
#include "app/pages/survey_side.h"
#include "app/pages/target_table_model.h"
#include "app/right_gate.h"
#include "app/row_count_text.h"
#include "app/spectrum_panel.h"
#include "app/spectrum_service.h"
#include "app/workspace_facts.h"
#include "catalog/selection_store.h"
#include "widgets/empty_state.h"
#include "widgets/table_setup.h"

#include <QAction>
#include <QApplication>
#include <QClipboard>
#include <QHeaderView>
#include <QInputDialog>
#include <QJsonArray>
#include <QKeyEvent>
#include <QLabel>
#include <QLineEdit>
#include <QPushButton>
#include <QSplitter>
#include <QStackedWidget>
#include <QTableView>
#include <QToolButton>
#include <QVBoxLayout>

#include <algorithm>
#include <utility>

namespace voorwerp::app {

namespace {
constexpr int kPrefetchedNeighbours = 3;
constexpr int kSideWidthInLetters = 31;
} // namespace

SurveyPage::SurveyPage(AppContext& context, QWidget* parent)
    : Page(context, QStringLiteral("survey"), tr("Survey"), lineIcon(IconShape::Survey), parent)
    , m_filter(new FilterLine)
    , m_saveButton(new QPushButton(tr("Save selection…")))
    , m_sideButton(new QToolButton)
    , m_chips(new SelectionChips(context.selection(), false))
    , m_note(new QLabel)
    , m_splitter(new QSplitter(Qt::Vertical))
    , m_tableStack(new QStackedWidget)
    , m_empty(new widgets::EmptyState({}, {}))
    , m_table(new QTableView)
    , m_model(new TargetTableModel(context, this))
    , m_side(new SurveySide(context))
    , m_panel(new SpectrumPanel(context))
    , m_saveQuery(context)
{
    m_table->setObjectName(QStringLiteral("targetTable"));
    m_table->setAccessibleName(tr("Targets"));
    m_table->setModel(m_model);
    widgets::setupTable(m_table);
    m_table->horizontalHeader()->setSortIndicator(TargetTableModel::TargetId, Qt::AscendingOrder);
    m_table->setSortingEnabled(true);
    m_table->setSelectionMode(QAbstractItemView::ExtendedSelection);
    m_table->installEventFilter(this);
    m_tableStack->addWidget(m_table);
    m_tableStack->addWidget(m_empty);
    auto* list = new QWidget;
    auto* row = new QHBoxLayout(list);
    row->setContentsMargins({});
    row->addWidget(m_tableStack, 1);
    row->addWidget(m_side);
    m_side->setFixedWidth(kSideWidthInLetters * fontMetrics().averageCharWidth());
    m_splitter->addWidget(list);
    m_splitter->addWidget(m_panel);
    m_splitter->setChildrenCollapsible(false);
    m_splitter->setSizes({360, 340});
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(8, 8, 8, 0);
    column->addWidget(makeTop());
    column->addWidget(m_splitter, 1);
    addActions();
    connectContext();
    updateEmptyState();
}

QWidget* SurveyPage::makeTop()
{
    auto* top = new QWidget;
    auto* column = new QVBoxLayout(top);
    column->setContentsMargins({});
    column->setSpacing(4);
    auto* row = new QHBoxLayout;
    row->addWidget(m_filter, 1);
    row->addWidget(new RuleButton(context().selection()), 0, Qt::AlignTop);
    row->addWidget(new SkySearch(context()), 0, Qt::AlignTop);
    row->addWidget(m_saveButton, 0, Qt::AlignTop);
    row->addWidget(m_sideButton, 0, Qt::AlignTop);
    column->addLayout(row);
    column->addWidget(m_chips);
    column->addWidget(m_note);
    m_note->setObjectName(QStringLiteral("surveyNote"));
    m_note->setWordWrap(true);
    m_note->hide();
    return top;
}

void SurveyPage::addActions()
{
    QAction* filter = addPageAction(Menu::Survey, tr("Filter"), QKeySequence::Find,
                                    tr("Type an expression over the columns"));
    connect(filter, &QAction::triggered, m_filter, &FilterLine::takeFocus);
    QAction* clear = addPageAction(Menu::Survey, tr("Clear filter"), Qt::CTRL | Qt::SHIFT | Qt::Key_F,
                                   tr("Show all spectra"));
    connect(clear, &QAction::triggered, this, [this] { context().selection().setFilter({}); });
    clear->setEnabled(false);
    connect(&context().selection(), &Selection::filterChanged, clear,
            [clear](const QString& expression) { clear->setEnabled(!expression.isEmpty()); });
    m_saveAction = addPageAction(Menu::Survey, tr("Save selection…"), QKeySequence::Save,
                                 context().isBrowsing()
                                     ? tr("Selections are kept in a workspace; this server is only browsed")
                                     : tr("Keep this filter under a name, to train on or to score"));
    connect(m_saveAction, &QAction::triggered, this, &SurveyPage::saveSelectionAs);
    guard(m_saveAction, catalog::Right::Select);
    bindButton(m_saveButton, m_saveAction);
    m_saveButton->setObjectName(QStringLiteral("saveSelection"));
    QAction* reload =
        addPageAction(Menu::Survey, tr("Reload"), QKeySequence::Refresh, tr("Ask the database again"));
    connect(reload, &QAction::triggered, &context(), &AppContext::announceTargets);
    QAction* quality = addPageAction(
        Menu::Survey, tr("Data quality…"), Qt::CTRL | Qt::SHIFT | Qt::Key_D,
        tr("Counts, distributions, what was refused, and fibres, petals, tiles and nights that depart"));
    connect(quality, &QAction::triggered, this,
            [this] { (new QualityReportView(context(), context().selection().filter(), this))->show(); });
    QAction* near = addPageAction(Menu::Survey, tr("Spectra near this one"), Qt::CTRL | Qt::SHIFT | Qt::Key_L,
                                  tr("Within a minute of arc of the current object"));
    connect(near, &QAction::triggered, this, [this] { showNearCurrent(context()); });
    m_table->setContextMenuPolicy(Qt::ActionsContextMenu);
    m_table->addAction(near);
    QAction* match =
        addPageAction(Menu::Survey, tr("Match with a catalogue…"), Qt::CTRL | Qt::SHIFT | Qt::Key_M,
                      tr("Cross-match by place with a FITS, VOTable or CSV table"));
    connect(match, &QAction::triggered, this, [this] { (new MatchDialog(context(), this))->open(); });
    connect(&context(), &AppContext::matchesChanged, this, &SurveyPage::reloadWhenSeen);
    m_besideAction = addPageAction(Menu::View, tr("Spectrum beside the table"), Qt::CTRL | Qt::Key_B,
                                   tr("Instead of below it"));
    m_besideAction->setCheckable(true);
    connect(m_besideAction, &QAction::toggled, this, &SurveyPage::setSpectrumBeside);
    m_sideAction = addPageAction(Menu::View, tr("Sky and redshifts"), Qt::CTRL | Qt::Key_R,
                                 tr("Beside the table: where the list lies, and how far"));
    m_sideAction->setCheckable(true);
    m_sideAction->setChecked(true);
    m_sideButton->setDefaultAction(m_sideAction);
    m_sideButton->setObjectName(QStringLiteral("sideButton"));
    connect(m_sideAction, &QAction::toggled, this, &SurveyPage::updateEmptyState);
    QAction* copy = addPageAction(Menu::Edit, tr("Copy TARGETID"), Qt::CTRL | Qt::SHIFT | Qt::Key_C,
                                  tr("Of the selected rows, one a line"));
    connect(copy, &QAction::triggered, this, &SurveyPage::copyTargetIds);
    copy->setEnabled(false);
    connect(m_table->selectionModel(), &QItemSelectionModel::selectionChanged, copy,
            [this, copy] { copy->setEnabled(m_table->selectionModel()->hasSelection()); });
}

void SurveyPage::connectContext()
{
    Selection& selection = context().selection();
    connect(m_filter, &FilterLine::filterChanged, &selection, &Selection::setFilter);
    connect(&selection, &Selection::filterChanged, this, [this](const QString& expression) {
        if (expression != m_filter->expression())
            m_filter->setExpression(expression);
        applyQuery();
    });
    connect(&selection, &Selection::currentChanged, this, &SurveyPage::selectRowOfCurrent);
    connect(&selection, &Selection::countsChanged, this, &SurveyPage::updateEmptyState);
    connect(&selection, &Selection::pickedChanged, this,
            [this] { m_model->setPicked(context().selection().picked()); });
    connect(&context().facts(), &WorkspaceFacts::changed, this, &SurveyPage::onFactsChanged);
    connect(&context(), &AppContext::labelsChanged, this, &SurveyPage::reloadWhenSeen);
    connect(&context().jobs(), &JobRunner::jobFinished, this, &SurveyPage::onJobFinished);
    for (const auto signal : {&JobRunner::jobAdded, &JobRunner::jobChanged, &JobRunner::jobFinished})
        connect(&context().jobs(), signal, this, &SurveyPage::onJobChanged);
    connect(m_chips, &SelectionChips::linkActivated, this, &SurveyPage::showFromTheTop);
    connect(m_model, &TargetTableModel::placed, this, &SurveyPage::onPlaced);
    connect(m_model, &TargetTableModel::firstPageLoaded, this, &SurveyPage::onFirstPage);
    connect(m_model, &TargetTableModel::failed, this, &SurveyPage::showTableError);
    connect(m_table->selectionModel(), &QItemSelectionModel::currentRowChanged, this,
            &SurveyPage::onRowChanged);
    connect(m_table->selectionModel(), &QItemSelectionModel::selectionChanged, this,
            &SurveyPage::onRowsPicked);
    connect(m_empty, &widgets::EmptyState::triggered, this, [this] {
        if (context().selection().filter().isEmpty())
            emit context().importWanted();
        else
            context().selection().setFilter({});
    });
    connect(&m_saveQuery, &AsyncQuery::failed, this, [this](const ErrorText& error) {
        m_note->setText(error.toString());
        m_note->show();
    });
}

void SurveyPage::activate()
{
    if (std::exchange(m_stale, false))
        m_model->reload();
    if (!context().selection().current() && m_model->rowCount() > 0)
        m_table->setCurrentIndex(m_model->index(0, 0));
    selectRowOfCurrent();
    m_table->setFocus();
}

/// Labels change with every key on another page: not a reason to query each time.
void SurveyPage::reloadWhenSeen()
{
    m_stale = !isVisible();
    if (!m_stale)
        m_model->reload();
}

bool SurveyPage::isSettled() const
{
    return m_queried && !m_model->isLoading() && m_side->isSettled() && context().spectra().isSettled();
}

void SurveyPage::onFactsChanged()
{
    m_filter->setModelAvailable(context().facts().isScored());
    for (const int column : {TargetTableModel::Rank, TargetTableModel::Score, TargetTableModel::Artefact})
        m_table->setColumnHidden(column, !context().facts().isScored());
    applyQuery();
}

void SurveyPage::applyQuery()
{
    const WorkspaceFacts& facts = context().facts();
    if (!facts.isLoaded())
        return;
    m_model->setQuery(context().selection().filter().toStdString(),
                      facts.isScored() ? std::optional(facts.shownModel()->id) : std::nullopt);
    updateEmptyState();
}

void SurveyPage::onFirstPage()
{
    m_queried = true;
    const bool scored = context().facts().isScored();
    if (m_model->rowCount() > 0 && m_fitted != std::optional(scored)) {
        widgets::fitColumns(m_table);
        m_fitted = scored; // other columns when there are scores
    }
    updateEmptyState();
    const bool first = std::exchange(m_fromTheTop, false) || !context().selection().current();
    if (first && isVisible() && m_model->rowCount() > 0) // unseen, it leaves the choice to the page in front
        m_table->setCurrentIndex(m_model->index(0, 0));
    selectRowOfCurrent();
}

void SurveyPage::updateEmptyState()
{
    const bool noTargets = context().facts().targets() == 0;
    const bool noMatch = m_queried && !m_model->isOutdated() && m_model->rowCount() == 0;
    const JobRunner& jobs = context().jobs();
    if (noTargets && jobs.isActive(QStringLiteral("ingest")))
        m_empty->setTexts(tr("Importing…"), m_importProgress, {});
    else if (noTargets && jobs.isActive(QStringLiteral("demo")))
        m_empty->setTexts(tr("The demo is being prepared…"), m_importProgress, {});
    else if (noTargets)
        m_empty->setTexts(tr("No spectra yet"),
                          tr("Import DESI coadd and redrock files, or drop files and folders on the window."),
                          tr("Import DESI files…"));
    else
        m_empty->setTexts(tr("Nothing matches the filter"), context().selection().filter(),
                          tr("Clear filter"));
    m_tableStack->setCurrentIndex(noTargets || noMatch ? 1 : 0);
    enable(m_saveAction, !noTargets && !noMatch);
    if (noTargets)
        enableWithRight(context(), m_empty->button(), catalog::Right::Ingest);
    else
        m_empty->button()->setEnabled(true);
    m_panel->setVisible(!noTargets);
    m_side->setVisible(!noTargets && m_sideAction->isChecked());
}

void SurveyPage::onJobChanged(const JobStatus& job)
{
    if (job.kind != QLatin1String("ingest") && job.kind != QLatin1String("demo"))
        return;
    const QString detail = QString::fromStdString(job.progress.detail); // "1200 spectra"
    m_importProgress = QString::fromStdString(job.progress.phase);
    if (!detail.isEmpty())
        m_importProgress = tr("%1: %2 so far").arg(m_importProgress, detail);
    updateEmptyState();
}

void SurveyPage::onRowChanged()
{
    const int row = m_table->currentIndex().row();
    if (row < 0)
        return;
    context().selection().setCurrent(m_model->row(row).id);
    prefetchAround(row);
}

void SurveyPage::prefetchAround(int row)
{
    std::vector<core::SpectrumId> wishes;
    for (int step = 1; step <= kPrefetchedNeighbours; ++step)
        if (row + step < m_model->rowCount())
            wishes.push_back(m_model->row(row + step).id);
    if (row > 0)
        wishes.push_back(m_model->row(row - 1).id);
    context().spectra().prefetch(std::move(wishes));
}

void SurveyPage::onRowsPicked()
{
    const QModelIndexList rows = m_table->selectionModel()->selectedRows();
    if (rows.size() < 2 || !m_table->isVisible())
        return;
    std::vector<core::SpectrumId> ids;
    for (const QModelIndex& index : rows)
        ids.push_back(m_model->row(index.row()).id);
    context().selection().setPicked(std::move(ids), tr("rows of the table"));
}

void SurveyPage::selectRowOfCurrent()
{
    const auto current = context().selection().current();
    const int row = current ? m_model->rowOf(*current) : -1;
    if (row >= 0) {
        showPlace(true);
        selectRow(row);
        return;
    }
    m_table->clearSelection();
    m_table->setCurrentIndex({}); // else the focus would make the first row current
    if (current && m_queried && !m_model->isOutdated() && isVisible())
        m_model->reveal(*current);
}

void SurveyPage::selectRow(int row)
{
    if (row != m_table->currentIndex().row()) // not through the view, which looks at Shift
        m_table->selectionModel()->setCurrentIndex(
            m_model->index(row, 0), QItemSelectionModel::ClearAndSelect | QItemSelectionModel::Rows);
}

void SurveyPage::onPlaced(core::SpectrumId id, bool listed, int row)
{
    if (context().selection().current() != id)
        return;
    showPlace(listed);
    if (listed)
        selectRow(row);
    else
        m_nextRow = row;
}

void SurveyPage::showPlace(bool listed)
{
    m_nextRow.reset();
    if (!listed)
        m_chips->setNote(tr("The current object is not in this list."));
    else if (m_model->rowsAbove().value > 0)
        m_chips->setNote(tr("%1 rows are above the current object, with which the list begins. <a "
                            "href='top'>Show it from the top</a>")
                             .arg(rowCountText(m_model->rowsAbove())));
    else
        m_chips->setNote({});
}

void SurveyPage::showFromTheTop()
{
    m_fromTheTop = true;
    m_model->reload();
}

void SurveyPage::moveCurrent(int step)
{
    const int last = m_model->rowCount() - 1;
    const int row = m_table->currentIndex().row();
    const bool placePending = row < 0 && !m_nextRow && m_model->isLoading();
    if (last < 0 || placePending)
        return;
    const int wanted = m_nextRow && row < 0 ? *m_nextRow + (step > 0 ? step - 1 : step) : row + step;
    m_table->setCurrentIndex(m_model->index(std::clamp(wanted, 0, last), 0));
    if (wanted >= last && m_model->canFetchMore({}))
        m_model->fetchMore({});
}

void SurveyPage::keyPressEvent(QKeyEvent* event)
{
    if (event->key() == Qt::Key_Escape)
        context().selection().clearPicked();
    else
        Page::keyPressEvent(event);
}

/// Without a current row the table would go to its first one.
bool SurveyPage::eventFilter(QObject* watched, QEvent* event)
{
    if (watched == m_table && event->type() == QEvent::KeyPress && !m_table->currentIndex().isValid()) {
        const int key = static_cast<QKeyEvent*>(event)->key();
        if (key == Qt::Key_Up || key == Qt::Key_Down) {
            moveCurrent(key == Qt::Key_Down ? +1 : -1);
            return true;
        }
    }
    return Page::eventFilter(watched, event);
}

void SurveyPage::showTableError(const ErrorText& error)
{
    m_filter->showError(error.toString());
}

void SurveyPage::saveSelectionAs()
{
    auto* dialog = new QInputDialog(this);
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    dialog->setWindowTitle(tr("Save selection"));
    dialog->setLabelText(tr("Name of the selection (letters, digits, '-', '_', '.'):"));
    connect(dialog, &QInputDialog::textValueSelected, this, &SurveyPage::saveSelection);
    dialog->open();
}

void SurveyPage::saveSelection(const QString& name)
{
    const std::string where = context().selection().filter().toStdString();
    m_saveQuery.ask(
        [name = name.trimmed().toStdString(), where](const pipeline::Session& session, std::stop_token) {
            return catalog::saveSelection(session.database(), name, where);
        },
        [this](const std::shared_ptr<const catalog::Selection>& saved) {
            m_note->setText(tr("Saved selection %1 with %Ln spectrum(s). Train on it on the page Train.",
                               nullptr, static_cast<int>(saved->count))
                                .arg(QString::fromStdString(saved->name)));
            m_note->show();
            context().announceSelections();
        });
}

void SurveyPage::setSpectrumBeside(bool beside)
{
    m_splitter->setOrientation(beside ? Qt::Horizontal : Qt::Vertical);
}

void SurveyPage::onJobFinished(const JobStatus& job)
{
    if (job.kind != QLatin1String("ingest"))
        return;
    if (job.state == JobState::Failed) {
        m_note->setText(job.error.toString());
        m_note->show();
        return;
    }
    const QJsonArray problems = job.outcome.details.value(QStringLiteral("problems")).toArray();
    QString text = job.outcome.summary.toHtmlEscaped();
    if (!problems.isEmpty())
        text += tr(" — <a href='problems'>show what was refused</a>");
    text += tr(" — <a href='quality'>data quality</a>");
    m_note->setText(text);
    m_note->setVisible(!text.isEmpty());
    m_note->disconnect(this);
    connect(m_note, &QLabel::linkActivated, this, [this, problems](const QString& link) {
        if (link == QLatin1String("quality"))
            (new QualityReportView(context(), {}, this))->show();
        else
            (new ImportReport(problems, this))->show();
    });
}

void SurveyPage::copyTargetIds()
{
    QStringList lines;
    const QModelIndexList rows = m_table->selectionModel()->selectedRows();
    for (const QModelIndex& index : rows)
        lines.append(QString::number(m_model->row(index.row()).info.key.targetId.value));
    QApplication::clipboard()->setText(lines.join(QLatin1Char('\n')));
}

void SurveyPage::saveState(QSettings& settings) const
{
    settings.setValue(QStringLiteral("splitter"), m_splitter->saveState());
    settings.setValue(QStringLiteral("beside"), m_besideAction->isChecked());
    settings.setValue(QStringLiteral("side"), m_sideAction->isChecked());
    settings.setValue(QStringLiteral("filter"), context().selection().filter());
    settings.setValue(QStringLiteral("sortColumn"), static_cast<int>(m_model->sortColumn()));
    settings.setValue(QStringLiteral("descending"), m_model->sortOrder() == Qt::DescendingOrder);
    const auto current = context().selection().current();
    settings.setValue(QStringLiteral("current"), current ? QString::number(current->value) : QString());
}

void SurveyPage::restoreState(QSettings& settings)
{
    m_sideAction->setChecked(settings.value(QStringLiteral("side"), true).toBool());
    m_besideAction->setChecked(settings.value(QStringLiteral("beside"), false).toBool());
    m_splitter->restoreState(settings.value(QStringLiteral("splitter")).toByteArray());
    const int column = std::clamp(settings.value(QStringLiteral("sortColumn"), 0).toInt(), 0,
                                  static_cast<int>(TargetTableModel::ColumnCount) - 1);
    const bool descending = settings.value(QStringLiteral("descending"), false).toBool();
    const Qt::SortOrder order = descending ? Qt::DescendingOrder : Qt::AscendingOrder;
    m_model->setInitialSort(static_cast<TargetTableModel::Column>(column), order);
    m_table->horizontalHeader()->setSortIndicator(column, order);
    context().selection().setFilter(settings.value(QStringLiteral("filter")).toString());
    bool known = false;
    const qint64 current = settings.value(QStringLiteral("current")).toString().toLongLong(&known);
    if (known)
        context().selection().setCurrent(core::SpectrumId{current});
}

} // namespace voorwerp::app
