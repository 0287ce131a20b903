// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/pages/care_page.h"

#include "app/app_context.h"
#include "app/icons.h"
#include "app/jobs/workbench_jobs.h"
#include "app/pages/audit_view.h"
#include "app/pages/model_table_model.h"
#include "app/pages/restore_dialog.h"
#include "app/pages/snapshot_table_model.h"
#include "app/right_gate.h"
#include "widgets/empty_state.h"
#include "widgets/message.h"
#include "widgets/table_setup.h"

#include <QAction>
#include <QFormLayout>
#include <QLabel>
#include <QLocale>
#include <QPushButton>
#include <QStackedWidget>
#include <QStorageInfo>
#include <QTabWidget>
#include <QTableView>
#include <QVBoxLayout>

#include <algorithm>

namespace voorwerp::app {

namespace {

constexpr int kAuditTab = 1;

QLabel* sectionTitle(const QString& text)
{
    auto* label = new QLabel(text);
    QFont large = label->font();
    large.setPointSizeF(large.pointSizeF() * 1.3);
    label->setFont(large);
    return label;
}

QLabel* factLabel()
{
    auto* label = new QLabel;
    label->setTextInteractionFlags(Qt::TextSelectableByMouse);
    label->setWordWrap(true);
    return label;
}

bool isBackupJob(const JobStatus& job)
{
    return job.kind.startsWith(QLatin1String("backup"));
}

} // namespace

CarePage::CarePage(AppContext& context, QWidget* parent)
    : Page(context, QStringLiteral("care"), tr("Care"), lineIcon(IconShape::Care), parent)
    , m_tabs(new QTabWidget)
    , m_audit(new AuditView(context))
    , m_last(factLabel())
    , m_lastVerified(factLabel())
    , m_where(factLabel())
    , m_message(factLabel())
    , m_stack(new QStackedWidget)
    , m_empty(new widgets::EmptyState(
          tr("No backup yet"),
          tr("A backup keeps the database and the models, encrypted, in a folder of the "
             "workspace. It counts once it was verified by a test restore."),
          tr("Back up now")))
    , m_table(new QTableView)
    , m_model(new SnapshotTableModel(this))
    , m_backupButton(new QPushButton(tr("Back up now")))
    , m_verifyButton(new QPushButton(tr("Verify")))
    , m_restoreButton(new QPushButton(tr("Restore…")))
    , m_backupsQuery(context)
    , m_factsQuery(context)
{
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(12, 12, 12, 8);
    column->setSpacing(8);
    m_tabs->setObjectName(QStringLiteral("careTabs"));
    m_tabs->setDocumentMode(true);
    m_tabs->addTab(makeBackups(), tr("Backups"));
    m_tabs->addTab(m_audit, tr("Audit"));
    column->addWidget(m_tabs, 1);
    column->addSpacing(8);
    column->addWidget(makeFacts());
    addActions();
    connect(m_empty, &widgets::EmptyState::triggered, m_backupAction, &QAction::trigger);
    connect(m_table->selectionModel(), &QItemSelectionModel::currentRowChanged, this,
            &CarePage::updateActions);
    connect(&context.jobs(), &JobRunner::jobFinished, this, &CarePage::onJobFinished);
    connect(&context.jobs(), &JobRunner::jobAdded, this, &CarePage::updateActions);
    connect(&context, &AppContext::stateChanged, this, [this](AppContext::State state) {
        updateActions();
        if (state != AppContext::State::Open)
            return;
        loadBackups();
        loadFacts();
    });
    connect(&context, &AppContext::targetsChanged, this, &CarePage::loadFacts);
    connect(&m_backupsQuery, &AsyncQuery::failed, this, [this](const ErrorText& error) {
        m_loaded = true;
        say(error.toString(), true);
    });
    connect(&m_factsQuery, &AsyncQuery::failed, this,
            [this](const ErrorText& error) { say(error.toString(), true); });
    updateActions();
}

QWidget* CarePage::makeBackups()
{
    m_table->setObjectName(QStringLiteral("backupTable"));
    m_table->setAccessibleName(tr("Backups"));
    m_table->setModel(m_model);
    widgets::setupTable(m_table);
    m_table->setSortingEnabled(false);
    m_message->setObjectName(QStringLiteral("careMessage"));
    m_message->hide();
    m_stack->addWidget(m_empty);
    m_stack->addWidget(m_table);
    auto* backups = new QWidget;
    auto* column = new QVBoxLayout(backups);
    column->setContentsMargins(0, 8, 0, 0);
    auto* head = new QHBoxLayout;
    head->addStretch(1);
    for (QPushButton* button : {m_backupButton, m_verifyButton, m_restoreButton})
        head->addWidget(button);
    column->addLayout(head);
    auto* facts = new QFormLayout;
    facts->addRow(tr("Last backup"), m_last);
    facts->addRow(tr("Last verified restore"), m_lastVerified);
    facts->addRow(tr("Kept in"), m_where);
    column->addLayout(facts);
    column->addWidget(m_message);
    column->addWidget(m_stack, 1);
    return backups;
}

QWidget* CarePage::makeFacts()
{
    auto* widget = new QWidget;
    auto* column = new QVBoxLayout(widget);
    column->setContentsMargins({});
    column->addWidget(sectionTitle(tr("Database and disk")));
    auto* columns = new QHBoxLayout;
    const QStringList names{tr("Server"), tr("Schema"),    tr("Size of the database"), tr("Spectra"),
                            tr("Labels"), tr("Workspace"), tr("Free on its disk")};
    QFormLayout* forms[] = {new QFormLayout, new QFormLayout};
    for (int i = 0; i < names.size(); ++i) {
        m_factLabels.append(factLabel());
        forms[i < 3 ? 0 : 1]->addRow(names[i], m_factLabels.back());
    }
    columns->addLayout(forms[0], 1);
    columns->addLayout(forms[1], 1);
    column->addLayout(columns);
    return widget;
}

void CarePage::addActions()
{
    m_backupAction = addPageAction(Menu::Jobs, tr("Back up now"), Qt::CTRL | Qt::SHIFT | Qt::Key_B,
                                   tr("Database and models into the encrypted repository"));
    m_verifyAction = addPageAction(Menu::Jobs, tr("Verify backup"), Qt::CTRL | Qt::SHIFT | Qt::Key_V,
                                   tr("Restores it for real into a scratch folder and compares everything"));
    m_restoreAction = addPageAction(Menu::Jobs, tr("Restore backup…"), {},
                                    tr("Into a new folder, which then is a workspace of its own"));
    const std::pair<QAction*, QPushButton*> pairs[] = {{m_backupAction, m_backupButton},
                                                       {m_verifyAction, m_verifyButton},
                                                       {m_restoreAction, m_restoreButton}};
    for (const auto& [action, button] : pairs) {
        guard(action, catalog::Right::Backup);
        bindButton(button, action);
    }
    m_backupButton->setObjectName(QStringLiteral("backUpNow"));
    m_verifyButton->setObjectName(QStringLiteral("verifyBackup"));
    m_restoreButton->setObjectName(QStringLiteral("restoreBackup"));
    connect(m_backupAction, &QAction::triggered, this, &CarePage::startBackup);
    connect(m_verifyAction, &QAction::triggered, this, &CarePage::verify);
    connect(m_restoreAction, &QAction::triggered, this, &CarePage::restore);
}

void CarePage::activate()
{
    loadFacts();
    if (!m_loaded)
        loadBackups();
}

bool CarePage::isSettled() const
{
    return m_loaded && m_audit->isSettled() && !m_backupsQuery.isBusy() && !m_factsQuery.isBusy();
}

void CarePage::moveCurrent(int step)
{
    const int last = m_model->rowCount() - 1;
    if (last >= 0)
        m_table->setCurrentIndex(
            m_model->index(std::clamp(m_table->currentIndex().row() + step, 0, last), 0));
}

void CarePage::loadBackups()
{
    m_backupsQuery.ask(
        [](const pipeline::Session& session, std::stop_token stop) {
            Backups backups{false, pipeline::backupSettings(session), {}};
            backups.initialised = backup::isInitialised(backups.settings);
            core::JobContext job(stop, {}, {});
            if (backups.initialised)
                backups.snapshots = pipeline::listBackups(session, job);
            return backups;
        },
        [this](const std::shared_ptr<const Backups>& backups) { showBackups(*backups); });
}

void CarePage::showBackups(const Backups& backups)
{
    m_loaded = true;
    const auto& snapshots = backups.snapshots;
    m_last->setText(snapshots.empty() ? tr("none") : shortTime(snapshots.back().time));
    QString verified = tr("none");
    for (const backup::SnapshotInfo& snapshot : snapshots)
        if (snapshot.verified && snapshot.verified->ok)
            verified = tr("%1 (backup %2)")
                           .arg(shortTime(snapshot.verified->time), QString::fromStdString(snapshot.shortId));
    m_lastVerified->setText(verified);
    m_where->setText(
        backups.initialised
            ? tr("%1; the password is in %2: keep a copy elsewhere, without it nothing can be restored")
                  .arg(QString::fromStdString(backups.settings.repository.string()),
                       QString::fromStdString(backups.settings.passwordFile.string()))
            : QString::fromStdString(backups.settings.repository.string()));
    m_model->setSnapshots(snapshots);
    m_stack->setCurrentIndex(snapshots.empty() ? 0 : 1);
    if (!snapshots.empty()) {
        widgets::fitColumns(m_table);
        m_table->setCurrentIndex(m_model->index(0, 0));
    }
    updateActions();
}

void CarePage::loadFacts()
{
    m_factsQuery.ask([](const pipeline::Session& session, std::stop_token) { return readFacts(session); },
                     [this](const std::shared_ptr<const Facts>& facts) { showFacts(*facts); });
}

CarePage::Facts CarePage::readFacts(const pipeline::Session& session)
{
    const catalog::DatabaseInfo info = catalog::databaseInfo(session.database());
    const QString folder = QString::fromStdString(session.workspace().folder().string());
    const QStorageInfo disk(folder);
    const QLocale locale;
    Facts facts;
    facts.server = tr("%1, version %2.%3")
                       .arg(QString::fromStdString(session.databaseDescription()))
                       .arg(info.serverVersion / 10000)
                       .arg(info.serverVersion % 10000);
    facts.schema = tr("version %1").arg(info.schemaVersion);
    facts.databaseSize = widgets::sizeText(info.bytes);
    facts.targets = locale.toString(static_cast<qlonglong>(info.targets));
    facts.labels = locale.toString(static_cast<qlonglong>(info.labels));
    facts.workspace = folder;
    facts.diskFree =
        tr("%1 of %2").arg(widgets::sizeText(disk.bytesAvailable()), widgets::sizeText(disk.bytesTotal()));
    return facts;
}

void CarePage::showFacts(const Facts& facts)
{
    const QString texts[] = {facts.server, facts.schema,    facts.databaseSize, facts.targets,
                             facts.labels, facts.workspace, facts.diskFree};
    for (qsizetype i = 0; i < m_factLabels.size(); ++i)
        m_factLabels[i]->setText(texts[i]);
}

void CarePage::startBackup()
{
    if (const auto session = context().session())
        context().jobs().start(backupJob(session));
}

void CarePage::verify()
{
    const auto session = context().session();
    const QModelIndex index = m_table->currentIndex();
    if (session && index.isValid())
        context().jobs().start(verifyBackupJob(session, m_model->snapshot(index.row()).id));
}

void CarePage::restore()
{
    const auto session = context().session();
    const QModelIndex index = m_table->currentIndex();
    if (!session || !index.isValid())
        return;
    const backup::SnapshotInfo& snapshot = m_model->snapshot(index.row());
    auto* dialog =
        new RestoreDialog(snapshot, QString::fromStdString(session->workspace().folder().string()), this);
    connect(dialog, &RestoreDialog::restoreWanted, this, [this, id = snapshot.id](const QString& folder) {
        if (const auto open = context().session())
            context().jobs().start(restoreBackupJob(open, id, folder.toStdString()));
    });
    dialog->open();
}

void CarePage::onJobFinished(const JobStatus& job)
{
    if (!isBackupJob(job))
        return;
    if (job.state == JobState::Failed)
        say(job.error.toString(), true);
    else if (job.state == JobState::Done)
        say(job.outcome.summary, false);
    loadBackups();
    loadFacts();
    updateActions();
}

void CarePage::updateActions()
{
    const JobRunner& jobs = context().jobs();
    const bool busy = jobs.isActive(QStringLiteral("backup")) ||
                      jobs.isActive(QStringLiteral("backup-verify")) ||
                      jobs.isActive(QStringLiteral("backup-restore"));
    const bool ready = context().session() != nullptr && !busy;
    const bool chosen = ready && m_table->currentIndex().isValid();
    enable(m_backupAction, ready);
    enable(m_verifyAction, chosen);
    enable(m_restoreAction, chosen);
    enableWithRight(context(), m_empty->button(), catalog::Right::Backup, ready);
    const QString noAudit = whyNot(context(), catalog::Right::Audit);
    m_tabs->setTabEnabled(kAuditTab, noAudit.isEmpty());
    m_tabs->setTabToolTip(kAuditTab, noAudit.isEmpty() ? tr("Who did what, when") : noAudit);
}

void CarePage::say(const QString& text, bool warning)
{
    widgets::say(m_message, text, warning);
}

} // namespace voorwerp::app
