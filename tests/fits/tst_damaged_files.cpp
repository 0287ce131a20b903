// SPDX-License-Identifier: GPL-3.0-or-later
// Files damaged at random: every one is read right or refused with a message that names it; nothing crashes,
// hangs or reads outside its memory (the test also runs under AddressSanitizer).
#include "desi_file.h"
#include "file_bytes.h"

#include "core/error.h"
#include "fits/afterburner_reader.h"
#include "fits/coadd_reader.h"
#include "fits/redshift_reader.h"
#include "fits/table_reader.h"
#include "support/test_support.h"

#include <catch2/catch.hpp>

#include <cstdlib>
#include <random>

using namespace voorwerp;
namespace fs = std::filesystem;

namespace {

using test::Bytes;

std::size_t below(std::mt19937_64& random, std::size_t limit)
{
    return static_cast<std::size_t>(random() % limit);
}

/// Positions of header cards ("KEYWORD =" at multiples of 80), where damage does most.
std::vector<std::size_t> cardPositions(const Bytes& bytes)
{
    std::vector<std::size_t> positions;
    for (std::size_t i = 0; i + 80 <= bytes.size(); i += 80) {
        if (bytes[i + 8] == '=' && bytes[i + 9] == ' ')
            positions.push_back(i);
    }
    return positions;
}

void overwriteCard(Bytes& bytes, const std::vector<std::size_t>& cards, std::mt19937_64& random)
{
    static const std::vector<std::string> kValues{"0",          "-1",    "1",     "2",     "99999999999",
                                                  "2147483648", "T",     "'1PE'", "'0K '", "'999999E'",
                                                  "''",         "1E300", "32",    "-64"};
    std::string value = kValues[below(random, kValues.size())];
    value.insert(0, value[0] == '\'' ? 0 : 20 - std::min<std::size_t>(20, value.size()), ' ');
    value.resize(70, ' ');
    std::copy(value.begin(), value.end(),
              bytes.begin() + static_cast<std::ptrdiff_t>(cards[below(random, cards.size())] + 10));
}

void damage(Bytes& bytes, std::mt19937_64& random)
{
    const auto cards = cardPositions(bytes);
    const std::size_t kind = below(random, 6);
    if (kind == 0) {
        bytes.resize(below(random, bytes.size()));
    } else if (kind == 1 && bytes.size() >= 2880) { // a block is missing
        const auto first = static_cast<std::ptrdiff_t>(below(random, bytes.size() / 2880) * 2880);
        bytes.erase(bytes.begin() + first, bytes.begin() + first + 2880);
    } else if (kind <= 3 || cards.empty()) {
        for (std::size_t i = 0, count = 1 + below(random, 20); i < count; ++i)
            bytes[below(random, bytes.size())] = static_cast<char>(random());
    } else if (kind == 4) { // one character of a header
        bytes[cards[below(random, cards.size())] + below(random, 30)] =
            static_cast<char>(32 + below(random, 95));
    } else {
        overwriteCard(bytes, cards, random);
    }
}

/// Reads all there is; every failure must be one of ours and name the file.
template <typename Read> void readOrRefuse(const fs::path& path, Read read, int& refused)
{
    try {
        read();
    } catch (const core::Error& e) {
        ++refused;
        if (std::string(e.what()).find(path.filename().string()) == std::string::npos)
            FAIL_CHECK("the message does not name the file: " << e.what());
    }
}

int readDamaged(const Bytes& original, const fs::path& path, int cases, std::uint64_t seed)
{
    std::mt19937_64 random(seed);
    int refused = 0;
    for (int i = 0; i < cases; ++i) {
        Bytes bytes = original;
        damage(bytes, random);
        test::writeBytes(path, bytes);
        readOrRefuse(
            path,
            [&] {
                fits::CoaddReader reader(path);
                for (std::size_t row = 0; row < std::min<std::size_t>(40, reader.targets().size()); ++row) {
                    core::TargetInfo info = reader.targets()[row];
                    fits::assessSpectrum(reader.read(row), info);
                }
            },
            refused);
        readOrRefuse(
            path, [&] { fits::readRedrock(path); }, refused);
        readOrRefuse(
            path, [&] { test::readQsoCatalog(path); }, refused);
        readOrRefuse(
            path, [&] { fits::readQuasarNet(path); }, refused);
        readOrRefuse(
            path, [&] { fits::readMgII(path); }, refused);
        readOrRefuse(
            path,
            [&] {
                fits::TableReader table(path);
                table.read(0, std::min<std::int64_t>(20, table.rows()));
            },
            refused);
    }
    return refused;
}

constexpr int kRealCases = 500; ///< a file: 5,000 together

/// Number of damaged files a source: VOORWERP_FUZZ_CASES for a long run.
int casesOrDefault(int standard)
{
    const char* text = std::getenv("VOORWERP_FUZZ_CASES");
    return text != nullptr ? std::atoi(text) : standard;
}

void readDamagedReal(const std::vector<std::string>& names)
{
    const test::TemporaryFolder folder;
    for (const std::string& name : names) {
        const fs::path source = test::realData("desi/" + name);
        const int cases = casesOrDefault(kRealCases);
        CHECK(readDamaged(test::readBytes(source), folder / source.filename(), cases, 3) > cases);
    }
}

} // namespace

