// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/device_list.h"

#include <QCoreApplication>
#include <QDir>
#include <QRegularExpression>

namespace voorwerp::app {

namespace {

// The driver makes one device file a GPU; asking it costs no CUDA context.
QStringList gpuNumbers()
{
    static const QRegularExpression pattern(QStringLiteral("^nvidia([0-9]+)$"));
    QStringList numbers;
    const QStringList entries =
        QDir(QStringLiteral("/dev")).entryList({QStringLiteral("nvidia*")}, QDir::System);
    for (const QString& entry : entries)
        if (const auto match = pattern.match(entry); match.hasMatch())
            numbers.append(match.captured(1));
    return numbers;
}

} // namespace

QStringList deviceChoices()
{
    QStringList choices{QStringLiteral("auto"), QStringLiteral("cpu")};
    for (const QString& number : gpuNumbers())
        choices.append(QStringLiteral("cuda:") + number);
    return choices;
}

QString deviceInWords()
{
    return gpuNumbers().isEmpty() ? QCoreApplication::translate("Device", "CPU")
                                  : QCoreApplication::translate("Device", "GPU");
}

} // namespace voorwerp::app
