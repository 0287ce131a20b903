// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// q3c (Koposov & Bartunov 2006, ADASS XV, 735) where the server has it: makes wide cones and wide matches
// faster. The answers are the same without. A database may come to a server with q3c, or leave one: what fits
// is found out at each start, by whoever may change the schema.

#include "catalog/database.h"

namespace voorwerp::catalog {

enum class Q3cState {
    Ready,       ///< extension and index are there and used
    Missing,     ///< the server does not have the package; the plain index is used
    NotPrepared, ///< the server has it, but this role may not create the extension or the index
};

/// Creates the extension (where the role may: a superuser, or where it is there already) and the index
/// target_q3c, or takes both out of use where the library is gone: PostgreSQL could not write a row any more.
/// Cheap when nothing is to be done. Called by migrate().
Q3cState prepareSkySearch(const Database& database);

/// As prepareSkySearch() left it. Changes nothing.
Q3cState q3cState(const Database& database);

} // namespace voorwerp::catalog
