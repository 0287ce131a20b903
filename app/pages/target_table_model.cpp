// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/pages/target_table_model.h"

#include "app/app_context.h"
#include "app/bit_text.h"
#include "app/pages/label_bar.h"
#include "app/pipeline/session.h"
#include "catalog/specprod_browse.h"
#include "widgets/table_setup.h"

#include <QCoreApplication>
#include <QGuiApplication>
#include <QPalette>

#include <algorithm>
#include <array>
#include <utility>

namespace voorwerp::app {

namespace {

constexpr std::size_t kPageRows = 200;
constexpr std::int64_t kMostRowsToReveal = 20'000; ///< more are not loaded on the way to a spectrum

struct ColumnSpec
{
    const char* title;
    const char* unit;
    const char* sortBy; ///< of catalog::columns()
    bool number;
};

constexpr std::array<ColumnSpec, TargetTableModel::ColumnCount> kColumns{{
    {QT_TRANSLATE_NOOP("TargetTable", "TARGETID"), "", "targetid", true},
    {QT_TRANSLATE_NOOP("TargetTable", "Survey"), "", "survey", false},
    {QT_TRANSLATE_NOOP("TargetTable", "Program"), "", "program", false},
    {QT_TRANSLATE_NOOP("TargetTable", "z"), "", "z", true},
    {QT_TRANSLATE_NOOP("TargetTable", "ZWARN"), "", "zwarn", true},
    {QT_TRANSLATE_NOOP("TargetTable", "Type"), "", "spectype", false},
    {QT_TRANSLATE_NOOP("TargetTable", "S/N"), "", "snr", true},
    {QT_TRANSLATE_NOOP("TargetTable", "RA"), "°", "target_ra", true},
    {QT_TRANSLATE_NOOP("TargetTable", "Dec"), "°", "target_dec", true},
    {QT_TRANSLATE_NOOP("TargetTable", "Rank"), "", "rank", true},
    {QT_TRANSLATE_NOOP("TargetTable", "Score"), "", "score", true},
    {QT_TRANSLATE_NOOP("TargetTable", "Artefact"), "", "artefact", true},
    {QT_TRANSLATE_NOOP("TargetTable", "Label"), "", "label", false},
    {QT_TRANSLATE_NOOP("TargetTable", "Problem"), "", "problem", false},
}};

QString text(const std::string& value)
{
    return QString::fromStdString(value);
}

QString redshiftCell(const catalog::TargetRow& row, int column)
{
    if (!row.info.redshift)
        return column == TargetTableModel::Spectype ? QString() : QStringLiteral("–");
    const core::Redshift& redshift = *row.info.redshift;
    if (column == TargetTableModel::Z)
        return widgets::numberText(redshift.z, 4);
    if (column == TargetTableModel::ZWarn)
        return QString::number(redshift.zwarn);
    return text(redshift.spectype);
}

QString scoreCell(const catalog::TargetRow& row, int column)
{
    if (!row.score)
        return QStringLiteral("–");
    if (column == TargetTableModel::Rank)
        return QString::number(row.score->rank);
    return widgets::numberText(column == TargetTableModel::Score ? row.score->score : row.score->artefact,
                               column == TargetTableModel::Score ? 3 : 2);
}

QString cell(const catalog::TargetRow& row, int column)
{
    switch (column) {
    case TargetTableModel::TargetId:
        return QString::number(row.info.key.targetId.value);
    case TargetTableModel::Survey:
        return text(row.info.key.survey);
    case TargetTableModel::Program:
        return text(row.info.key.program);
    case TargetTableModel::Snr:
        return widgets::numberText(row.info.snr, 2);
    case TargetTableModel::Ra:
        return widgets::numberText(row.info.targetRa, 4);
    case TargetTableModel::Dec:
        return widgets::numberText(row.info.targetDec, 4);
    case TargetTableModel::Label:
        return row.label ? text(row.label->labelClass) : QString();
    case TargetTableModel::Problem:
        return text(row.info.problem);
    case TargetTableModel::Rank:
    case TargetTableModel::Score:
    case TargetTableModel::Artefact:
        return scoreCell(row, column);
    default:
        return redshiftCell(row, column);
    }
}

bool isScoreColumn(int column)
{
    return column == TargetTableModel::Rank || column == TargetTableModel::Score ||
           column == TargetTableModel::Artefact;
}

} // namespace

TargetTableModel::TargetTableModel(AppContext& context, QObject* parent)
    : QAbstractTableModel(parent)
    , m_context(context)
    , m_query(context)
{
    connect(&m_query, &AsyncQuery::failed, this, &TargetTableModel::failed);
}

void TargetTableModel::setQuery(const std::string& where, std::optional<core::ModelVersionId> model)
{
    m_where = where;
    m_model = model;
    loadFirstPage();
}

void TargetTableModel::reload()
{
    loadFirstPage();
}

void TargetTableModel::setInitialSort(Column column, Qt::SortOrder order)
{
    m_sortColumn = column;
    m_sortOrder = order;
}

int TargetTableModel::rowOf(core::SpectrumId id) const
{
    return m_rowOfId.value(id.value, -1);
}

catalog::TargetPageRequest TargetTableModel::request() const
{
    catalog::TargetPageRequest request;
    request.where = m_where;
    const bool sortable = m_model || !isScoreColumn(m_sortColumn);
    request.sortColumn = sortable ? kColumns[m_sortColumn].sortBy : kColumns[TargetId].sortBy;
    request.descending = m_sortOrder == Qt::DescendingOrder;
    request.limit = kPageRows;
    request.model = m_model;
    request.scoredOnly = false;
    return request;
}

void TargetTableModel::loadFirstPage()
{
    m_outdated = true;
    m_moreWanted = false;
    m_query.ask(
        [request = request()](const pipeline::Session& session, std::stop_token stop) {
            return catalog::queryTargets(session.database(), request, stop);
        },
        [this](const std::shared_ptr<const catalog::TargetPage>& page) {
            m_outdated = false;
            replaceRows(*page, {});
            emit firstPageLoaded();
        });
}

void TargetTableModel::reveal(core::SpectrumId id)
{
    catalog::TargetPageRequest next = request();
    next.after = m_next;
    const std::pair<std::int64_t, std::int64_t> loaded{m_rowsAbove.value, m_rowsAbove.value + rowCount()};
    m_query.ask(
        [next, id, loaded](const pipeline::Session& session, std::stop_token stop) {
            return findRevealed(session, next, id, loaded, std::move(stop));
        },
        [this, id](const std::shared_ptr<const Revealed>& revealed) { onPlace(id, *revealed); });
}

TargetTableModel::Revealed TargetTableModel::findRevealed(const pipeline::Session& session,
                                                          catalog::TargetPageRequest request,
                                                          core::SpectrumId id,
                                                          std::pair<std::int64_t, std::int64_t> loaded,
                                                          std::stop_token stop)
{
    Revealed revealed;
    revealed.place = catalog::findPlace(session.database(), request, id, stop);
    if (!revealed.place)
        return revealed;
    const catalog::RowCount& place = revealed.place->before;
    const std::int64_t before = place.value;
    const bool isBelow = before >= loaded.first;
    if (place.exact && isBelow && (before < loaded.second || !request.after))
        return revealed;
    if (place.exact && isBelow && before - loaded.second <= kMostRowsToReveal) {
        request.limit += static_cast<std::size_t>(before - loaded.second);
    } else if (revealed.place->listed) {
        revealed.jumped = true;
        request.after = revealed.place->cursor;
    } else {
        return revealed;
    }
    revealed.page = catalog::queryTargets(session.database(), request, std::move(stop));
    return revealed;
}

void TargetTableModel::onPlace(core::SpectrumId id, const Revealed& revealed)
{
    if (revealed.page && revealed.jumped)
        replaceRows(*revealed.page, revealed.place->before);
    else if (revealed.page)
        appendRows(*revealed.page);
    const int row = rowOf(id);
    const std::int64_t before = revealed.place ? revealed.place->before.value - m_rowsAbove.value : 0;
    emit placed(id, row >= 0,
                row >= 0 ? row : static_cast<int>(std::clamp<std::int64_t>(before, 0, rowCount())));
    fetchIfWanted();
}

void TargetTableModel::setPicked(const SpectrumIds& picked)
{
    m_picked = picked;
    if (!m_rows.empty())
        emit dataChanged(index(0, 0), index(rowCount() - 1, ColumnCount - 1), {Qt::BackgroundRole});
}

void TargetTableModel::replaceRows(const catalog::TargetPage& page, const catalog::RowCount& rowsAbove)
{
    beginResetModel();
    m_rowsAbove = rowsAbove;
    m_rows = page.rows;
    m_next = page.next;
    m_rowOfId.clear();
    indexRows(0);
    endResetModel();
}

void TargetTableModel::appendRows(const catalog::TargetPage& page)
{
    const int first = static_cast<int>(m_rows.size());
    m_next = page.next;
    if (page.rows.empty()) { // all of them were deleted meanwhile
        fetchMore({});
        return;
    }
    beginInsertRows({}, first, first + static_cast<int>(page.rows.size()) - 1);
    m_rows.insert(m_rows.end(), page.rows.begin(), page.rows.end());
    indexRows(static_cast<std::size_t>(first));
    endInsertRows();
}

void TargetTableModel::indexRows(std::size_t from)
{
    for (std::size_t i = from; i < m_rows.size(); ++i)
        m_rowOfId.insert(m_rows[i].id.value, static_cast<int>(i));
}

bool TargetTableModel::canFetchMore(const QModelIndex& parent) const
{
    return !parent.isValid() && m_next.has_value() && !isOutdated();
}

void TargetTableModel::fetchMore(const QModelIndex& parent)
{
    if (!canFetchMore(parent))
        return;
    m_moreWanted = m_query.isBusy(); // a view asks once, when its end comes into sight
    if (m_moreWanted)
        return;
    catalog::TargetPageRequest next = request();
    next.after = m_next;
    m_query.ask(
        [next](const pipeline::Session& session, std::stop_token stop) {
            return catalog::queryTargets(session.database(), next, stop);
        },
        [this](const std::shared_ptr<const catalog::TargetPage>& page) {
            appendRows(*page);
            fetchIfWanted();
        });
}

void TargetTableModel::fetchIfWanted()
{
    if (std::exchange(m_moreWanted, false))
        fetchMore({});
}

void TargetTableModel::sort(int column, Qt::SortOrder order)
{
    if (column < 0 || column >= ColumnCount || (column == m_sortColumn && order == m_sortOrder))
        return;
    m_sortColumn = static_cast<Column>(column);
    m_sortOrder = order;
    loadFirstPage();
}

int TargetTableModel::rowCount(const QModelIndex& parent) const
{
    return parent.isValid() ? 0 : static_cast<int>(m_rows.size());
}

int TargetTableModel::columnCount(const QModelIndex& parent) const
{
    return parent.isValid() ? 0 : ColumnCount;
}

QVariant TargetTableModel::data(const QModelIndex& index, int role) const
{
    if (!checkIndex(index, CheckIndexOption::IndexIsValid | CheckIndexOption::ParentIsInvalid))
        return {};
    if (role == Qt::DisplayRole)
        return cell(row(index.row()), index.column());
    if (role == Qt::TextAlignmentRole)
        return kColumns[static_cast<std::size_t>(index.column())].number ? widgets::numberAlignment()
                                                                         : widgets::textAlignment();
    if (role == Qt::BackgroundRole && contains(m_picked, row(index.row()).id))
        return widgets::pickedBackground();
    if (role == Qt::ToolTipRole && index.column() == TargetId && !row(index.row()).sourceFile.empty())
        return tr("%1, row %2").arg(text(row(index.row()).sourceFile)).arg(row(index.row()).info.fileRow);
    if (role == Qt::ToolTipRole && (index.column() == ZWarn || index.column() == Spectype))
        return targetFactsText(row(index.row()).info);
    return {};
}

QVariant TargetTableModel::headerData(int section, Qt::Orientation orientation, int role) const
{
    if (orientation != Qt::Horizontal || section < 0 || section >= ColumnCount)
        return {};
    const ColumnSpec& column = kColumns[static_cast<std::size_t>(section)];
    if (role == widgets::kLongestTextRole && section == Label)
        return longestLabelClass();
    if (role == Qt::DisplayRole)
        return widgets::headerText(QCoreApplication::translate("TargetTable", column.title),
                                   QString::fromUtf8(column.unit));
    if (role == Qt::TextAlignmentRole)
        return column.number ? widgets::numberAlignment() : widgets::textAlignment();
    if ((role == Qt::ForegroundRole || role == Qt::ToolTipRole) && isLacking(section))
        return role == Qt::ToolTipRole ? QVariant(tr("This server has nothing of the kind"))
                                       : QGuiApplication::palette().color(QPalette::Disabled, QPalette::Text);
    return {};
}

/// A column of a browsed production that is empty in every row.
bool TargetTableModel::isLacking(int column) const
{
    const auto session = m_context.session();
    return session &&
           catalog::lacksColumn(session->database(), kColumns[static_cast<std::size_t>(column)].sortBy);
}

} // namespace voorwerp::app
