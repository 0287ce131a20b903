// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/pages/candidate_table_model.h"

#include "app/label_book.h"
#include "app/pages/label_bar.h"
#include "widgets/score_bars.h"
#include "widgets/table_setup.h"

#include <QCoreApplication>

#include <algorithm>
#include <array>
#include <cmath>
#include <functional>

namespace voorwerp::app {

namespace {

struct ColumnSpec
{
    const char* title;
    bool number;
    const char* meaning;
};

constexpr std::array<ColumnSpec, CandidateTableModel::ColumnCount> kColumns{{
    {QT_TRANSLATE_NOOP("CandidateTable", "Rank"), true, QT_TRANSLATE_NOOP("CandidateTable", "1 = strangest")},
    {QT_TRANSLATE_NOOP("CandidateTable", "TARGETID"), true, ""},
    {QT_TRANSLATE_NOOP("CandidateTable", "z"), true, ""},
    {QT_TRANSLATE_NOOP("CandidateTable", "S/N"), true,
     QT_TRANSLATE_NOOP("CandidateTable", "Median per good pixel")},
    {QT_TRANSLATE_NOOP("CandidateTable", "Score"), true,
     QT_TRANSLATE_NOOP("CandidateTable", "Fused rank of the components, larger is stranger")},
    {QT_TRANSLATE_NOOP("CandidateTable", "χ² · rob · smo · den · KL"), false,
     QT_TRANSLATE_NOOP("CandidateTable",
                       "Components of the score, as the share of all spectra that are less strange:\n"
                       "χ²/ν, robust χ²/ν, smoothed residual, density of the latents, KL divergence")},
    {QT_TRANSLATE_NOOP("CandidateTable", "Artefact"), true,
     QT_TRANSLATE_NOOP("CandidateTable", "0 = from the sky, 1 = looks like an instrument's fault")},
    {QT_TRANSLATE_NOOP("CandidateTable", "q"), true,
     QT_TRANSLATE_NOOP("CandidateTable", "Expected share of false alarms down to here (Benjamini–Hochberg)")},
    {QT_TRANSLATE_NOOP("CandidateTable", "Suggested kind"), false,
     QT_TRANSLATE_NOOP("CandidateTable", "By rules on the residual; a hint, not a label")},
    {QT_TRANSLATE_NOOP("CandidateTable", "Label"), false,
     QT_TRANSLATE_NOOP("CandidateTable", "What people say")},
    {QT_TRANSLATE_NOOP("CandidateTable", "Quality"), true,
     QT_TRANSLATE_NOOP("CandidateTable", "Visual inspection: 4 confident to 0 no signal")},
    {QT_TRANSLATE_NOOP("CandidateTable", "Comment"), false, ""},
}};

constexpr float kArtefactWarning = 0.5F;

QString text(const char* source)
{
    return QCoreApplication::translate("CandidateTable", source);
}

/// Ascending, NaN last in both directions.
void sortByNumber(std::vector<std::uint32_t>& rows, bool descending,
                  const std::function<double(std::uint32_t)>& key)
{
    std::stable_sort(rows.begin(), rows.end(), [&](std::uint32_t a, std::uint32_t b) {
        const double left = key(a);
        const double right = key(b);
        if (std::isnan(left) || std::isnan(right))
            return !std::isnan(left) && std::isnan(right);
        return descending ? left > right : left < right;
    });
}

/// Empty texts last in both directions.
void sortByText(std::vector<std::uint32_t>& rows, bool descending,
                const std::function<QString(std::uint32_t)>& key)
{
    std::stable_sort(rows.begin(), rows.end(), [&](std::uint32_t a, std::uint32_t b) {
        const QString left = key(a);
        const QString right = key(b);
        if (left.isEmpty() || right.isEmpty())
            return !left.isEmpty() && right.isEmpty();
        return descending ? left > right : left < right;
    });
}

widgets::ScoreBarValues bars(const ScoreData& data, std::uint32_t row)
{
    widgets::ScoreBarValues values;
    for (std::size_t c = 0; c < catalog::kScoreComponents.size(); ++c) {
        values.fractions.push_back(data.percentile(c, row));
        values.names << scoreValues()[c + 1].name;
    }
    return values;
}

} // namespace

CandidateTableModel::CandidateTableModel(const LabelBook& labels, QObject* parent)
    : QAbstractTableModel(parent)
    , m_labels(labels)
{
}

void CandidateTableModel::setRows(ScoreDataPointer data, std::vector<std::uint32_t> rows)
{
    beginResetModel();
    m_data = std::move(data);
    m_rows = m_data ? std::move(rows) : std::vector<std::uint32_t>{};
    sortRows();
    endResetModel();
}

int CandidateTableModel::rowOf(core::SpectrumId id) const
{
    const auto wanted = m_data ? m_data->rowOf(id) : std::nullopt;
    if (!wanted)
        return -1;
    const auto found = std::find(m_rows.begin(), m_rows.end(), *wanted);
    return found == m_rows.end() ? -1 : static_cast<int>(found - m_rows.begin());
}

void CandidateTableModel::setPicked(const SpectrumIds& picked)
{
    m_picked = picked;
    if (!m_rows.empty())
        emit dataChanged(index(0, 0), index(rowCount() - 1, ColumnCount - 1), {Qt::BackgroundRole});
}

void CandidateTableModel::refreshLabels()
{
    if (!m_rows.empty())
        emit dataChanged(index(0, Label), index(rowCount() - 1, Comment));
}

int CandidateTableModel::rowCount(const QModelIndex& parent) const
{
    return parent.isValid() ? 0 : static_cast<int>(m_rows.size());
}

int CandidateTableModel::columnCount(const QModelIndex& parent) const
{
    return parent.isValid() ? 0 : ColumnCount;
}

QVariant CandidateTableModel::data(const QModelIndex& index, int role) const
{
    if (!index.isValid())
        return {};
    const std::uint32_t row = dataRow(index.row());
    if (role == Qt::DisplayRole)
        return cell(row, index.column());
    if (role == Qt::TextAlignmentRole)
        return kColumns[static_cast<std::size_t>(index.column())].number ? widgets::numberAlignment()
                                                                         : widgets::textAlignment();
    if (role == Qt::BackgroundRole && contains(m_picked, m_data->columns.ids[row]))
        return widgets::pickedBackground();
    if (role == Qt::ToolTipRole)
        return toolTip(row, index.column());
    return {};
}

QString CandidateTableModel::toolTip(std::uint32_t row, int column) const
{
    if (column == Components)
        return widgets::ScoreBars::describe(bars(*m_data, row));
    return column == Comment ? labelCell(row, Comment) : QString();
}

QVariant CandidateTableModel::cell(std::uint32_t row, int column) const
{
    const catalog::ScoreColumns& columns = m_data->columns;
    switch (column) {
    case Rank:
        return QString::number(columns.rank[row]);
    case TargetId:
        return QString::number(columns.targetIds[row].value);
    case Z:
        return widgets::numberText(columns.z[row], 4);
    case Snr:
        return widgets::numberText(columns.snr[row], 2);
    case Score:
        return widgets::numberText(columns.score[row], 3);
    case Components:
        return QVariant::fromValue(bars(*m_data, row));
    case Artefact: {
        const QString number = widgets::numberText(columns.artefact[row], 2);
        return columns.artefact[row] >= kArtefactWarning ? QStringLiteral("⚑ ") + number : number;
    }
    case QValue:
        return widgets::probabilityText(columns.qValue[row]);
    case Kind:
        return QString::fromStdString(columns.kind[row]);
    default:
        return labelCell(row, column);
    }
}

QString CandidateTableModel::labelCell(std::uint32_t row, int column) const
{
    const auto label = m_labels.label(m_data->columns.targetIds[row]);
    if (!label)
        return {};
    if (column == Quality)
        return label->quality ? QString::number(*label->quality) : QString();
    return QString::fromStdString(column == Label ? label->labelClass : label->comment);
}

QVariant CandidateTableModel::headerData(int section, Qt::Orientation orientation, int role) const
{
    if (orientation != Qt::Horizontal || section < 0 || section >= ColumnCount)
        return {};
    const ColumnSpec& column = kColumns[static_cast<std::size_t>(section)];
    if (role == widgets::kLongestTextRole && section == Label)
        return longestLabelClass();
    if (role == Qt::DisplayRole)
        return text(column.title);
    if (role == Qt::TextAlignmentRole)
        return column.number ? widgets::numberAlignment() : widgets::textAlignment();
    if (role == Qt::ToolTipRole && *column.meaning != '\0')
        return text(column.meaning);
    return {};
}

void CandidateTableModel::sort(int column, Qt::SortOrder order)
{
    m_sortColumn = static_cast<Column>(std::clamp(column, 0, ColumnCount - 1));
    m_sortOrder = order;
    if (m_rows.empty())
        return;
    emit layoutAboutToBeChanged({}, VerticalSortHint);
    const QModelIndexList before = persistentIndexList();
    std::vector<std::uint32_t> rowsBefore;
    for (const QModelIndex& index : before)
        rowsBefore.push_back(dataRow(index.row()));
    sortRows();
    for (qsizetype i = 0; i < before.size(); ++i) {
        const auto found = std::find(m_rows.begin(), m_rows.end(), rowsBefore[static_cast<std::size_t>(i)]);
        changePersistentIndex(before[i], index(static_cast<int>(found - m_rows.begin()), before[i].column()));
    }
    emit layoutChanged({}, VerticalSortHint);
}

void CandidateTableModel::sortRows()
{
    if (!m_data)
        return;
    const catalog::ScoreColumns& columns = m_data->columns;
    const bool descending = m_sortOrder == Qt::DescendingOrder;
    switch (m_sortColumn) {
    case Kind:
    case Label:
    case Comment:
        sortByText(m_rows, descending, [&](std::uint32_t row) { return cell(row, m_sortColumn).toString(); });
        return;
    case Quality:
        sortByNumber(m_rows, descending, [&](std::uint32_t row) {
            const auto label = m_labels.label(columns.targetIds[row]);
            return label && label->quality ? *label->quality : std::nan("");
        });
        return;
    default:
        break;
    }
    sortByNumber(m_rows, descending, [&](std::uint32_t row) -> double {
        switch (m_sortColumn) {
        case TargetId:
            return static_cast<double>(columns.targetIds[row].value);
        case Z:
            return columns.z[row];
        case Snr:
            return columns.snr[row];
        case Score:
            return columns.score[row];
        case Components:
            return columns.components[0][row];
        case Artefact:
            return columns.artefact[row];
        case QValue:
            return columns.qValue[row];
        default:
            return columns.rank[row];
        }
    });
}

} // namespace voorwerp::app
