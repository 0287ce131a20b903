// SPDX-License-Identifier: GPL-3.0-or-later
#include "catalog/refusal_store.h"

#include "catalog/copy_stream.h"
#include "catalog/session.h"
#include "catalog/sql_values.h"

#include <set>

namespace voorwerp::catalog {

void recordRefusals(const Database& database, std::span<const IngestRefusal> refusals, std::stop_token stop)
{
    inTransaction(database, std::move(stop), [&](pqxx::work& work) {
        work.exec("DELETE FROM voorwerp.ingest_problem p WHERE EXISTS (SELECT FROM voorwerp.file f WHERE "
                  "p.path IN (f.path, f.redrock_path, f.quasarnet_path, f.mgii_path) AND "
                  "f.ingested > p.noticed)");
        std::set<std::string> paths;
        for (const IngestRefusal& refusal : refusals)
            paths.insert(cleanText(refusal.path));
        for (const std::string& path : paths)
            work.exec_params("DELETE FROM voorwerp.ingest_problem WHERE path = $1", path);
        CopyStream<3> stream(work, "voorwerp.ingest_problem", {"path", "file_row", "reason"});
        for (const IngestRefusal& refusal : refusals)
            stream.add(std::array<std::optional<std::string>, 3>{
                cleanText(refusal.path), integerText(refusal.row), cleanText(refusal.reason)});
        stream.finish();
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
