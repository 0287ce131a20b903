// SPDX-License-Identifier: GPL-3.0-or-later
#include "fits/afterburner_reader.h"

#include "core/error.h"
#include "fits/file_stamp.h"
#include "fits/quasar_columns.h"

#include <cmath>
#include <initializer_list>
#include <string>
#include <unordered_map>

namespace voorwerp::fits {

namespace {

AfterburnerTable readTable(const std::filesystem::path& path, std::initializer_list<const char*> names)
{
    const FileStamp stamp = FileStamp::of(path);
    FitsFile file(path);
    const HduInfo* hdu = nullptr;
    for (const char* name : names)
        hdu = hdu != nullptr ? hdu : file.findTable(name);
    const std::string wanted = *names.begin();
    if (hdu == nullptr)
        throw core::FormatError(path.string() + ": there is no HDU " + wanted,
                                "A quasar afterburner's file has its findings in the HDU " + wanted + ".");
    const auto ids = file.integers(*hdu, "TARGETID");
    if (!ids)
        file.fail(*hdu, "has no column TARGETID");
    const QuasarColumns columns(file, *hdu);
    AfterburnerTable table;
    std::unordered_map<core::TargetId, std::size_t> firstRow;
    for (std::size_t i = 0; i < ids->size(); ++i) {
        const core::TargetId id{(*ids)[i]};
        const auto [first, isNew] = firstRow.emplace(id, i);
        if (!isNew) {
            table.rejected.push_back({static_cast<std::int64_t>(i), id,
                                      "the same TARGETID as row " + std::to_string(first->second)});
            continue;
        }
        table.rows.emplace_back(id, columns.row(i));
        table.rows.back().second.source = "afterburner";
    }
    stamp.check(path);
    return table;
}

template <typename Real> void take(Real& value, Real other)
{
    if (std::isfinite(other))
        value = other;
}

template <typename Value> void take(std::optional<Value>& value, const std::optional<Value>& other)
{
    if (other)
        value = other;
}

} // namespace

AfterburnerTable readQuasarNet(const std::filesystem::path& path)
{
    return readTable(path, {"QN_RR", "QN+RR"}); // QN+RR: before DESI's EDR
}

AfterburnerTable readMgII(const std::filesystem::path& path)
{
    return readTable(path, {"MGII"});
}

core::QuasarFacts merged(core::QuasarFacts first, const core::QuasarFacts& second)
{
    take(first.zNew, second.zNew);
    take(first.deltachi2New, second.deltachi2New);
    take(first.zQn, second.zQn);
    for (std::size_t line = 0; line < first.confidence.size(); ++line)
        take(first.confidence[line], second.confidence[line]);
    take(first.isQsoQnNewRr, second.isQsoQnNewRr);
    take(first.isQsoMgii, second.isQsoMgii);
    take(first.deltaChi2Mgii, second.deltaChi2Mgii);
    take(first.probaRf, second.probaRf);
    take(first.qsoMaskbits, second.qsoMaskbits);
    if (!second.source.empty())
        first.source = second.source;
    return first;
}

} // namespace voorwerp::fits
