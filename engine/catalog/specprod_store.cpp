// SPDX-License-Identifier: GPL-3.0-or-later
#include "catalog/specprod_store.h"

#include "catalog/ingest_sql.h"
#include "catalog/session.h"
#include "catalog/specprod_sql.h"
#include "catalog/specprod_values.h"

#include <algorithm>
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

void copyRows(pqxx::work& work, const std::string& table, const std::vector<FilledColumn>& columns,
              const std::vector<RowUse>& uses)
{
    std::vector<std::string> names;
    for (const FilledColumn& column : columns)
        names.push_back(column.name);
    pqxx::stream_to stream(work, table, names);
    CopyLine line;
    for (std::size_t row = 0; row < uses.size(); ++row) {
        if (uses[row] != RowUse::Taken)
            continue;
        line.text.clear();
        for (const FilledColumn& column : columns) {
            if (!line.text.empty())
                line.text += '\t';
            column.append(row, line.text);
        }
        stream << line;
    }
    stream.complete();
}

/// COPY into a table of this session, then by key into the production: in the order of the key, so that two
/// programs that write the same rows wait for each other instead of for ever.
std::int64_t fill(pqxx::work& work, const std::string& production, const SpecprodTable& table,
                  const SpecprodRows& rows, const std::vector<RowUse>& uses)
{
    const std::vector<FilledColumn> columns = filledColumns(table, rows);
    if (columns.size() < 2)
        return 0;
    // Of the connection: making a table costs more than the rows of a file.
    const std::string staging = work.quote_name("specprod_" + table.name + "_" + production);
    const std::string place = work.quote_name(production) + "." + table.name;
    const std::string& key = columns.front().name;
    work.exec("CREATE TEMP TABLE IF NOT EXISTS " + staging + " (LIKE " + place + ") ON COMMIT DELETE ROWS");
    copyRows(work, staging, columns, uses);
    std::string updates;
    for (const FilledColumn& column : columns)
        if (column.name != key)
            updates += (updates.empty() ? "" : ", ") + column.name + " = excluded." + column.name;
    const std::string list = listOf(columns);
    const auto written =
        work.exec("INSERT INTO " + place + " AS k (" + list + ") SELECT DISTINCT ON (" + key + ") " + list +
                  " FROM pg_temp." + staging + " ORDER BY " + key + " ON CONFLICT (" + key +
                  ") DO UPDATE SET " + updates + " WHERE (" + listOf(columns, "k.") + ") IS DISTINCT FROM (" +
                  listOf(columns, "excluded.") + ")");
    work.exec("DELETE FROM pg_temp." + staging);
    return static_cast<std::int64_t>(written.affected_rows());
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
            m_schema = ensureProduction(*m_work, m_file.specprod);
            upsertFile(*m_work, m_file);
        });
    }

    void add(const SpecprodRows& rows)
    {
        guarded([&] { m_counts += writeSpecprodRows(*m_work, m_file.specprod, rows); });
    }

    SpecprodCounts commit()
    {
        guarded([&] { m_work->commit(); });
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

    Session m_session;
    FileRecord m_file;
    std::optional<pqxx::work> m_work;
    ProductionSchema m_schema;
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
