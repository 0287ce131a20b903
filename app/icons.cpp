// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/icons.h"

#include <QGuiApplication>
#include <QIconEngine>
#include <QPainter>
#include <QPainterPath>
#include <QPalette>

namespace voorwerp::app {

namespace {

// All shapes live in a 16 x 16 box.

QPainterPath surveyShape() // a table
{
    QPainterPath path;
    path.addRect(QRectF(2, 3, 12, 10));
    path.moveTo(2, 6.3);
    path.lineTo(14, 6.3);
    path.moveTo(2, 9.6);
    path.lineTo(14, 9.6);
    path.moveTo(6, 3);
    path.lineTo(6, 13);
    return path;
}

QPainterPath trainShape() // a falling loss curve
{
    QPainterPath path;
    path.moveTo(2, 2);
    path.lineTo(2, 14);
    path.lineTo(14, 14);
    path.moveTo(4, 4);
    path.cubicTo(5, 10, 8, 11, 14, 11.5);
    return path;
}

QPainterPath exploreShape() // points on a map
{
    QPainterPath path;
    for (const QPointF& point :
         {QPointF(4, 10), QPointF(7, 7.5), QPointF(8.5, 11), QPointF(11, 8.5), QPointF(12.5, 3.5)})
        path.addEllipse(point, 1.5, 1.5);
    return path;
}

QPainterPath candidatesShape() // a ranked list
{
    QPainterPath path;
    path.moveTo(2, 4);
    path.lineTo(14, 4);
    path.moveTo(2, 8);
    path.lineTo(10.5, 8);
    path.moveTo(2, 12);
    path.lineTo(7, 12);
    return path;
}

QPainterPath modelsShape() // layers
{
    QPainterPath path;
    for (const double shift : {0.0, 3.2, 6.4}) {
        path.moveTo(2, 5 + shift);
        if (shift == 0.0) {
            path.lineTo(8, 2);
            path.lineTo(14, 5);
            path.lineTo(8, 8);
            path.closeSubpath();
        } else {
            path.lineTo(8, 8 + shift);
            path.lineTo(14, 5 + shift);
        }
    }
    return path;
}

QPainterPath careShape() // a shield
{
    QPainterPath path(QPointF(8, 2));
    path.lineTo(13, 4);
    path.cubicTo(13, 9, 11.5, 12, 8, 14);
    path.cubicTo(4.5, 12, 3, 9, 3, 4);
    path.closeSubpath();
    path.moveTo(5.6, 7.8);
    path.lineTo(7.4, 9.6);
    path.lineTo(10.6, 6);
    return path;
}

QPainterPath pathOf(IconShape shape)
{
    switch (shape) {
    case IconShape::Survey:
        return surveyShape();
    case IconShape::Train:
        return trainShape();
    case IconShape::Explore:
        return exploreShape();
    case IconShape::Candidates:
        return candidatesShape();
    case IconShape::Models:
        return modelsShape();
    case IconShape::Care:
        return careShape();
    }
    return {};
}

class LineIconEngine : public QIconEngine
{
public:
    explicit LineIconEngine(IconShape shape)
        : m_shape(shape)
    {
    }

    void paint(QPainter* painter, const QRect& rect, QIcon::Mode mode, QIcon::State) override
    {
        const QPalette palette = QGuiApplication::palette();
        const auto group = mode == QIcon::Disabled ? QPalette::Disabled : QPalette::Active;
        const auto role = mode == QIcon::Selected ? QPalette::HighlightedText : QPalette::Text;
        painter->save();
        painter->setRenderHint(QPainter::Antialiasing);
        painter->translate(rect.topLeft());
        painter->scale(rect.width() / 16.0, rect.height() / 16.0);
        painter->setPen(QPen(palette.color(group, role), 1.3, Qt::SolidLine, Qt::RoundCap, Qt::RoundJoin));
        painter->drawPath(pathOf(m_shape));
        painter->restore();
    }

    QPixmap pixmap(const QSize& size, QIcon::Mode mode, QIcon::State state) override
    {
        QPixmap pixmap(size);
        pixmap.fill(Qt::transparent);
        QPainter painter(&pixmap);
        paint(&painter, QRect(QPoint(), size), mode, state);
        return pixmap;
    }

    QIconEngine* clone() const override { return new LineIconEngine(*this); }

private:
    IconShape m_shape;
};

} // namespace

QIcon lineIcon(IconShape shape)
{
    return QIcon(new LineIconEngine(shape));
}

} // namespace voorwerp::app
