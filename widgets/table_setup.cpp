// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/table_setup.h"

#include "widgets/theme.h"

#include <QEvent>
#include <QGuiApplication>
#include <QHeaderView>
#include <QLocale>
#include <QPainter>
#include <QProxyStyle>
#include <QStyleOptionHeader>
#include <QTableView>

#include <algorithm>
#include <cmath>

namespace voorwerp::widgets {

namespace {
constexpr int kRowsMeasured = 200;
constexpr int kPadding = 6; ///< left and right of a text, in headers and cells alike
constexpr int kArrow = 7;   ///< the mark of the sorted column; it stands in the padding

/// The style of the program with the same room beside the texts of headers and of cells.
class TableStyle : public QProxyStyle
{
public:
    int pixelMetric(PixelMetric metric, const QStyleOption* option, const QWidget* widget) const override
    {
        if (metric == PM_HeaderMargin)
            return kPadding;
        if (metric == PM_FocusFrameHMargin)
            return kPadding - 1; // item views add one
        return QProxyStyle::pixelMetric(metric, option, widget);
    }
    void drawControl(ControlElement element, const QStyleOption* option, QPainter* painter,
                     const QWidget* widget) const override
    {
        const auto* header = qstyleoption_cast<const QStyleOptionHeader*>(option);
        if (element != CE_Header || header == nullptr) {
            QProxyStyle::drawControl(element, option, painter, widget);
            return;
        }
        const QRect& cell = option->rect;
        drawControl(CE_HeaderSection, header, painter, widget);
        QStyleOptionHeader part = *header;
        part.rect = cell.adjusted(kPadding, 0, -kPadding, 0);
        drawControl(CE_HeaderLabel, &part, painter, widget);
        part.rect = {cell.right() - kArrow + 1, cell.center().y() - kArrow / 2, kArrow, kArrow};
        if (header->sortIndicator != QStyleOptionHeader::None)
            drawPrimitive(PE_IndicatorHeaderArrow, &part, painter, widget);
    }
    QSize sizeFromContents(ContentsType type, const QStyleOption* option, const QSize& size,
                           const QWidget* widget) const override
    {
        QSize wanted = QProxyStyle::sizeFromContents(type, option, size, widget);
        if (type == CT_HeaderSection)
            wanted.rheight() -= kPadding; // the margin is meant for the sides
        return wanted;
    }
};

/// Fits the columns of a view once, when it appears.
class FitWhenShown : public QObject
{
public:
    FitWhenShown(QTableView* view, int maximumWidth)
        : QObject(view)
        , m_view(view)
        , m_maximumWidth(maximumWidth)
    {
        setObjectName(QStringLiteral("fitWhenShown"));
        view->installEventFilter(this);
    }

protected:
    bool eventFilter(QObject* watched, QEvent* event) override
    {
        if (event->type() != QEvent::Show)
            return QObject::eventFilter(watched, event);
        fitColumns(m_view, m_maximumWidth); // ends this object
        return false;
    }

private:
    QTableView* m_view;
    int m_maximumWidth;
};

} // namespace

void setupTable(QTableView* view)
{
    auto* style = new TableStyle;
    style->setParent(view);
    view->setStyle(style);
    view->horizontalHeader()->setStyle(style);
    view->setFont(tabularFont(view->font()));
    view->setSelectionBehavior(QAbstractItemView::SelectRows);
    view->setEditTriggers(QAbstractItemView::NoEditTriggers);
    view->setShowGrid(false);
    view->setWordWrap(false);
    view->setAlternatingRowColors(false);
    view->setCornerButtonEnabled(false);
    view->setFrameShape(QFrame::NoFrame);
    view->setVerticalScrollMode(QAbstractItemView::ScrollPerPixel);
    view->setHorizontalScrollMode(QAbstractItemView::ScrollPerPixel);
    view->setTabKeyNavigation(false);
    view->verticalHeader()->hide();
    view->verticalHeader()->setSectionResizeMode(QHeaderView::Fixed);
    view->verticalHeader()->setDefaultSectionSize(view->fontMetrics().height() + 6);
    view->horizontalHeader()->setDefaultAlignment(Qt::AlignLeft | Qt::AlignVCenter);
    view->horizontalHeader()->setHighlightSections(false);
    view->horizontalHeader()->setStretchLastSection(true);
    view->horizontalHeader()->setSectionsMovable(true);
}

void fitColumns(QTableView* view, int maximumWidth)
{
    const QAbstractItemModel* model = view->model();
    delete view->findChild<QObject*>(QStringLiteral("fitWhenShown"), Qt::FindDirectChildrenOnly);
    if (model == nullptr)
        return;
    if (!view->isVisible()) {
        new FitWhenShown(view, maximumWidth);
        return;
    }
    const QFontMetrics metrics = view->fontMetrics();
    const int rows = std::min(kRowsMeasured, model->rowCount());
    for (int column = 0; column < model->columnCount(); ++column) {
        const bool last = column + 1 == model->columnCount(); // it is as wide as its title, or takes the rest
        const QString title = model->headerData(column, Qt::Horizontal).toString();
        const QString longest = model->headerData(column, Qt::Horizontal, kLongestTextRole).toString();
        const QFontMetrics header = view->horizontalHeader()->fontMetrics();
        int width = std::max(header.horizontalAdvance(title), metrics.horizontalAdvance(longest));
        for (int row = 0; row < (last ? 0 : rows); ++row) {
            const QModelIndex index = model->index(row, column);
            const QString text = index.data().toString();
            width = std::max(width, text.isEmpty() ? view->sizeHintForIndex(index).width() - 2 * kPadding
                                                   : metrics.horizontalAdvance(text));
        }
        view->setColumnWidth(column, std::min(width + 2 * kPadding + 2, maximumWidth));
    }
}

QVariant pickedBackground()
{
    return Theme::of(QGuiApplication::palette()).highlight;
}

QVariant numberAlignment()
{
    return QVariant::fromValue(Qt::Alignment(Qt::AlignRight | Qt::AlignVCenter));
}
QVariant textAlignment()
{
    return QVariant::fromValue(Qt::Alignment(Qt::AlignLeft | Qt::AlignVCenter));
}

QString headerText(const QString& name, const QString& unit)
{
    return unit.isEmpty() ? name : QStringLiteral("%1 [%2]").arg(name, unit);
}

QString numberText(double value, int decimals)
{
    return std::isfinite(value) ? QLocale().toString(value, 'f', decimals) : QStringLiteral("–");
}

QString probabilityText(double value)
{
    if (!std::isfinite(value))
        return QStringLiteral("–");
    return value != 0.0 && value < 1e-3 ? QString::number(value, 'e', 1) : QLocale().toString(value, 'f', 3);
}

QString sizeText(qint64 bytes)
{
    return QLocale().formattedDataSize(bytes, bytes < 1024 ? 0 : 1);
}

} // namespace voorwerp::widgets
