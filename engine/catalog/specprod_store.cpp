// SPDX-License-Identifier: GPL-3.0-or-later
#include "catalog/specprod_store.h"

#include "catalog/ingest_sql.h"
#include "catalog/session.h"
#include "catalog/specprod_sql.h"
#include "catalog/specprod_values.h"
#include "catalog/sql_values.h"

#include <algorithm>
#include <unordered_set>
#include <utility>

namespace voorwerp::catalog {

namespace {

/// A line of COPY's text form, already escaped. libpqxx joins the fields of a row with separated_list(): the
/// one below takes the line as it is, so that the number of columns need not be known to the compiler.
struct CopyLine
{
    std::string text;
};
template <typename Escape>
const std::string& separated_list(const std::string& /*separator*/, const CopyLine& line,
                                  const Escape& /*escape*/)
{
    return line.text;
}

std::string listOf(const std::vector<FilledColumn>& columns, const std::string& before = {},
                   const std::string& after = {})
{
    std::string list;
    for (const FilledColumn& column : columns)
        list += (list.empty() ? "" : ", ") + before + column.name + after;
    return list;
}

std::string keyType(const SpecprodTable& table)
{
    return std::find_if(table.columns.begin(), table.columns.end(),
                        [](const SpecprodColumn& column) { return column.isKey; })
        ->type;
}

std::vector<std::string> namesOf(const std::vector<FilledColumn>& columns)
{
    std::vector<std::string> names;
    for (const FilledColumn& column : columns)
        names.push_back(column.name);
    return names;
}

/// A row of the chunk with its key as text.
using KeyedRow = std::pair<std::string, std::size_t>;

/// The rows to take, each key once, in the order of the keys: two programs that write the same rows then wait
/// for each other instead of for ever.
std::vector<KeyedRow> keyedRows(const FilledColumn& key, const std::vector<RowUse>& uses)
{
    std::vector<KeyedRow> rows;
    for (std::size_t row = 0; row < uses.size(); ++row) {
        if (uses[row] != RowUse::Taken)
            continue;
        rows.emplace_back(std::string(), row);
        key.append(row, rows.back().first);
    }
    std::stable_sort(rows.begin(), rows.end(), [](const KeyedRow& a, const KeyedRow& b) {
        // Numbers without a sign.
        return a.first.size() != b.first.size() ? a.first.size() < b.first.size() : a.first < b.first;
    });
    rows.erase(std::unique(rows.begin(), rows.end(),
                           [](const KeyedRow& a, const KeyedRow& b) { return a.first == b.first; }),
               rows.end());
    return rows;
}

void copyRows(pqxx::transaction_base& work, const std::string& table,
              const std::vector<FilledColumn>& columns, const std::vector<KeyedRow>& rows)
{
    pqxx::stream_to stream(work, table, namesOf(columns));
    CopyLine line;
    for (const auto& [key, row] : rows) {
        line.text = key;
        for (std::size_t i = 1; i < columns.size(); ++i) {
            line.text += '\t';
            columns[i].append(row, line.text);
        }
        stream << line;
    }
    stream.complete();
}

/// A table of a production, the columns that a file fills, its key first, and rows of that file.
struct Filling
{
    std::string name;  ///< zpix
    std::string place; ///< "iron".zpix
    std::string keyType;
    std::vector<FilledColumn> columns;
    std::vector<KeyedRow> rows;
};

/// Takes the rows out that the table does not have, and writes them straight into it; how many. None where
/// another program just brings one of them.
std::int64_t addNewRows(pqxx::work& work, Filling& filling)
{
    if (filling.rows.empty())
        return 0;
    std::string keys;
    for (const KeyedRow& row : filling.rows)
        keys += (keys.empty() ? "{" : ",") + row.first;
    const std::string& key = filling.columns.front().name;
    std::unordered_set<std::string> known;
    for (const auto& row : work.exec_params("SELECT " + key + " FROM " + filling.place + " WHERE " + key +
                                                " = ANY($1::" + filling.keyType + "[])",
                                            keys + "}"))
        known.insert(textOf(row[0]));
    const auto firstNew = std::stable_partition(filling.rows.begin(), filling.rows.end(),
                                                [&](const auto& row) { return known.count(row.first) > 0; });
    const std::vector<KeyedRow> fresh(firstNew, filling.rows.end());
    if (fresh.empty())
        return 0;
    try {
        pqxx::subtransaction attempt(work);
        copyRows(attempt, filling.place, filling.columns, fresh);
        attempt.commit();
    } catch (const pqxx::unique_violation&) {
        return 0;
    }
    filling.rows.erase(firstNew, filling.rows.end());
    return static_cast<std::int64_t>(fresh.size());
}

/// COPY into a table of this session, then by key into the production.
std::int64_t mergeRows(pqxx::work& work, const std::string& production, const Filling& filling)
{
    if (filling.rows.empty())
        return 0;
    // Of the connection: making a table costs more than the rows of a file.
    const std::string staging = work.quote_name("specprod_" + filling.name + "_" + production);
    work.exec("CREATE TEMP TABLE IF NOT EXISTS " + staging + " (LIKE " + filling.place +
              ") ON COMMIT DELETE ROWS");
    copyRows(work, staging, filling.columns, filling.rows);
    const std::string& key = filling.columns.front().name;
    std::string updates;
    for (const FilledColumn& column : filling.columns)
        if (column.name != key)
            updates += (updates.empty() ? "" : ", ") + column.name + " = excluded." + column.name;
    const std::string list = listOf(filling.columns);
    const auto written = work.exec("INSERT INTO " + filling.place + " AS k (" + list + ") SELECT " + list +
                                   " FROM pg_temp." + staging + " ORDER BY " + key + " ON CONFLICT (" + key +
                                   ") DO UPDATE SET " + updates + " WHERE (" + listOf(filling.columns, "k.") +
                                   ") IS DISTINCT FROM (" + listOf(filling.columns, "excluded.") + ")");
    work.exec("TRUNCATE pg_temp." + staging); // what is deleted would be read again by every later chunk
    return static_cast<std::int64_t>(written.affected_rows());
}

/// Rows written, new and changed.
std::int64_t fill(pqxx::work& work, const std::string& production, const SpecprodTable& table,
                  const SpecprodRows& rows, const std::vector<RowUse>& uses)
{
    Filling filling{table.name,
                    work.quote_name(production) + "." + table.name,
                    keyType(table),
                    filledColumns(table, rows),
                    {}};
    if (filling.columns.size() < 2)
        return 0;
    filling.rows = keyedRows(filling.columns.front(), uses);
    const std::int64_t added = addNewRows(work, filling);
    return added + mergeRows(work, production, filling);
}

} // namespace

SpecprodCounts& SpecprodCounts::operator+=(const SpecprodCounts& other)
{
    redshifts += other.redshifts;
    photometry += other.photometry;
    sky += other.sky;
    unknown += other.unknown;
    return *this;
}

SpecprodCounts writeSpecprodRows(pqxx::work& work, const std::string& production, const SpecprodRows& rows)
{
    const std::vector<RowUse> uses = usesOfRows(rows);
    SpecprodCounts counts;
    counts.sky = std::count(uses.begin(), uses.end(), RowUse::Sky);
    counts.unknown = std::count(uses.begin(), uses.end(), RowUse::Unknown);
    const bool isZpix = rows.table == RedshiftTable::Zpix;
    counts.photometry = fill(work, production, specprodTable("photometry"), rows, uses);
    counts.redshifts = fill(work, production, specprodTable(isZpix ? "zpix" : "ztile"), rows, uses);
    if (!isZpix)
        fill(work, production, specprodTable("fiberassign"), rows, uses);
    return counts;
}

SpecprodCounts addSpecprodRows(const Database& database, const std::string& production,
                               const SpecprodRows& rows, std::stop_token stop)
{
    return inTransaction(database, std::move(stop), [&](pqxx::work& work) {
        ensureProduction(work, production);
        return writeSpecprodRows(work, production, rows);
    });
}

class CatalogLoad::Implementation
{
public:
    Implementation(const Database& database, FileRecord file, std::stop_token stop)
        : m_session(database, std::move(stop))
        , m_file(std::move(file))
    {
        guarded([&] {
            m_work.emplace(m_session.connection());
            // The tables grow within this transaction, unknown to the planner: for the keys of a chunk it
            // would read the whole table, chunk after chunk.
            m_work->exec("SET LOCAL enable_seqscan = off");
            m_schema = ensureProduction(*m_work, m_file.specprod);
            if (m_schema.tablesMade == static_cast<int>(specprodTables().size()))
                m_indexes = takeIndexesAway(*m_work, m_file.specprod);
            upsertFile(*m_work, m_file);
        });
    }

