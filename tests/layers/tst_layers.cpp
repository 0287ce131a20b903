// SPDX-License-Identifier: GPL-3.0-or-later
#include "layers/layer_check.h"
#include "support/test_support.h"

#include <catch2/catch.hpp>

#include <fstream>

using namespace voorwerp::layers;
using voorwerp::test::TemporaryFolder;

namespace {

void plant(const std::filesystem::path& file, const std::string& text)
{
    std::filesystem::create_directories(file.parent_path());
    std::ofstream(file) << text;
}

std::string report(const std::vector<Violation>& violations)
{
    std::string text;
    for (const Violation& v : violations)
        text += v.file.string() + ":" + std::to_string(v.line) + ": " + v.message + "\n";
    return text;
}

struct Planted
{
    const char* file;
    const char* text;
    const char* rule;
    int line;
};

} // namespace

TEST_CASE("every source keeps to its room, its libraries and its length")
{
    const std::vector<Violation> violations = checkTree(VOORWERP_SOURCE_FOLDER);
    INFO(report(violations));
    CHECK(violations.empty());
}

TEST_CASE("a planted violation is found, with its file and line")
{
    const Planted planted = GENERATE(values<Planted>({
        {"engine/catalog/a.cpp", "// x\n#include \"fits/coadd_reader.h\"\n", "arrow", 2},
        {"engine/nn/cpu/a.cpp", "#include \"core/error.h\"\n", "arrow", 1},
        {"engine/fits/a.h", "#include \"app/pipeline/session.h\"\n", "arrow", 1},
        {"engine/score/a.h", "#include \"../registry/model_file.h\"\n", "arrow", 1},
        {"engine/dataset/a.cpp", "#include \"nn/compact_rows.h\"\n#include \"nn/backend.h\"\n", "network", 2},
        {"widgets/a.cpp", "\n#  include \"score/explain.h\"\n", "arrow", 2},
        {"app/pipeline/a.cpp", "#include \"widgets/spectrum_plot.h\"\n", "arrow", 1},
        {"app/cli/a.cpp", "#include \"app/main_window.h\"\n", "arrow", 1},
        {"engine/fancy/a.cpp", "int a;\n", "room", 0},
        {"engine/core/a.h", "/* one\ntwo */ #include <QString>\n#include <QtCore/QString>\n", "qt", 3},
        {"app/pipeline/a.h", "#include <QObject>\n", "qt", 1},
        {"engine/mock/a.cpp", "#include <fitsio.h>\n", "cfitsio", 1},
        {"app/cli/b.cpp", "#include <H5Cpp.h>\n", "hdf5", 1},
        {"engine/backup/a.cpp", "#include <pqxx/pqxx>\n", "pqxx", 1},
        {"app/page.cpp", "auto a = \"SELECT id \"\n    \"FROM voorwerp.target\";\n", "sql", 1},
        {"engine/train/a.cpp", "auto a = R\"(\n  INSERT INTO x VALUES (1))\";\n", "sql", 1},
        {"app/pipeline/b.cpp", "auto a = \"select count(*) from target \";\n", "sql", 1},
        {"engine/score/a.cu", "void f() {\n    kernel<<<1, 2>>>();\n}\n", "launch", 2},
    }));
    TemporaryFolder root;
    plant(root / "engine/registry/model_file.h", "#pragma once\n");
    plant(root / planted.file, planted.text);
    const std::vector<Violation> violations = checkTree(root.path());
    INFO(planted.file << "\n" << report(violations));
    REQUIRE_FALSE(violations.empty());
    CHECK(violations.back().rule == planted.rule);
    CHECK(violations.back().file == planted.file);
    CHECK(violations.back().line == planted.line);
}

TEST_CASE("a file of more than 600 lines is found, tests included")
{
    TemporaryFolder root;
    std::string text;
    for (int i = 0; i < 600; ++i)
        text += "// line\n";
    plant(root / "tests/core/tst_a.cpp", text);
    CHECK(checkTree(root.path()).empty());
    plant(root / "tests/core/tst_a.cpp", text + "\n");
    REQUIRE(checkTree(root.path()).size() == 1);
    CHECK(checkTree(root.path()).front().rule == "length");
}

TEST_CASE("what only looks like a violation is left alone")
{
    TemporaryFolder root;
    plant(root / "engine/train/a.cpp",
          "#include \"core/error.h\"\n#include \"nn/backend.h\"\n#include <vector>\n"
          "// #include \"catalog/database.h\"\n// kernel<<<1, 2>>>()\n"
          "auto a = \"SELECTED targets from the survey\"; // SELECT 1\n"
          "auto b = \"<<<\"; char c = '\"'; int d = 1'000'000;\n"
          "/* SELECT * FROM x */ auto e = \"update the settings\";\n");
    plant(root / "engine/catalog/a.cpp", "#include <pqxx/pqxx>\nauto a = \"SELECT 1\";\n");
    plant(root / "engine/nn/cuda/a.cu", "#include \"nn/backend.h\"\nvoid f() { k<<<1, 2>>>(); }\n");
    plant(root / "engine/nn/cpu/b.cpp", "#include \"gemm.h\"\n");
    plant(root / "engine/nn/cpu/gemm.h", "#pragma once\n");
    plant(root / "app/page.cpp",
          "#include \"widgets/a.h\"\n#include \"catalog/database.h\"\n#include <QWidget>\n");
    plant(root / "tests/catalog/tst_a.cpp", "#include <pqxx/pqxx>\nauto a = \"SELECT 1\";\n");
    const std::vector<Violation> violations = checkTree(root.path());
    INFO(report(violations));
    CHECK(violations.empty());
}
