// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/pages/train_page.h"

#include "app/app_context.h"
#include "app/icons.h"
#include "app/jobs/workbench_jobs.h"
#include "app/pages/dataset_chooser.h"
#include "app/pages/machine_view.h"
#include "app/pages/model_table_model.h"
#include "app/pages/preview_items.h"
#include "app/pages/train_settings_form.h"
#include "app/pipeline/run_preview.h"
#include "app/right_gate.h"
#include "app/training_monitor.h"
#include "widgets/message.h"
#include "widgets/reconstruction_grid.h"
#include "widgets/table_setup.h"
#include "widgets/theme.h"
#include "widgets/training_curves.h"

#include <nlohmann/json.hpp>

#include <QAction>
#include <QFormLayout>
#include <QHeaderView>
#include <QLabel>
#include <QLineEdit>
#include <QLocale>
#include <QPushButton>
#include <QScrollArea>
#include <QSplitter>
#include <QTableView>
#include <QVBoxLayout>

namespace voorwerp::app {

namespace {

constexpr int kLeftWidth = 370;

bool isTraining(const JobStatus& job)
{
    return job.kind == QLatin1String("train") || job.kind == QLatin1String("demo");
}

QLabel* sectionTitle(const QString& text)
{
    auto* label = new QLabel(text);
    QFont bold = label->font();
    bold.setBold(true);
    label->setFont(bold);
    return label;
}

widgets::TrainingPoint pointOf(const train::EpochReport& report)
{
    return {static_cast<double>(report.epoch),
            report.trainLoss,
            report.validationLoss,
            report.validationKl,
            report.beta,
            report.learningRate};
}

widgets::TrainingPoint pointOf(const ModelMetrics::Epoch& epoch)
{
    return {epoch.epoch, epoch.trainLoss, epoch.validationLoss, epoch.kl, epoch.beta, epoch.learningRate};
}

QString speedText(double spectraPerSecond)
{
    return TrainPage::tr("%1 spectra/s").arg(QLocale().toString(spectraPerSecond, 'f', 0));
}

/// "stopped early at epoch 23, best 8": how a finished run ended.
QString endText(const ModelMetrics& metrics)
{
    return (metrics.stoppedEarly ? TrainPage::tr("stopped early at epoch %1, best %2")
                                 : TrainPage::tr("%1 epochs, best %2"))
        .arg(metrics.epochs)
        .arg(metrics.bestEpoch);
}

/// What a finished run was computed with; empty where an old version does not say.
QString deviceText(const catalog::ModelVersion& version, const ModelMetrics& metrics)
{
    const nlohmann::json lineage = nlohmann::json::parse(version.lineage, nullptr, false);
    if (!lineage.is_object() || !lineage.contains("device"))
        return {};
    const auto word = [&](const char* key) {
        return QString::fromStdString(lineage.value(key, std::string()));
    };
    return TrainPage::tr("%1 (%2) · %3")
        .arg(word("device"), word("device_description"), speedText(metrics.spectraPerSecond));
}

/// A line that never widens the page.
void setUpLine(QLabel* label)
{
    label->setSizePolicy(QSizePolicy::Ignored, QSizePolicy::Preferred);
    label->setWordWrap(true);
    label->setTextInteractionFlags(Qt::TextSelectableByMouse);
}

} // namespace

TrainPage::TrainPage(AppContext& context, QWidget* parent)
    : Page(context, QStringLiteral("train"), tr("Train"), lineIcon(IconShape::Train), parent)
    , m_chooser(new DatasetChooser(context))
    , m_form(new TrainSettingsForm)
    , m_modelName(new QLineEdit(QStringLiteral("vae")))
    , m_startButton(new QPushButton(tr("Start")))
    , m_stopButton(new QPushButton(tr("Stop")))
    , m_resumeButton(new QPushButton(tr("Resume")))
    , m_scoreButton(new QPushButton(tr("Score")))
    , m_message(new QLabel)
    , m_state(new QLabel)
    , m_device(new QLabel)
    , m_curves(new widgets::TrainingCurves)
    , m_grid(new widgets::ReconstructionGrid)
    , m_machine(new MachineView(context.monitor()))
    , m_runs(new QTableView)
    , m_runModel(new ModelTableModel(this))
    , m_rows(new QSplitter(Qt::Vertical))
    , m_splitter(new QSplitter)
    , m_rightSplitter(new QSplitter(Qt::Vertical))
    , m_runsQuery(context)
    , m_previewQuery(context)
{
    m_splitter->addWidget(makeLeft());
    m_splitter->addWidget(makeRight());
    m_splitter->setStretchFactor(1, 1);
    m_splitter->setChildrenCollapsible(false);
    m_splitter->setSizes({kLeftWidth, 900});
    auto* row = new QHBoxLayout(this);
    row->setContentsMargins({});
    row->addWidget(m_rows);
    m_rows->addWidget(m_splitter);
    m_rows->addWidget(m_runs);
    m_rows->setChildrenCollapsible(false);
    m_rows->setStretchFactor(0, 1);
    m_rows->setSizes({620, 110});
    addActions();
    connectContext();
    updateButtons();
}

/// The buttons come first: they stay in their place whatever the texts and the job strip need.
QWidget* TrainPage::makeLeft()
{
    m_message->setObjectName(QStringLiteral("trainMessage"));
    m_message->setWordWrap(true);
    m_message->setContentsMargins(8, 0, 8, 0);
    m_message->hide();
    auto* scroll = new QScrollArea;
    scroll->setFrameShape(QFrame::NoFrame);
    scroll->setWidgetResizable(true);
    scroll->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    scroll->setWidget(makeForm());
    auto* left = new QWidget;
    auto* column = new QVBoxLayout(left);
    column->setContentsMargins(0, 8, 0, 0);
    column->addWidget(makeButtons());
    column->addWidget(m_message);
    column->addWidget(scroll, 1);
    left->setMinimumWidth(kLeftWidth);
    return left;
}

QWidget* TrainPage::makeButtons()
{
    auto* buttons = new QWidget;
    auto* row = new QHBoxLayout(buttons);
    row->setContentsMargins(8, 0, 8, 0);
    for (QPushButton* button : {m_startButton, m_stopButton, m_resumeButton, m_scoreButton})
        row->addWidget(button, 1);
    return buttons;
}

QWidget* TrainPage::makeForm()
{
    m_modelName->setObjectName(QStringLiteral("modelName"));
    m_modelName->setToolTip(tr("Each training adds a version under this name"));
    auto* inner = new QWidget;
    auto* column = new QVBoxLayout(inner);
    column->setSpacing(8);
    column->addWidget(sectionTitle(tr("Training set")));
    column->addWidget(m_chooser);
    column->addSpacing(8);
    column->addWidget(sectionTitle(tr("Model")));
    auto* name = new QFormLayout;
    name->setFieldGrowthPolicy(QFormLayout::AllNonFixedFieldsGrow);
    name->addRow(tr("Name"), m_modelName);
    column->addLayout(name);
    column->addWidget(m_form);
    column->addStretch();
    return inner;
}

QWidget* TrainPage::makeRight()
{
    m_state->setObjectName(QStringLiteral("trainState"));
    m_state->setFont(widgets::tabularFont(font()));
    m_state->setContentsMargins(8, 8, 8, 0);
    m_device->setObjectName(QStringLiteral("trainDevice"));
    m_device->setFont(widgets::smallFont(font()));
    m_device->setForegroundRole(QPalette::PlaceholderText);
    m_device->setContentsMargins(8, 0, 8, 2);
    setUpLine(m_state);
    setUpLine(m_device);
    m_runs->setObjectName(QStringLiteral("runTable"));
    m_runs->setAccessibleName(tr("Earlier runs"));
    m_runs->setToolTip(tr("Earlier runs: choose one to see its curves and reconstructions"));
    m_runs->setModel(m_runModel);
    widgets::setupTable(m_runs);
    m_runs->setSortingEnabled(false);
    auto* top = new QWidget;
    auto* column = new QVBoxLayout(top);
    column->setContentsMargins({});
    column->setSpacing(0);
    column->addWidget(m_state);
    column->addWidget(m_device);
    column->addWidget(m_curves, 1);
    column->addWidget(m_machine);
    m_rightSplitter->addWidget(top);
    m_rightSplitter->addWidget(m_grid);
    m_rightSplitter->setChildrenCollapsible(false);
    m_rightSplitter->setSizes({360, 240});
    return m_rightSplitter;
}

void TrainPage::addActions()
{
    m_startAction = addPageAction(Menu::Model, tr("Start training"), Qt::CTRL | Qt::Key_Return,
                                  tr("Train a new version on the chosen training set"));
    m_stopAction = addPageAction(Menu::Model, tr("Stop training"), Qt::CTRL | Qt::Key_Period,
                                 tr("Keeps a checkpoint from which it can go on"));
    m_resumeAction = addPageAction(Menu::Model, tr("Resume training"), Qt::CTRL | Qt::SHIFT | Qt::Key_Return,
                                   tr("Go on from the checkpoint of this model"));
    m_scoreAction = addPageAction(Menu::Model, tr("Score"), Qt::CTRL | Qt::SHIFT | Qt::Key_E,
                                  tr("Score the selection of the training set with the newest version"));
    const std::pair<QAction*, QPushButton*> pairs[] = {{m_startAction, m_startButton},
                                                       {m_stopAction, m_stopButton},
                                                       {m_resumeAction, m_resumeButton},
                                                       {m_scoreAction, m_scoreButton}};
    guard(m_startAction, catalog::Right::Train);
    guard(m_resumeAction, catalog::Right::Train);
    guard(m_scoreAction, catalog::Right::Score);
    for (const auto& [action, button] : pairs) {
        bindButton(button, action);
        button->setObjectName(QStringLiteral("train") + button->text());
    }
    connect(m_startAction, &QAction::triggered, this, [this] { start(false); });
    connect(m_resumeAction, &QAction::triggered, this, [this] { start(true); });
    connect(m_stopAction, &QAction::triggered, this, &TrainPage::stop);
    connect(m_scoreAction, &QAction::triggered, this, &TrainPage::score);
}

void TrainPage::connectContext()
{
    TrainingFeed& feed = context().training();
    connect(&feed, &TrainingFeed::epochDone, this, &TrainPage::showTraining);
    connect(&context().jobs(), &JobRunner::jobChanged, this, &TrainPage::onJobChanged);
    connect(&context().jobs(), &JobRunner::jobFinished, this, &TrainPage::onJobFinished);
    connect(&context(), &AppContext::modelsChanged, this, &TrainPage::loadRuns);
    connect(&context(), &AppContext::stateChanged, this, [this](AppContext::State state) {
        if (state == AppContext::State::Open)
            loadRuns();
        updateButtons();
    });
    connect(m_chooser, &DatasetChooser::datasetChanged, this, &TrainPage::updateButtons);
    connect(m_modelName, &QLineEdit::textChanged, this, &TrainPage::updateButtons);
    connect(m_runs->selectionModel(), &QItemSelectionModel::currentRowChanged, this, &TrainPage::onRunChosen);
    connect(&m_runsQuery, &AsyncQuery::failed, this,
            [this](const ErrorText& error) { showError(error.toString()); });
    connect(&m_previewQuery, &AsyncQuery::failed, m_grid,
            [this](const ErrorText& error) { m_grid->setEmptyText(error.toString()); });
}

void TrainPage::activate()
{
    m_startButton->setFocus();
    updateButtons();
    loadPreview();
}

bool TrainPage::isSettled() const
{
    return m_runsLoaded && m_chooser->isSettled() && !m_previewQuery.isBusy();
}

void TrainPage::start(bool resume)
{
    const auto session = context().session();
    if (!session || m_chooser->dataset().isEmpty())
        return;
    pipeline::TrainRequest request;
    request.dataset = m_chooser->dataset().toStdString();
    request.model = m_modelName->text().trimmed().toStdString();
    request.device = m_form->device().toStdString();
    request.resume = resume;
    try {
        request.config = m_form->config();
        pipeline::requirePlainName(request.model, "a model");
    } catch (...) {
        showError(errorTextOf(std::current_exception()).toString());
        return;
    }
    m_message->hide();
    forgetRun();
    if (!resume)
        context().training().clear();
    m_curves->clear();
    m_grid->setItems({});
    showState(tr("Training %1 on %2").arg(m_modelName->text().trimmed(), m_chooser->dataset()), {});
    m_job = context().jobs().start(trainJob(session, request, context().trainObserver()));
    updateButtons();
}

void TrainPage::stop()
{
    context().jobs().stop(m_job);
}

void TrainPage::score()
{
    const auto session = context().session();
    if (!session)
        return;
    pipeline::ScoreRequest request;
    request.model = m_trainedModel.toStdString();
    request.selection = m_chooser->selectionOfDataset().toStdString();
    request.device = m_form->device().toStdString();
    request.precision = m_form->scoringPrecision().toStdString();
    context().jobs().start(scoreJob(session, request));
    updateButtons();
}

void TrainPage::loadRuns()
{
    m_runsQuery.ask([](const pipeline::Session& session,
                       std::stop_token) { return catalog::listModels(session.database()); },
                    [this](const std::shared_ptr<const std::vector<catalog::ModelVersion>>& models) {
                        m_runModel->setModels(*models);
                        const bool first = !std::exchange(m_runsLoaded, true);
                        if (first)
                            widgets::fitColumns(m_runs);
                        if (m_trainedModel.isEmpty() && m_runModel->rowCount() > 0)
                            m_trainedModel = QString::fromStdString(m_runModel->model(0).reference());
                        chooseNewestRun();
                        updateButtons();
                    });
}

/// Where there is nothing else to show.
void TrainPage::chooseNewestRun()
{
    if (m_runModel->rowCount() > 0 && !m_runs->currentIndex().isValid() && m_job == 0 &&
        context().training().history().empty())
        m_runs->setCurrentIndex(m_runModel->index(0, 0));
}

void TrainPage::onRunChosen()
{
    const QModelIndex index = m_runs->currentIndex();
    if (!index.isValid())
        return;
    const catalog::ModelVersion& version = m_runModel->model(index.row());
    const ModelMetrics metrics = metricsOf(version);
    std::vector<widgets::TrainingPoint> points;
    for (const ModelMetrics::Epoch& epoch : metrics.history)
        points.push_back(pointOf(epoch));
    m_curves->setHistory(std::move(points));
    m_curves->setBestEpoch(metrics.bestEpoch > 0 ? std::optional<double>(metrics.bestEpoch) : std::nullopt);
    m_grid->setItems({});
    if (!context().monitor().isRunning())
        m_machine->hide();
    m_trainedModel = QString::fromStdString(version.reference());
    m_previewOf = m_trainedModel;
    showState(tr("%1, trained on %2 at %3: %4")
                  .arg(m_trainedModel, QString::fromStdString(version.dataset), shortTime(version.created),
                       endText(metrics)),
              deviceText(version, metrics));
    updateButtons();
    loadPreview();
}

/// Reconstructions are not stored: the stored model makes them again, once the page is looked at.
void TrainPage::loadPreview()
{
    if (m_previewOf.isEmpty() || !isVisible())
        return;
    const std::string reference = std::exchange(m_previewOf, {}).toStdString();
    m_grid->setEmptyText(
        tr("Reconstructions of %1 are being computed…").arg(QString::fromStdString(reference)));
    m_previewQuery.ask(
        [reference](const pipeline::Session& session, std::stop_token stop) {
            return pipeline::previewRun(session, reference, stop);
        },
        [this](const std::shared_ptr<const pipeline::RunPreview>& run) {
            m_grid->setItems(previewItems(run->preview, run->grid));
        });
}

/// What is shown is no longer an earlier run.
void TrainPage::forgetRun()
{
    const QSignalBlocker blocker(m_runs->selectionModel());
    m_runs->selectionModel()->clear();
    m_runs->viewport()->update();
    m_previewOf.clear();
    m_previewQuery.cancel();
}

void TrainPage::showTraining()
{
    forgetRun();
    const TrainingFeed& feed = context().training();
    std::vector<widgets::TrainingPoint> points;
    const train::EpochReport* best = nullptr;
    for (const train::EpochReport& report : feed.history()) {
        points.push_back(pointOf(report));
        if (report.best)
            best = &report;
    }
    m_curves->setHistory(std::move(points));
    m_curves->setBestEpoch(best ? std::optional(static_cast<double>(best->epoch)) : std::nullopt);
    const train::EpochReport& last = feed.history().back();
    const QString loss = QLocale().toString(last.validationLoss, 'f', 4);
    showState((best ? tr("Epoch %1 of %2, validation loss %3, best at epoch %4")
                          .arg(last.epoch)
                          .arg(last.epochs)
                          .arg(loss)
                          .arg(best->epoch)
                    : tr("Epoch %1 of %2, validation loss %3; β is still rising")
                          .arg(last.epoch)
                          .arg(last.epochs)
                          .arg(loss)),
              tr("%1 · %2").arg(QString::fromStdString(last.device), speedText(last.spectraPerSecond)));
    showPreview();
}

void TrainPage::showPreview()
{
    if (const auto preview = context().training().preview())
        m_grid->setItems(previewItems(*preview, context().training().grid()));
}

void TrainPage::onJobChanged(const JobStatus& job)
{
    if (isTraining(job) && !job.isOver()) {
        if (m_job != job.id)
            m_message->hide(); // what was said of the attempt before
        m_job = job.id;
        m_waiting = job.state == JobState::Waiting;
    }
    updateButtons();
}

void TrainPage::onJobFinished(const JobStatus& job)
{
    if (isTraining(job))
        context().training().takePending();
    if (job.id == m_job)
        m_job = 0;
    chooseNewestRun();
    if (isTraining(job) || job.kind == QLatin1String("score")) {
        if (job.state == JobState::Failed)
            showError(job.error.toString());
        else if (job.state == JobState::Stopped)
            showError(tr("%1 was stopped. It can go on: Resume.").arg(job.title));
        else
            m_message->hide();
    }
    if (job.kind == QLatin1String("train") && job.state == JobState::Done) {
        m_trainedModel = job.outcome.details.value(QStringLiteral("reference")).toString();
        showState(job.outcome.summary + tr(". Next: Score."), m_device->text());
        m_scoreButton->setFocus();
    }
    updateButtons();
}

void TrainPage::updateButtons()
{
    const auto session = context().session();
    const bool running = m_job != 0;
    const bool ready = session && !m_chooser->dataset().isEmpty() && !running;
    const std::string name = m_modelName->text().trimmed().toStdString();
    enable(m_startAction, ready && !name.empty());
    enable(m_stopAction, running);
    enable(m_resumeAction, ready && !name.empty() && hasCheckpoint(*session, name));
    enable(m_scoreAction, session && !running && !m_trainedModel.isEmpty() &&
                              !context().jobs().isActive(QStringLiteral("score")));
    updateEmptyTexts();
}

void TrainPage::updateEmptyTexts()
{
    const bool running = m_job != 0;
    const bool hasRuns = m_runModel->rowCount() > 0;
    m_curves->setEmptyText(
        m_waiting && running ? tr("The training waits for the job before it.")
        : running            ? tr("The first epoch is under way; its losses appear here when it is done.")
        : hasRuns            ? tr("Choose an earlier run below to see its curves, or start a training.")
                             : tr("Start a training: its losses appear here, epoch by epoch."));
    if (m_previewQuery.isBusy())
        return;
    m_grid->setEmptyText(
        running   ? tr("Reconstructions of a few validation spectra appear here after the first epoch.")
        : hasRuns ? tr("Choose an earlier run below to see what it makes of a few validation spectra.")
                  : tr("Reconstructions of a few validation spectra improve here while the model learns."));
}

void TrainPage::showError(const QString& text)
{
    widgets::say(m_message, text, true);
}

void TrainPage::showState(const QString& text, const QString& device)
{
    m_state->setText(text);
    m_device->setText(device);
}

void TrainPage::saveState(QSettings& settings) const
{
    settings.setValue(QStringLiteral("rows"), m_rows->saveState());
    settings.setValue(QStringLiteral("splitter"), m_splitter->saveState());
    settings.setValue(QStringLiteral("curvesAndGrid"), m_rightSplitter->saveState());
    settings.setValue(QStringLiteral("model"), m_modelName->text());
    settings.setValue(QStringLiteral("device"), m_form->device());
    settings.setValue(QStringLiteral("scoringPrecision"), m_form->scoringPrecision());
    settings.setValue(QStringLiteral("advanced"), m_form->isUnfolded());
    settings.setValue(QStringLiteral("settings"), m_form->changedTexts());
    if (!m_chooser->dataset().isEmpty()) // the list may not be loaded yet
        settings.setValue(QStringLiteral("dataset"), m_chooser->dataset());
}

void TrainPage::restoreState(QSettings& settings)
{
    m_rows->restoreState(settings.value(QStringLiteral("rows")).toByteArray());
    m_splitter->restoreState(settings.value(QStringLiteral("splitter")).toByteArray());
    m_rightSplitter->restoreState(settings.value(QStringLiteral("curvesAndGrid")).toByteArray());
    m_modelName->setText(settings.value(QStringLiteral("model"), m_modelName->text()).toString());
    m_form->setDevice(settings.value(QStringLiteral("device")).toString());
    m_form->setScoringPrecision(settings.value(QStringLiteral("scoringPrecision")).toString());
    m_form->setUnfolded(settings.value(QStringLiteral("advanced"), false).toBool());
    m_form->setTexts(settings.value(QStringLiteral("settings")).toMap());
    m_chooser->choose(settings.value(QStringLiteral("dataset")).toString());
}

} // namespace voorwerp::app
