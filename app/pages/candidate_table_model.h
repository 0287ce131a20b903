// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// Rows of a model's scores as a table: rank, scores as bars, significance, suggested kind, label. Sorted
// in memory; it holds row numbers only, the values stay in the shared ScoreData.

#include "app/score_data.h"
#include "app/selection.h"

#include <QAbstractTableModel>

namespace voorwerp::app {

class LabelBook;

class CandidateTableModel : public QAbstractTableModel
{
    Q_OBJECT

public:
    enum Column {
        Rank,
        TargetId,
        Z,
        Snr,
        Score,
        Components,
        Artefact,
        QValue,
        Kind,
        Label,
        Quality,
        Comment,
        ColumnCount
    };

    explicit CandidateTableModel(const LabelBook& labels, QObject* parent = nullptr);

    /// These rows of data, in the order of the sort column. data null: empty.
    void setRows(ScoreDataPointer data, std::vector<std::uint32_t> rows);
    const ScoreDataPointer& scores() const { return m_data; }
    /// Row of data that stands in a row of the table.
    std::uint32_t dataRow(int row) const { return m_rows[static_cast<std::size_t>(row)]; }
    core::SpectrumId idAt(int row) const { return m_data->columns.ids[dataRow(row)]; }
    core::TargetId targetAt(int row) const { return m_data->columns.targetIds[dataRow(row)]; }
    /// -1: not in the table.
    int rowOf(core::SpectrumId id) const;
    /// Rows that are drawn as picked; null: none.
    void setPicked(const SpectrumIds& picked);
    /// Labels changed: their columns are drawn again.
    void refreshLabels();

    int rowCount(const QModelIndex& parent = {}) const override;
    int columnCount(const QModelIndex& parent = {}) const override;
    QVariant data(const QModelIndex& index, int role = Qt::DisplayRole) const override;
    QVariant headerData(int section, Qt::Orientation orientation, int role) const override;
    void sort(int column, Qt::SortOrder order) override;

private:
    QVariant cell(std::uint32_t row, int column) const;
    QString labelCell(std::uint32_t row, int column) const;
    QString toolTip(std::uint32_t row, int column) const;
    void sortRows();

    const LabelBook& m_labels;
    ScoreDataPointer m_data;
    std::vector<std::uint32_t> m_rows;
    SpectrumIds m_picked;
    Column m_sortColumn = Rank;
    Qt::SortOrder m_sortOrder = Qt::AscendingOrder;
};

} // namespace voorwerp::app
