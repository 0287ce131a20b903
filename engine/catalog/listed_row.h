// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// Inside the room: a row of a list, as it is asked for and as it is read.

#include "catalog/target_query.h"

#include <pqxx/pqxx>
#include <string>

namespace voorwerp::catalog {

class CatalogSource;

/// "SELECT " and id, file, label, target columns, and with a model its scores.
std::string targetSelectList(bool withModel);
/// "s.rank, s.score, ...": what readScore() reads.
std::string scoreList();
/// From the column first on; without the latent.
Score readScore(const pqxx::row& row, pqxx::row::size_type first, core::SpectrumId id);
TargetRow readTargetRow(const CatalogSource& source, const pqxx::row& row, bool withModel);

} // namespace voorwerp::catalog
