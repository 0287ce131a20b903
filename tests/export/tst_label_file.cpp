// SPDX-License-Identifier: GPL-3.0-or-later
#include "export/label_file.h"

#include "core/error.h"
#include "core/file_io.h"
#include "support/test_support.h"

#include <catch2/catch.hpp>

using namespace voorwerp;
using exporting::LabelRow;

TEST_CASE("labels written to a file come back as they were, whatever their comment holds")
{
    const test::TemporaryFolder folder;
    std::vector<LabelRow> rows(3);
    rows[0] = {{39633345008634465},   "BAL", 4, "deep, \"detached\" trough\nsecond line", "ab",
               "2026-01-02T03:04:05Z"};
    rows[1] = {{-7}, "artefact", std::nullopt, "", "", ""};
    rows[2] = {{1}, "normal", 0, "# not a comment", "Søren", "2026-01-02T03:04:06Z"};
    exporting::writeLabelFile(folder / "labels.csv", rows);
    const auto file = exporting::readLabelFile(folder / "labels.csv");
    CHECK(file.problems.empty());
    REQUIRE(file.rows.size() == rows.size());
    for (std::size_t i = 0; i < rows.size(); ++i) {
        CHECK(file.rows[i].targetId == rows[i].targetId);
        CHECK(file.rows[i].labelClass == rows[i].labelClass);
        CHECK(file.rows[i].quality == rows[i].quality);
        CHECK(file.rows[i].comment == rows[i].comment);
        CHECK(file.rows[i].author == rows[i].author);
        CHECK(file.rows[i].time == rows[i].time);
    }
}

TEST_CASE("a label file of another program is read, and its bad rows are listed by line")
{
    const test::TemporaryFolder folder;
    core::writeTextAtomically(folder / "in.csv", "\xEF\xBB\xBF# from a spreadsheet\r\n"
                                                 "Class,TARGETID,EXTRA,Comment,Quality\r\n"
                                                 "BAL,101,x,\"one, two\r\nthree\",3\r\n"
                                                 "\r\n"
                                                 "DLA,1e5,x,,\r\n"
                                                 "DLA,102,x,a,b,4\r\n"
                                                 ",103,x,,1\r\n"
                                                 "blazar,104,x,,9\r\n"
                                                 " blazar , 105 ,x,,-1");
    const auto file = exporting::readLabelFile(folder / "in.csv");
    REQUIRE(file.rows.size() == 2);
    CHECK(file.rows[0].targetId.value == 101);
    CHECK(file.rows[0].comment == "one, two\r\nthree");
    CHECK(file.rows[0].quality == 3);
    CHECK(file.rows[1].labelClass == "blazar");
    CHECK(file.rows[1].targetId.value == 105);
    CHECK_FALSE(file.rows[1].quality.has_value());
    CHECK(file.ignoredColumns == std::vector<std::string>{"EXTRA"});
    REQUIRE(file.problems.size() == 4);
    CHECK(file.problems[0].line == 6);
    CHECK(file.problems[0].reason.find("1e5") != std::string::npos);
    CHECK(file.problems[1].line == 7);
    CHECK(file.problems[2].line == 8);
    CHECK(file.problems[3].line == 9);
}

TEST_CASE("a quote that is never closed costs only what follows it")
{
    const test::TemporaryFolder folder;
    core::writeTextAtomically(folder / "in.csv", "TARGETID,CLASS\n1,BAL\n2,\"DLA\n3,BAL\n");
    const auto file = exporting::readLabelFile(folder / "in.csv");
    CHECK(file.rows.size() == 1);
    REQUIRE(file.problems.size() == 1);
    CHECK(file.problems[0].line == 3);
}

TEST_CASE("a file without the columns of a label is refused")
{
    const test::TemporaryFolder folder;
    core::writeTextAtomically(folder / "wrong.csv", "a,b\n1,2\n");
    core::writeTextAtomically(folder / "empty.csv", "");
    CHECK_THROWS_AS(exporting::readLabelFile(folder / "wrong.csv"), core::FormatError);
    CHECK_THROWS_AS(exporting::readLabelFile(folder / "empty.csv"), core::FormatError);
    CHECK_THROWS_AS(exporting::readLabelFile(folder / "absent.csv"), core::SystemError);
}
