// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// The targets that match a filter, in the order of a column, fetched in pages as the view scrolls. Filter and
// sort happen in PostgreSQL.

#include "app/jobs/async_query.h"
#include "catalog/target_query.h"

#include <QAbstractTableModel>
#include <QHash>

#include <optional>
#include <vector>

namespace voorwerp::app {

class TargetTableModel : public QAbstractTableModel
{
    Q_OBJECT

public:
    enum Column {
        TargetId,
        Survey,
        Program,
        Z,
        ZWarn,
        Spectype,
        Snr,
        Ra,
        Dec,
        Rank,
        Score,
        Artefact,
        Label,
        Problem,
        ColumnCount
    };

    explicit TargetTableModel(AppContext& context, QObject* parent = nullptr);

    /// Loads the first page; the old rows stay until it is there.
    void setQuery(const std::string& where, std::optional<core::ModelVersionId> model);
    void reload();
    /// The next row of a spectrum that is loaded; -1: it is not.
    int rowOf(core::SpectrumId id) const;
    const catalog::TargetRow& row(int row) const { return m_rows[static_cast<std::size_t>(row)]; }
    bool isLoading() const { return m_query.isBusy(); }
    Column sortColumn() const { return m_sortColumn; }
    Qt::SortOrder sortOrder() const { return m_sortOrder; }
    /// Without loading; for the state of last time.
    void setInitialSort(Column column, Qt::SortOrder order);

    int rowCount(const QModelIndex& parent = {}) const override;
    int columnCount(const QModelIndex& parent = {}) const override;
    QVariant data(const QModelIndex& index, int role = Qt::DisplayRole) const override;
    QVariant headerData(int section, Qt::Orientation orientation, int role) const override;
    bool canFetchMore(const QModelIndex& parent) const override;
    void fetchMore(const QModelIndex& parent) override;
    void sort(int column, Qt::SortOrder order) override;

signals:
    void firstPageLoaded();
    void failed(const voorwerp::app::ErrorText& error);

private:
    catalog::TargetPageRequest request() const;
    void loadFirstPage();
    void replaceRows(const catalog::TargetPage& page);
    void appendRows(const catalog::TargetPage& page);
    void indexRows(std::size_t from);

    AsyncQuery m_query;
    std::string m_where;
    std::optional<core::ModelVersionId> m_model;
    Column m_sortColumn = TargetId;
    Qt::SortOrder m_sortOrder = Qt::AscendingOrder;
    std::vector<catalog::TargetRow> m_rows;
    QHash<qint64, int> m_rowOfId;
    std::optional<catalog::PageCursor> m_next;
};

} // namespace voorwerp::app
