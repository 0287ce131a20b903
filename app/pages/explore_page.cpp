// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/pages/explore_page.h"

#include "app/app_context.h"
#include "app/icons.h"
#include "app/label_book.h"
#include "app/pages/candidate_table_model.h"
#include "app/pages/model_chooser.h"
#include "app/pages/similar_row.h"
#include "app/score_service.h"
#include "app/spectrum_panel.h"
#include "app/spectrum_service.h"
#include "app/workspace_facts.h"
#include "widgets/empty_state.h"
#include "widgets/latent_map.h"
#include "widgets/score_bars.h"
#include "widgets/score_histogram.h"
#include "widgets/spectrum_plot.h"
#include "widgets/table_setup.h"

#include <QAction>
#include <QComboBox>
#include <QHeaderView>
#include <QKeyEvent>
#include <QLabel>
#include <QLocale>
#include <QSplitter>
#include <QStackedWidget>
#include <QTableView>
#include <QToolButton>
#include <QVBoxLayout>

#include <algorithm>
#include <cmath>
#include <map>

namespace voorwerp::app {

namespace {

constexpr std::size_t kMostTableRows = 10000;
constexpr int kNarrowestBox = 10; // characters; a small window may cut the rest off

/// The rows of lowest rank among these, at most `most`.
std::vector<std::uint32_t> bestRanked(const ScoreData& data, std::vector<std::uint32_t> rows,
                                      std::size_t most)
{
    if (rows.size() <= most)
        return rows;
    const auto& rank = data.columns.rank;
    std::nth_element(rows.begin(), rows.begin() + static_cast<std::ptrdiff_t>(most), rows.end(),
                     [&](std::uint32_t a, std::uint32_t b) { return rank[a] < rank[b]; });
    rows.resize(most);
    return rows;
}

/// Texts as categories: the most frequent first, at most eight; the rest and the empty ones are NaN.
widgets::MapColour categories(const QString& name, const std::vector<std::string>& texts)
{
    constexpr std::size_t kMost = 8;
    std::map<std::string, std::size_t> counts;
    for (const std::string& text : texts) {
        if (!text.empty())
            ++counts[text];
    }
    std::vector<std::pair<std::string, std::size_t>> order(counts.begin(), counts.end());
    std::stable_sort(order.begin(), order.end(), [](auto& a, auto& b) { return a.second > b.second; });
    order.resize(std::min(order.size(), kMost));
    std::map<std::string, float> indices;
    widgets::MapColour colour;
    colour.name = name;
    for (std::size_t i = 0; i < order.size(); ++i) {
        indices[order[i].first] = static_cast<float>(i);
        colour.categories << QString::fromStdString(order[i].first);
    }
    auto values = std::make_shared<std::vector<float>>(texts.size(), std::nanf(""));
    for (std::size_t i = 0; i < texts.size(); ++i) {
        if (const auto found = indices.find(texts[i]); found != indices.end())
            (*values)[i] = found->second;
    }
    if (!colour.categories.isEmpty())
        colour.values = values;
    return colour;
}

} // namespace

ExplorePage::ExplorePage(AppContext& context, QWidget* parent)
    : Page(context, QStringLiteral("explore"), tr("Explore"), lineIcon(IconShape::Explore), parent)
    , m_stack(new QStackedWidget)
    , m_empty(new widgets::EmptyState({}, {}))
    , m_columns(new QSplitter(Qt::Horizontal))
    , m_left(new QSplitter(Qt::Vertical))
    , m_rows(new QSplitter(Qt::Vertical))
    , m_map(new widgets::LatentMap)
    , m_histogram(new widgets::ScoreHistogram)
    , m_xBox(new QComboBox)
    , m_yBox(new QComboBox)
    , m_valueBox(new QComboBox)
    , m_panel(new SpectrumPanel(context))
    , m_similar(new SimilarRow(context))
    , m_fold(new QToolButton)
    , m_summary(new QLabel)
    , m_table(new QTableView)
    , m_model(new CandidateTableModel(context.labels(), this))
{
    m_columns->addWidget(makeLeft());
    m_columns->addWidget(makeRight());
    m_columns->setChildrenCollapsible(false);
    m_columns->setSizes({560, 520});
    m_rows->addWidget(m_columns);
    m_rows->addWidget(makeBottom());
    m_rows->setChildrenCollapsible(false);
    m_rows->setStretchFactor(0, 1);
    m_stack->addWidget(m_rows);
    m_stack->addWidget(m_empty);
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins({});
    layout->addWidget(m_stack);
    addActions();
    connectViews();
    connectContext();
    foldTable(true);
    updateEmptyState();
}

QWidget* ExplorePage::makeLeft()
{
    QStringList colours = {tr("density")};
    for (const ScoreValue& value : scoreValues()) {
        colours << value.name;
        m_valueBox->addItem(value.name);
    }
    colours << tr("suggested kind") << tr("label");
    m_map->setColourChoices(colours, m_colour);
    m_valueBox->setAccessibleName(tr("Value of the histogram"));
    m_valueBox->setToolTip(tr("What the histogram counts"));
    m_valueBox->setObjectName(QStringLiteral("histogramValue"));
    m_valueBox->setSizeAdjustPolicy(QComboBox::AdjustToContents);
    auto* lower = new QWidget;
    auto* column = new QVBoxLayout(lower);
    column->setContentsMargins({});
    column->setSpacing(2);
    auto* row = new QHBoxLayout;
    row->setContentsMargins(8, 2, 8, 0);
    row->addWidget(m_valueBox);
    row->addStretch(1);
    column->addLayout(row);
    column->addWidget(m_histogram, 1);
    m_left->addWidget(makeMap());
    m_left->addWidget(lower);
    m_left->setChildrenCollapsible(false);
    m_left->setStretchFactor(0, 1);
    m_left->setSizes({460, 150});
    return m_left;
}

/// The map with whose scores and which axes it shows above it.
QWidget* ExplorePage::makeMap()
{
    auto* map = new QWidget;
    auto* column = new QVBoxLayout(map);
    column->setContentsMargins({});
    column->setSpacing(0);
    auto* row = new QHBoxLayout;
    row->setContentsMargins(8, 4, 8, 2);
    row->addWidget(new ModelChooser(context()));
    row->addStretch(1);
    m_xBox->setObjectName(QStringLiteral("xAxis"));
    m_xBox->setAccessibleName(tr("Horizontal axis of the map"));
    m_yBox->setObjectName(QStringLiteral("yAxis"));
    m_yBox->setAccessibleName(tr("Vertical axis of the map"));
    for (QComboBox* box : {m_xBox, m_yBox}) {
        box->setToolTip(box->accessibleName());
        box->setSizeAdjustPolicy(QComboBox::AdjustToContents);
        box->setMinimumWidth(box->fontMetrics().averageCharWidth() * kNarrowestBox);
        row->addWidget(box);
        connect(box, &QComboBox::activated, this, [this] {
            m_xAxis = m_xBox->currentData().toString();
            m_yAxis = m_yBox->currentData().toString();
            showMap();
        });
    }
    column->addLayout(row);
    column->addWidget(m_map, 1);
    return map;
}

QWidget* ExplorePage::makeRight()
{
    auto* right = new QWidget;
    auto* column = new QVBoxLayout(right);
    column->setContentsMargins({});
    column->setSpacing(0);
    column->addWidget(m_panel, 1);
    column->addWidget(m_similar);
    return right;
}

QWidget* ExplorePage::makeBottom()
{
    auto* bottom = new QWidget;
    auto* column = new QVBoxLayout(bottom);
    column->setContentsMargins({});
    column->setSpacing(0);
    auto* row = new QHBoxLayout;
    row->setContentsMargins(4, 2, 8, 2);
    m_fold->setAutoRaise(true);
    m_fold->setToolButtonStyle(Qt::ToolButtonTextBesideIcon);
    m_fold->setObjectName(QStringLiteral("foldTable"));
    row->addWidget(m_fold);
    row->addWidget(m_summary, 1);
    column->addLayout(row);
    column->addWidget(m_table, 1);
    m_table->setModel(m_model);
    m_table->setObjectName(QStringLiteral("selectionTable"));
    m_table->setAccessibleName(tr("Selected spectra"));
    widgets::setupTable(m_table);
    m_table->setSelectionMode(QAbstractItemView::SingleSelection);
    m_table->setItemDelegateForColumn(CandidateTableModel::Components, new widgets::ScoreBars(m_table));
    m_table->horizontalHeader()->setSortIndicator(CandidateTableModel::Rank, Qt::AscendingOrder);
    m_table->setSortingEnabled(true);
    return bottom;
}

void ExplorePage::addActions()
{
    QAction* fold = addPageAction(Menu::View, tr("Table of the selection"), Qt::CTRL | Qt::Key_T,
                                  tr("Unfold or fold the selected spectra below the map"));
    fold->setCheckable(true);
    connect(fold, &QAction::toggled, this, [this](bool shown) { foldTable(!shown); });
    m_fold->setDefaultAction(fold);
    QAction* clear = addPageAction(Menu::Edit, tr("Clear the selection"), Qt::CTRL | Qt::Key_D,
                                   tr("Nothing is picked any more"));
    connect(clear, &QAction::triggered, this, [this] { context().selection().clearPicked(); });
    clear->setEnabled(false);
    connect(&context().selection(), &Selection::pickedChanged, clear,
            [this, clear] { clear->setEnabled(context().selection().picked() != nullptr); });
    QAction* whole =
        addPageAction(Menu::View, tr("Whole map"), Qt::CTRL | Qt::Key_0, tr("Undo zoom and pan"));
    connect(whole, &QAction::triggered, m_map, &widgets::LatentMap::resetView);
}

void ExplorePage::connectViews()
{
    connect(m_map, &widgets::LatentMap::pointClicked, this,
            [this](quint32 row) { context().selection().setCurrent(m_data->columns.ids[row]); });
    connect(m_map, &widgets::LatentMap::lassoed, this,
            [this](const std::vector<std::uint32_t>& rows, widgets::SelectMode mode) {
                pick(rows, tr("lasso on the map"), mode);
            });
    connect(m_map, &widgets::LatentMap::colourChosen, this, &ExplorePage::colourMap);
    connect(m_valueBox, &QComboBox::activated, this, &ExplorePage::showValue);
    connect(m_histogram, &widgets::ScoreHistogram::cutCommitted, this, &ExplorePage::pickAbove);
    connect(m_table->selectionModel(), &QItemSelectionModel::currentRowChanged, this,
            [this](const QModelIndex& index) {
                if (index.isValid())
                    context().selection().setCurrent(m_model->idAt(index.row()));
            });
    connect(m_empty, &widgets::EmptyState::triggered, this, [this] {
        if (context().facts().isScored())
            context().selection().setFilter({});
        else
            emit context().showPage(QStringLiteral("train"));
    });
}

void ExplorePage::connectContext()
{
    connect(&context().scores(), &ScoreService::changed, this, &ExplorePage::onScores);
    connect(&context().scores(), &ScoreService::failed, this, [this](const ErrorText& error) {
        m_error = error.toString();
        updateEmptyState();
    });
    connect(&context().selection(), &Selection::pickedChanged, this, &ExplorePage::onPicked);
    connect(&context().selection(), &Selection::currentChanged, this, &ExplorePage::onCurrent);
    connect(&context().labels(), &LabelBook::changed, this, [this] {
        m_model->refreshLabels();
        if (m_data && m_colour == static_cast<int>(scoreValues().size()) + 2)
            colourMap(m_colour);
    });
    connect(&context().facts(), &WorkspaceFacts::changed, this, &ExplorePage::updateEmptyState);
}

void ExplorePage::activate()
{
    context().scores().want();
    m_map->setFocus();
}

bool ExplorePage::isSettled() const
{
    return !context().scores().isLoading() && context().spectra().isSettled() && m_similar->isSettled();
}

void ExplorePage::onScores()
{
    m_error.clear();
    m_data = context().scores().data();
    fillAxes();
    showMap();
    if (m_data)
        showValue(m_value);
    else
        m_histogram->setValues(nullptr, {});
    onPicked();
    onCurrent();
    updateEmptyState();
    if (m_data && m_data->size() > 0 && !context().selection().current()) {
        const auto& rank = m_data->columns.rank;
        const auto first = std::min_element(rank.begin(), rank.end()) - rank.begin();
        context().selection().setCurrent(m_data->columns.ids[static_cast<std::size_t>(first)]);
    }
}

void ExplorePage::fillAxes()
{
    const auto fill = [this](QComboBox* box, const QString& text, const QString& chosen, int otherwise) {
        box->clear();
        if (!m_data)
            return;
        for (const MapAxis& axis : mapAxes(*m_data))
            box->addItem(text.arg(axis.name), axis.key);
        const int index = box->findData(chosen);
        box->setCurrentIndex(index < 0 ? otherwise : index);
    };
    fill(m_xBox, tr("x: %1"), m_xAxis, 0);
    fill(m_yBox, tr("y: %1"), m_yAxis, 1);
}

void ExplorePage::showMap()
{
    m_map->setPoints(
        m_data ? mapPoints(m_data, m_xBox->currentData().toString(), m_yBox->currentData().toString())
               : nullptr);
    colourMap(m_colour);
    m_map->setSelectedRows(pickedRows());
    m_map->setCurrentRow(currentRow());
}

void ExplorePage::showValue(int index)
{
    m_value = index;
    m_valueBox->setCurrentIndex(index);
    if (!m_data)
        return;
    m_histogram->setValues(scoreArray(m_data, index), scoreValues()[static_cast<std::size_t>(index)].name);
    m_histogram->setSelectedRows(pickedRows());
}

void ExplorePage::colourMap(int index)
{
    m_colour = index;
    if (!m_data)
        return;
    const int values = static_cast<int>(scoreValues().size());
    if (index == 0) {
        m_map->setColour({tr("density"), nullptr, widgets::ColourScale::Viridis, {}});
    } else if (index <= values) {
        m_map->setColour({scoreValues()[static_cast<std::size_t>(index - 1)].name,
                          scoreArray(m_data, index - 1),
                          widgets::ColourScale::Viridis,
                          {}});
    } else if (index == values + 1) {
        m_map->setColour(categories(tr("suggested kind"), m_data->columns.kind));
    } else {
        std::vector<std::string> texts;
        texts.reserve(m_data->size());
        for (const core::TargetId target : m_data->columns.targetIds) {
            const auto label = context().labels().label(target);
            texts.push_back(label ? label->labelClass : std::string());
        }
        m_map->setColour(categories(tr("label"), texts));
    }
}

std::vector<std::uint32_t> ExplorePage::pickedRows() const
{
    const SpectrumIds& picked = context().selection().picked();
    return m_data && picked ? m_data->rowsOf(*picked) : std::vector<std::uint32_t>{};
}

void ExplorePage::pick(const std::vector<std::uint32_t>& rows, const QString& words, widgets::SelectMode mode)
{
    const std::vector<core::SpectrumId> ids = m_data->idsOf(rows);
    const SpectrumIds before = context().selection().picked();
    if (mode == widgets::SelectMode::Replace || !before) {
        if (mode != widgets::SelectMode::Remove)
            context().selection().setPicked(ids, words);
        return;
    }
    std::vector<core::SpectrumId> result;
    if (mode == widgets::SelectMode::Add)
        std::set_union(before->begin(), before->end(), ids.begin(), ids.end(), std::back_inserter(result));
    else
        std::set_difference(before->begin(), before->end(), ids.begin(), ids.end(),
                            std::back_inserter(result));
    context().selection().setPicked(std::move(result), tr("several picks"));
}

void ExplorePage::pickAbove(double cut)
{
    if (!m_data)
        return;
    if (std::isnan(cut)) {
        context().selection().clearPicked();
        return;
    }
    const auto values = scoreArray(m_data, m_value);
    std::vector<std::uint32_t> rows;
    for (std::uint32_t row = 0; row < values->size(); ++row) {
        if ((*values)[row] >= static_cast<float>(cut))
            rows.push_back(row);
    }
    m_cutting = true;
    pick(rows,
         tr("%1 ≥ %2").arg(scoreValues()[static_cast<std::size_t>(m_value)].name,
                           QLocale().toString(cut, 'g', 4)),
         widgets::SelectMode::Replace);
    m_cutting = false;
}

void ExplorePage::onPicked()
{
    const auto rows = pickedRows();
    m_map->setSelectedRows(rows);
    m_histogram->setSelectedRows(rows);
    if (!m_cutting) // the cut does not say any more what is picked
        m_histogram->setCut(std::nullopt);
    updateTable();
}

std::optional<std::uint32_t> ExplorePage::currentRow() const
{
    const auto current = context().selection().current();
    return m_data && current ? m_data->rowOf(*current) : std::nullopt;
}

void ExplorePage::onCurrent()
{
    const auto row = currentRow();
    m_similar->showLike(m_data, row);
    m_map->setCurrentRow(row);
    m_panel->setNote(row ? tr("#%L1 of %L2").arg(m_data->columns.rank[*row]).arg(context().facts().scored())
                         : QString());
    selectRowOfCurrent();
}

void ExplorePage::selectRowOfCurrent()
{
    const auto row = currentRow();
    const int tableRow = row ? m_model->rowOf(m_data->columns.ids[*row]) : -1;
    if (tableRow < 0)
        m_table->setCurrentIndex({}); // no row is that of the spectrum shown
    else if (tableRow != m_table->currentIndex().row())
        m_table->setCurrentIndex(m_model->index(tableRow, 0));
}

void ExplorePage::updateTable()
{
    const auto rows = pickedRows();
    const QLocale locale;
    if (rows.empty())
        m_summary->setText(tr("Nothing is picked: drag around points on the map, or drag in the histogram."));
    else if (rows.size() <= kMostTableRows)
        m_summary->setText(tr("%1 picked").arg(locale.toString(qlonglong(rows.size()))));
    else
        m_summary->setText(
            tr("%1 picked; the table has the %2 of best rank")
                .arg(locale.toString(qlonglong(rows.size())), locale.toString(qlonglong(kMostTableRows))));
    m_model->setRows(m_data, m_data ? bestRanked(*m_data, rows, kMostTableRows) : rows);
    selectRowOfCurrent();
    if (m_model->rowCount() > 0 && !std::exchange(m_fitted, true))
        widgets::fitColumns(m_table);
}

void ExplorePage::moveCurrent(int step)
{
    if (!m_data || m_data->size() == 0)
        return;
    if (m_model->rowCount() > 0) { // through what is picked
        const int row = std::clamp(m_table->currentIndex().row() + step, 0, m_model->rowCount() - 1);
        m_table->setCurrentIndex(m_model->index(row, 0));
        return;
    }
    const auto here = currentRow(); // else down the ranks
    const auto& rank = m_data->columns.rank;
    std::optional<std::uint32_t> best;
    for (std::uint32_t row = 0; row < rank.size(); ++row) {
        const bool ahead = !here || (step > 0 ? rank[row] > rank[*here] : rank[row] < rank[*here]);
        if (ahead && (!best || (step > 0 ? rank[row] < rank[*best] : rank[row] > rank[*best])))
            best = row;
    }
    if (best)
        context().selection().setCurrent(m_data->columns.ids[*best]);
}

void ExplorePage::keyPressEvent(QKeyEvent* event)
{
    if (event->key() == Qt::Key_Escape)
        context().selection().clearPicked();
    else
        Page::keyPressEvent(event);
}

void ExplorePage::updateEmptyState()
{
    const QString loading = tr("Loading the scores…");
    m_map->setEmptyText(m_data ? tr("The scores of this model have no latents to map.") : loading);
    m_histogram->setEmptyText(m_data ? tr("This was not computed for any spectrum.") : loading);
    const bool scored = context().facts().isScored();
    if (!m_error.isEmpty())
        m_empty->setTexts(tr("The scores could not be loaded"), m_error, {});
    else if (!scored)
        m_empty->setTexts(tr("Nothing is scored yet"),
                          tr("Train a model and score a selection; the map of its latents appears here."),
                          tr("Go to Train"));
    else
        m_empty->setTexts(tr("No scored spectrum matches the filter"), context().selection().filter(),
                          tr("Clear filter"));
    const bool noRows = m_data && m_data->size() == 0;
    m_stack->setCurrentIndex(!scored || noRows || !m_error.isEmpty() ? 1 : 0);
}

void ExplorePage::foldTable(bool folded)
{
    m_table->setVisible(!folded);
    m_fold->setArrowType(folded ? Qt::RightArrow : Qt::DownArrow);
    if (m_fold->defaultAction() != nullptr)
        m_fold->defaultAction()->setChecked(!folded);
    QWidget* bottom = m_rows->widget(1);
    bottom->setMaximumHeight(folded ? bottom->layout()->itemAt(0)->sizeHint().height() : QWIDGETSIZE_MAX);
    if (!folded && m_rows->sizes().value(1) < 120)
        m_rows->setSizes({m_rows->height() - 220, 220});
}

void ExplorePage::saveState(QSettings& settings) const
{
    settings.setValue(QStringLiteral("columns"), m_columns->saveState());
    settings.setValue(QStringLiteral("left"), m_left->saveState());
    settings.setValue(QStringLiteral("rows"), m_rows->saveState());
    settings.setValue(QStringLiteral("folded"), m_table->isHidden());
    settings.setValue(QStringLiteral("value"), m_value);
    settings.setValue(QStringLiteral("colour"), m_colour);
    settings.setValue(QStringLiteral("xAxis"), m_xAxis);
    settings.setValue(QStringLiteral("yAxis"), m_yAxis);
}

void ExplorePage::restoreState(QSettings& settings)
{
    m_columns->restoreState(settings.value(QStringLiteral("columns")).toByteArray());
    m_left->restoreState(settings.value(QStringLiteral("left")).toByteArray());
    m_rows->restoreState(settings.value(QStringLiteral("rows")).toByteArray());
    const int values = static_cast<int>(scoreValues().size());
    m_value = std::clamp(settings.value(QStringLiteral("value"), 0).toInt(), 0, values - 1);
    m_colour = std::clamp(settings.value(QStringLiteral("colour"), 1).toInt(), 0, values + 2);
    m_map->setChosenColour(m_colour);
    m_xAxis = settings.value(QStringLiteral("xAxis")).toString();
    m_yAxis = settings.value(QStringLiteral("yAxis")).toString();
    m_valueBox->setCurrentIndex(m_value);
    foldTable(settings.value(QStringLiteral("folded"), true).toBool());
}

} // namespace voorwerp::app
