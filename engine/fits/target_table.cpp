// SPDX-License-Identifier: GPL-3.0-or-later
#include "fits/target_table.h"

#include "core/error.h"
#include "fits/file_name.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <unordered_map>

namespace voorwerp::fits {

namespace {

using Targets = std::vector<core::TargetInfo>;

std::string lower(std::string text)
{
    std::transform(text.begin(), text.end(), text.begin(), [](unsigned char c) { return std::tolower(c); });
    return text;
}

/// A table that must have one row a spectrum; nullptr where the file has none.
const HduInfo* alignedTable(const FitsFile& file, const char* extname, std::size_t rows)
{
    const HduInfo* hdu = file.findTable(extname);
    if (hdu != nullptr && static_cast<std::size_t>(hdu->rows) != rows) {
        file.fail(*hdu, "it has " + std::to_string(hdu->rows) + " rows, but the spectra are " +
                            std::to_string(rows));
    }
    return hdu;
}

/// The value of a software dependency card pair DEPNAMnn, DEPVERnn (desiutil.depend), or empty.
std::string dependency(FitsFile& file, const HduInfo& hdu, const std::string& name)
{
    for (const auto& [keyword, value] : file.cards(hdu, "DEPNAM")) {
        if (value == name)
            return file.card(hdu, "DEPVER" + keyword.substr(6)).value_or("");
    }
    return {};
}

std::string productionName(FitsFile& file, const HduInfo& primary)
{
    std::string name = dependency(file, primary, "SPECPROD");
    if (name.empty())
        name = file.card(primary, "SPECPROD").value_or("");
    return name.empty() ? "local" : name;
}

/// desitarget's main_cmx_or_sv: which survey's target columns a FIBERMAP has.
std::string surveyOfColumns(FitsFile& file, const HduInfo& fibermap)
{
    for (const auto& [column, survey] :
         {std::pair{"CMX_TARGET", "cmx"}, std::pair{"SV1_DESI_TARGET", "sv1"},
          std::pair{"SV2_DESI_TARGET", "sv2"}, std::pair{"SV3_DESI_TARGET", "sv3"}}) {
        if (file.integers(fibermap, column))
            return survey;
    }
    return {};
}

/// The part of the key that all targets of the file share; headers say more than the name.
core::SpectrumKey groupKey(FitsFile& file, const std::string& specprod, const HduInfo* fibermap)
{
    const HduInfo& primary = file.hdus().front();
    const FileNameParts name = parseFileName(file.path());
    core::SpectrumKey key;
    key.specprod = specprod.empty() ? productionName(file, primary) : specprod;
    key.survey = lower(file.card(primary, "SURVEY").value_or(name.survey));
    key.program = lower(file.card(primary, "PROGRAM").value_or(name.program));
    key.spgrp = file.card(primary, "SPGRP").value_or(name.spgrp);
    key.spgrpval = file.integerCard(primary, "SPGRPVAL").value_or(name.spgrpval);
    if (key.spgrpval < 0)
        key.spgrpval = file.integerCard(primary, "HPXPIXEL").value_or(-1);
    if (key.spgrp != "healpix")
        key.tileid = static_cast<std::int32_t>(file.integerCard(primary, "TILEID").value_or(name.tileid));
    if (key.survey.empty() && fibermap != nullptr)
        key.survey = surveyOfColumns(file, *fibermap);
    return key;
}

void setTargetIds(FitsFile& file, const HduInfo* fibermap, const HduInfo* scores, Targets& targets)
{
    auto ids = fibermap != nullptr ? file.integers(*fibermap, "TARGETID") : std::nullopt;
    if (!ids && scores != nullptr)
        ids = file.integers(*scores, "TARGETID");
    for (std::size_t row = 0; row < targets.size(); ++row) {
        core::TargetInfo& target = targets[row];
        target.fileRow = static_cast<std::int32_t>(row);
        if (ids) {
            target.key.targetId.value = (*ids)[row];
        } else {
            target.key.targetId = placeholderTargetId(file.path(), row);
            target.problem = "no TARGETID in the file";
        }
    }
}

template <typename Set>
void eachNumber(FitsFile& file, const HduInfo& hdu, const char* column, Targets& targets, Set set)
{
    const auto values = file.numbers(hdu, column);
    for (std::size_t row = 0; values && row < targets.size(); ++row)
        set(targets[row], (*values)[row]);
}

template <typename Set>
bool eachInteger(FitsFile& file, const HduInfo& hdu, const char* column, Targets& targets, Set set)
{
    const auto values = file.integers(hdu, column);
    for (std::size_t row = 0; values && row < targets.size(); ++row)
        set(targets[row], (*values)[row]);
    return values.has_value();
}

void readFibermapIntegers(FitsFile& file, const HduInfo& hdu, Targets& targets)
{
    using core::TargetInfo;
    if (!eachInteger(file, hdu, "COADD_FIBERSTATUS", targets,
                     [](TargetInfo& t, std::int64_t v) { t.coaddFiberstatus = v; }))
        eachInteger(file, hdu, "FIBERSTATUS", targets,
                    [](TargetInfo& t, std::int64_t v) { t.coaddFiberstatus = v; });
    eachInteger(file, hdu, "DESI_TARGET", targets, [](TargetInfo& t, std::int64_t v) { t.desiTarget = v; });
    eachInteger(file, hdu, "SCND_TARGET", targets, [](TargetInfo& t, std::int64_t v) { t.scndTarget = v; });
    const auto small = [&](const char* column, std::optional<std::int32_t> TargetInfo::*member) {
        return eachInteger(file, hdu, column, targets, [member](TargetInfo& t, std::int64_t v) {
            t.*member = static_cast<std::int32_t>(v);
        });
    };
    small("FIBER", &TargetInfo::fiber);
    small("PETAL_LOC", &TargetInfo::petalLoc);
    small("COADD_NUMEXP", &TargetInfo::coaddNumexp);
    if (!small("LASTNIGHT", &TargetInfo::night) && !small("LAST_NIGHT", &TargetInfo::night))
        small("NIGHT", &TargetInfo::night);
    if (targets.front().key.spgrp != "healpix") {
        eachInteger(file, hdu, "TILEID", targets, [](TargetInfo& t, std::int64_t v) {
            if (t.key.tileid < 0)
                t.key.tileid = static_cast<std::int32_t>(v);
        });
    }
}

void readFibermap(FitsFile& file, const HduInfo& hdu, Targets& targets)
{
    using core::TargetInfo;
    readFibermapIntegers(file, hdu, targets);
    eachNumber(file, hdu, "TARGET_RA", targets, [](TargetInfo& t, double v) { t.targetRa = v; });
    eachNumber(file, hdu, "TARGET_DEC", targets, [](TargetInfo& t, double v) { t.targetDec = v; });
    static constexpr std::array<std::pair<const char*, float TargetInfo::*>, 7> kColumns{
        {{"COADD_EXPTIME", &TargetInfo::coaddExptime},
         {"EBV", &TargetInfo::ebv},
         {"FLUX_G", &TargetInfo::fluxG},
         {"FLUX_R", &TargetInfo::fluxR},
         {"FLUX_Z", &TargetInfo::fluxZ},
         {"FLUX_W1", &TargetInfo::fluxW1},
         {"FLUX_W2", &TargetInfo::fluxW2}}};
    for (const auto& [column, member] : kColumns) {
        eachNumber(file, hdu, column, targets,
                   [member = member](TargetInfo& t, double v) { t.*member = static_cast<float>(v); });
    }
    if (const auto types = file.strings(hdu, "OBJTYPE")) {
        for (std::size_t row = 0; row < targets.size(); ++row)
            targets[row].objtype = (*types)[row];
    }
}

void readScores(FitsFile& file, const HduInfo& hdu, Targets& targets)
{
    using core::TargetInfo;
    for (const auto& [column, member] : {std::pair{"MEDIAN_COADD_SNR_B", &TargetInfo::snrB},
                                         std::pair{"MEDIAN_COADD_SNR_R", &TargetInfo::snrR},
                                         std::pair{"MEDIAN_COADD_SNR_Z", &TargetInfo::snrZ}}) {
        eachNumber(file, hdu, column, targets,
                   [member = member](TargetInfo& t, double v) { t.*member = static_cast<float>(v); });
    }
}

/// The last night of each target and its tile, from its exposures, else the night from the header or the name
/// of a tile group.
void setNights(FitsFile& file, Targets& targets)
{
    struct Last
    {
        std::int32_t night = 0;
        std::optional<std::int32_t> tile;
    };
    std::unordered_map<core::TargetId, Last> lasts;
    if (const HduInfo* exposures = file.findTable("EXP_FIBERMAP")) {
        const auto ids = file.integers(*exposures, "TARGETID");
        const auto nights = file.integers(*exposures, "NIGHT");
        const auto tiles = file.integers(*exposures, "TILEID");
        for (std::size_t i = 0; ids && nights && i < ids->size(); ++i) {
            Last& last = lasts[core::TargetId{(*ids)[i]}];
            const auto night = static_cast<std::int32_t>((*nights)[i]);
            if (night < last.night)
                continue;
            last.night = night;
            if (tiles)
                last.tile = static_cast<std::int32_t>((*tiles)[i]);
        }
    }
    const auto headerNight = file.integerCard(file.hdus().front(), "NIGHT");
    const std::int64_t fileNight = headerNight.value_or(parseFileName(file.path()).night);
    for (core::TargetInfo& target : targets) {
        if (const auto found = lasts.find(target.key.targetId); found != lasts.end()) {
            target.night = found->second.night;
            target.lastTileid = found->second.tile;
        } else if (!target.night && fileNight > 0) {
            target.night = static_cast<std::int32_t>(fileNight);
        }
        if (!target.lastTileid && target.key.tileid >= 0)
            target.lastTileid = target.key.tileid;
    }
}

/// Of a TARGETID that is there several times, the first row is kept.
TargetTable withoutRepeats(Targets&& targets)
{
    TargetTable table;
    std::unordered_map<core::TargetId, std::int32_t> firstRow;
    for (core::TargetInfo& target : targets) {
        const auto [first, isNew] = firstRow.emplace(target.key.targetId, target.fileRow);
        if (isNew) {
            table.targets.push_back(std::move(target));
        } else {
            table.rejected.push_back({target.fileRow, target.key.targetId,
                                      "the same TARGETID as row " + std::to_string(first->second)});
        }
    }
    return table;
}

} // namespace

TargetTable readTargetTable(FitsFile& file, std::size_t rows, const std::string& specprod)
{
    const HduInfo* fibermap = alignedTable(file, "FIBERMAP", rows);
    const HduInfo* scores = alignedTable(file, "SCORES", rows);
    if (rows == 0)
        return {};
    Targets targets(rows);
    const core::SpectrumKey key = groupKey(file, specprod, fibermap);
    for (core::TargetInfo& target : targets)
        target.key = key;
    setTargetIds(file, fibermap, scores, targets);
    if (fibermap != nullptr)
        readFibermap(file, *fibermap, targets);
    if (scores != nullptr)
        readScores(file, *scores, targets);
    setNights(file, targets);
    return withoutRepeats(std::move(targets));
}

} // namespace voorwerp::fits
