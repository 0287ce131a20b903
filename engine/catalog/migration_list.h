// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// Inside the room: the SQL files of migrations/, in order.

#include <string_view>
#include <vector>

namespace voorwerp::catalog {

struct Migration
{
    std::string_view name; ///< "0001_catalogue"
    std::string_view sql;
};

const std::vector<Migration>& migrationList();

} // namespace voorwerp::catalog
