// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/pages/candidates_page.h"

#include "app/app_context.h"
#include "app/icons.h"
#include "app/label_book.h"
#include "app/pages/candidate_table_model.h"
#include "app/pages/export_dialog.h"
#include "app/pages/label_bar.h"
#include "app/pages/model_chooser.h"
#include "app/pages/selection_chips.h"
#include "app/right_gate.h"
#include "app/score_service.h"
#include "app/spectrum_panel.h"
#include "app/spectrum_service.h"
#include "app/workspace_facts.h"
#include "widgets/empty_state.h"
#include "widgets/score_bars.h"
#include "widgets/spectrum_plot.h"
#include "widgets/table_setup.h"

#include <QAction>
#include <QApplication>
#include <QCheckBox>
#include <QComboBox>
#include <QHeaderView>
#include <QKeyEvent>
#include <QLabel>
#include <QPushButton>
#include <QSpinBox>
#include <QSplitter>
#include <QStackedWidget>
#include <QTableView>
#include <QVBoxLayout>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

namespace voorwerp::app {

namespace {

constexpr int kPrefetchedNeighbours = 3;
constexpr float kArtefact = 0.5F;
constexpr int kSmallerIsStranger = 7; ///< index of q in scoreValues()
const char* const kNoClass = "unclassified";

QString reviewKeys()
{
    const std::pair<const char*, QString> keys[] = {{"n b", CandidatesPage::tr("next, previous")},
                                                    {"0–4", CandidatesPage::tr("quality and next")},
                                                    {"Enter", CandidatesPage::tr("take the suggestion")},
                                                    {"Del", CandidatesPage::tr("no label")},
                                                    {"Ctrl+Z", CandidatesPage::tr("undo")},
                                                    {"c", CandidatesPage::tr("comment")},
                                                    {"s d", CandidatesPage::tr("smoothing")},
                                                    {"l", CandidatesPage::tr("lines")},
                                                    {"o", CandidatesPage::tr("rest frame")},
                                                    {"m", CandidatesPage::tr("mask")},
                                                    {"t", CandidatesPage::tr("model")},
                                                    {"← →", CandidatesPage::tr("trial z")},
                                                    {"z", CandidatesPage::tr("its own z")},
                                                    {"r", CandidatesPage::tr("whole range")},
                                                    {"F11", CandidatesPage::tr("back")}};
    QStringList words;
    for (const auto& [key, meaning] : keys)
        words << QStringLiteral("<b>%1</b>&nbsp;%2").arg(QString::fromUtf8(key), meaning);
    return words.join(QStringLiteral(" &nbsp; "));
}

/// Keys that belong to the plot while the list has the focus.
bool isPlotKey(const QKeyEvent& event)
{
    return !(event.modifiers() & (Qt::ControlModifier | Qt::AltModifier)) &&
           (event.key() == Qt::Key_Left || event.key() == Qt::Key_Right);
}

} // namespace

CandidatesPage::CandidatesPage(AppContext& context, QWidget* parent)
    : Page(context, QStringLiteral("candidates"), tr("Candidates"), lineIcon(IconShape::Candidates), parent)
    , m_sort(new QComboBox)
    , m_count(new QSpinBox)
    , m_chips(new SelectionChips(context.selection(), true))
    , m_onlyPicked(new QCheckBox(tr("only what is picked")))
    , m_noArtefacts(new QCheckBox(tr("hide artefacts")))
    , m_notLabelled(new QCheckBox(tr("hide labelled")))
    , m_note(new QLabel)
    , m_keys(new QLabel)
    , m_tableStack(new QStackedWidget)
    , m_empty(new widgets::EmptyState({}, {}))
    , m_table(new QTableView)
    , m_model(new CandidateTableModel(context.labels(), this))
    , m_splitter(new QSplitter(Qt::Vertical))
    , m_panel(new SpectrumPanel(context))
{
    addActions();
    addLabelActions();
    setUpTable();
    m_top = makeTop();
    m_tableStack->addWidget(m_table);
    m_tableStack->addWidget(m_empty);
    m_splitter->addWidget(m_tableStack);
    m_splitter->addWidget(makeRight());
    m_splitter->setChildrenCollapsible(false);
    m_splitter->setSizes({260, 440});
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(0, 4, 0, 0);
    column->setSpacing(2);
    column->addWidget(m_top);
    column->addWidget(m_chips);
    column->addWidget(m_note);
    column->addWidget(m_splitter, 1);
    m_chips->setContentsMargins(8, 0, 8, 0);
    m_note->setWordWrap(true);
    m_note->setContentsMargins(8, 0, 8, 0);
    m_note->setObjectName(QStringLiteral("candidatesNote"));
    m_note->hide();
    connectContext();
    updateEmptyState();
    onLabels();
}

QWidget* CandidatesPage::makeTop()
{
    auto* top = new QWidget;
    auto* row = new QHBoxLayout(top);
    row->setContentsMargins(8, 0, 8, 0);
    for (const ScoreValue& value : scoreValues())
        m_sort->addItem(tr("strangest by %1").arg(value.name));
    m_sort->setAccessibleName(tr("Rank by"));
    m_count->setRange(10, 100000);
    m_count->setSingleStep(100);
    m_count->setValue(1000);
    m_count->setPrefix(tr("first "));
    m_count->setGroupSeparatorShown(true);
    m_count->setAccessibleName(tr("Rows in the list"));
    m_onlyPicked->setObjectName(QStringLiteral("onlyPicked"));
    auto* exportButton = new QPushButton(tr("Export…"));
    connect(exportButton, &QPushButton::clicked, this, &CandidatesPage::openExport);
    row->addWidget(new ModelChooser(context()));
    row->addWidget(m_sort);
    row->addWidget(m_count);
    for (QCheckBox* box : {m_onlyPicked, m_noArtefacts, m_notLabelled}) {
        row->addWidget(box);
        connect(box, &QCheckBox::toggled, this, &CandidatesPage::updateRows);
    }
    row->addStretch(1);
    row->addWidget(exportButton);
    connect(m_sort, &QComboBox::activated, this, &CandidatesPage::updateRows);
    connect(m_count, &QSpinBox::valueChanged, this, &CandidatesPage::updateRows);
    return top;
}

QWidget* CandidatesPage::makeRight()
{
    auto* right = new QWidget;
    auto* column = new QVBoxLayout(right);
    column->setContentsMargins({});
    column->setSpacing(0);
    m_labelBar = new LabelBar(m_classActions, m_qualityActions);
    m_keys->setWordWrap(true);
    m_keys->setContentsMargins(8, 0, 8, 6);
    m_keys->setObjectName(QStringLiteral("reviewKeys"));
    m_keys->setText(reviewKeys());
    m_keys->hide();
    column->addWidget(m_panel, 1);
    column->addWidget(m_labelBar);
    column->addWidget(m_keys);
    connect(m_labelBar, &LabelBar::commentWanted, this, &CandidatesPage::setComment);
    connect(m_labelBar, &LabelBar::editingFinished, this, &CandidatesPage::activate);
    return right;
}

void CandidatesPage::setUpTable()
{
    m_table->setModel(m_model);
    m_table->setObjectName(QStringLiteral("candidateTable"));
    m_table->setAccessibleName(tr("Candidates"));
    widgets::setupTable(m_table);
    m_table->setSelectionMode(QAbstractItemView::SingleSelection);
    m_table->setItemDelegateForColumn(CandidateTableModel::Components, new widgets::ScoreBars(m_table));
    m_table->horizontalHeader()->setSortIndicator(CandidateTableModel::Rank, Qt::AscendingOrder);
    m_table->setSortingEnabled(true);
    m_table->installEventFilter(this);
    connect(m_table->selectionModel(), &QItemSelectionModel::currentRowChanged, this,
            &CandidatesPage::onRowChanged);
    connect(m_empty, &widgets::EmptyState::triggered, this, [this] {
        if (!context().facts().isScored()) {
            emit context().showPage(QStringLiteral("train"));
            return;
        }
        context().selection().setFilter({});
        for (QCheckBox* box : {m_onlyPicked, m_noArtefacts, m_notLabelled})
            box->setChecked(false);
    });
}

void CandidatesPage::addActions()
{
    m_review = addPageAction(Menu::View, tr("Review mode"), Qt::Key_F11,
                             tr("Only the spectrum, its explanation, the label and the keys"));
    m_review->setCheckable(true);
    connect(m_review, &QAction::toggled, this, &CandidatesPage::setReviewing);
    m_exportAction = addPageAction(Menu::File, tr("Export candidates…"), Qt::CTRL | Qt::Key_E,
                                   tr("The ranked list as CSV or FITS"));
    m_exportAction->setEnabled(false);
    connect(m_exportAction, &QAction::triggered, this, &CandidatesPage::openExport);
}

void CandidatesPage::addLabelActions()
{
    for (const LabelClass& labelClass : labelClasses()) {
        const QString name = QString::fromLatin1(labelClass.name);
        QAction* action = addPageAction(Menu::Edit, tr("Label: %1").arg(name), Qt::SHIFT | labelClass.key,
                                        tr("Set the class of this target"));
        action->setIconText(name + QStringLiteral(" ⇧") + QKeySequence(labelClass.key).toString());
        action->setCheckable(true);
        connect(action, &QAction::triggered, this, [this, labelClass] { setClass(labelClass.name); });
        m_classActions << action;
    }
    for (int quality = 0; quality <= 4; ++quality) {
        QAction* action = addPageAction(Menu::Edit, tr("Quality %1").arg(quality),
                                        static_cast<Qt::Key>(Qt::Key_0 + quality), qualityMeaning(quality));
        action->setIconText(QString::number(quality));
        action->setCheckable(true);
        connect(action, &QAction::triggered, this, [this, quality] { setQuality(quality); });
        m_qualityActions << action;
    }
    QAction* accept =
        addPageAction(Menu::Edit, tr("Take the suggested kind"), Qt::Key_Return, tr("As the label's class"));
    QAction* comment = addPageAction(Menu::Edit, tr("Comment"), Qt::Key_C, tr("Enter saves it"));
    QAction* remove =
        addPageAction(Menu::Edit, tr("Remove the label"), Qt::Key_Delete, tr("Its history stays"));
    connect(accept, &QAction::triggered, this, &CandidatesPage::acceptSuggestion);
    connect(comment, &QAction::triggered, this, [this] { m_labelBar->editComment(); });
    connect(remove, &QAction::triggered, this, &CandidatesPage::clearLabel);
    m_targetActions = m_classActions + m_qualityActions + QList{accept, comment, remove};
    QAction* undo = addPageAction(Menu::Edit, tr("Undo label"), QKeySequence::Undo, tr("Your newest change"));
    connect(undo, &QAction::triggered, &context().labels(), &LabelBook::undo);
    for (QAction* action : std::as_const(m_targetActions))
        action->setEnabled(false);
    for (QAction* action : m_targetActions + QList{undo})
        guard(action, catalog::Right::Label);
}

void CandidatesPage::connectContext()
{
    connect(&context().scores(), &ScoreService::changed, this, &CandidatesPage::onScores);
    connect(&context().scores(), &ScoreService::failed, this, [this](const ErrorText& error) {
        m_error = error.toString();
        updateEmptyState();
    });
    connect(&context().facts(), &WorkspaceFacts::changed, this, &CandidatesPage::updateEmptyState);
    for (const auto signal : {&JobRunner::jobAdded, &JobRunner::jobChanged, &JobRunner::jobFinished})
        connect(&context().jobs(), signal, this, &CandidatesPage::updateEmptyState);
    connect(&context().selection(), &Selection::currentChanged, this, &CandidatesPage::selectRowOfCurrent);
    connect(&context().selection(), &Selection::pickedChanged, this, [this] {
        m_model->setPicked(context().selection().picked());
        if (m_onlyPicked->isChecked())
            updateRows();
    });
    connect(&context(), &AppContext::showMessage, this, [this](const QString& text) {
        if (m_reviewing) // the window's status line is not shown
            showNote(text.toHtmlEscaped());
    });
    LabelBook& labels = context().labels();
    connect(&labels, &LabelBook::changed, this, &CandidatesPage::onLabels);
    connect(&labels, &LabelBook::failed, this, &CandidatesPage::onLabelFailed);
    connect(&context(), &AppContext::labelsChanged, m_note, &QWidget::hide); // all are written
    connect(&labels, &LabelBook::undone, this, &CandidatesPage::onUndone);
    connect(m_note, &QLabel::linkActivated, this, [this] {
        m_note->hide();
        context().labels().retry();
    });
}

void CandidatesPage::activate()
{
    context().scores().want();
    updateEmptyState();
    selectRowOfCurrent();
    if (m_reviewing)
        m_panel->plot()->setFocus();
    else
        m_table->setFocus();
}

bool CandidatesPage::isSettled() const
{
    return !context().scores().isLoading() && context().spectra().isSettled() &&
           context().labels().isSettled();
}

void CandidatesPage::onScores()
{
    m_error.clear();
    m_data = context().scores().data();
    updateRows();
    if (m_model->rowCount() > 0 && !std::exchange(m_fitted, true))
        widgets::fitColumns(m_table);
}

bool CandidatesPage::isWanted(std::uint32_t row) const
{
    const catalog::ScoreColumns& columns = m_data->columns;
    if (m_noArtefacts->isChecked() && columns.artefact[row] >= kArtefact)
        return false;
    if (m_onlyPicked->isChecked() && !context().selection().isPicked(columns.ids[row]))
        return false;
    return !m_notLabelled->isChecked() || !context().labels().label(columns.targetIds[row]);
}

void CandidatesPage::updateRows()
{
    std::vector<std::uint32_t> rows;
    if (m_data) {
        for (std::uint32_t row = 0; row < m_data->size(); ++row) {
            if (isWanted(row))
                rows.push_back(row);
        }
        const auto values = scoreArray(m_data, m_sort->currentIndex());
        const float sign = m_sort->currentIndex() == kSmallerIsStranger ? -1.0F : 1.0F;
        const auto key = [&](std::uint32_t row) {
            return std::isnan((*values)[row]) ? -std::numeric_limits<float>::infinity()
                                              : sign * (*values)[row];
        };
        const auto most = std::min(rows.size(), static_cast<std::size_t>(m_count->value()));
        std::partial_sort(rows.begin(), rows.begin() + static_cast<std::ptrdiff_t>(most), rows.end(),
                          [&](std::uint32_t a, std::uint32_t b) { return key(a) > key(b); });
        rows.resize(most);
    }
    m_model->setRows(m_data, std::move(rows));
    selectRowOfCurrent(); // before the table may appear: one with the focus would make its first row current
    updateEmptyState();
    if (m_model->rowCount() > 0 && !context().selection().current() && isVisible())
        m_table->setCurrentIndex(m_model->index(0, 0));
}

void CandidatesPage::onRowChanged()
{
    const int row = m_table->currentIndex().row();
    if (row < 0)
        return;
    m_lastRow = row;
    context().selection().setCurrent(m_model->idAt(row));
    std::vector<core::SpectrumId> wishes;
    for (int step = 1; step <= kPrefetchedNeighbours; ++step) {
        if (row + step < m_model->rowCount())
            wishes.push_back(m_model->idAt(row + step));
    }
    if (row > 0)
        wishes.push_back(m_model->idAt(row - 1));
    context().spectra().prefetch(std::move(wishes));
}

void CandidatesPage::selectRowOfCurrent()
{
    const auto current = context().selection().current();
    const int row = current ? m_model->rowOf(*current) : -1;
    if (row < 0)
        m_table->setCurrentIndex({}); // also keeps the focus from making the first row current
    else if (row != m_table->currentIndex().row())
        m_table->setCurrentIndex(m_model->index(row, 0));
    const bool missing = current && row < 0 && m_model->rowCount() > 0;
    m_chips->setNote(missing ? tr("The current object is not in this list.") : QString());
    const auto dataRow = currentDataRow();
    m_panel->setNote(
        dataRow ? tr("#%L1 of %L2").arg(m_data->columns.rank[*dataRow]).arg(context().facts().scored())
                : QString());
    onLabels();
}

std::optional<std::uint32_t> CandidatesPage::currentDataRow() const
{
    const auto current = context().selection().current();
    return m_data && current ? m_data->rowOf(*current) : std::nullopt;
}

std::optional<catalog::Label> CandidatesPage::currentLabel() const
{
    const auto row = currentDataRow();
    return row ? context().labels().label(m_data->columns.targetIds[*row]) : std::nullopt;
}

void CandidatesPage::onLabels()
{
    m_model->refreshLabels();
    const bool hasTarget = currentDataRow().has_value();
    m_labelBar->show(currentLabel(), hasTarget && context().permissions().may(catalog::Right::Label));
    m_labelBar->setToolTip(whyNot(context(), catalog::Right::Label));
    for (QAction* action : std::as_const(m_targetActions))
        enable(action, hasTarget);
}

void CandidatesPage::setClass(const std::string& labelClass)
{
    const auto row = currentDataRow();
    if (!row)
        return;
    const auto before = currentLabel().value_or(catalog::Label{});
    context().labels().set(m_data->columns.targetIds[*row], labelClass, before.quality, before.comment);
}

void CandidatesPage::setQuality(int quality)
{
    const auto row = currentDataRow();
    if (!row)
        return;
    const auto before = currentLabel().value_or(catalog::Label{});
    context().labels().set(m_data->columns.targetIds[*row],
                           before.labelClass.empty() ? kNoClass : before.labelClass, quality, before.comment);
    moveCurrent(+1);
}

void CandidatesPage::setComment(const QString& comment)
{
    const auto row = currentDataRow();
    const auto before = currentLabel().value_or(catalog::Label{});
    if (!row || comment.toStdString() == before.comment)
        return;
    context().labels().set(m_data->columns.targetIds[*row],
                           before.labelClass.empty() ? kNoClass : before.labelClass, before.quality,
                           comment.toStdString());
}

void CandidatesPage::acceptSuggestion()
{
    if (const auto row = currentDataRow(); row && !m_data->columns.kind[*row].empty())
        setClass(m_data->columns.kind[*row]);
}

void CandidatesPage::clearLabel()
{
    if (const auto row = currentDataRow())
        context().labels().clear(m_data->columns.targetIds[*row]);
}

void CandidatesPage::onLabelFailed(const ErrorText& error)
{
    showNote(
        tr("A label is not saved: %1 <a href='retry'>Try again</a>").arg(error.toString().toHtmlEscaped()));
}

void CandidatesPage::onUndone(std::optional<core::TargetId> target)
{
    emit context().showMessage(
        target ? tr("Took back the newest label change, of TARGETID %1").arg(target->value)
               : tr("There is no label change to undo"));
    if (!target || !m_data)
        return;
    const auto& targets = m_data->columns.targetIds;
    const auto found = std::find(targets.begin(), targets.end(), *target);
    if (found != targets.end())
        context().selection().setCurrent(
            m_data->columns.ids[static_cast<std::size_t>(found - targets.begin())]);
}

void CandidatesPage::showNote(const QString& html)
{
    m_note->setText(html);
    m_note->show();
}

ShownCandidates CandidatesPage::shownCandidates() const
{
    ShownCandidates shown;
    for (int row = 0; row < m_model->rowCount(); ++row)
        shown.ids.push_back(m_model->idAt(row));
    QStringList words{m_sort->currentText(), m_count->text()};
    const QString& filter = context().selection().filter();
    if (!filter.isEmpty())
        words.prepend(filter);
    for (const QCheckBox* box : {m_onlyPicked, m_noArtefacts, m_notLabelled}) {
        if (box->isChecked())
            words << box->text();
    }
    shown.words = tr("what the list showed: %1").arg(words.join(QStringLiteral("; ")));
    if (const SpectrumIds& picked = context().selection().picked(); picked && m_data) {
        shown.picked = *picked;
        const auto rank = [this](core::SpectrumId id) {
            const auto row = m_data->rowOf(id);
            return row ? m_data->columns.rank[*row] : std::numeric_limits<std::int32_t>::max();
        };
        std::stable_sort(shown.picked.begin(), shown.picked.end(),
                         [&](core::SpectrumId a, core::SpectrumId b) { return rank(a) < rank(b); });
    }
    shown.pickedWords = context().selection().pickedWords();
    shown.sortKey = QString::fromLatin1(scoreValues()[static_cast<std::size_t>(m_sort->currentIndex())].key);
    return shown;
}

void CandidatesPage::openExport()
{
    (new ExportDialog(context(), shownCandidates(), this))->open();
}

void CandidatesPage::setReviewing(bool reviewing)
{
    m_reviewing = reviewing;
    m_top->setVisible(!reviewing);
    m_tableStack->setVisible(!reviewing);
    m_keys->setVisible(reviewing);
    emit fullPageWanted(reviewing);
    activate();
}

void CandidatesPage::moveCurrent(int step)
{
    const int last = m_model->rowCount() - 1;
    if (last < 0)
        return;
    const int row = m_table->currentIndex().row();
    const int wanted = row >= 0 ? row + step : m_lastRow + (step > 0 ? step - 1 : step);
    m_table->setCurrentIndex(m_model->index(std::clamp(wanted, 0, last), 0));
}

bool CandidatesPage::eventFilter(QObject* watched, QEvent* event)
{
    if (watched == m_table && event->type() == QEvent::KeyPress) {
        auto& key = static_cast<QKeyEvent&>(*event);
        if (isPlotKey(key))
            return QApplication::sendEvent(m_panel->plot(), event);
        if (key.key() == Qt::Key_Up || key.key() == Qt::Key_Down) { // also from where no row is current
            keyPressEvent(&key);
            return true;
        }
    }
    return Page::eventFilter(watched, event);
}

void CandidatesPage::keyPressEvent(QKeyEvent* event)
{
    if (event->key() == Qt::Key_Up || event->key() == Qt::Key_Down)
        moveCurrent(event->key() == Qt::Key_Down ? +1 : -1);
    else if (event->key() == Qt::Key_Escape && m_reviewing)
        m_review->setChecked(false);
    else if (event->key() == Qt::Key_Escape)
        context().selection().clearPicked();
    else
        Page::keyPressEvent(event);
}

QString CandidatesPage::runningJob() const
{
    for (const JobStatus& job : context().jobs().jobs()) {
        const bool makesScores = job.kind == QLatin1String("score") || job.kind == QLatin1String("train") ||
                                 job.kind == QLatin1String("demo");
        if (!job.isOver() && makesScores)
            return job.progress.phase.empty() ? job.title : QString::fromStdString(job.progress.phase);
    }
    return {};
}

void CandidatesPage::updateEmptyState()
{
    m_exportAction->setEnabled(context().facts().isScored());
    if (!m_error.isEmpty())
        m_empty->setTexts(tr("The scores could not be loaded"), m_error, {});
    else if (const QString job = runningJob(); !context().facts().isScored() && !job.isEmpty())
        m_empty->setTexts(tr("The ranked list is being made"),
                          tr("%1… The strip below shows how far it is.").arg(job), {});
    else if (!context().facts().isScored())
        m_empty->setTexts(tr("No ranked list yet"),
                          tr("Train a model and score a selection; the strangest spectra come first here."),
                          tr("Go to Train"));
    else if (!m_data)
        m_empty->setTexts(tr("Loading the scores…"), {}, {});
    else
        m_empty->setTexts(tr("Nothing is left to show"),
                          tr("The filter, the pick or the boxes above hide every scored spectrum."),
                          tr("Show all"));
    m_tableStack->setCurrentIndex(m_model->rowCount() == 0 ? 1 : 0);
}

void CandidatesPage::saveState(QSettings& settings) const
{
    settings.setValue(QStringLiteral("splitter"), m_splitter->saveState());
    settings.setValue(QStringLiteral("sort"), m_sort->currentIndex());
    settings.setValue(QStringLiteral("count"), m_count->value());
    settings.setValue(QStringLiteral("noArtefacts"), m_noArtefacts->isChecked());
    settings.setValue(QStringLiteral("notLabelled"), m_notLabelled->isChecked());
}

void CandidatesPage::restoreState(QSettings& settings)
{
    m_splitter->restoreState(settings.value(QStringLiteral("splitter")).toByteArray());
    m_sort->setCurrentIndex(
        std::clamp(settings.value(QStringLiteral("sort"), 0).toInt(), 0, m_sort->count() - 1));
    m_count->setValue(settings.value(QStringLiteral("count"), 1000).toInt());
    m_noArtefacts->setChecked(settings.value(QStringLiteral("noArtefacts"), false).toBool());
    m_notLabelled->setChecked(settings.value(QStringLiteral("notLabelled"), false).toBool());
}

} // namespace voorwerp::app
