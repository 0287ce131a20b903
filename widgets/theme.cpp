// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/theme.h"

#include <QFontDatabase>
#include <QFontInfo>
#include <QFontMetricsF>
#include <QPalette>
#include <QWidget>

#include <algorithm>

namespace voorwerp::widgets {

namespace {

QColor blend(const QColor& from, const QColor& to, double share)
{
    const auto mix = [share](int a, int b) { return static_cast<int>(a + (b - a) * share + 0.5); };
    return {mix(from.red(), to.red()), mix(from.green(), to.green()), mix(from.blue(), to.blue())};
}

bool hasTabularFigures(const QFont& font)
{
    const QFontMetricsF metrics(font);
    const double width = metrics.horizontalAdvance(QLatin1Char('0'));
    return std::all_of(u"123456789", u"123456789" + 9, [&](char16_t digit) {
        return std::abs(metrics.horizontalAdvance(QChar(digit)) - width) < 0.01;
    });
}

} // namespace

Theme Theme::of(const QPalette& palette)
{
    Theme theme;
    theme.paper = palette.color(QPalette::Active, QPalette::Base);
    theme.ink = palette.color(QPalette::Active, QPalette::Text);
    theme.data = blend(theme.ink, theme.paper, 0.22);
    theme.dark = theme.paper.lightness() < theme.ink.lightness();
    theme.faint = blend(theme.ink, theme.paper, theme.dark ? 0.30 : 0.38);
    theme.rule = blend(theme.ink, theme.paper, theme.dark ? 0.76 : 0.84);
    theme.accent = theme.dark ? QColor(0x5a, 0xb0, 0xf0) : QColor(0x00, 0x66, 0xcc);
    theme.warning = theme.dark ? QColor(0xf0, 0x90, 0x50) : QColor(0xb8, 0x4a, 0x00);
    theme.noise = blend(theme.ink, theme.paper, 0.62);
    theme.selection = theme.dark ? QColor(0xff, 0x70, 0x58) : QColor(0xd8, 0x2a, 0x12);
    theme.highlight = theme.accent;
    theme.highlight.setAlpha(theme.dark ? 60 : 40);
    return theme;
}

Theme Theme::of(const QWidget* widget)
{
    return of(widget->palette());
}

QFont tabularFont(const QFont& base, double scale)
{
    QFont font = base;
    if (base.pointSizeF() > 0.0)
        font.setPointSizeF(base.pointSizeF() * scale);
    if (hasTabularFigures(font))
        return font;
    QFont fixed = QFontDatabase::systemFont(QFontDatabase::FixedFont);
    fixed.setPointSizeF(QFontInfo(font).pointSizeF());
    return fixed;
}

QFont smallFont(const QFont& base)
{
    QFont font = base;
    font.setPointSizeF(std::max(7.0, QFontInfo(base).pointSizeF() * 0.88));
    return font;
}

} // namespace voorwerp::widgets
