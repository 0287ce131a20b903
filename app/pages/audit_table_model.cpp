// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/pages/audit_table_model.h"

#include "app/pages/model_table_model.h"
#include "widgets/table_setup.h"

#include <QJsonDocument>
#include <QJsonObject>

namespace voorwerp::app {

QString detailInWords(const std::string& json)
{
    const QJsonObject object = QJsonDocument::fromJson(QByteArray::fromStdString(json)).object();
    QStringList words;
    for (auto it = object.begin(); it != object.end(); ++it) {
        const QString value = it.value().toVariant().toString();
        if (!value.isEmpty())
            words << it.key() + QLatin1Char(' ') + value;
    }
    return words.join(QStringLiteral(", "));
}

void AuditTableModel::setEntries(std::vector<catalog::AuditEntry> entries, bool complete)
{
    beginResetModel();
    m_entries = std::move(entries);
    m_complete = complete;
    endResetModel();
}

void AuditTableModel::append(const std::vector<catalog::AuditEntry>& entries, bool complete)
{
    m_complete = complete;
    if (entries.empty())
        return;
    const int first = static_cast<int>(m_entries.size());
    beginInsertRows({}, first, first + static_cast<int>(entries.size()) - 1);
    m_entries.insert(m_entries.end(), entries.begin(), entries.end());
    endInsertRows();
}

int AuditTableModel::rowCount(const QModelIndex& parent) const
{
    return parent.isValid() ? 0 : static_cast<int>(m_entries.size());
}

int AuditTableModel::columnCount(const QModelIndex& parent) const
{
    return parent.isValid() ? 0 : ColumnCount;
}

QVariant AuditTableModel::data(const QModelIndex& index, int role) const
{
    if (!checkIndex(index, CheckIndexOption::IndexIsValid | CheckIndexOption::ParentIsInvalid))
        return {};
    if (role == Qt::TextAlignmentRole)
        return widgets::textAlignment();
    if (role != Qt::DisplayRole && role != Qt::ToolTipRole)
        return {};
    const catalog::AuditEntry& entry = m_entries[static_cast<std::size_t>(index.row())];
    switch (index.column()) {
    case Time:
        return role == Qt::ToolTipRole ? QString::fromStdString(entry.time) : shortTime(entry.time);
    case Who:
        return QString::fromStdString(entry.login);
    case Role:
        return QString::fromStdString(entry.role);
    case What:
        return QString::fromStdString(entry.action);
    case Object:
        return QString::fromStdString(entry.object);
    case Details:
        return detailInWords(entry.detail);
    default:
        return QString::fromStdString(entry.application);
    }
}

QVariant AuditTableModel::headerData(int section, Qt::Orientation orientation, int role) const
{
    if (orientation != Qt::Horizontal || section < 0 || section >= ColumnCount)
        return {};
    if (role == Qt::TextAlignmentRole)
        return widgets::textAlignment();
    if (role == widgets::kLongestTextRole && section == What)
        return QStringLiteral("training set removed");
    if (role == widgets::kLongestTextRole && section == Object)
        return QString(24, QLatin1Char('0')); // paths are longer: their tooltip has them
    if (role != Qt::DisplayRole)
        return {};
    const QString titles[] = {tr("Time"),   tr("Who"),     tr("Role"),   tr("What"),
                              tr("Object"), tr("Details"), tr("Program")};
    return titles[section];
}

bool AuditTableModel::canFetchMore(const QModelIndex& parent) const
{
    return !parent.isValid() && !m_complete;
}

void AuditTableModel::fetchMore(const QModelIndex& parent)
{
    if (canFetchMore(parent))
        emit moreWanted();
}

} // namespace voorwerp::app