TEST_CASE("damaged files are refused or read, never worse")
{
    const test::TemporaryFolder folder;
    test::DesiFile().write(folder / "whole.fits");
    test::DesiFile().write(folder / "whole.fits.gz");
    const int cases = casesOrDefault(200);
    CHECK(readDamaged(test::readBytes(folder / "whole.fits"), folder / "damaged.fits", cases, 1) > cases);
    CHECK(readDamaged(test::readBytes(folder / "whole.fits.gz"), folder / "damaged.fits.gz", cases / 4, 2) >
          0);
}

TEST_CASE("damaged files of the quasar afterburners are refused or read, never worse")
{
    const test::TemporaryFolder folder;
    const std::vector<std::int64_t> ids{1, 2, 3};
    fits::writeFitsFile(folder / "whole.fits", [&](fits::FitsWriter& out) {
        out.addTable("QN_RR", {{"TARGETID", ids},
                               {"Z_NEW", std::vector<double>{1.0, 2.0, 3.0}},
                               {"IS_QSO_QN_NEW_RR", std::vector<bool>{true, false, true}},
                               {"C_LYA", std::vector<float>{0.1F, 0.5F, 0.9F}}});
        out.addTable("MGII", {{"TARGETID", ids},
                              {"IS_QSO_MGII", std::vector<bool>{true, false, true}},
                              {"DELTA_CHI2", std::vector<float>{0.1F, 0.5F, 0.9F}}});
    });
    const int cases = casesOrDefault(200);
    CHECK(readDamaged(test::readBytes(folder / "whole.fits"), folder / "damaged.fits", cases, 4) > cases);
}

TEST_CASE("DESI's own coadds of specutils and fastspecfit, damaged, are refused or read, never worse")
{
    readDamagedReal({"specutils/spectra-sv3-dark-26065.fits", "specutils/coadd-sv3-dark-26065.fits",
                     "fastspecfit/coadd-4-80613-thru20210324.fits"});
}

TEST_CASE("DESI's own coadds of picca and QuasarNP, damaged, are refused or read, never worse")
{
    readDamagedReal({"picca/coadd-1-80693-thru20210204.fits", "picca/missing_b_color.fits",
                     "picca/missing_scores.fits", "quasarnp/test_coadd.fits"});
}

TEST_CASE("DESI's own redshift files, damaged, are refused or read, never worse")
{
    readDamagedReal({"fastspecfit/redrock-4-80613-thru20210324.fits", "picca/QSO_cat_fuji_dark_tile.fits.gz",
                     "redrock/redrock-test.fits"});
}
