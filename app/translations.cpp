// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/translations.h"

#include <QCoreApplication>
#include <QLocale>
#include <QTranslator>

namespace voorwerp::app {

void installTranslations(QCoreApplication& application)
{
    const QString folder = QStringLiteral(":/i18n");
    auto* english = new QTranslator(&application);
    if (english->load(QStringLiteral("voorwerp_en"), folder))
        QCoreApplication::installTranslator(english);
    if (QLocale().language() == QLocale::C || QLocale().language() == QLocale::English)
        return;
    auto* local = new QTranslator(&application);
    if (local->load(QLocale(), QStringLiteral("voorwerp"), QStringLiteral("_"), folder))
        QCoreApplication::installTranslator(local);
}

} // namespace voorwerp::app
