// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// Rows of the audit, newest first, as far as they were read; asks for more when the view comes near the end.

#include "catalog/audit_store.h"

#include <QAbstractTableModel>

#include <vector>

namespace voorwerp::app {

class AuditTableModel : public QAbstractTableModel
{
    Q_OBJECT

public:
    enum Column { Time, Who, Role, What, Object, Details, Program, ColumnCount };

    using QAbstractTableModel::QAbstractTableModel;
    /// A new list. complete: there are no older rows.
    void setEntries(std::vector<catalog::AuditEntry> entries, bool complete);
    /// The next older rows.
    void append(const std::vector<catalog::AuditEntry>& entries, bool complete);
    /// Of the oldest row that was read; 0 where there is none.
    std::int64_t oldest() const { return m_entries.empty() ? 0 : m_entries.back().id; }

    int rowCount(const QModelIndex& parent = {}) const override;
    int columnCount(const QModelIndex& parent = {}) const override;
    QVariant data(const QModelIndex& index, int role = Qt::DisplayRole) const override;
    QVariant headerData(int section, Qt::Orientation orientation, int role = Qt::DisplayRole) const override;
    bool canFetchMore(const QModelIndex& parent) const override;
    void fetchMore(const QModelIndex& parent) override;

signals:
    void moreWanted();

private:
    std::vector<catalog::AuditEntry> m_entries;
    bool m_complete = true;
};

/// {"class": "BAL", "quality": 4} → "class BAL, quality 4"; empty values are left out.
QString detailInWords(const std::string& json);

} // namespace voorwerp::app
