// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// A workspace with a real private cluster, some rows and some files, ready to be backed up.

#include "backup/backup.h"
#include "catalog/database.h"
#include "catalog/private_cluster.h"
#include "core/workspace.h"
#include "support/test_support.h"

#include <string>

namespace voorwerp::test {

/// One column of one row, through psql.
std::string query(const catalog::Database& database, const std::string& sql);
void writeFile(const std::filesystem::path& path, const std::string& text);

struct BackupFixture
{
    BackupFixture();
    TemporaryFolder folder;
    core::JobContext context;
    core::Workspace workspace;
    catalog::PrivateCluster cluster;
    catalog::Database database;
    backup::BackupSettings settings;
    backup::DatabaseAccess access;
    backup::VerifyReport verify(const std::string& snapshot = "latest");
    backup::VerifyReport verify(const std::string& snapshot, core::JobContext& within);
};

} // namespace voorwerp::test
