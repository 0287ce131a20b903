// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/start_page.h"

#include "app/demo_steps.h"
#include "app/right_gate.h"

#include <QHBoxLayout>
#include <QLabel>
#include <QProgressBar>
#include <QPushButton>

#include <cmath>

namespace voorwerp::app {

namespace {
constexpr int kColumnWidth = 560;
constexpr int kBarSteps = 1000;
} // namespace

StartPage::StartPage(AppContext& context, QWidget* parent)
    : QWidget(parent)
    , m_context(context)
    , m_title(new QLabel)
    , m_text(new QLabel)
    , m_buttons(new QVBoxLayout)
    , m_bars(new QVBoxLayout)
    , m_steps(new DemoSteps)
{
    setObjectName(QStringLiteral("startPage"));
    QFont large = font();
    large.setPointSizeF(large.pointSizeF() * 1.8);
    m_title->setFont(large);
    m_text->setWordWrap(true);
    m_text->setTextInteractionFlags(Qt::TextSelectableByMouse);
    m_demo = addButton(
        tr("Start with the demo"),
        tr("Writes a synthetic DESI survey, takes it in, trains a model, scores it: about a minute"));
    m_importFiles = addButton(tr("Import DESI files…"), tr("Coadd and redrock files (.fits, .fits.gz)"));
    m_importFolder = addButton(tr("Import a folder…"), tr("All DESI files below a folder"));
    m_lookAround = addButton(tr("Look around first"), tr("Show the pages"));
    m_retry = addButton(tr("Try again"), tr("Open the workspace again"));
    m_other = addButton(tr("Choose another workspace…"), tr("Open a workspace in another folder"));
    m_stop = addButton(tr("Stop"), tr("Stop the demo; what is done stays, and it can go on later"));

    auto* columnWidget = new QWidget;
    columnWidget->setFixedWidth(kColumnWidth);
    auto* column = new QVBoxLayout(columnWidget);
    column->setSpacing(12);
    column->addStretch(2);
    column->addWidget(m_title);
    column->addWidget(m_text);
    column->addLayout(m_bars);
    column->addWidget(m_steps);
    column->addLayout(m_buttons);
    column->addStretch(3);
    auto* row = new QHBoxLayout(this);
    row->addStretch();
    row->addWidget(columnWidget);
    row->addStretch();

    connect(m_demo, &QPushButton::clicked, this, &StartPage::demoWanted);
    connect(m_importFiles, &QPushButton::clicked, this, &StartPage::importFilesWanted);
    connect(m_importFolder, &QPushButton::clicked, this, &StartPage::importFolderWanted);
    connect(m_lookAround, &QPushButton::clicked, this, &StartPage::lookAroundWanted);
    connect(m_other, &QPushButton::clicked, this, &StartPage::otherWorkspaceWanted);
    connect(m_retry, &QPushButton::clicked, &context, &AppContext::open);
    connect(m_stop, &QPushButton::clicked, this, [this] { m_context.jobs().stop(m_demoJob); });
    connect(&context, &AppContext::stateChanged, this, &StartPage::showState);
    connect(&context, &AppContext::openProgress, this, &StartPage::showProgress);
    connect(&context.jobs(), &JobRunner::jobAdded, this, &StartPage::followDemo);
    connect(&context.jobs(), &JobRunner::jobChanged, this, &StartPage::followDemo);
    m_steps->hide();
    showState(context.state());
}

QPushButton* StartPage::addButton(const QString& text, const QString& toolTip)
{
    auto* button = new QPushButton(text);
    button->setToolTip(toolTip);
    button->setMinimumHeight(button->sizeHint().height() + 8);
    m_buttons->addWidget(button);
    return button;
}

void StartPage::setTexts(const QString& title, const QString& text)
{
    m_title->setText(title);
    m_text->setText(text);
}

void StartPage::showOnly(const QList<QWidget*>& widgets)
{
    for (QWidget* button :
         {static_cast<QWidget*>(m_demo), static_cast<QWidget*>(m_importFiles),
          static_cast<QWidget*>(m_importFolder), static_cast<QWidget*>(m_lookAround),
          static_cast<QWidget*>(m_retry), static_cast<QWidget*>(m_other), static_cast<QWidget*>(m_stop)})
        button->setVisible(widgets.contains(button));
    for (QWidget* button : {m_demo, m_importFiles, m_importFolder})
        enableWithRight(m_context, button, catalog::Right::Ingest);
}

void StartPage::showState(AppContext::State state)
{
    if (m_followsDemo)
        return;
    removeBars();
    switch (state) {
    case AppContext::State::Closed:
    case AppContext::State::Opening:
    case AppContext::State::Lost:
    case AppContext::State::Open:
        setTexts(tr("Opening the workspace"), QString::fromStdString(m_context.request().workspace.string()));
        showOnly({});
        break;
    case AppContext::State::Failed:
        setTexts(tr("The workspace could not be opened"),
                 m_context.lastError().message + QStringLiteral("\n\n") + m_context.lastError().remedy);
        showOnly({m_retry, m_other});
        break;
    }
}

void StartPage::showProgress(const QString& phase, double done, double total)
{
    if (m_context.state() != AppContext::State::Opening || m_followsDemo)
        return;
    QProgressBar* bar = barOf(phase);
    bar->setRange(0, total > 0.0 ? kBarSteps : 0);
    bar->setValue(total > 0.0 ? static_cast<int>(std::lround(kBarSteps * done / total)) : 0);
}

void StartPage::offerFirstSteps()
{
    if (m_followsDemo)
        return;
    removeBars();
    setTexts(tr("Welcome"),
             tr("This workspace is empty. The demo writes a synthetic DESI survey, takes it in, trains a "
                "model and "
                "shows the ranked list of anomalous quasars; it takes about a minute. Or start with your own "
                "files: coadd and redrock files, in the folders in which DESI ships them. They can also be "
                "dropped on this window."));
    showOnly({m_demo, m_importFiles, m_importFolder, m_lookAround});
    m_demo->setDefault(true);
    m_demo->setFocus();
}

void StartPage::demoWasInterrupted()
{
    m_demo->setText(tr("Go on with the demo"));
    m_demo->setToolTip(tr("What is done stays; it goes on where it stopped"));
}

void StartPage::followDemo(const JobStatus& job)
{
    if (job.kind != QLatin1String("demo"))
        return;
    m_followsDemo = true;
    m_demoJob = job.id;
    m_steps->show();
    m_steps->showProgress(job.progress);
    if (job.state == JobState::Failed || job.state == JobState::Stopped) {
        m_steps->pause();
        demoWasInterrupted();
        const bool failed = job.state == JobState::Failed;
        setTexts(failed ? tr("The demo failed") : tr("The demo was stopped"),
                 failed ? job.error.toString() : tr("What is done stays; the demo can go on."));
        showOnly({m_demo, m_importFiles, m_importFolder, m_lookAround});
    } else if (job.state == JobState::Done) {
        m_steps->showAllDone();
        setTexts(tr("The demo is done"), job.outcome.summary);
        showOnly({m_lookAround});
    } else {
        setTexts(tr("The demo is running"),
                 job.waitsForDatabase
                     ? tr("It waits for the database and goes on when that is back.")
                     : tr("A synthetic survey becomes a ranked list. The window stays free for "
                          "work; the strip below shows how far it is."));
        showOnly({m_stop, m_lookAround});
    }
}

QProgressBar* StartPage::barOf(const QString& phase)
{
    if (QProgressBar* bar = m_barOfPhase.value(phase))
        return bar;
    auto* row = new QWidget;
    auto* layout = new QHBoxLayout(row);
    layout->setContentsMargins({});
    auto* bar = new QProgressBar;
    layout->addWidget(new QLabel(phase), 1);
    layout->addWidget(bar, 1);
    m_bars->addWidget(row);
    m_barOfPhase.insert(phase, bar);
    return bar;
}

void StartPage::removeBars()
{
    for (QProgressBar* bar : std::as_const(m_barOfPhase)) {
        bar->parentWidget()->hide();
        bar->parentWidget()->deleteLater();
    }
    m_barOfPhase.clear();
}

} // namespace voorwerp::app
