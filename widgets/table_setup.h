// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// How every table of the program looks: right-aligned numbers in tabular figures, units in the header, no
// grid, whole rows selected. Models state alignment through Qt::TextAlignmentRole; these helpers keep it
// uniform.

#include <QString>
#include <QVariant>

class QTableView;

namespace voorwerp::widgets {

/// Of a model's horizontal header: the longest text that a cell of the column may come to hold, where that is
/// known; fitColumns() leaves room for it.
constexpr int kLongestTextRole = Qt::UserRole + 100;

/// Look and behaviour shared by all tables: row selection, tabular font, thin rows, no wrapped text, sortable
/// header.
void setupTable(QTableView* view);

/// Column widths fitted to the header and the first rows only (never a full scan); the last column takes the
/// rest. A hidden view is fitted when it is first shown: before that its fonts and margins are not known.
void fitColumns(QTableView* view, int maximumWidth = 260);

/// Qt::TextAlignmentRole of a number or of a text.
QVariant numberAlignment();
QVariant textAlignment();

/// Qt::BackgroundRole of a row that is picked; the text keeps its colour.
QVariant pickedBackground();

/// "Flux [nMgy]": a header with its unit; no brackets without a unit.
QString headerText(const QString& name, const QString& unit = {});

/// A number with fixed decimals by locale; "–" for NaN.
QString numberText(double value, int decimals);
/// 3.2e-05 style where a fixed number would show nothing; "–" for NaN.
QString probabilityText(double value);

/// "39.1 MiB", "1.2 GiB": one decimal, units of 1024.
QString sizeText(qint64 bytes);

} // namespace voorwerp::widgets
