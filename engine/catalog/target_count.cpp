// SPDX-License-Identifier: GPL-3.0-or-later
// How many: exactly, or, where that takes long, from a sample of the catalogue.
#include "catalog/catalog_source.h"
#include "catalog/page_query.h"
#include "catalog/session.h"
#include "catalog/sql_values.h"

#include <algorithm>
#include <cmath>

namespace voorwerp::catalog {

namespace {

constexpr std::chrono::milliseconds kPlacePatience{60};
constexpr double kMostWithoutHit = 3.0; ///< Poisson: more than that show a hit in 95 of 100 samples

/// Whether the server gave up because of its statement_timeout.
bool ranOutOfTime(const pqxx::sql_error& error, const std::stop_token& stop)
{
    return error.sqlstate() == "57014" && !stop.stop_requested();
}

/// What is counted; its parameters begin with the model where there is one.
struct CountQuestion
{
    std::string condition;
    SqlParameters parameters;
    ScoreJoin scores = ScoreJoin::None;
    const CatalogSource* source = nullptr;
};

std::int64_t countExactly(pqxx::transaction_base& work, const CountQuestion& question)
{
    return question.parameters
        .run(work,
             "SELECT count(*)" + question.source->from(question.scores) + " WHERE " + question.condition)
        .at(0)[0]
        .as<std::int64_t>();
}

/// Rows of the sample, hits among them, and the mean square of what a block of it has too many or too few.
struct Sample
{
    double believed = 0.0; ///< rows of the table, as the server thinks
    double blocks = 0.0, rows = 0.0, hits = 0.0;
    double squares = 0.0;
};

/// Whole blocks of the table are drawn at random, the same ones each time. Rows of a block have much in
/// common (they came from one file), so that the spread between blocks, not the number of rows, tells how
/// sure the share is: ratio estimator of cluster sampling, Cochran, Sampling Techniques (1977), 9A.
Sample drawSample(pqxx::transaction_base& work, const CountQuestion& question)
{
    const bool required = question.scores == ScoreJoin::Required;
    const CatalogSource& source = *question.source;
    const bool own = !source.isProduction();
    const std::string believed =
        own ? "(SELECT reltuples FROM pg_class WHERE oid = 'voorwerp.target'::regclass)"
            : numberText(source.tables().rows);
    const ScoreJoin scores = required ? ScoreJoin::Optional : question.scores;
    const auto row =
        question.parameters
            .run(work, "SELECT " + believed +
                           ", count(*), sum(n), sum(h), sum(h * h), sum(h * n), sum(n * n) FROM (SELECT "
                           "count(*)::float8 AS n, (count(*) FILTER (WHERE " +
                           question.condition + (required ? " AND s.target_id IS NOT NULL" : "") +
                           "))::float8 AS h" +
                           (own ? fromSampledTargets(scores) : source.fromSample(scores)) + " GROUP BY " +
                           (own ? "(t.ctid::text::point)[0]" : "t.id % 997") + ") block")
            .at(0);
    Sample sample{realOf<double>(row[0]), realOf<double>(row[1]), realOf<double>(row[2]),
                  realOf<double>(row[3]), 0.0};
    const double share = sample.hits / sample.rows;
    sample.squares = realOf<double>(row[4]) - 2.0 * share * realOf<double>(row[5]) +
                     share * share * realOf<double>(row[6]);
    return sample;
}

/// Scaled to the rows that the server believes there are. nullopt: it does not know.
std::optional<RowCount> countInSample(pqxx::transaction_base& work, const CountQuestion& question)
{
    if (question.source->isProduction() && question.source->share() == 1.0)
        return std::nullopt; // small, or no plain table
    const Sample sample = drawSample(work, question);
    if (!(sample.believed > 0.0 && sample.rows > 0.0))
        return std::nullopt;
    const double share = sample.hits / sample.rows;
    const double spread =
        std::sqrt(std::max(sample.squares, 0.0) * sample.blocks / std::max(sample.blocks - 1.0, 1.0));
    const bool mixed = sample.hits > 0.0 && sample.hits < sample.rows;
    RowCount count;
    count.exact = false;
    count.value = std::llround(sample.believed * share);
    count.uncertainty = std::max<std::int64_t>(
        std::llround((mixed ? spread : kMostWithoutHit) * sample.believed / sample.rows), 1);
    return count;
}

RowCount countWithin(pqxx::work& work, const CountQuestion& question, std::chrono::milliseconds patience,
                     const std::stop_token& stop)
{
    try {
        pqxx::subtransaction attempt(work);
        attempt.exec("SET LOCAL statement_timeout = " + std::to_string(patience.count()));
        const RowCount count{countExactly(attempt, question), true, 0};
        attempt.exec("SET LOCAL statement_timeout = 0");
        attempt.commit();
        return count;
    } catch (const pqxx::sql_error& error) {
        if (!ranOutOfTime(error, stop))
            throw;
    }
    if (stop.stop_requested())
        throw core::Cancelled();
    const auto estimate = countInSample(work, question);
    return estimate ? *estimate : RowCount{countExactly(work, question), true, 0};
}

CountQuestion questionOf(const Database& database, const std::string& where,
                         std::optional<core::ModelVersionId> model)
{
    checkWhere(where, model.has_value());
    CountQuestion question;
    question.source = &database.source();
    if (model) {
        question.parameters.add(numberText(model->value), "int8");
        question.scores = ScoreJoin::Required;
    }
    question.condition = compileWhere(where, model.has_value(), question.parameters, question.source);
    return question;
}

} // namespace

std::int64_t countTargets(const Database& database, const std::string& where,
                          std::optional<core::ModelVersionId> model, std::stop_token stop)
{
    const CountQuestion question = questionOf(database, where, model);
    return inTransaction(database, std::move(stop),
                         [&](pqxx::work& work) { return countExactly(work, question); });
}

RowCount countSoon(const Database& database, const std::string& where,
                   std::optional<core::ModelVersionId> model, std::chrono::milliseconds patience,
                   std::stop_token stop)
{
    const CountQuestion question = questionOf(database, where, model);
    return inTransaction(database, stop,
                         [&](pqxx::work& work) { return countWithin(work, question, patience, stop); });
}

std::optional<TargetPlace> findPlace(const Database& database, const TargetPageRequest& request,
                                     core::SpectrumId id, std::stop_token stop)
{
    const ColumnSpec& column = sortColumnOf(request);
    checkWhere(request.where, request.model.has_value());
    return inTransaction(database, stop, [&](pqxx::work& work) {
        const auto where = parseWhere(request.where, request.model.has_value());
        const PageQuery query(database.source(), request, column, where.get());
        auto place = query.place(work, id);
        if (place) {
            CountQuestion question{{}, query.modelParameter(), query.scoreJoin(), &database.source()};
            question.condition = query.beforeSql(place->cursor, question.parameters);
            place->before = countWithin(work, question, kPlacePatience, stop);
        }
        return place;
    });
}

} // namespace voorwerp::catalog
