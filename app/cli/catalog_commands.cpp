// SPDX-License-Identifier: GPL-3.0-or-later
// catalog count | list [--where EXPR] [--limit N] [--format csv|json]
#include "app/cli/command.h"
#include "app/cli/quality_commands.h"
#include "app/cli/whole_number.h"
#include "catalog/target_query.h"
#include "catalog/where.h"
#include "export/csv.h"

#include <algorithm>
#include <cmath>

namespace voorwerp::cli {

namespace {

struct CatalogOptions
{
    std::string where;
    std::size_t limit = 100;
    std::string format = "csv";
};

/// "columns: z (Redshift), snr (...)": what an expression may use, for --help.
std::string columnHelp()
{
    std::string text = "Columns of EXPR:";
    for (const catalog::ColumnInfo& column : catalog::columns())
        if (!column.needsModel)
            text += "\n  " + column.name + (column.unit.empty() ? "" : " [" + column.unit + "]") + ": " +
                    column.description;
    return text;
}

void declareCount(CLI::App& app, CatalogOptions& options)
{
    app.add_option("--where", options.where, "expression, as \"z > 2 and zwarn = 0\"");
    app.footer(columnHelp());
}

void declareList(CLI::App& app, CatalogOptions& options)
{
    declareCount(app, options);
    app.add_option("--limit", options.limit, "most rows to list; 0: all")
        ->check(wholeNumber(0))
        ->capture_default_str();
    app.add_option("--format", options.format, "csv or json")
        ->check(CLI::IsMember({"csv", "json"}))
        ->capture_default_str();
}

Outcome count(Runtime& runtime, const CatalogOptions& options)
{
    const std::int64_t number =
        catalog::countTargets(runtime.catalogue(), options.where, {}, runtime.stopToken());
    runtime.print(std::to_string(number));
    return {{{"count", number}}};
}

/// The double that is written with as few digits as the float: 6.8614765, not 6.861476421356201.
double shortest(float value)
{
    return std::isnan(value) ? value : std::stod(exporting::csvNumber(value));
}

/// One row with the names of the expressions' columns; numbers that are not known are null.
Json jsonOf(const catalog::TargetRow& row)
{
    const core::TargetInfo& info = row.info;
    const core::Redshift redshift = info.redshift.value_or(core::Redshift{});
    return {{"targetid", info.key.targetId.value},
            {"specprod", info.key.specprod},
            {"survey", info.key.survey},
            {"program", info.key.program},
            {"spgrp", info.key.spgrp},
            {"spgrpval", info.key.spgrpval},
            {"tileid", info.key.tileid},
            {"target_ra", info.targetRa},
            {"target_dec", info.targetDec},
            {"z", redshift.z},
            {"zerr", redshift.zerr},
            {"zwarn", info.redshift ? Json(redshift.zwarn) : Json()},
            {"deltachi2", redshift.deltachi2},
            {"spectype", redshift.spectype},
            {"subtype", redshift.subtype},
            {"snr", shortest(info.snr)},
            {"ebv", shortest(info.ebv)},
            {"objtype", info.objtype},
            {"problem", info.problem},
            {"label", row.label ? row.label->labelClass : std::string()},
            {"source_file", row.sourceFile},
            {"file_row", info.fileRow}};
}

std::string csvLine(const Json& row, bool headings)
{
    std::string line;
    for (const auto& [name, value] : row.items()) {
        line += line.empty() ? "" : ",";
        if (headings)
            line += name;
        else if (value.is_string())
            line += exporting::csvCell(value.get<std::string>());
        else if (value.is_number_float())
            line += exporting::csvNumber(value.get<double>());
        else if (!value.is_null())
            line += value.dump();
    }
    return line;
}

/// Pages through the answer, so that a million rows do not have to fit into memory at once.
class RowWriter
{
public:
    RowWriter(Runtime& runtime, const CatalogOptions& options)
        : m_runtime(runtime)
        , m_csv(options.format == "csv" && !runtime.options().json)
    {
    }

    void add(const catalog::TargetRow& row)
    {
        Json object = jsonOf(row);
        if (!m_csv)
            return m_rows.push_back(std::move(object));
        if (m_count++ == 0)
            m_runtime.print(csvLine(object, true));
        m_runtime.print(csvLine(object, false));
    }

    Outcome finish()
    {
        if (m_runtime.options().json)
            return {{{"count", m_rows.size()}, {"targets", std::move(m_rows)}}};
        if (!m_csv)
            m_runtime.print(m_rows.dump(1, ' ', false, Json::error_handler_t::replace));
        else if (m_count == 0)
            m_runtime.print(csvLine(jsonOf(catalog::TargetRow{}), true));
        return {};
    }

private:
    Runtime& m_runtime;
    bool m_csv;
    std::size_t m_count = 0;
    Json m_rows = Json::array();
};

Outcome list(Runtime& runtime, const CatalogOptions& options)
{
    constexpr std::size_t kPage = 2000;
    RowWriter writer(runtime, options);
    catalog::TargetPageRequest request;
    request.where = options.where;
    std::size_t left = options.limit == 0 ? std::size_t(-1) : options.limit;
    do {
        request.limit = std::min(left, kPage);
        const catalog::TargetPage page =
            catalog::queryTargets(runtime.catalogue(), request, runtime.stopToken());
        for (const catalog::TargetRow& row : page.rows)
            writer.add(row);
        left -= page.rows.size();
        request.after = page.next;
    } while (request.after && left > 0);
    return writer.finish();
}

} // namespace

void addCatalogCommands(CommandLine& line)
{
    CLI::App& group = addGroup(line.app, "catalog", "the spectra in the database");
    addVerb<CatalogOptions>(line, group, "count", "how many fulfil an expression", declareCount, count);
    addVerb<CatalogOptions>(line, group, "list", "their rows", declareList, list);
    addQualityCommands(line, group);
}

} // namespace voorwerp::cli
