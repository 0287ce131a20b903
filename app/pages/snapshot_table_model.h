// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// The backups as a table, newest first, each with what its last test-restore said. GUI thread only.

#include "backup/backup_types.h"

#include <QAbstractTableModel>

#include <vector>

namespace voorwerp::app {

class SnapshotTableModel : public QAbstractTableModel
{
    Q_OBJECT

public:
    enum Column { Time, Id, Size, Rows, Verified, Host, Software, ColumnCount };

    using QAbstractTableModel::QAbstractTableModel;

    /// Oldest first, as the backup room lists them.
    void setSnapshots(std::vector<backup::SnapshotInfo> snapshots);
    const backup::SnapshotInfo& snapshot(int row) const { return m_snapshots[static_cast<std::size_t>(row)]; }

    int rowCount(const QModelIndex& parent = {}) const override;
    int columnCount(const QModelIndex& parent = {}) const override;
    QVariant data(const QModelIndex& index, int role = Qt::DisplayRole) const override;
    QVariant headerData(int section, Qt::Orientation orientation, int role) const override;

private:
    std::vector<backup::SnapshotInfo> m_snapshots;
};

/// "passed 2026-11-21 10:43", "failed …", "not yet".
QString verifiedInWords(const backup::SnapshotInfo& snapshot);

} // namespace voorwerp::app
