// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// The targets that match a filter, in the order of a column, fetched in pages as the view scrolls. Filter and
// sort happen in PostgreSQL.

#include "app/jobs/async_query.h"
#include "app/selection.h"
#include "catalog/target_query.h"

#include <QAbstractTableModel>
#include <QHash>

#include <optional>
#include <utility>
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
    /// The row of a spectrum that is loaded; -1: it is not.
    int rowOf(core::SpectrumId id) const;
    /// Asks for the place of a spectrum in the list. Where it is in the list, the list is loaded down to it,
    /// or, when it is far below, loaded again from it on; then placed() tells.
    void reveal(core::SpectrumId id);
    /// Rows of the list above the first loaded one; of a long list an estimate.
    const catalog::RowCount& rowsAbove() const { return m_rowsAbove; }
    /// Rows that are drawn as picked; null: none.
    void setPicked(const SpectrumIds& picked);
    const catalog::TargetRow& row(int row) const { return m_rows[static_cast<std::size_t>(row)]; }
    bool isLoading() const { return m_query.isBusy(); }
    /// The rows are still those of an earlier filter or sort.
    bool isOutdated() const { return m_outdated && m_query.isBusy(); }
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
    /// row: that of the spectrum, or when it is not in the list, that of the one that would follow it.
    void placed(voorwerp::core::SpectrumId id, bool listed, int row);
    void failed(const voorwerp::app::ErrorText& error);

private:
    /// What the server says about a place, with the rows that were missing on the way to it.
    struct Revealed
    {
        std::optional<catalog::TargetPlace> place;
        std::optional<catalog::TargetPage> page;
        bool jumped = false; ///< the page begins at the place instead of following the loaded rows
    };

    /// request: of the page that follows the loaded rows; loaded: they are those from first up to second.
    static Revealed findRevealed(const pipeline::Session& session, catalog::TargetPageRequest request,
                                 core::SpectrumId id, std::pair<std::int64_t, std::int64_t> loaded,
                                 std::stop_token stop);
    catalog::TargetPageRequest request() const;
    void loadFirstPage();
    void onPlace(core::SpectrumId id, const Revealed& revealed);
    void replaceRows(const catalog::TargetPage& page, const catalog::RowCount& rowsAbove);
    void appendRows(const catalog::TargetPage& page);
    void fetchIfWanted();
    void indexRows(std::size_t from);
    bool isLacking(int column) const;

    AppContext& m_context;
    AsyncQuery m_query;
    std::string m_where;
    std::optional<core::ModelVersionId> m_model;
    Column m_sortColumn = TargetId;
    Qt::SortOrder m_sortOrder = Qt::AscendingOrder;
    std::vector<catalog::TargetRow> m_rows;
    QHash<qint64, int> m_rowOfId;
    std::optional<catalog::PageCursor> m_next;
    catalog::RowCount m_rowsAbove;
    SpectrumIds m_picked;
    bool m_outdated = false;
    bool m_moreWanted = false; ///< asked for while another question was under way
};

} // namespace voorwerp::app
