// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/pages/dataset_chooser.h"

#include "app/app_context.h"
#include "app/jobs/workbench_jobs.h"
#include "app/pipeline/dataset_job.h"
#include "app/right_gate.h"
#include "app/workspace_facts.h"
#include "catalog/quasar_rule.h"
#include "catalog/target_query.h"
#include "dataset/recipe.h"

#include <QComboBox>
#include <QFormLayout>
#include <QLabel>
#include <QLineEdit>
#include <QLocale>
#include <QPushButton>

#include <algorithm>

namespace voorwerp::app {

namespace {

constexpr int kNameRole = Qt::UserRole;
constexpr const char* kFilterSelection = "filter"; ///< name under which the current filter is saved

QString number(std::int64_t value)
{
    return QLocale().toString(static_cast<qlonglong>(value));
}

/// Of a training set's rows.
QString sizeText(std::int64_t spectra, std::size_t pixels, bool compact)
{
    return QLocale().formattedDataSize(spectra * static_cast<qint64>(pixels) * (compact ? 3 : 8), 1,
                                       QLocale::DataSizeSIFormat);
}

constexpr const char* kUsualRecipe = "quasar"; ///< what the demo trains on

// A recipe that cannot be read is left out here; building with it says what is wrong.
std::map<std::string, core::LogGrid> recipeGrids(const core::Workspace& workspace)
{
    std::map<std::string, core::LogGrid> grids;
    for (const std::string& name : dataset::recipeNames(workspace)) {
        try {
            grids.emplace(name, dataset::Recipe::byName(name, workspace).grid);
        } catch (const core::Error&) {
            continue;
        }
    }
    return grids;
}

struct Coverage
{
    std::int64_t all = 0;
    std::int64_t inRange = 0;
    dataset::Recipe recipe;
};

Coverage coverage(const pipeline::Session& session, const std::string& where, const std::string& recipeName,
                  std::optional<core::ModelVersionId> model, std::stop_token stop)
{
    Coverage result;
    result.recipe = dataset::Recipe::byName(recipeName, session.workspace());
    result.all = catalog::countTargets(session.database(), where, model, stop);
    const std::string range =
        "z between " + std::to_string(result.recipe.zFirst) + " and " + std::to_string(result.recipe.zLast);
    result.inRange = catalog::countTargets(
        session.database(), where.empty() ? range : "(" + where + ") and " + range, model, stop);
    return result;
}

} // namespace

DatasetChooser::DatasetChooser(AppContext& context, QWidget* parent)
    : QWidget(parent)
    , m_context(context)
    , m_listQuery(context)
    , m_countQuery(context)
    , m_saveQuery(context)
    , m_dataset(new QComboBox)
    , m_facts(new QLabel)
    , m_newPart(new QWidget)
    , m_selection(new QComboBox)
    , m_rule(new QComboBox)
    , m_recipe(new QComboBox)
    , m_storage(new QComboBox)
    , m_name(new QLineEdit)
    , m_build(new QPushButton(tr("Build training set")))
    , m_error(new QLabel)
{
    m_dataset->setObjectName(QStringLiteral("datasetCombo"));
    m_selection->setObjectName(QStringLiteral("selectionCombo"));
    m_name->setObjectName(QStringLiteral("datasetName"));
    m_build->setObjectName(QStringLiteral("buildDataset"));
    m_facts->setObjectName(QStringLiteral("datasetFacts"));
    m_facts->setWordWrap(true);
    m_facts->setForegroundRole(QPalette::PlaceholderText);
    m_error->setWordWrap(true);
    m_error->hide();
    m_name->setPlaceholderText(tr("Letters, digits, '-', '_', '.'"));
    m_rule->setObjectName(QStringLiteral("ruleCombo"));
    m_rule->setToolTip(
        tr("Which of the selection count as quasars with a good redshift; kept with the training set"));
    m_rule->addItem(tr("As the selection says"), QString());
    for (const catalog::QuasarRule& rule : catalog::quasarRules())
        m_rule->addItem(QString::fromStdString(rule.id), QString::fromStdString(rule.id));
    m_recipe->setToolTip(tr("How spectra become rows: rest-frame grid, normalisation, sky mask"));
    m_storage->setObjectName(QStringLiteral("storageCombo"));
    m_storage->addItem(tr("Exact: 8 bytes a pixel"), false);
    m_storage->addItem(tr("Compact: 3 bytes a pixel"), true);
    m_storage->setToolTip(
        tr("Compact rounds flux to 11 bits and weights to 8: for sets that fit the memory of "
           "the GPU or of the machine only so"));
    auto* form = new QFormLayout(m_newPart);
    form->setContentsMargins({});
    form->setFieldGrowthPolicy(QFormLayout::AllNonFixedFieldsGrow);
    form->addRow(tr("Selection"), m_selection);
    form->addRow(tr("Quasar rule"), m_rule);
    form->addRow(tr("Recipe"), m_recipe);
    form->addRow(tr("Storage"), m_storage);
    form->addRow(tr("Name"), m_name);
    form->addRow(QString(), m_build);
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins({});
    column->addWidget(m_dataset);
    column->addWidget(m_newPart);
    column->addWidget(m_facts);
    column->addWidget(m_error);
    connect(m_dataset, &QComboBox::activated, this, &DatasetChooser::onDatasetChosen);
    connect(m_selection, &QComboBox::currentIndexChanged, this, &DatasetChooser::countCoverage);
    connect(m_rule, &QComboBox::currentIndexChanged, this, &DatasetChooser::countCoverage);
    connect(m_recipe, &QComboBox::currentIndexChanged, this, &DatasetChooser::countCoverage);
    connect(m_build, &QPushButton::clicked, this, &DatasetChooser::build);
    connect(&context, &AppContext::datasetsChanged, this, &DatasetChooser::load);
    connect(&context, &AppContext::selectionsChanged, this, &DatasetChooser::load);
    connect(&context.facts(), &WorkspaceFacts::changed, this, &DatasetChooser::load);
    connect(&context.jobs(), &JobRunner::jobFinished, this, &DatasetChooser::onJobFinished);
    const auto showError = [this](const ErrorText& error) {
        m_error->setText(error.toString());
        m_error->show();
    };
    for (AsyncQuery* query : {&m_listQuery, &m_countQuery, &m_saveQuery})
        connect(query, &AsyncQuery::failed, this, showError);
}

QString DatasetChooser::dataset() const
{
    return m_dataset->currentData(kNameRole).toString();
}

QString DatasetChooser::selectionOfDataset() const
{
    for (const catalog::DatasetRecord& record : m_lists.datasets)
        if (QString::fromStdString(record.name) == dataset())
            return QString::fromStdString(record.selection);
    return {};
}

void DatasetChooser::choose(const QString& dataset)
{
    m_wanted = dataset;
    const int index = m_dataset->findData(dataset, kNameRole);
    if (index >= 0 && !dataset.isEmpty()) {
        m_dataset->setCurrentIndex(index);
        onDatasetChosen();
    }
}

void DatasetChooser::load()
{
    m_listQuery.ask(
        [](const pipeline::Session& session, std::stop_token) {
            return Lists{catalog::listDatasets(session.database()),
                         catalog::listSelections(session.database()), recipeGrids(session.workspace())};
        },
        [this](const std::shared_ptr<const Lists>& lists) { showLists(*lists); });
}

void DatasetChooser::showLists(const Lists& lists)
{
    m_lists = lists;
    m_loaded = true;
    const QString chosen = m_wanted.isEmpty() ? dataset() : m_wanted;
    const QSignalBlocker blockers[] = {QSignalBlocker(m_dataset), QSignalBlocker(m_selection),
                                       QSignalBlocker(m_recipe)};
    m_dataset->clear();
    for (const catalog::DatasetRecord& record : lists.datasets)
        m_dataset->addItem(
            tr("%1 — %2 spectra").arg(QString::fromStdString(record.name), number(record.spectra)),
            QString::fromStdString(record.name));
    m_dataset->addItem(tr("Build a new training set…"), QString());
    m_dataset->setCurrentIndex(
        std::max(0, m_dataset->findData(chosen.isEmpty() ? QVariant() : chosen, kNameRole)));
    const QString selection = m_selection->currentData(kNameRole).toString();
    m_selection->clear();
    m_selection->addItem(tr("The filter of the page Survey"), QString());
    for (const catalog::Selection& saved : lists.selections)
        m_selection->addItem(
            tr("%1 — %2 spectra").arg(QString::fromStdString(saved.name), number(saved.count)),
            QString::fromStdString(saved.name));
    m_selection->setCurrentIndex(std::max(0, m_selection->findData(selection, kNameRole)));
    const QString recipe = m_recipe->currentText();
    m_recipe->clear();
    for (const auto& [name, grid] : lists.recipes)
        m_recipe->addItem(QString::fromStdString(name));
    m_recipe->setCurrentText(recipe);
    const auto usual = lists.recipes.find(kUsualRecipe);
    if (!m_context.training().grid() && usual != lists.recipes.end())
        m_context.training().setGrid(usual->second);
    onDatasetChosen();
}

void DatasetChooser::onDatasetChosen()
{
    const bool building = dataset().isEmpty();
    m_newPart->setVisible(building);
    m_error->hide();
    if (!building)
        m_wanted = dataset();
    describe();
    emit datasetChanged();
}

void DatasetChooser::describe()
{
    if (dataset().isEmpty()) {
        countCoverage();
        return;
    }
    m_countQuery.cancel();
    for (const catalog::DatasetRecord& record : m_lists.datasets) {
        if (QString::fromStdString(record.name) != dataset())
            continue;
        const auto grid = m_lists.recipes.find(record.recipe);
        if (grid != m_lists.recipes.end())
            m_context.training().setGrid(grid->second);
        const QString where = QString::fromStdString(record.where);
        const bool compact = pipeline::storageOf(record) == "compact";
        m_facts->setText(
            tr("%1 spectra of %2 pixels, %3 (%4), recipe %5, selection %6 (%7)")
                .arg(number(record.spectra), number(record.pixels), compact ? tr("compact") : tr("exact"),
                     sizeText(record.spectra, static_cast<std::size_t>(record.pixels), compact),
                     QString::fromStdString(record.recipe), QString::fromStdString(record.selection),
                     where.isEmpty() ? tr("everything") : where));
    }
}

std::string DatasetChooser::chosenWhere() const
{
    const std::string chosen = m_selection->currentData(kNameRole).toString().toStdString();
    for (const catalog::Selection& saved : m_lists.selections)
        if (saved.name == chosen)
            return saved.where;
    return m_context.selection().filter().toStdString();
}

void DatasetChooser::countCoverage()
{
    if (!dataset().isEmpty() || m_recipe->currentText().isEmpty())
        return;
    const std::string where =
        catalog::withQuasarRule(chosenWhere(), m_rule->currentData().toString().toStdString());
    std::optional<core::ModelVersionId> model;
    if (needsModel(where) && m_context.facts().shownModel())
        model = m_context.facts().shownModel()->id;
    m_countQuery.ask(
        [where, recipe = m_recipe->currentText().toStdString(), model](const pipeline::Session& session,
                                                                       std::stop_token stop) {
            return coverage(session, where, recipe, model, stop);
        },
        [this](const std::shared_ptr<const Coverage>& counts) {
            enableWithRight(m_context, m_build, catalog::Right::Dataset, counts->inRange > 0);
            if (counts->all == 0) {
                m_facts->setText(
                    tr("There is nothing to train on: import DESI files (Ctrl+O), or choose another "
                       "selection."));
                return;
            }
            const core::LogGrid& grid = counts->recipe.grid;
            m_facts->setText(tr("%1 of %2 spectra lie in the recipe's range "
                                "%3\u00a0<\u00a0z\u00a0<\u00a0%4.\nRest frame %5 to %6 Å, %7 "
                                "pixels of %8 km/s.\nAt most %9 exact, %10 compact.")
                                 .arg(number(counts->inRange), number(counts->all))
                                 .arg(counts->recipe.zFirst)
                                 .arg(counts->recipe.zLast)
                                 .arg(grid.firstAngstrom, 0, 'f', 0)
                                 .arg(grid.lastAngstrom, 0, 'f', 0)
                                 .arg(grid.pixels)
                                 .arg(grid.kmPerSecond(), 0, 'f', 0)
                                 .arg(sizeText(counts->inRange, grid.pixels, false),
                                      sizeText(counts->inRange, grid.pixels, true)));
        });
}

void DatasetChooser::build()
{
    m_error->hide();
    const auto session = m_context.session();
    if (!session)
        return;
    pipeline::DatasetRequest request;
    request.name = m_name->text().trimmed().toStdString();
    request.recipe = m_recipe->currentText().toStdString();
    request.selection = m_selection->currentData(kNameRole).toString().toStdString();
    request.compact = m_storage->currentData().toBool();
    const std::string rule = m_rule->currentData().toString().toStdString();
    if (!request.selection.empty() && rule.empty()) {
        m_context.jobs().start(datasetJob(session, request));
        return;
    }
    // The filter, or a selection with another rule, gets a name first, so that the training set can say what
    // it was made from.
    const std::string where = chosenWhere();
    request.selection = request.name.empty() ? kFilterSelection : request.name;
    m_saveQuery.ask(
        [where, rule, name = request.selection](const pipeline::Session& open, std::stop_token) {
            return catalog::saveSelection(open.database(), name, where, rule);
        },
        [this, request](const std::shared_ptr<const catalog::Selection>&) {
            if (const auto open = m_context.session())
                m_context.jobs().start(datasetJob(open, request));
            m_context.announceSelections();
        });
}

void DatasetChooser::onJobFinished(const JobStatus& job)
{
    if (job.kind != QLatin1String("dataset"))
        return;
    if (job.state == JobState::Done) {
        m_wanted = job.outcome.details.value(QStringLiteral("name")).toString();
        m_name->clear();
    } else if (job.state == JobState::Failed) {
        m_error->setText(job.error.toString());
        m_error->show();
    }
}

} // namespace voorwerp::app
