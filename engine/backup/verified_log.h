// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// workspace/backup/verified.json: when each snapshot was last restored for a test, and how that went.

#include "backup/backup_types.h"

#include <map>
#include <string>

namespace voorwerp::backup {

/// Snapshot id → mark. A missing or damaged file is an empty log: it only says what was tried before.
std::map<std::string, VerifiedMark> readVerifiedLog(const core::Workspace& workspace);
void recordVerified(const core::Workspace& workspace, const std::string& snapshot, const VerifiedMark& mark);

} // namespace voorwerp::backup