    void add(const SpecprodRows& rows)
    {
        guarded([&] { m_counts += writeSpecprodRows(*m_work, m_file.specprod, rows); });
    }

    SpecprodCounts commit()
    {
        guarded([&] {
            if (!m_indexes.empty())
                finishFirstLoad();
            m_work->commit();
        });
        return m_counts;
    }

    bool hasSkyIndex() const { return m_schema.skyIndex; }

private:
    template <typename Use> void guarded(Use&& use)
    {
        try {
            use();
        } catch (...) {
            m_session.rethrow();
        }
    }

    /// Until the server counts a table by itself, lists and counts of it would be planned blindly; the
    /// columns that have an index must do until then.
    void finishFirstLoad()
    {
        for (const std::string& index : m_indexes)
            m_work->exec(index);
        for (const SpecprodTable& table : specprodTables()) {
            std::string columns;
            for (const SpecprodColumn& column : table.columns)
                if (column.isKey || column.isIndexed)
                    columns += (columns.empty() ? "" : ", ") + column.name;
            m_work->exec("ANALYZE " + m_work->quote_name(m_file.specprod) + "." + table.name + " (" +
                         columns + ")");
        }
    }

    Session m_session;
    FileRecord m_file;
    std::optional<pqxx::work> m_work;
    ProductionSchema m_schema;
    std::vector<std::string> m_indexes; ///< to be made before the commit
    SpecprodCounts m_counts;
};

CatalogLoad::CatalogLoad(const Database& database, FileRecord file, std::stop_token stop)
    : m_implementation(std::make_unique<Implementation>(database, std::move(file), std::move(stop)))
{
}

CatalogLoad::CatalogLoad(CatalogLoad&&) noexcept = default;
CatalogLoad& CatalogLoad::operator=(CatalogLoad&&) noexcept = default;
CatalogLoad::~CatalogLoad() = default;

void CatalogLoad::add(const SpecprodRows& rows)
{
    m_implementation->add(rows);
}

SpecprodCounts CatalogLoad::commit()
{
    return m_implementation->commit();
}

bool CatalogLoad::hasSkyIndex() const
{
    return m_implementation->hasSkyIndex();
}

} // namespace voorwerp::catalog
