// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/pages/models_page.h"

#include "app/app_context.h"
#include "app/icons.h"
#include "app/pages/lineage_text.h"
#include "app/pages/model_table_model.h"
#include "app/right_gate.h"
#include "app/workspace_facts.h"
#include "core/file_io.h"
#include "widgets/empty_state.h"
#include "widgets/message.h"
#include "widgets/table_setup.h"
#include "widgets/theme.h"
#include "widgets/training_curves.h"

#include <QAction>
#include <QHeaderView>
#include <QLabel>
#include <QLocale>
#include <QPushButton>
#include <QSplitter>
#include <QStackedWidget>
#include <QTableView>
#include <QTableWidget>
#include <QVBoxLayout>

#include <algorithm>

namespace voorwerp::app {

namespace {

QString factsOf(const catalog::ModelVersion& version)
{
    const ModelMetrics metrics = metricsOf(version);
    const QLocale locale;
    return ModelsPage::
        tr("Validation loss %1 (best epoch %2 of %3), training loss %4, %5 s of training at %6 spectra/s. "
           "SHA-256 %7…")
            .arg(locale.toString(metrics.validationLoss, 'f', 4))
            .arg(metrics.bestEpoch)
            .arg(metrics.epochs)
            .arg(locale.toString(metrics.trainLoss, 'f', 4), locale.toString(metrics.seconds, 'f', 1),
                 locale.toString(metrics.spectraPerSecond, 'f', 0),
                 QString::fromStdString(version.sha256.substr(0, 16)));
}

const catalog::AliasName kChampion; // of the workspace

/// Null: it has none.
const ScoredModel* scoresOf(const WorkspaceFacts& facts, const catalog::ModelVersion& version)
{
    for (const ScoredModel& model : facts.scoredModels())
        if (model.version.id == version.id)
            return &model;
    return nullptr;
}

QString scoresInWords(const ScoredModel* scores)
{
    return scores ? ModelsPage::tr("It scored %1 spectra, %2.")
                        .arg(QLocale().toString(qlonglong(scores->scored)), shortTime(scores->finished))
                  : ModelsPage::tr("Nothing is scored with it yet: that starts on the page Train.");
}

} // namespace

ModelsPage::ModelsPage(AppContext& context, QWidget* parent)
    : Page(context, QStringLiteral("models"), tr("Models"), lineIcon(IconShape::Models), parent)
    , m_stack(new QStackedWidget)
    , m_empty(new widgets::EmptyState(tr("No models yet"),
                                      tr("A training adds a version here, with everything it came from."),
                                      tr("Go to Train")))
    , m_splitter(new QSplitter(Qt::Vertical))
    , m_table(new QTableView)
    , m_model(new ModelTableModel(this))
    , m_title(new QLabel)
    , m_lineage(new QLabel)
    , m_step(new QLabel)
    , m_facts(new QLabel)
    , m_curves(new widgets::TrainingCurves)
    , m_history(new QTableWidget(0, 5))
    , m_message(new QLabel)
    , m_showButton(new QPushButton(tr("Show its scores")))
    , m_promoteButton(new QPushButton(tr("Promote to champion")))
    , m_rollBackButton(new QPushButton(tr("Roll back champion")))
    , m_verifyButton(new QPushButton(tr("Verify file")))
    , m_loadQuery(context)
    , m_verifyQuery(context)
{
    m_table->setObjectName(QStringLiteral("modelTable"));
    m_table->setAccessibleName(tr("Model versions"));
    m_table->setModel(m_model);
    widgets::setupTable(m_table);
    m_table->setSortingEnabled(false);
    m_splitter->addWidget(m_table);
    m_splitter->addWidget(makeDetails());
    m_splitter->setChildrenCollapsible(false);
    m_splitter->setSizes({200, 480});
    m_stack->addWidget(m_empty);
    m_stack->addWidget(m_splitter);
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(8, 8, 8, 0);
    column->addWidget(m_stack);
    addActions();
    connect(m_empty, &widgets::EmptyState::triggered, &context,
            [&context] { emit context.showPage(QStringLiteral("train")); });
    connect(m_table->selectionModel(), &QItemSelectionModel::currentRowChanged, this,
            &ModelsPage::showDetails);
    connect(m_lineage, &QLabel::linkActivated, this, &ModelsPage::showLineageStep);
    connect(&context.facts(), &WorkspaceFacts::championFailed, this,
            [this](const ErrorText& error) { say(error.toString(), true); });
    connect(&context, &AppContext::modelsChanged, this, &ModelsPage::load);
    connect(&context, &AppContext::stateChanged, this, [this](AppContext::State state) {
        if (state == AppContext::State::Open)
            load();
        updateActions();
    });
    connect(&context.facts(), &WorkspaceFacts::changed, this, &ModelsPage::updateActions);
    for (AsyncQuery* query : {&m_loadQuery, &m_verifyQuery}) {
        connect(query, &AsyncQuery::failed, this,
                [this](const ErrorText& error) { say(error.toString(), true); });
        connect(query, &AsyncQuery::busyChanged, this, &ModelsPage::updateActions);
    }
}

QWidget* ModelsPage::makeDetails()
{
    QFont large = font();
    large.setPointSizeF(large.pointSizeF() * 1.3);
    m_title->setFont(large);
    for (QLabel* label : {m_lineage, m_step, m_facts, m_message}) {
        label->setWordWrap(true);
        label->setTextInteractionFlags(Qt::TextBrowserInteraction);
    }
    m_message->setObjectName(QStringLiteral("modelMessage"));
    m_step->setFont(widgets::tabularFont(font()));
    m_step->hide();
    m_message->hide();
    m_history->setObjectName(QStringLiteral("aliasHistory"));
    m_history->setAccessibleName(tr("History of the champion"));
    m_history->setHorizontalHeaderLabels({tr("Time"), tr("From"), tr("To"), tr("By"), tr("Reason")});
    m_history->setEditTriggers(QAbstractItemView::NoEditTriggers);
    widgets::setupTable(m_history);
    m_history->setSortingEnabled(false);

    auto* details = new QWidget;
    auto* column = new QVBoxLayout(details);
    column->setContentsMargins(0, 8, 0, 8);
    auto* head = new QHBoxLayout;
    head->addWidget(m_title, 1);
    for (QPushButton* button : {m_showButton, m_promoteButton, m_rollBackButton, m_verifyButton})
        head->addWidget(button);
    column->addLayout(head);
    column->addWidget(m_message);
    column->addWidget(m_lineage);
    column->addWidget(m_step);
    column->addWidget(m_facts);
    auto* lower = new QSplitter;
    auto* history = new QWidget;
    auto* historyColumn = new QVBoxLayout(history);
    historyColumn->setContentsMargins({});
    historyColumn->addWidget(new QLabel(tr("History of the champion")));
    historyColumn->addWidget(m_history, 1);
    lower->addWidget(m_curves);
    lower->addWidget(history);
    lower->setChildrenCollapsible(false);
    lower->setSizes({560, 560});
    column->addWidget(lower, 1);
    return details;
}

void ModelsPage::addActions()
{
    m_showAction = addPageAction(Menu::Model, tr("Show its scores"), Qt::CTRL | Qt::Key_L,
                                 tr("The ranked list, the map and the spectra with this version"));
    m_promoteAction =
        addPageAction(Menu::Model, tr("Promote to champion"), Qt::CTRL | Qt::Key_P,
                      tr("The version that is shown where no other is chosen, and that commands use "
                         "where none is named"));
    m_rollBackAction = addPageAction(Menu::Model, tr("Roll back champion"), Qt::CTRL | Qt::SHIFT | Qt::Key_P,
                                     tr("Back to the version that was champion before"));
    m_verifyAction = addPageAction(Menu::Model, tr("Verify file"), Qt::CTRL | Qt::Key_Y,
                                   tr("Compare the model file with its recorded SHA-256"));
    const std::pair<QAction*, QPushButton*> pairs[] = {{m_showAction, m_showButton},
                                                       {m_promoteAction, m_promoteButton},
                                                       {m_rollBackAction, m_rollBackButton},
                                                       {m_verifyAction, m_verifyButton}};
    for (const auto& [action, button] : pairs) {
        action->setEnabled(false);
        bindButton(button, action);
    }
    guard(m_promoteAction, catalog::Right::Promote);
    guard(m_rollBackAction, catalog::Right::Promote);
    m_showButton->setObjectName(QStringLiteral("showScores"));
    m_promoteButton->setObjectName(QStringLiteral("promote"));
    m_rollBackButton->setObjectName(QStringLiteral("rollBack"));
    m_verifyButton->setObjectName(QStringLiteral("verifyModel"));
    connect(m_showAction, &QAction::triggered, this, &ModelsPage::showScores);
    connect(m_promoteAction, &QAction::triggered, this, [this] {
        if (const catalog::ModelVersion* version = chosen())
            context().facts().promote(*version);
    });
    connect(m_rollBackAction, &QAction::triggered, &context().facts(), &WorkspaceFacts::rollBackChampion);
    connect(m_verifyAction, &QAction::triggered, this, &ModelsPage::verify);
}

void ModelsPage::activate()
{
    m_table->setFocus();
}

bool ModelsPage::isSettled() const
{
    return m_loaded && !m_loadQuery.isBusy();
}

void ModelsPage::moveCurrent(int step)
{
    const int last = m_model->rowCount() - 1;
    if (last >= 0)
        m_table->setCurrentIndex(
            m_model->index(std::clamp(m_table->currentIndex().row() + step, 0, last), 0));
}

void ModelsPage::load()
{
    m_loadQuery.ask(
        [](const pipeline::Session& session, std::stop_token) {
            return Content{catalog::listModels(session.database()),
                           catalog::aliasHistory(session.database())};
        },
        [this](const std::shared_ptr<const Content>& content) { show(*content); });
}

void ModelsPage::show(const Content& content)
{
    const catalog::ModelVersion* before = chosen();
    const std::optional<core::ModelVersionId> wanted = before ? std::optional(before->id) : std::nullopt;
    m_model->setModels(content.models);
    showHistory(content.history);
    updateActions();
    m_loaded = true;
    widgets::fitColumns(m_table);
    m_stack->setCurrentIndex(content.models.empty() ? 0 : 1);
    if (content.models.empty())
        return;
    const int row = wanted ? std::max(0, m_model->rowOf(*wanted)) : 0;
    m_table->setCurrentIndex(m_model->index(row, 0));
    showDetails();
}

void ModelsPage::showHistory(std::vector<catalog::AliasChange> history)
{
    std::erase_if(history, [](const catalog::AliasChange& change) { return change.name != kChampion; });
    const catalog::AliasChange* undone = catalog::changeToRollBack(history, kChampion);
    m_rollBackTo = undone ? undone->from : std::string();
    m_history->setRowCount(static_cast<int>(history.size()));
    for (std::size_t i = 0; i < history.size(); ++i) {
        const catalog::AliasChange& change = history[history.size() - 1 - i]; // newest first
        const bool plainRollBack = change.undoes != 0 && change.reason.empty();
        const QString cells[] = {shortTime(change.time),
                                 change.from.empty() ? QStringLiteral("–")
                                                     : QString::fromStdString(change.from),
                                 QString::fromStdString(change.to), QString::fromStdString(change.who),
                                 plainRollBack ? tr("rolled back") : QString::fromStdString(change.reason)};
        for (int column = 0; column < m_history->columnCount(); ++column)
            m_history->setItem(static_cast<int>(i), column, new QTableWidgetItem(cells[column]));
    }
    widgets::fitColumns(m_history);
}

const catalog::ModelVersion* ModelsPage::chosen() const
{
    const int row = m_table->currentIndex().row();
    return row >= 0 && row < m_model->rowCount() ? &m_model->model(row) : nullptr;
}

void ModelsPage::showDetails()
{
    const catalog::ModelVersion* version = chosen();
    if (!version)
        return;
    m_title->setText(QString::fromStdString(version->reference()) +
                     (version->isChampion() ? tr(" — champion") : QString()));
    m_lineage->setText(lineageHtml(lineageSteps(*version)));
    m_step->hide();
    m_message->hide();
    const ModelMetrics metrics = metricsOf(*version);
    std::vector<widgets::TrainingPoint> points;
    for (const ModelMetrics::Epoch& epoch : metrics.history)
        points.push_back(
            {epoch.epoch, epoch.trainLoss, epoch.validationLoss, epoch.kl, epoch.beta, epoch.learningRate});
    m_curves->setHistory(std::move(points));
    m_curves->setBestEpoch(metrics.bestEpoch > 0 ? std::optional<double>(metrics.bestEpoch) : std::nullopt);
    updateActions();
}

/// What can be done with the chosen version, which also depends on who else has scores or is champion.
void ModelsPage::updateActions()
{
    const catalog::ModelVersion* version = context().session() ? chosen() : nullptr;
    const ScoredModel* scores = version ? scoresOf(context().facts(), *version) : nullptr;
    if (version)
        m_facts->setText(factsOf(*version) + QLatin1Char('\n') + scoresInWords(scores));
    enable(m_showAction, scores != nullptr);
    enable(m_promoteAction, version && !version->isChampion());
    enable(m_rollBackAction, context().session() && !m_rollBackTo.empty());
    enable(m_verifyAction, version && !m_verifyQuery.isBusy());
    m_rollBackButton->setText(m_rollBackTo.empty()
                                  ? tr("Roll back champion")
                                  : tr("Roll back to %1").arg(QString::fromStdString(m_rollBackTo)));
}

void ModelsPage::showScores()
{
    if (const catalog::ModelVersion* version = chosen()) {
        context().facts().showModel(version->reference());
        emit context().showPage(QStringLiteral("candidates"));
    }
}

void ModelsPage::showLineageStep(const QString& link)
{
    const catalog::ModelVersion* version = chosen();
    if (!version)
        return;
    for (const LineageStep& step : lineageSteps(*version))
        if (step.id == link) {
            m_step->setText(step.title + QLatin1Char('\n') + step.detail.trimmed());
            m_step->show();
        }
}

void ModelsPage::verify()
{
    const catalog::ModelVersion* version = chosen();
    if (!version)
        return;
    say(tr("Reading %1…").arg(QString::fromStdString(version->file.string())), false);
    m_verifyQuery.ask(
        [file = version->file](const pipeline::Session&, std::stop_token stop) {
            return core::sha256OfFile(file, stop);
        },
        [this, recorded = version->sha256, reference = QString::fromStdString(version->reference())](
            const std::shared_ptr<const std::string>& found) {
            if (*found == recorded)
                say(tr("The file of %1 is intact: its SHA-256 is the recorded one.").arg(reference), false);
            else
                say(tr("The file of %1 was changed: SHA-256 %2, recorded %3. Restore it from a backup; it is "
                       "not used.")
                        .arg(reference, QString::fromStdString(*found), QString::fromStdString(recorded)),
                    true);
        });
}

void ModelsPage::say(const QString& text, bool warning)
{
    widgets::say(m_message, text, warning);
}

void ModelsPage::saveState(QSettings& settings) const
{
    settings.setValue(QStringLiteral("splitter"), m_splitter->saveState());
}

void ModelsPage::restoreState(QSettings& settings)
{
    m_splitter->restoreState(settings.value(QStringLiteral("splitter")).toByteArray());
}

} // namespace voorwerp::app
