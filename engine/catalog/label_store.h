// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// What people say about targets. A label belongs to a TARGETID, so that a new reduction keeps it. Nothing is
// overwritten: each change is a row of label_history, voorwerp.label is the current view, undo is a change
// too.

#include "catalog/database.h"
#include "core/ids.h"

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace voorwerp::catalog {

/// A label as it is now, or was.
struct Label
{
    core::TargetId targetId;
    std::string labelClass;     ///< the person's word: BAL, artefact, normal, ...
    std::optional<int> quality; ///< DESI visual inspection, 0 to 4; nullopt unset
    std::string comment;
    std::string author;
    std::string time; ///< ISO 8601 UTC; empty when setting: now
};

struct LabelChange
{
    std::int64_t id = 0;
    std::string action;      ///< set, clear, undo, import
    Label label;             ///< of undo and clear: who and when, with an empty class
    std::int64_t undoes = 0; ///< id of the change that this one takes back, or 0
};

/// On disk when this returns. Throws UserError for an empty class, author or a quality outside 0..4.
Label setLabel(const Database& database, core::TargetId target, const std::string& labelClass,
               std::optional<int> quality, const std::string& comment, const std::string& author);
/// Takes the current label away (history stays).
void clearLabel(const Database& database, core::TargetId target, const std::string& author);
/// Takes back the newest change by this author that is still in force (repeat to go further back). Returns
/// the target it was about, or nullopt when there is nothing to undo.
std::optional<core::TargetId> undoLabel(const Database& database, const std::string& author);

std::optional<Label> currentLabel(const Database& database, core::TargetId target);
/// Current labels, newest first.
std::vector<Label> listLabels(const Database& database);
/// All changes of a target, oldest first.
std::vector<LabelChange> labelHistory(const Database& database, core::TargetId target);

struct LabelImportCounts
{
    std::int64_t added = 0;
    std::int64_t known = 0; ///< the same label was there: not added again
    std::int64_t older = 0; ///< of the added: a newer label stays the current one
};
/// Rows of a label file in one transaction; all of them or none.
LabelImportCounts importLabels(const Database& database, std::span<const Label> labels);

} // namespace voorwerp::catalog
