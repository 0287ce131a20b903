// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// The schema "voorwerp" in numbered steps: the SQL files of engine/catalog/migrations, built into the
// library.

#include "catalog/database.h"

namespace voorwerp::catalog {

/// Version that this program writes.
int latestSchemaVersion();

/// Brings the schema up to date and returns how many steps ran (0: it was). One transaction for all steps,
/// under an advisory lock, so that programs that start together do not collide; where the server has the
/// roles of roles.h, they get their rights on what is new. Only the owner of the schema may change it: others
/// get DatabaseError (Refused) when it is older than this program, or when they have no role in it. Throws
/// UserError when the schema is newer than this program or a step that ran there differs from ours.
int migrate(const Database& database);

} // namespace voorwerp::catalog
