// SPDX-License-Identifier: GPL-3.0-or-later
#include "file_bytes.h"

#include "core/error.h"
#include "core/file_io.h"
#include "fits/table_writer.h"
#include "support/test_support.h"

#include <catch2/catch.hpp>
#include <fitsio.h>

#include <algorithm>
#include <csignal>
#include <random>
#include <sys/resource.h>

using namespace voorwerp;
using test::TemporaryFolder;

namespace {

const std::vector<std::int64_t> kIds{39627609339857460, -5, 7};

void writeSample(const std::filesystem::path& path)
{
    fits::writeFitsFile(path, [](fits::FitsWriter& out) {
        out.setPrimaryHeader({.cards = {{"SURVEY", "main", "which survey"}, {"NIGHT", 20210324}}});
        out.addTable("SAMPLE",
                     {{"ID", kIds},
                      {"Z", std::vector<double>{0.5, 1.5, 2.5}},
                      {"FLUX", std::vector<float>{1, 2, 3}, "nanomaggy"},
                      {"COEFF", std::vector<double>{1, 2, 3, 4, 5, 6}, "", 2},
                      {"TYPE", std::vector<std::string>{"QSO", "GALAXY", ""}, "", 10},
                      {"GOOD", std::vector<bool>{true, false, true}},
                      {"PETAL", std::vector<std::int16_t>{1, 2, 3}},
                      {"STATUS", std::vector<std::int32_t>{-1, 2, 1 << 30}},
                      {"BYTE", std::vector<std::uint8_t>{0, 128, 255}}},
                     {.cards = {{"MODEL", std::string(200, 'm'), "long"}, {"FPR", 0.125}, {"OK", true}},
                      .comments = {"first comment"},
                      .history = {"selected by z > 1"}});
        out.addImage("IMAGE", {3, 2},
                     std::span<const std::int32_t>(std::vector<std::int32_t>{1, 2, 3, 4, 5, 6}));
        out.addTable("EMPTY", {{"ID", std::vector<std::int64_t>{}}});
    });
}

/// While it lives, no file may grow beyond a limit: write() fails as on a full disk.
class SmallFiles
{
public:
    explicit SmallFiles(rlim_t bytes)
        : m_handler(std::signal(SIGXFSZ, SIG_IGN))
    {
        REQUIRE(::getrlimit(RLIMIT_FSIZE, &m_before) == 0);
        const rlimit limit{bytes, m_before.rlim_max};
        REQUIRE(::setrlimit(RLIMIT_FSIZE, &limit) == 0);
    }
    ~SmallFiles()
    {
        ::setrlimit(RLIMIT_FSIZE, &m_before);
        std::signal(SIGXFSZ, m_handler);
    }
    SmallFiles(const SmallFiles&) = delete;
    SmallFiles& operator=(const SmallFiles&) = delete;

private:
    void (*m_handler)(int);
    rlimit m_before{};
};

} // namespace

TEST_CASE("a table comes back with the same names, types, units and values")
{
    const TemporaryFolder folder;
    for (const std::string name : {"x.fits", "x.fits.gz"}) {
        CAPTURE(name);
        writeSample(folder / name);
        CHECK((test::readBytes(folder / name).front() == '\x1f') == name.ends_with(".gz"));
        fitsfile* file = nullptr;
        int status = 0;
        fits_open_diskfile(&file, (folder / name).c_str(), READONLY, &status);
        char extname[] = "SAMPLE";
        fits_movnam_hdu(file, BINARY_TBL, extname, 0, &status);
        char form[FLEN_VALUE], model[FLEN_VALUE], unit[FLEN_VALUE];
        fits_read_key(file, TSTRING, "TFORM5", form, nullptr, &status);
        fits_read_key(file, TSTRING, "TUNIT3", unit, nullptr, &status);
        char* longText = nullptr;
        fits_read_key_longstr(file, "MODEL", &longText, model, &status);
        CHECK(std::string(longText) == std::string(200, 'm'));
        fits_free_memory(longText, &status);
        CHECK(std::string(form) == "10A");
        CHECK(std::string(unit) == "nanomaggy");
        std::vector<LONGLONG> ids(3);
        fits_read_col(file, TLONGLONG, 1, 1, 1, 3, nullptr, ids.data(), nullptr, &status);
        CHECK(std::equal(ids.begin(), ids.end(), kIds.begin()));
        std::vector<double> coefficients(2);
        fits_read_col(file, TDOUBLE, 4, 2, 1, 2, nullptr, coefficients.data(), nullptr, &status);
        CHECK(coefficients == std::vector<double>{3, 4});
        char text[20] = "";
        char* target = text;
        fits_read_col(file, TSTRING, 5, 2, 1, 1, nullptr, &target, nullptr, &status);
        CHECK(std::string(text) == "GALAXY");
        char good[3] = {};
        fits_read_col(file, TLOGICAL, 6, 1, 1, 3, nullptr, good, nullptr, &status);
        CHECK((good[0] == 1 && good[1] == 0 && good[2] == 1));
        char image[] = "IMAGE";
        fits_movnam_hdu(file, IMAGE_HDU, image, 0, &status);
        std::vector<int> pixels(6);
        fits_read_img(file, TINT, 1, 6, nullptr, pixels.data(), nullptr, &status);
        CHECK(pixels == std::vector<int>{1, 2, 3, 4, 5, 6});
        fits_close_file(file, &status);
        CHECK(status == 0);
    }
}

TEST_CASE("the same content gives the same bytes")
{
    const TemporaryFolder folder;
    for (const std::string suffix : {".fits", ".fits.gz"}) {
        writeSample(folder / ("a" + suffix));
        writeSample(folder / ("b" + suffix));
        CHECK(core::sha256OfFile(folder / ("a" + suffix)) == core::sha256OfFile(folder / ("b" + suffix)));
    }
}

TEST_CASE("a file that cannot be completed leaves what was there before")
{
    const TemporaryFolder folder;
    for (const std::string name : {"x.fits", "x.fits.gz"}) {
        CAPTURE(name);
        core::writeTextAtomically(folder / name, "before");
        CHECK_THROWS_AS(
            fits::writeFitsFile(
                folder / name,
                [](fits::FitsWriter& out) {
                    out.addTable("A", {{"X", std::vector<float>{1, 2}}, {"Y", std::vector<float>{1}}});
                }),
            core::UserError);
        CHECK(core::readText(folder / name) == "before");
    }
    const auto files = std::distance(std::filesystem::directory_iterator(folder.path()), {});
    CHECK(files == 2);
    CHECK_THROWS_AS(writeSample(folder / "missing" / "x.fits"), core::SystemError);
}

TEST_CASE("a full disk is reported and leaves what was there before")
{
    const TemporaryFolder folder;
    std::vector<float> values(1'000'000);
    std::mt19937 random(1);
    std::generate(values.begin(), values.end(), [&] { return static_cast<float>(random()); });
    for (const std::string name : {"x.fits", "x.fits.gz"}) {
        CAPTURE(name);
        core::writeTextAtomically(folder / name, "before");
        const SmallFiles onlySmall(100'000);
        CHECK_THROWS_AS(fits::writeFitsFile(folder / name,
                                            [&](fits::FitsWriter& out) {
                                                out.addImage("BIG", {1'000'000},
                                                             std::span<const float>(values));
                                            }),
                        core::SystemError);
        CHECK(core::readText(folder / name) == "before");
    }
    CHECK(std::distance(std::filesystem::directory_iterator(folder.path()), {}) == 2);
}
