// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/text_table.h"

#include <catch2/catch.hpp>

#include <limits>

using namespace voorwerp::cli;

TEST_CASE("a table pads its columns and leaves no space at line ends")
{
    TextTable table({"name", ">n", "note"});
    table.add({"a", "7", "x"});
    table.add({"Lyα", "1234"});
    CHECK(table.text() == "name     n  note\n"
                          "a        7  x\n"
                          "Lyα   1234\n");
}

TEST_CASE("a comment of several lines stays in its row")
{
    voorwerp::cli::TextTable table({"comment"});
    table.add({"two\nlines"});
    CHECK(table.text() == "comment\ntwo lines\n");
}

TEST_CASE("numbers, bytes and counts read well")
{
    const double nan = std::numeric_limits<double>::quiet_NaN();
    CHECK(fixedNumber(1.23456, 2) == "1.23");
    CHECK(fixedNumber(nan, 2) == "-");
    CHECK(shortNumber(0.0000123) == "1.23e-05");
    CHECK(shortNumber(nan) == "-");
    CHECK(byteText(999) == "999 B");
    CHECK(byteText(1'400'000'000) == "1.4 GB");
    CHECK(counted(1, "spectrum", "spectra") == "1 spectrum");
    CHECK(counted(0, "file") == "0 files");
}
