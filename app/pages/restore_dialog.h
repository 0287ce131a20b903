// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// Where a backup is restored to, and in plain words what that does to the data there are now: nothing.
// Accepted only with a folder that holds nothing yet. GUI thread only; starts no job itself.

#include "backup/backup_types.h"

#include <QDialog>

class QLabel;
class QLineEdit;

namespace voorwerp::app {

class RestoreDialog : public QDialog
{
    Q_OBJECT

public:
    /// workspace: the one that is open.
    RestoreDialog(const backup::SnapshotInfo& snapshot, const QString& workspace, QWidget* parent = nullptr);

    void accept() override;

signals:
    void restoreWanted(const QString& folder);

private:
    void browse();

    QString m_name; ///< of the new folder
    QLineEdit* m_folder;
    QLabel* m_error;
};

} // namespace voorwerp::app
