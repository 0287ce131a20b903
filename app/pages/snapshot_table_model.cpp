// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/pages/snapshot_table_model.h"

#include "app/pages/model_table_model.h"
#include "widgets/table_setup.h"

#include <QLocale>

#include <algorithm>

namespace voorwerp::app {

QString verifiedInWords(const backup::SnapshotInfo& snapshot)
{
    if (!snapshot.verified)
        return SnapshotTableModel::tr("not yet");
    const QString time = shortTime(snapshot.verified->time);
    return snapshot.verified->ok ? SnapshotTableModel::tr("passed %1").arg(time)
                                 : SnapshotTableModel::tr("failed %1").arg(time);
}

void SnapshotTableModel::setSnapshots(std::vector<backup::SnapshotInfo> snapshots)
{
    beginResetModel();
    std::reverse(snapshots.begin(), snapshots.end());
    m_snapshots = std::move(snapshots);
    endResetModel();
}

int SnapshotTableModel::rowCount(const QModelIndex& parent) const
{
    return parent.isValid() ? 0 : static_cast<int>(m_snapshots.size());
}

int SnapshotTableModel::columnCount(const QModelIndex& parent) const
{
    return parent.isValid() ? 0 : ColumnCount;
}

QVariant SnapshotTableModel::data(const QModelIndex& index, int role) const
{
    if (!checkIndex(index, CheckIndexOption::IndexIsValid | CheckIndexOption::ParentIsInvalid))
        return {};
    const backup::SnapshotInfo& row = snapshot(index.row());
    if (role == Qt::TextAlignmentRole)
        return index.column() == Size || index.column() == Rows ? widgets::numberAlignment()
                                                                : widgets::textAlignment();
    if (role == Qt::ToolTipRole && index.column() == Verified && row.verified &&
        !row.verified->problems.empty())
        return QString::fromStdString(row.verified->problems.front());
    if (role != Qt::DisplayRole)
        return {};
    const QLocale locale;
    switch (index.column()) {
    case Time:
        return shortTime(row.time);
    case Id:
        return QString::fromStdString(row.shortId);
    case Size:
        return widgets::sizeText(row.bytes);
    case Rows:
        return locale.toString(static_cast<qlonglong>(row.rows));
    case Verified:
        return verifiedInWords(row);
    case Host:
        return QString::fromStdString(row.host);
    default:
        return QString::fromStdString(row.softwareVersion);
    }
}

QVariant SnapshotTableModel::headerData(int section, Qt::Orientation orientation, int role) const
{
    if (orientation != Qt::Horizontal || section < 0 || section >= ColumnCount)
        return {};
    if (role == Qt::TextAlignmentRole)
        return section == Size || section == Rows ? widgets::numberAlignment() : widgets::textAlignment();
    if (role != Qt::DisplayRole)
        return {};
    const QString titles[] = {tr("Made"),         tr("Backup"),  tr("Size"),    tr("Table rows"),
                              tr("Test restore"), tr("Machine"), tr("Software")};
    return titles[section];
}

} // namespace voorwerp::app
