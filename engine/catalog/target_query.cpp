// SPDX-License-Identifier: GPL-3.0-or-later
#include "catalog/target_query.h"

#include "catalog/catalog_source.h"
#include "catalog/listed_row.h"
#include "catalog/page_reader.h"
#include "catalog/session.h"
#include "catalog/sql_values.h"

namespace voorwerp::catalog {

namespace {

constexpr std::size_t kLargestPage = 100'000;

std::vector<TargetRow> queryRows(const Database& database, const std::string& column,
                                 const std::string& value, const char* type,
                                 std::optional<core::ModelVersionId> model)
{
    return inTransaction(database, [&](pqxx::work& work) {
        SqlParameters parameters;
        if (model)
            parameters.add(numberText(model->value), "int8");
        const std::string sql = targetSelectList(model.has_value()) +
                                database.source().from(model ? ScoreJoin::Optional : ScoreJoin::None) +
                                " WHERE " + column + " = " + parameters.add(value, type) + " ORDER BY t.id";
        std::vector<TargetRow> rows;
        for (const auto& row : parameters.run(work, sql))
            rows.push_back(readTargetRow(database.source(), row, model.has_value()));
        return rows;
    });
}

} // namespace

TargetPage queryTargets(const Database& database, const TargetPageRequest& request, std::stop_token stop)
{
    if (request.limit == 0 || request.limit > kLargestPage)
        throw core::UserError("a page has 1 to " + std::to_string(kLargestPage) + " rows");
    return PageReader(database, request, std::move(stop)).read();
}

std::vector<TargetRow> findTarget(const Database& database, core::TargetId target,
                                  std::optional<core::ModelVersionId> model)
{
    return queryRows(database, "t.targetid", numberText(target.value), "int8", model);
}

TargetRow findSpectrum(const Database& database, core::SpectrumId id,
                       std::optional<core::ModelVersionId> model)
{
    const CatalogSource& source = database.source();
    auto rows = queryRows(database, "t.id", source.idText(id), source.idType(), model);
    if (rows.empty())
        throw core::UserError("there is no spectrum with the number " + std::to_string(id.value),
                              "It may have been replaced by a newer file: reload the list.");
    return std::move(rows.front());
}

TargetColumns loadTargetColumns(const Database& database, const std::string& where, std::stop_token stop)
{
    checkWhere(where, false);
    return inTransaction(database, std::move(stop), [&](pqxx::work& work) {
        SqlParameters parameters;
        const std::string condition = compileWhere(where, false, parameters, &database.source());
        TargetColumns columns;
        const auto rows = parameters.run(
            work, "SELECT t.id, t.targetid, t.target_ra, t.target_dec, t.z, t.snr" +
                      database.source().from(ScoreJoin::None) + " WHERE " + condition + " ORDER BY t.id");
        for (const auto& row : rows) {
            columns.ids.push_back(database.source().idOf(row[0]));
            columns.targetIds.push_back({integerOf<std::int64_t>(row[1]).value_or(0)});
            columns.ra.push_back(realOf<double>(row[2]));
            columns.dec.push_back(realOf<double>(row[3]));
            columns.z.push_back(realOf<float>(row[4]));
            columns.snr.push_back(realOf<float>(row[5]));
        }
        return columns;
    });
}

std::vector<ValueCount> countByValue(const Database& database, const std::string& column,
                                     const std::string& where, std::stop_token stop)
{
    const ColumnSpec* spec = findColumn(column);
    if (spec == nullptr || spec->info.type != ColumnType::Text || spec->info.needsModel)
        throw core::UserError("'" + column.substr(0, 64) + "' is not a text column of the catalogue");
    checkWhere(where, false);
    return inTransaction(database, std::move(stop), [&](pqxx::work& work) {
        SqlParameters parameters;
        const std::string condition = compileWhere(where, false, parameters, &database.source());
        const auto rows = parameters.run(work, "SELECT coalesce(" + spec->sql + ", ''), count(*)" +
                                                   database.source().from(ScoreJoin::None) + " WHERE " +
                                                   condition + " GROUP BY 1 ORDER BY 2 DESC, 1");
        std::vector<ValueCount> counts;
        for (const auto& row : rows)
            counts.push_back({textOf(row[0]), row[1].as<std::int64_t>()});
        return counts;
    });
}

} // namespace voorwerp::catalog
