// SPDX-License-Identifier: GPL-3.0-or-later
#include "catalog/label_store.h"

#include "catalog/session.h"
#include "catalog/sql_values.h"

namespace voorwerp::catalog {

namespace {

constexpr int kBestQuality = 4;

void requireLabel(const Label& label)
{
    if (label.labelClass.empty())
        throw core::UserError("a label needs a class", "Say what it is: BAL, artefact, normal, ...");
    if (label.author.empty())
        throw core::UserError("a label needs an author");
    if (label.quality && (*label.quality < 0 || *label.quality > kBestQuality))
        throw core::UserError("the quality " + std::to_string(*label.quality) +
                                  " of a label is not one of 0 to 4",
                              "0 nothing there, 1 unlikely, 2 possible, 3 probable, 4 confident.");
}

/// One change at a time per target: what was current must not change between reading and writing.
void lockTarget(pqxx::work& work, core::TargetId target)
{
    work.exec_params("SELECT pg_advisory_xact_lock(hashtextextended('voorwerp.label', $1))", target.value);
}

/// The id of the history row that is current, or NULL.
std::optional<std::int64_t> currentChange(pqxx::work& work, core::TargetId target)
{
    const auto rows =
        work.exec_params("SELECT history FROM voorwerp.label WHERE targetid = $1", target.value);
    return rows.empty() ? std::nullopt : integerOf<std::int64_t>(rows[0][0]);
}

/// Appends a change; an empty time is now. Returns its id.
std::int64_t append(pqxx::work& work, const std::string& action, const Label& label,
                    std::optional<std::int64_t> previous, std::optional<std::int64_t> undoes = {})
{
    const auto quality = integerText(label.quality);
    const auto before = integerText(previous);
    const auto undone = integerText(undoes);
    const auto pointer = [](const std::optional<std::string>& text) {
        return text ? text->c_str() : nullptr;
    };
    return work
        .exec_params(
            "INSERT INTO voorwerp.label_history (targetid, action, class, quality, comment, author, changed, "
            "previous, undoes) VALUES ($1, $2, $3, $4::int2, $5, $6, "
            "coalesce(nullif($7, '')::timestamptz, clock_timestamp()), $8::int8, $9::int8) RETURNING id",
            label.targetId.value, action, cleanText(label.labelClass), pointer(quality),
            cleanText(label.comment), cleanText(label.author), cleanText(label.time), pointer(before),
            pointer(undone))
        .at(0)[0]
        .as<std::int64_t>();
}

/// Makes a change (or none) the current label.
void makeCurrent(pqxx::work& work, core::TargetId target, std::optional<std::int64_t> change)
{
    if (!change) {
        work.exec_params("DELETE FROM voorwerp.label WHERE targetid = $1", target.value);
        return;
    }
    work.exec_params(
        "INSERT INTO voorwerp.label (targetid, history, class, quality, comment, author, changed) "
        "SELECT targetid, id, class, quality, comment, author, changed FROM voorwerp.label_history "
        "WHERE id = $1 ON CONFLICT (targetid) DO UPDATE SET history = excluded.history, "
        "class = excluded.class, quality = excluded.quality, comment = excluded.comment, "
        "author = excluded.author, changed = excluded.changed",
        *change);
}

const std::string kLabelColumns = "targetid, class, quality, comment, author, " + isoTime("changed");

Label readLabel(const pqxx::row& row)
{
    return {{row[0].as<std::int64_t>()},
            textOf(row[1]),
            integerOf<int>(row[2]),
            textOf(row[3]),
            textOf(row[4]),
            textOf(row[5])};
}

std::vector<Label> readLabels(const pqxx::result& rows)
{
    std::vector<Label> labels;
    for (const auto& row : rows)
        labels.push_back(readLabel(row));
    return labels;
}

bool known(pqxx::work& work, const Label& label)
{
    const auto quality = integerText(label.quality);
    return !label.time.empty() &&
           !work.exec_params("SELECT FROM voorwerp.label_history WHERE targetid = $1 AND class = $2 AND "
                             "quality IS NOT DISTINCT FROM $3::int2 AND comment = $4 AND author = $5 AND "
                             "date_trunc('milliseconds', changed) = date_trunc('milliseconds', "
                             "$6::timestamptz) LIMIT 1",
                             label.targetId.value, cleanText(label.labelClass),
                             quality ? quality->c_str() : nullptr, cleanText(label.comment),
                             cleanText(label.author), cleanText(label.time))
                .empty();
}

} // namespace

Label setLabel(const Database& database, core::TargetId target, const std::string& labelClass,
               std::optional<int> quality, const std::string& comment, const std::string& author)
{
    const Label label{target, labelClass, quality, comment, author, {}};
    requireLabel(label);
    return inTransaction(database, [&](pqxx::work& work) {
        lockTarget(work, target);
        makeCurrent(work, target, append(work, "set", label, currentChange(work, target)));
        return readLabel(work.exec_params1(
            "SELECT " + kLabelColumns + " FROM voorwerp.label WHERE targetid = $1", target.value));
    });
}

void clearLabel(const Database& database, core::TargetId target, const std::string& author)
{
    inTransaction(database, [&](pqxx::work& work) {
        lockTarget(work, target);
        const auto current = currentChange(work, target);
        if (!current)
            return;
        append(work, "clear", {target, {}, {}, {}, author, {}}, current);
        makeCurrent(work, target, std::nullopt);
    });
}

std::optional<core::TargetId> undoLabel(const Database& database, const std::string& author)
{
    return inTransaction(database, [&](pqxx::work& work) -> std::optional<core::TargetId> {
        // One at a time per author: two must not take back the same change.
        work.exec_params("SELECT pg_advisory_xact_lock(hashtextextended('voorwerp.undo/' || $1, 0))",
                         cleanText(author));
        // Newest change by this author that nothing took back and that no later change of the target rests
        // on.
        const auto rows = work.exec_params(
            "SELECT h.id, h.targetid, h.previous FROM voorwerp.label_history h WHERE h.author = $1 "
            "AND h.action <> 'undo' AND NOT EXISTS (SELECT FROM voorwerp.label_history u WHERE u.undoes = "
            "h.id) "
            "AND NOT EXISTS (SELECT FROM voorwerp.label_history n WHERE n.targetid = h.targetid AND n.id > "
            "h.id "
            "AND n.action <> 'undo' AND NOT EXISTS (SELECT FROM voorwerp.label_history u WHERE u.undoes = "
            "n.id)) "
            "ORDER BY h.id DESC LIMIT 1",
            cleanText(author));
        if (rows.empty())
            return std::nullopt;
        const core::TargetId target{rows[0][1].as<std::int64_t>()};
        lockTarget(work, target);
        append(work, "undo", {target, {}, {}, {}, author, {}}, currentChange(work, target),
               rows[0][0].as<std::int64_t>());
        makeCurrent(work, target, integerOf<std::int64_t>(rows[0][2]));
        return target;
    });
}

std::optional<Label> currentLabel(const Database& database, core::TargetId target)
{
    return inTransaction(database, [&](pqxx::work& work) -> std::optional<Label> {
        const auto rows = work.exec_params(
            "SELECT " + kLabelColumns + " FROM voorwerp.label WHERE targetid = $1", target.value);
        return rows.empty() ? std::nullopt : std::optional(readLabel(rows[0]));
    });
}

std::vector<Label> listLabels(const Database& database)
{
    return inTransaction(database, [](pqxx::work& work) {
        return readLabels(work.exec("SELECT " + kLabelColumns +
                                    " FROM voorwerp.label ORDER BY label.changed DESC, history DESC"));
    });
}

std::vector<LabelChange> labelHistory(const Database& database, core::TargetId target)
{
    return inTransaction(database, [&](pqxx::work& work) {
        std::vector<LabelChange> changes;
        for (const auto& row :
             work.exec_params("SELECT " + kLabelColumns +
                                  ", id, action, coalesce(undoes, 0) "
                                  "FROM voorwerp.label_history WHERE targetid = $1 ORDER BY id",
                              target.value))
            changes.push_back(
                {row[6].as<std::int64_t>(), textOf(row[7]), readLabel(row), row[8].as<std::int64_t>()});
        return changes;
    });
}

LabelImportCounts importLabels(const Database& database, std::span<const Label> labels)
{
    for (const Label& label : labels)
        requireLabel(label);
    return inTransaction(database, [&](pqxx::work& work) {
        // One lock for all: many single ones in the file's order could meet another import's.
        work.exec("LOCK TABLE voorwerp.label IN SHARE ROW EXCLUSIVE MODE");
        LabelImportCounts counts;
        for (const Label& label : labels) {
            if (known(work, label)) {
                ++counts.known;
                continue;
            }
            const std::int64_t change = append(work, "import", label, currentChange(work, label.targetId));
            ++counts.added;
            const bool older =
                work.exec_params1(
                        "SELECT EXISTS (SELECT FROM voorwerp.label l, voorwerp.label_history h WHERE "
                        "h.id = $1 AND l.targetid = h.targetid AND l.changed > h.changed)",
                        change)[0]
                    .as<bool>();
            if (older)
                ++counts.older;
            else
                makeCurrent(work, label.targetId, change);
        }
        return counts;
    });
}

} // namespace voorwerp::catalog
