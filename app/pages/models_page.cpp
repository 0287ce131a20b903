// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/pages/models_page.h"

#include "app/app_context.h"
#include "app/icons.h"
#include "app/pages/lineage_text.h"
#include "app/pages/model_table_model.h"
#include "app/pipeline/provenance.h"
#include "app/workspace_facts.h"
#include "core/file_io.h"
#include "widgets/empty_state.h"
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

QString scopeOf(const catalog::AliasName& name)
{
    return name.model.empty() ? QString::fromStdString(name.alias)
                              : QString::fromStdString(name.model + "@" + name.alias);
}

/// The newest change of the workspace's champion that is no roll-back and was not rolled back has a version
/// before it.
bool canRollBack(const std::vector<catalog::AliasChange>& oldestFirst)
{
    std::vector<std::int64_t> undone;
    for (auto change = oldestFirst.rbegin(); change != oldestFirst.rend(); ++change) {
        if (!change->name.model.empty() || change->name.alias != "champion")
            continue;
        if (change->undoes != 0)
            undone.push_back(change->undoes);
        else if (std::find(undone.begin(), undone.end(), change->id) == undone.end())
            return !change->from.empty();
    }
    return false;
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
    , m_promoteButton(new QPushButton(tr("Promote to champion")))
    , m_rollBackButton(new QPushButton(tr("Roll back champion")))
    , m_verifyButton(new QPushButton(tr("Verify file")))
    , m_loadQuery(context)
    , m_changeQuery(context)
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
    connect(&context, &AppContext::modelsChanged, this, &ModelsPage::load);
    connect(&context, &AppContext::stateChanged, this, [this](AppContext::State state) {
        if (state == AppContext::State::Open)
            load();
        updateActions();
    });
    connect(&context.facts(), &WorkspaceFacts::changed, this, &ModelsPage::updateActions);
    for (AsyncQuery* query : {&m_loadQuery, &m_changeQuery, &m_verifyQuery}) {
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
    m_history->setAccessibleName(tr("History of aliases"));
    m_history->setHorizontalHeaderLabels({tr("Time"), tr("Alias"), tr("Change"), tr("By"), tr("Reason")});
    m_history->setEditTriggers(QAbstractItemView::NoEditTriggers);
    widgets::setupTable(m_history);
    m_history->setSortingEnabled(false);

    auto* details = new QWidget;
    auto* column = new QVBoxLayout(details);
    column->setContentsMargins(0, 8, 0, 8);
    auto* head = new QHBoxLayout;
    head->addWidget(m_title, 1);
    for (QPushButton* button : {m_promoteButton, m_rollBackButton, m_verifyButton})
        head->addWidget(button);
    column->addLayout(head);
    column->addWidget(m_message);
    column->addWidget(m_lineage);
    column->addWidget(m_step);
    column->addWidget(m_facts);
    auto* lower = new QSplitter;
    lower->addWidget(m_curves);
    lower->addWidget(m_history);
    lower->setChildrenCollapsible(false);
    lower->setSizes({560, 560});
    column->addWidget(lower, 1);
    return details;
}

void ModelsPage::addActions()
{
    m_promoteAction = addPageAction(Menu::Model, tr("Promote to champion"), Qt::CTRL | Qt::Key_P,
                                    tr("Lists, maps and explanations use this version from now on"));
    m_rollBackAction = addPageAction(Menu::Model, tr("Roll back champion"), Qt::CTRL | Qt::SHIFT | Qt::Key_P,
                                     tr("Back to the version that was champion before"));
    m_verifyAction = addPageAction(Menu::Model, tr("Verify file"), Qt::CTRL | Qt::Key_Y,
                                   tr("Compare the model file with its recorded SHA-256"));
    const std::pair<QAction*, QPushButton*> pairs[] = {{m_promoteAction, m_promoteButton},
                                                       {m_rollBackAction, m_rollBackButton},
                                                       {m_verifyAction, m_verifyButton}};
    for (const auto& [action, button] : pairs) {
        connect(button, &QPushButton::clicked, action, &QAction::trigger);
        button->setToolTip(action->toolTip());
        action->setEnabled(false);
        button->setEnabled(false);
    }
    m_promoteButton->setObjectName(QStringLiteral("promote"));
    m_rollBackButton->setObjectName(QStringLiteral("rollBack"));
    m_verifyButton->setObjectName(QStringLiteral("verifyModel"));
    connect(m_promoteAction, &QAction::triggered, this, &ModelsPage::promote);
    connect(m_rollBackAction, &QAction::triggered, this, &ModelsPage::rollBack);
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
    m_canRollBack = canRollBack(content.history);
    updateActions();
    showHistory(content.history);
    m_loaded = true;
    widgets::fitColumns(m_table);
    m_stack->setCurrentIndex(content.models.empty() ? 0 : 1);
    if (content.models.empty())
        return;
    const int row = wanted ? std::max(0, m_model->rowOf(*wanted)) : 0;
    m_table->setCurrentIndex(m_model->index(row, 0));
    showDetails();
}

void ModelsPage::showHistory(const std::vector<catalog::AliasChange>& history)
{
    m_history->setRowCount(static_cast<int>(history.size()));
    for (std::size_t i = 0; i < history.size(); ++i) {
        const catalog::AliasChange& change = history[history.size() - 1 - i]; // newest first
        const QString from =
            change.from.empty() ? QString() : QString::fromStdString(change.from) + QStringLiteral(" → ");
        const QString to = from + QString::fromStdString(change.to) +
                           (change.undoes != 0 ? tr(" (rolled back)") : QString());
        const QString cells[] = {shortTime(change.time), scopeOf(change.name), to,
                                 QString::fromStdString(change.who), QString::fromStdString(change.reason)};
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
    const bool champion = std::count(version->aliases.begin(), version->aliases.end(), "champion") > 0;
    m_title->setText(QString::fromStdString(version->reference()) +
                     (champion ? tr(" — champion") : QString()));
    m_lineage->setText(lineageHtml(lineageSteps(*version)));
    m_step->hide();
    m_message->hide();
    const ModelMetrics metrics = metricsOf(*version);
    m_facts->setText(factsOf(*version));
    std::vector<widgets::TrainingPoint> points;
    for (const ModelMetrics::Epoch& epoch : metrics.history)
        points.push_back(
            {epoch.epoch, epoch.trainLoss, epoch.validationLoss, epoch.kl, epoch.beta, epoch.learningRate});
    m_curves->setHistory(std::move(points));
    m_curves->setBestEpoch(metrics.bestEpoch > 0 ? std::optional<double>(metrics.bestEpoch) : std::nullopt);
    updateActions();
}

void ModelsPage::updateActions()
{
    const catalog::ModelVersion* version = context().session() ? chosen() : nullptr;
    const bool isChampion =
        version && context().facts().champion() && context().facts().champion()->id == version->id;
    m_promoteAction->setEnabled(version && !isChampion && !m_changeQuery.isBusy());
    m_rollBackAction->setEnabled(context().session() && m_canRollBack && !m_changeQuery.isBusy());
    m_verifyAction->setEnabled(version && !m_verifyQuery.isBusy());
    m_promoteButton->setEnabled(m_promoteAction->isEnabled());
    m_rollBackButton->setEnabled(m_rollBackAction->isEnabled());
    m_verifyButton->setEnabled(m_verifyAction->isEnabled());
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

void ModelsPage::promote()
{
    const catalog::ModelVersion* version = chosen();
    if (!version)
        return;
    m_changeQuery.ask(
        [id = version->id, name = version->name](const pipeline::Session& session, std::stop_token) {
            const std::string who = pipeline::currentUser();
            catalog::setAlias(session.database(), {name, "champion"}, id, who, "promoted in the window");
            return catalog::setAlias(session.database(), {std::string(), "champion"}, id, who,
                                     "promoted in the window");
        },
        [this](const std::shared_ptr<const catalog::AliasChange>& change) {
            context().announceModels();
            context().announceScores();
            emit context().showMessage(tr("%1 is the champion now").arg(QString::fromStdString(change->to)));
        });
}

void ModelsPage::rollBack()
{
    m_changeQuery.ask(
        [](const pipeline::Session& session, std::stop_token) {
            return catalog::rollbackAlias(session.database(), {std::string(), "champion"},
                                          pipeline::currentUser(), "rolled back in the window");
        },
        [this](const std::shared_ptr<const catalog::AliasChange>& change) {
            context().announceModels();
            context().announceScores();
            emit context().showMessage(
                tr("%1 is the champion again").arg(QString::fromStdString(change->to)));
        });
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
    QPalette palette = m_message->palette();
    const widgets::Theme theme = widgets::Theme::of(this);
    palette.setColor(QPalette::WindowText, warning ? theme.warning : theme.ink);
    m_message->setPalette(palette);
    m_message->setText(text);
    m_message->show();
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
