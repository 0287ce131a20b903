// SPDX-License-Identifier: GPL-3.0-or-later
#include "catalog/imported_store.h"

#include "catalog/copy_stream.h"
#include "catalog/names.h"
#include "catalog/session.h"
#include "catalog/sky_match_sql.h"
#include "catalog/sql_values.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <cctype>

namespace voorwerp::catalog {

namespace {

constexpr std::size_t kLongestName = 60;
constexpr std::array<const char*, 5> kRowColumns{"catalogue_id", "row_number", "ra", "dec", "cells"};

std::string columnsJson(const std::vector<ImportedColumn>& columns)
{
    auto list = nlohmann::ordered_json::array();
    for (const ImportedColumn& column : columns)
        list.push_back({{"name", cleanText(column.name)},
                        {"type", column.type},
                        {"unit", cleanText(column.unit)},
                        {"ucd", cleanText(column.ucd)},
                        {"description", cleanText(column.description)}});
    return list.dump();
}

std::vector<ImportedColumn> columnsOf(const std::string& json)
{
    std::vector<ImportedColumn> columns;
    for (const auto& item : nlohmann::json::parse(json))
        columns.push_back({item.value("name", ""), item.value("type", ""), item.value("unit", ""),
                           item.value("ucd", ""), item.value("description", "")});
    return columns;
}

/// Ordered by name; all when name is empty.
std::vector<ImportedCatalogue> load(pqxx::transaction_base& work, const std::string& name)
{
    const auto rows = work.exec_params(
        "SELECT c.id, c.name, c.source, c.sha256, c.format, c.ra_column, c.dec_column, c.columns::text, "
        "c.row_count, c.rejected, " +
            isoTime("c.imported") + ", c.imported_by, r.radius, r.where_expression, r.statistics::text, " +
            isoTime("r.matched") + ", r.matched_by, r.targets_state <> " + std::string(kTargetsState) +
            " FROM voorwerp.imported_catalogue c LEFT JOIN voorwerp.catalogue_match_run r ON r.catalogue_id "
            "= "
            "c.id WHERE $1 = '' OR c.name = $1 ORDER BY c.name",
        name);
    std::vector<ImportedCatalogue> list;
    for (const auto& row : rows) {
        ImportedCatalogue catalogue{row[0].as<std::int64_t>(),
                                    textOf(row[1]),
                                    textOf(row[2]),
                                    textOf(row[3]),
                                    textOf(row[4]),
                                    textOf(row[5]),
                                    textOf(row[6]),
                                    columnsOf(textOf(row[7])),
                                    row[8].as<std::int64_t>(),
                                    row[9].as<std::int64_t>(),
                                    textOf(row[10]),
                                    textOf(row[11]),
                                    {}};
        if (!row[12].is_null())
            catalogue.match = MatchRun{realOf<double>(row[12]), textOf(row[13]), textOf(row[15]),
                                       textOf(row[16]),         textOf(row[14]), row[17].as<bool>()};
        list.push_back(std::move(catalogue));
    }
    return list;
}

[[noreturn]] void failUnknown(const std::string& name, const std::vector<ImportedCatalogue>& known)
{
    std::vector<std::string> names;
    for (const ImportedCatalogue& catalogue : known)
        names.push_back(catalogue.name);
    throw core::UserError("there is no imported catalogue '" + name.substr(0, 64) + "'",
                          didYouMean(name, names, "match list shows what is there."));
}

} // namespace

void checkCatalogueName(const std::string& name)
{
    const bool good = !name.empty() && name.size() <= kLongestName &&
                      std::all_of(name.begin(), name.end(), [](unsigned char c) {
                          return std::islower(c) != 0 || std::isdigit(c) != 0 || c == '_' || c == '-';
                      });
    if (!good)
        throw core::UserError("'" + name.substr(0, 64) + "' cannot be the name of a catalogue",
                              "Use up to 60 lower-case letters, digits, _ and -.");
}

std::string catalogueNameOf(const std::string& fileName)
{
    std::string name;
    for (const char c : fileName.substr(0, fileName.find('.'))) {
        const auto letter = static_cast<unsigned char>(c);
        name += std::isalnum(letter) != 0 || c == '-' ? static_cast<char>(std::tolower(letter)) : '_';
    }
    return name.empty() ? "catalogue" : name.substr(0, kLongestName);
}

class CatalogueImport::Impl
{
public:
    Impl(const Database& database, const ImportedCatalogue& catalogue, bool replace, std::stop_token stop)
        : m_session(database, std::move(stop))
        , m_name(catalogue.name)
    {
        guarded([&] { begin(catalogue, replace); });
    }

    void add(std::int64_t rowNumber, core::SkyPosition position,
             std::span<const std::optional<std::string>> cells)
    {
        guarded([&] {
            const std::array<std::optional<std::string>, kRowColumns.size()> row{
                numberText(m_id), numberText(rowNumber), numberText(position.ra), numberText(position.dec),
                textArrayText(cells)};
            m_copy->add(row);
            ++m_rows;
        });
    }

