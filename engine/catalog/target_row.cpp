// SPDX-License-Identifier: GPL-3.0-or-later
#include "catalog/target_row.h"

#include "catalog/sql_values.h"

namespace voorwerp::catalog {

using core::TargetInfo;

std::string targetColumnList(const std::string& prefix, std::size_t count)
{
    std::string list;
    for (std::size_t i = 0; i < count; ++i)
        list += (i > 0 ? ", " : "") + prefix + kTargetColumns[i];
    return list;
}

std::array<std::optional<std::string>, kTargetColumns.size()> targetValues(const TargetInfo& info)
{
    const core::SpectrumKey& key = info.key;
    const bool known = info.redshift && std::isfinite(info.redshift->z);
    const core::Redshift redshift = known ? *info.redshift : core::Redshift{};
    const core::QuasarFacts& quasar = info.quasar;
    return {
        numberText(key.targetId.value),
        cleanText(key.specprod),
        cleanText(key.survey),
        cleanText(key.program),
        cleanText(key.spgrp),
        numberText(key.spgrpval),
        numberText(key.tileid),
        finiteText(info.targetRa),
        finiteText(info.targetDec),
        cleanText(info.objtype),
        integerText(info.coaddFiberstatus),
        integerText(info.desiTarget),
        integerText(info.fiber),
        integerText(info.petalLoc),
        integerText(info.night),
        integerText(info.coaddNumexp),
        finiteText(info.coaddExptime),
        finiteText(info.ebv),
        finiteText(info.fluxG),
        finiteText(info.fluxR),
        finiteText(info.fluxZ),
        finiteText(info.fluxW1),
        finiteText(info.fluxW2),
        finiteText(info.snrB),
        finiteText(info.snrR),
        finiteText(info.snrZ),
        finiteText(info.snr),
        finiteText(info.fractionMasked),
        finiteText(redshift.z),
        finiteText(redshift.zerr),
        known ? std::optional(numberText(redshift.zwarn)) : std::nullopt,
        finiteText(redshift.chi2),
        finiteText(redshift.deltachi2),
        cleanText(redshift.spectype),
        cleanText(redshift.subtype),
        known && redshift.source.empty() ? "redrock" : redshift.source,
        integerText(info.scndTarget),
        integerText(info.lastTileid),
        finiteText(quasar.zNew),
        finiteText(quasar.deltachi2New),
        finiteText(quasar.zQn),
        finiteText(quasar.confidence[0]),
        finiteText(quasar.confidence[1]),
        finiteText(quasar.confidence[2]),
        finiteText(quasar.confidence[3]),
        finiteText(quasar.confidence[4]),
        finiteText(quasar.confidence[5]),
        flagText(quasar.isQsoQnNewRr),
        flagText(quasar.isQsoMgii),
        finiteText(quasar.deltaChi2Mgii),
        finiteText(quasar.probaRf),
        integerText(quasar.qsoMaskbits),
        quasar.source,
        cleanText(info.problem),
        numberText(info.fileRow),
    };
}

TargetInfo readTarget(const pqxx::row& row, pqxx::row::size_type first)
{
    auto at = first;
    const auto text = [&] { return textOf(row[at++]); };
    const auto real = [&] { return realOf<float>(row[at++]); };
    const auto wide = [&] { return realOf<double>(row[at++]); };
    const auto integer = [&] { return integerOf<std::int64_t>(row[at++]); };
    const auto small = [&] { return integerOf<std::int32_t>(row[at++]); };
    TargetInfo info;
    info.key.targetId = {integer().value_or(0)};
    info.key.specprod = text();
    info.key.survey = text();
    info.key.program = text();
    info.key.spgrp = text();
    info.key.spgrpval = integer().value_or(-1);
    info.key.tileid = small().value_or(-1);
    info.targetRa = wide();
    info.targetDec = wide();
    info.objtype = text();
    info.coaddFiberstatus = integer();
    info.desiTarget = integer();
    info.fiber = small();
    info.petalLoc = small();
    info.night = small();
    info.coaddNumexp = small();
    for (float* value : {&info.coaddExptime, &info.ebv, &info.fluxG, &info.fluxR, &info.fluxZ, &info.fluxW1,
                         &info.fluxW2, &info.snrB, &info.snrR, &info.snrZ, &info.snr, &info.fractionMasked})
        *value = real();
    core::Redshift redshift;
    redshift.z = wide();
    redshift.zerr = wide();
    redshift.zwarn = integer().value_or(0);
    redshift.chi2 = wide();
    redshift.deltachi2 = wide();
    redshift.spectype = text();
    redshift.subtype = text();
    redshift.source = text();
    if (!redshift.source.empty())
        info.redshift = std::move(redshift);
    info.scndTarget = integer();
    info.lastTileid = small();
    core::QuasarFacts& quasar = info.quasar;
    for (double* value : {&quasar.zNew, &quasar.deltachi2New, &quasar.zQn})
        *value = wide();
    for (float& confidence : quasar.confidence)
        confidence = real();
    for (std::optional<bool>* flag : {&quasar.isQsoQnNewRr, &quasar.isQsoMgii})
        if (const auto value = small())
            *flag = *value != 0;
    quasar.deltaChi2Mgii = real();
    quasar.probaRf = real();
    quasar.qsoMaskbits = integer();
    quasar.source = text();
    info.problem = text();
    info.fileRow = small().value_or(-1);
    return info;
}

} // namespace voorwerp::catalog
