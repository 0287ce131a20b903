// SPDX-License-Identifier: GPL-3.0-or-later
// Files whose headers claim sizes that they cannot have are refused in words, before memory is asked for.
#include "desi_file.h"
#include "file_bytes.h"

#include "core/error.h"
#include "fits/coadd_reader.h"
#include "support/test_support.h"

#include <catch2/catch.hpp>
#include <fitsio.h>

#include <algorithm>
#include <array>
#include <random>
#include <string_view>

using namespace voorwerp;
using Catch::Matchers::Contains;
using test::Bytes;
using test::DesiFile;
namespace fs = std::filesystem;

namespace {

/// What reading a file ends with, and by how much the most memory this process ever asked for grew.
struct Outcome
{
    std::string error;
    long long askedKib = 0;
};

long long peakKib()
{
    std::ifstream status("/proc/self/status");
    for (std::string word; status >> word;)
        if (long long peak = 0; word == "VmPeak:" && status >> peak)
            return peak;
    return 0;
}

Outcome readAll(const fs::path& path)
{
    const long long before = peakKib();
    Outcome outcome;
    try {
        fits::CoaddReader reader(path);
        for (std::size_t row = 0; row < reader.targets().size(); ++row)
            reader.read(row);
        reader.catalogRows({});
    } catch (const core::FormatError& e) {
        outcome.error = e.what();
    }
    outcome.askedKib = peakKib() - before;
    return outcome;
}

void checkRefused(const fs::path& path, const std::string& cause = {})
{
    const Outcome outcome = readAll(path);
    CHECK_THAT(outcome.error, Contains(path.filename().string()) && Contains(cause));
    CHECK(outcome.askedKib < 200'000);
}

/// Where the header of an HDU begins.
std::ptrdiff_t headerOf(const Bytes& bytes, const std::string& extname)
{
    const std::string_view all(bytes.data(), bytes.size());
    const std::size_t name = all.find("EXTNAME = '" + extname);
    REQUIRE(name != std::string_view::npos);
    return static_cast<std::ptrdiff_t>(all.rfind("XTENSION", name));
}

void setCard(Bytes& bytes, const std::string& extname, const std::string& keyword, std::string value)
{
    std::string card = keyword;
    card.resize(8, ' ');
    const auto found =
        std::search(bytes.begin() + headerOf(bytes, extname), bytes.end(), card.begin(), card.end());
    REQUIRE(found != bytes.end());
    value.resize(70, ' ');
    std::copy(value.begin(), value.end(), found + 10);
}

/// The file with the mask of camera B compressed, in one tile a row or in a single one.
Bytes withCompressedMask(const fs::path& whole, const fs::path& compressed, long rowsOfTile)
{
    fitsfile *in = nullptr, *out = nullptr;
    int status = 0, count = 0;
    std::string maskName = "B_MASK";
    fits_open_diskfile(&in, whole.c_str(), READONLY, &status);
    fits_create_diskfile(&out, compressed.c_str(), &status);
    fits_get_num_hdus(in, &count, &status);
    fits_movnam_hdu(in, IMAGE_HDU, maskName.data(), 0, &status);
    const int mask = in->HDUposition + 1;
    for (int number = 1; number <= count; ++number) {
        fits_movabs_hdu(in, number, nullptr, &status);
        std::array<long, 2> tile{12, rowsOfTile};
        fits_set_compression_type(out, RICE_1, &status);
        fits_set_tile_dim(out, 2, tile.data(), &status);
        if (number == mask)
            fits_img_compress(in, out, &status);
        else
            fits_copy_hdu(in, out, 0, &status);
    }
    fits_close_file(in, &status);
    fits_close_file(out, &status);
    REQUIRE(status == 0);
    return test::readBytes(compressed);
}

} // namespace

TEST_CASE("a table whose header claims impossible sizes is refused before memory is asked for")
{
    const test::TemporaryFolder folder;
    const fs::path path = folder / "coadd.fits";
    DesiFile().write(path);
    const Bytes whole = test::readBytes(path);
    REQUIRE(readAll(path).error.empty());
    for (const char* keyword : {"BITPIX", "NAXIS", "NAXIS1", "NAXIS2", "PCOUNT", "GCOUNT", "TFIELDS"}) {
        for (const char* value :
             {"-1", "99999999999", "4000000000000000000", "99999999999999999999", "1E300", "'many  '", ""}) {
            CAPTURE(keyword, value);
            Bytes bytes = whole;
            setCard(bytes, "FIBERMAP", keyword, value);
            test::writeBytes(path, bytes);
            checkRefused(path);
        }
    }
    for (const char* card : {"           8 / a comment with \x07", "          '8"}) {
        CAPTURE(card);
        Bytes bytes = whole;
        setCard(bytes, "FIBERMAP", "BITPIX", card);
        test::writeBytes(path, bytes);
        checkRefused(path, "BITPIX is damaged");
    }
    for (const char* form : {"'999999999K'", "'2000000000A'", "'99999999999999999999E'"}) {
        CAPTURE(form);
        Bytes bytes = whole;
        setCard(bytes, "FIBERMAP", "TFORM1", form);
        test::writeBytes(path, bytes);
        checkRefused(path);
    }
}

TEST_CASE("an image whose header claims impossible sizes is refused before memory is asked for")
{
    const test::TemporaryFolder folder;
    const fs::path path = folder / "coadd.fits";
    DesiFile().write(path);
    const Bytes whole = test::readBytes(path);
    for (const auto& [keyword, value] : {std::pair{"NAXIS2", "1900000"}, std::pair{"NAXIS2", "-3"},
                                         std::pair{"NAXIS1", "4000000000000000000"}, std::pair{"GCOUNT", "0"},
                                         std::pair{"PCOUNT", "-36"}, std::pair{"BITPIX", "-31"}}) {
        CAPTURE(keyword, value);
        Bytes bytes = whole;
        setCard(bytes, "B_FLUX", keyword, value);
        test::writeBytes(path, bytes);
        checkRefused(path);
    }
}

TEST_CASE("a compressed image that claims more than its bytes can hold is refused")
{
    const test::TemporaryFolder folder;
    const fs::path path = folder / "coadd.fits", damaged = folder / "damaged.fits";
    DesiFile().write(path);
    for (const long rowsOfTile : {1L, 3L}) {
        const std::string name = "compressed" + std::to_string(rowsOfTile) + ".fits";
        const Bytes whole = withCompressedMask(path, folder / name, rowsOfTile);
        REQUIRE(readAll(folder / name).error.empty());
        for (const auto& [keyword, value] :
             {std::pair{"ZNAXIS1", "90000000"}, std::pair{"ZNAXIS2", "90000000"}, std::pair{"ZTILE1", "4"},
              std::pair{"ZTILE1", "99999999"}, std::pair{"ZNAXIS", "9"}, std::pair{"ZBITPIX", "many"},
              std::pair{"ZCMPTYPE", "'PLIO_1'"}}) {
            CAPTURE(keyword, value, rowsOfTile);
            Bytes bytes = whole;
            setCard(bytes, "B_MASK", keyword, value);
            test::writeBytes(damaged, bytes);
            checkRefused(damaged);
        }
        Bytes bytes = whole;
        setCard(bytes, "B_MASK", "ZNAXIS2", "1900000");
        setCard(bytes, "B_MASK", "ZTILE2", rowsOfTile == 3 ? "1900000" : "633334");
        test::writeBytes(damaged, bytes);
        checkRefused(damaged, "compressed bytes");
    }
}

TEST_CASE("a compressed tile that claims to be longer than the heap is refused")
{
    const test::TemporaryFolder folder;
    const fs::path path = folder / "coadd.fits", damaged = folder / "damaged.fits";
    DesiFile().write(path);
    Bytes bytes = withCompressedMask(path, damaged, 1);
    const std::string end = "END" + std::string(77, ' ');
    const auto start = bytes.begin() + headerOf(bytes, "B_MASK");
    const auto card = std::search(start, bytes.end(), end.begin(), end.end());
    REQUIRE(card != bytes.end());
    auto data = start + ((card - start) / 2880 + 1) * 2880; // the length, then the place, of the first tile
    SECTION("its length is damaged")
    {
        *data = 0x70;
    }
    SECTION("its length is negative")
    {
        *data = static_cast<char>(0xF0);
    }
    SECTION("its place is damaged")
    {
        *(data + 4) = 0x70;
    }
    test::writeBytes(damaged, bytes);
    checkRefused(damaged, "COMPRESSED_DATA");
}

TEST_CASE("a gzip file that claims to hold more than it can is refused before memory is asked for")
{
    const test::TemporaryFolder folder;
    const fs::path path = folder / "coadd.fits.gz";
    DesiFile file;
    SECTION("a small file") {}
    SECTION("a file that cfitsio expects to be small when packed")
    {
        file.primary.history.assign(2000, {});
        std::mt19937 random(1);
        for (std::string& line : file.primary.history)
            line = std::to_string(random()) + std::to_string(random());
    }
    file.write(path);
    REQUIRE(readAll(path).error.empty());
    const Bytes whole = test::readBytes(path);
    Bytes bytes = whole;
    std::fill(bytes.end() - 4, bytes.end(), bytes.size() > 10'000 ? '\0' : '\x7f');
    test::writeBytes(path, bytes);
    checkRefused(path, "more than a gzip file of");
    test::writeBytes(path, Bytes(whole.begin(), whole.begin() + 10));
    checkRefused(path, "incomplete gzip file");
}

TEST_CASE("a gzip file that is too large to be unpacked in memory is refused")
{
    const test::TemporaryFolder folder;
    const fs::path path = folder / "QSO_cat.fits.gz";
    Bytes bytes(1'000'000, '\x3b'); // in the end: 994 MB
    bytes[0] = '\x1f';
    bytes[1] = '\x8b';
    test::writeBytes(path, bytes);
    checkRefused(path, "unpack it with gunzip first");
}

TEST_CASE("files packed by other methods are refused")
{
    const test::TemporaryFolder folder;
    const fs::path path = folder / "coadd.fits.Z";
    for (const std::string magic : {"PK", "BZ", "\x1f\x9d", "\x1f\xa0", "\x1f\x1e"}) {
        Bytes bytes(magic.begin(), magic.end());
        bytes.resize(30'000, '\x55');
        test::writeBytes(path, bytes);
        checkRefused(path, "another method than gzip");
    }
}
