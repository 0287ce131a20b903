// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// What ingest refused: whole files and single rows, kept so that a report can tell at any time what is not in
// the database and why.

#include "catalog/database.h"

#include <cstdint>
#include <optional>
#include <span>
#include <stop_token>
#include <string>
#include <vector>

namespace voorwerp::catalog {

struct IngestRefusal
{
    std::string path;
    std::optional<std::int64_t> row; ///< 0-based; nullopt: the whole file
    std::string reason;
    std::string noticed; ///< ISO 8601; filled by listRefusals()
};

/// Stores what ingest refused, in place of what was known about these paths before.
void recordRefusals(const Database& database, std::span<const IngestRefusal> refusals);
/// Takes out what is older than the last time that its file was read: the table tells the present state of
/// the files.
void forgetOldRefusals(const Database& database, std::stop_token stop = {});
/// The newest first, at most so many.
std::vector<IngestRefusal> listRefusals(const Database& database, std::size_t limit = 10'000,
                                        std::stop_token stop = {});

} // namespace voorwerp::catalog
