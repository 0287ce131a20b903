// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/row_count_text.h"

#include <QCoreApplication>
#include <QLocale>

namespace voorwerp::app {

namespace {

/// To the decimal place of the uncertainty: 1,243,512 ± 9,800 is 1,244,000.
qlonglong rounded(const catalog::RowCount& count)
{
    qlonglong unit = 1;
    while (unit <= count.uncertainty / 10)
        unit *= 10;
    return (count.value + unit / 2) / unit * unit;
}

} // namespace

QString rowCountText(const catalog::RowCount& count)
{
    const auto tr = [](const char* text) { return QCoreApplication::translate("RowCount", text); };
    const QLocale locale;
    if (count.value < 0)
        return QStringLiteral("…");
    if (count.exact)
        return locale.toString(qlonglong(count.value));
    if (count.value == 0)
        return tr("fewer than %1").arg(locale.toString(qlonglong(count.uncertainty)));
    return tr("about %1").arg(locale.toString(rounded(count)));
}

} // namespace voorwerp::app
