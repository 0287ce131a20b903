// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/error.h"
#include "core/resources.h"

#include <catch2/catch.hpp>

#include <algorithm>

using namespace voorwerp;

TEST_CASE("resources are built in and found by name")
{
    const auto names = core::resourceNames();
    CHECK(std::find(names.begin(), names.end(), "lines.csv") != names.end());
    CHECK(std::is_sorted(names.begin(), names.end()));
    CHECK(core::resource("lines.csv").find("Lyman alpha") != std::string_view::npos);
    CHECK(core::resource("lines.csv").ends_with('\n'));
    CHECK_FALSE(core::findResource("nothing.csv").has_value());
    CHECK_THROWS_AS(core::resource("nothing.csv"), core::UserError);
}

TEST_CASE("line tables hold numbers within DESI's reach")
{
    for (const auto& row : core::resourceCsv("lines.csv")) {
        REQUIRE(row.size() == 5);
        CHECK((std::stod(row[2]) > 900.0 && std::stod(row[2]) < 10000.0));
        CHECK((row[3] == "emission" || row[3] == "absorption"));
        CHECK((row[4] == "0" || row[4] == "1"));
    }
    double last = 3600.0;
    for (const auto& row : core::resourceCsv("sky_lines.csv")) {
        REQUIRE(row.size() == 3);
        CHECK(std::stod(row[0]) > last);
        CHECK(std::stod(row[1]) > 0.0);
        last = std::stod(row[0]);
    }
    CHECK(last < 9824.0);
    CHECK(core::resourceCsv("mock_quasar_lines.csv").size() > 30);
}
