// SPDX-License-Identifier: GPL-3.0-or-later
#include "catalog/refusal_store.h"

#include "catalog/copy_stream.h"
#include "catalog/session.h"
#include "catalog/sql_values.h"

#include <vector>

namespace voorwerp::catalog {

void recordRefusals(const Database& database, std::span<const IngestRefusal> refusals)
{
    inTransaction(database, [&](pqxx::work& work) {
        std::vector<std::optional<std::string>> paths;
        for (const IngestRefusal& refusal : refusals)
            if (paths.empty() || paths.back() != refusal.path)
                paths.emplace_back(refusal.path);
        work.exec_params("DELETE FROM voorwerp.ingest_problem WHERE path = ANY($1::text[])",
                         textArrayText(paths));
        CopyStream<3> stream(work, "voorwerp.ingest_problem", {"path", "file_row", "reason"});
        for (const IngestRefusal& refusal : refusals)
            stream.add(std::array<std::optional<std::string>, 3>{
                cleanText(refusal.path), integerText(refusal.row), cleanText(refusal.reason)});
        stream.finish();
    });
}

void forgetOldRefusals(const Database& database, std::stop_token stop)
{
    inTransaction(database, std::move(stop), [](pqxx::work& work) {
        // One list of all paths, for a hash join: an OR over four columns would compare each with each.
        work.exec(
            "DELETE FROM voorwerp.ingest_problem p USING (SELECT path, ingested FROM voorwerp.file UNION "
            "ALL SELECT redrock_path, ingested FROM voorwerp.file UNION ALL SELECT quasarnet_path, "
            "ingested FROM voorwerp.file UNION ALL SELECT mgii_path, ingested FROM voorwerp.file) f "
            "WHERE p.path = f.path AND f.ingested > p.noticed");
    });
}

std::vector<IngestRefusal> listRefusals(const Database& database, std::size_t limit, std::stop_token stop)
{
    return inTransaction(database, std::move(stop), [&](pqxx::work& work) {
        std::vector<IngestRefusal> refusals;
        for (const auto& row : work.exec_params("SELECT path, file_row, reason, " + isoTime("noticed") +
                                                    " FROM voorwerp.ingest_problem ORDER BY noticed DESC, id "
                                                    "LIMIT $1",
                                                static_cast<std::int64_t>(limit)))
            refusals.push_back(
                {textOf(row[0]), integerOf<std::int64_t>(row[1]), textOf(row[2]), textOf(row[3])});
        return refusals;
    });
}

} // namespace voorwerp::catalog
