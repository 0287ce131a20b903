// SPDX-License-Identifier: GPL-3.0-or-later
// catalog report [--where EXPR] | describe TARGETID
#include "app/cli/quality_commands.h"

#include "app/cli/text_table.h"
#include "app/pipeline/quality_text.h"
#include "catalog/quasar_rule.h"
#include "catalog/target_query.h"
#include "core/mask_bits.h"

namespace voorwerp::cli {

namespace {

struct ReportOptions
{
    std::string where;
};

struct DescribeOptions
{
    std::int64_t targetId = 0;
};

void declareReport(CLI::App& app, ReportOptions& options)
{
    app.add_option("--where", options.where, "only of these spectra; see catalog list --help");
}

Outcome report(Runtime& runtime, const ReportOptions& options)
{
    return {reportQuality(runtime, options.where)};
}

void declareDescribe(CLI::App& app, DescribeOptions& options)
{
    app.add_option("targetid", options.targetId, "a DESI TARGETID")->required();
}

/// A column of bits: its number and the names of what is set.
Json bits(const std::string& column, const std::optional<std::int64_t>& value, const std::string& specprod)
{
    if (!value)
        return nullptr;
    Json names = Json::array();
    for (const core::MaskBit& bit : core::setBits(core::maskOfColumn(column), *value, specprod))
        names.push_back({{"bit", bit.bit}, {"name", bit.name}, {"meaning", bit.meaning}});
    return {{"value", *value}, {"bits", std::move(names)}};
}

Json rulesOf(Runtime& runtime, const catalog::TargetRow& row)
{
    Json rules = Json::object();
    const std::string only = "id = " + std::to_string(row.id.value);
    for (const catalog::QuasarRule& rule : catalog::quasarRules())
        rules[rule.id] = catalog::countTargets(runtime.database(), catalog::withQuasarRule(only, rule.id), {},
                                               runtime.stopToken()) == 1;
    return rules;
}

Json describedRow(Runtime& runtime, const catalog::TargetRow& row)
{
    const core::TargetInfo& info = row.info;
    const core::QuasarFacts& quasar = info.quasar;
    const core::Redshift redshift = info.redshift.value_or(core::Redshift{});
    const std::string& specprod = info.key.specprod;
    return {{"targetid", info.key.targetId.value},
            {"specprod", specprod},
            {"survey", info.key.survey},
            {"program", info.key.program},
            {"source_file", row.sourceFile},
            {"file_row", info.fileRow},
            {"spectype", redshift.spectype},
            {"z", redshift.z},
            {"z_qso", catalog::zQso(info)},
            {"deltachi2", redshift.deltachi2},
            {"zwarn", info.redshift ? bits("zwarn", redshift.zwarn, specprod) : Json()},
            {"coadd_fiberstatus", bits("coadd_fiberstatus", info.coaddFiberstatus, specprod)},
            {"desi_target", bits("desi_target", info.desiTarget, specprod)},
            {"scnd_target", bits("scnd_target", info.scndTarget, specprod)},
            {"qso_maskbits", bits("qso_maskbits", catalog::qsoMaskbits(info), specprod)},
            {"qso_source", quasar.source},
            {"z_new", quasar.zNew},
            {"z_qn", quasar.zQn},
            {"confidence", quasar.confidence},
            {"delta_chi2_mgii", quasar.deltaChi2Mgii},
            {"proba_rf", quasar.probaRf},
            {"rules", rulesOf(runtime, row)},
            {"problem", info.problem}};
}

/// "zwarn              4  SMALL_DELTA_CHI2 (best fit hardly better than the next)".
std::string describedText(const Json& row)
{
    TextTable table({"column", "value"});
    for (const auto& [name, value] : row.items()) {
        std::string text = value.is_string() ? value.get<std::string>() : value.is_null() ? "" : value.dump();
        if (value.contains("bits")) {
            text = value["value"].dump();
            for (const Json& bit : value["bits"])
                text += "  " + bit["name"].get<std::string>() +
                        (bit["meaning"] == "" ? "" : " (" + bit["meaning"].get<std::string>() + ")");
        }
        table.add({name, text});
    }
    return table.text();
}

Outcome describe(Runtime& runtime, const DescribeOptions& options)
{
    const auto rows = catalog::findTarget(runtime.database(), {options.targetId});
    if (rows.empty())
        throw core::UserError("there is no target " + std::to_string(options.targetId),
                              "catalog list shows the targets that are there.");
    Json described = Json::array();
    for (const catalog::TargetRow& row : rows) {
        described.push_back(describedRow(runtime, row));
        runtime.print(describedText(described.back()));
    }
    return {{{"targets", std::move(described)}}};
}

} // namespace

void addQualityCommands(CommandLine& line, CLI::App& catalog)
{
    addVerb<ReportOptions>(line, catalog, "report", "how good the data are: counts, distributions, outliers",
                           declareReport, report);
    addVerb<DescribeOptions>(line, catalog, "describe", "one target, with the names of its bits",
                             declareDescribe, describe);
}

Json reportQuality(Runtime& runtime, const std::string& where)
{
    runtime.context().beginPhase("Looking at the data", "steps", 1.0);
    const catalog::QualityReport report =
        catalog::checkQuality(runtime.database(), where, runtime.stopToken(), [&](int done, int steps) {
            runtime.context().advanceTo(static_cast<double>(done) / steps);
        });
    runtime.clearProgress();
    runtime.print(pipeline::qualityText(report));
    return pipeline::qualityJson(report);
}

} // namespace voorwerp::cli
