// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// Backups that are known to restore, who did what, and the state of database and disk.

#include "app/jobs/async_query.h"
#include "app/jobs/job.h"
#include "app/page.h"
#include "backup/backup_types.h"

class QLabel;
class QPushButton;
class QStackedWidget;
class QTabWidget;
class QTableView;

namespace voorwerp::widgets {
class EmptyState;
}

namespace voorwerp::app {

class AuditView;
class SnapshotTableModel;

class CarePage : public Page
{
    Q_OBJECT

public:
    explicit CarePage(AppContext& context, QWidget* parent = nullptr);

    void activate() override;
    void moveCurrent(int step) override;
    bool isSettled() const override;

private:
    struct Backups
    {
        bool initialised = false;
        backup::BackupSettings settings;
        std::vector<backup::SnapshotInfo> snapshots;
    };
    struct Facts
    {
        QString server;
        QString schema;
        QString databaseSize;
        QString targets;
        QString labels;
        QString workspace;
        QString diskFree;
    };

    QWidget* makeBackups();
    QWidget* makeFacts();
    void addActions();
    void loadBackups();
    void loadFacts();
    void showBackups(const Backups& backups);
    void showFacts(const Facts& facts);
    static Facts readFacts(const pipeline::Session& session);
    void startBackup();
    void verify();
    void restore();
    void onJobFinished(const JobStatus& job);
    void updateActions();
    void say(const QString& text, bool warning);

    QTabWidget* m_tabs;
    AuditView* m_audit;
    QLabel* m_last;
    QLabel* m_lastVerified;
    QLabel* m_where;
    QLabel* m_message;
    QStackedWidget* m_stack;
    widgets::EmptyState* m_empty;
    QTableView* m_table;
    SnapshotTableModel* m_model;
    QPushButton* m_backupButton;
    QPushButton* m_verifyButton;
    QPushButton* m_restoreButton;
    QAction* m_backupAction = nullptr;
    QAction* m_verifyAction = nullptr;
    QAction* m_restoreAction = nullptr;
    QList<QLabel*> m_factLabels;
    AsyncQuery m_backupsQuery;
    AsyncQuery m_factsQuery;
    bool m_loaded = false;
};

} // namespace voorwerp::app
