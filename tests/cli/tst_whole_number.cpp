// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/whole_number.h"

#include <catch2/catch.hpp>

using voorwerp::cli::wholeNumber;

TEST_CASE("a number that does not fit is refused and not taken as the largest one")
{
    const CLI::Validator any = wholeNumber();
    CHECK(any("9223372036854775807").empty());
    CHECK(any("-9223372036854775808").empty());
    CHECK_FALSE(any("9223372036854775808").empty());
    CHECK_FALSE(any("12x").empty());
    CHECK_FALSE(any("").empty());
}

TEST_CASE("a number below the minimum is refused")
{
    CHECK(wholeNumber(0)("0").empty());
    CHECK_FALSE(wholeNumber(0)("-1").empty());
}
