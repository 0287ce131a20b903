// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/bit_text.h"

#include "catalog/quasar_rule.h"
#include "core/mask_bits.h"

#include <QCoreApplication>
#include <QStringList>

#include <cmath>

namespace voorwerp::app {

namespace {

QString tr(const char* text)
{
    return QCoreApplication::translate("BitText", text);
}

QString quasarText(const core::TargetInfo& info)
{
    const core::QuasarFacts& facts = info.quasar;
    if (facts.source.empty())
        return {};
    const QString source = facts.source == "qso_cat" ? tr("Quasar catalogue") : tr("QuasarNet and Mg II");
    QStringList parts;
    if (std::isfinite(facts.zQn))
        parts.append(tr("z of QuasarNet %1").arg(facts.zQn, 0, 'f', 4));
    float highest = core::QuasarFacts::kNaN;
    for (const float confidence : facts.confidence)
        highest = std::fmax(highest, confidence);
    if (std::isfinite(highest))
        parts.append(tr("surest line %1").arg(highest, 0, 'f', 3));
    if (facts.isQsoMgii)
        parts.append(*facts.isQsoMgii ? tr("broad Mg II") : tr("no broad Mg II"));
    parts.append(tr("z as a quasar %1").arg(catalog::zQso(info), 0, 'f', 4));
    return QStringLiteral("%1: %2").arg(source, parts.join(QStringLiteral(", ")));
}

} // namespace

QString bitText(const QString& mask, qint64 value, const QString& specprod)
{
    if (value == 0)
        return tr("%1 0: no bit is set").arg(mask);
    QStringList lines{QStringLiteral("%1 %2").arg(mask).arg(value)};
    for (const core::MaskBit& bit : core::setBits(mask.toStdString(), value, specprod.toStdString()))
        lines.append(QString::fromStdString(bit.meaning.empty() ? bit.name : bit.name + ": " + bit.meaning));
    return lines.join(QLatin1Char('\n'));
}

QString targetFactsText(const core::TargetInfo& info)
{
    const QString specprod = QString::fromStdString(info.key.specprod);
    QStringList texts;
    const auto add = [&](const char* mask, std::optional<std::int64_t> value) {
        if (value)
            texts.append(bitText(QLatin1String(mask), *value, specprod));
    };
    add("ZWARN", info.redshift ? std::optional(info.redshift->zwarn) : std::nullopt);
    add("FIBERSTATUS", info.coaddFiberstatus);
    add("DESI_TARGET", info.desiTarget);
    add("SCND_TARGET", info.scndTarget);
    add("QSO_MASKBITS", catalog::qsoMaskbits(info));
    if (const QString quasar = quasarText(info); !quasar.isEmpty())
        texts.append(quasar);
    return texts.join(QStringLiteral("\n\n"));
}

} // namespace voorwerp::app