    ImportedCatalogue commit(std::int64_t rejected)
    {
        ImportedCatalogue stored;
        guarded([&] {
            m_copy->finish();
            m_copy.reset();
            m_work->exec_params(
                "UPDATE voorwerp.imported_catalogue SET row_count = $2, rejected = $3 WHERE id = $1", m_id,
                m_rows, rejected);
            stored = load(*m_work, m_name).at(0);
            m_work->commit();
        });
        return stored;
    }

private:
    void begin(const ImportedCatalogue& catalogue, bool replace)
    {
        m_work = std::make_unique<pqxx::work>(m_session.connection());
        // Two imports of one name: the second would wait for the first, maybe for minutes, and then fail.
        if (!m_work
                 ->exec_params(
                     "SELECT pg_try_advisory_xact_lock(hashtextextended('voorwerp catalogue ' || $1, 0))",
                     m_name)
                 .at(0)[0]
                 .as<bool>())
            throw core::UserError("another program is just importing a catalogue '" + m_name + "'",
                                  "Wait until it is done, or use another name.");
        const bool taken =
            !m_work->exec_params("SELECT FROM voorwerp.imported_catalogue WHERE name = $1", m_name).empty();
        if (taken && !replace)
            throw core::UserError("there is a catalogue '" + m_name + "' already",
                                  "Use another name, or replace it (--replace): its matches go with it.");
        m_work->exec_params("DELETE FROM voorwerp.imported_catalogue WHERE name = $1", m_name);
        m_id = m_work
                   ->exec_params(
                       "INSERT INTO voorwerp.imported_catalogue (name, source, sha256, format, ra_column, "
                       "dec_column, columns, row_count, rejected, imported_by) VALUES ($1, $2, $3, $4, $5, "
                       "$6, $7::jsonb, 0, 0, $8) RETURNING id",
                       m_name, cleanText(catalogue.source), catalogue.sha256, catalogue.format,
                       cleanText(catalogue.raColumn), cleanText(catalogue.decColumn),
                       columnsJson(catalogue.columns), cleanText(catalogue.importedBy))
                   .at(0)[0]
                   .as<std::int64_t>();
        m_copy =
            std::make_unique<CopyStream<kRowColumns.size()>>(*m_work, "voorwerp.imported_row", kRowColumns);
    }

    template <typename Do> void guarded(Do&& action)
    {
        try {
            action();
        } catch (...) {
            m_session.rethrow();
        }
    }

    Session m_session;
    std::string m_name;
    std::unique_ptr<pqxx::work> m_work;
    std::unique_ptr<CopyStream<kRowColumns.size()>> m_copy;
    std::int64_t m_id = 0;
    std::int64_t m_rows = 0;
};

CatalogueImport::CatalogueImport(const Database& database, const ImportedCatalogue& catalogue, bool replace,
                                 std::stop_token stop)
{
    checkCatalogueName(catalogue.name);
    m_impl = std::make_unique<Impl>(database, catalogue, replace, std::move(stop));
}

CatalogueImport::~CatalogueImport() = default;

void CatalogueImport::add(std::int64_t rowNumber, core::SkyPosition position,
                          std::span<const std::optional<std::string>> cells)
{
    m_impl->add(rowNumber, position, cells);
}

ImportedCatalogue CatalogueImport::commit(std::int64_t rejected)
{
    return m_impl->commit(rejected);
}

std::vector<ImportedCatalogue> listCatalogues(const Database& database)
{
    return inTransaction(database, [](pqxx::work& work) { return load(work, {}); });
}

ImportedCatalogue findCatalogue(const Database& database, const std::string& name)
{
    return inTransaction(database, [&](pqxx::work& work) {
        if (auto found = load(work, name); !name.empty() && !found.empty())
            return std::move(found.front());
        failUnknown(name, load(work, {}));
    });
}

void dropCatalogue(const Database& database, const std::string& name)
{
    inTransaction(database, [&](pqxx::work& work) {
        if (work.exec_params("DELETE FROM voorwerp.imported_catalogue WHERE name = $1", name)
                .affected_rows() == 0)
            failUnknown(name, load(work, {}));
    });
}

std::vector<ImportedRow> matchesOf(const Database& database, core::SpectrumId id, std::stop_token stop)
{
    return inTransaction(database, std::move(stop), [&](pqxx::work& work) {
        const auto rows =
            work.exec_params("SELECT c.name, m.row_number, i.ra, i.dec, m.separation, c.columns::text, "
                             "i.cells, r.targets_state <> " +
                                 std::string(kTargetsState) +
                                 " FROM voorwerp.catalogue_match m JOIN voorwerp.imported_catalogue c ON "
                                 "c.id = m.catalogue_id "
                                 "JOIN voorwerp.catalogue_match_run r ON r.catalogue_id = m.catalogue_id "
                                 "JOIN voorwerp.imported_row i ON i.catalogue_id = m.catalogue_id AND "
                                 "i.row_number = m.row_number "
                                 "WHERE m.target_id = $1 ORDER BY m.separation, c.name, m.row_number",
                             id.value);
        std::vector<ImportedRow> list;
        for (const auto& row : rows)
            list.push_back({textOf(row[0]),
                            row[1].as<std::int64_t>(),
                            {realOf<double>(row[2]), realOf<double>(row[3])},
                            realOf<double>(row[4]),
                            row[7].as<bool>(),
                            columnsOf(textOf(row[5])),
                            textArrayOf(row[6])});
        return list;
    });
}

} // namespace voorwerp::catalog
