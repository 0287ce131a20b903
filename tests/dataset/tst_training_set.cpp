// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/error.h"
#include "core/file_io.h"
#include "dataset/training_set.h"
#include "nn/compact_rows.h"
#include "support/small_disk.h"
#include "support/test_support.h"

#include <H5Cpp.h>
#include <catch2/catch.hpp>

#include <cmath>
#include <filesystem>
#include <limits>
#include <random>

using namespace voorwerp;
using dataset::Split;
using dataset::Storage;
using dataset::TrainingSet;
using dataset::TrainingSetWriter;

namespace {

constexpr std::size_t kPixels = 33;

dataset::Recipe smallRecipe()
{
    dataset::Recipe recipe = dataset::Recipe::builtIn("quasar");
    recipe.grid.pixels = kPixels;
    return recipe;
}

dataset::RestFrameSpectrum rowOf(std::size_t index)
{
    std::mt19937 random(static_cast<unsigned>(index));
    std::normal_distribution<float> normal;
    dataset::RestFrameSpectrum row;
    for (std::size_t i = 0; i < kPixels; ++i) {
        row.flux.push_back(normal(random));
        row.weight.push_back(std::abs(normal(random)));
    }
    row.normalisation = 1.5F + static_cast<float>(index);
    row.window = static_cast<int>(index % 4);
    return row;
}

dataset::TrainingSetSummary writeSet(const std::filesystem::path& path, std::size_t rows,
                                     Storage storage = Storage::Exact)
{
    TrainingSetWriter writer(path, smallRecipe(), {{"selection", "z > 1"}, {"files", {{{"path", "a.fits"}}}}},
                             storage);
    for (std::size_t i = 0; i < rows; ++i) {
        const auto id = static_cast<std::int64_t>(i);
        writer.add({{39633345008634465 + id}, {id + 1}, 0.1 + 0.01 * static_cast<double>(i), 3.5F}, rowOf(i));
    }
    return writer.finish();
}

std::string failureOf(const std::filesystem::path& path)
{
    try {
        TrainingSet::open(path);
    } catch (const core::FormatError& error) {
        return error.what();
    }
    return {};
}

} // namespace

TEST_CASE("A training set comes back bit for bit, in memory and from the file, in any order of rows")
{
    test::TemporaryFolder folder;
    constexpr std::size_t kRows = 700;
    const auto summary = writeSet(folder / "set.h5", kRows);
    REQUIRE(summary.spectra == kRows);
    REQUIRE(summary.train + summary.validation + summary.test == kRows);
    REQUIRE(summary.sha256 == core::sha256OfFile(folder / "set.h5"));
    REQUIRE(std::distance(std::filesystem::directory_iterator(folder.path()), {}) == 1);

    for (const std::size_t budget : {TrainingSet::kDefaultMemoryBudget, std::size_t{0}}) {
        const TrainingSet set = TrainingSet::open(folder / "set.h5", budget);
        REQUIRE(set.size() == kRows);
        REQUIRE(set.pixels() == kPixels);
        REQUIRE(set.recipe() == smallRecipe());
        REQUIRE(set.provenance()["selection"] == "z > 1");
        REQUIRE(set.provenance().contains("software"));
        REQUIRE(set.sha256() == summary.sha256);
        REQUIRE(set.targetIds()[5].value == 39633345008634470);
        REQUIRE(set.spectrumIds()[5].value == 6);
        REQUIRE(set.redshifts()[5] == 0.1 + 0.01 * 5.0);
        REQUIRE(set.normalisations()[5] == 6.5F);
        REQUIRE(set.windows()[5] == 1);
        REQUIRE(set.rowsOf(Split::Train).size() == summary.train);

        const std::vector<std::size_t> rows{699, 0, 3, 3, 512, 255, 256, 257, 4};
        std::vector<float> flux(rows.size() * kPixels), weight(flux.size());
        set.readRows(rows, flux.data(), weight.data());
        for (std::size_t i = 0; i < rows.size(); ++i) {
            const auto expected = rowOf(rows[i]);
            REQUIRE(std::equal(expected.flux.begin(), expected.flux.end(), flux.begin() + i * kPixels));
            REQUIRE(std::equal(expected.weight.begin(), expected.weight.end(), weight.begin() + i * kPixels));
        }
        REQUIRE_THROWS_AS(set.readRows(kRows, 1, flux.data(), weight.data()), core::FormatError);
    }
}

TEST_CASE("The same rows give the same bytes")
{
    test::TemporaryFolder folder;
    for (const Storage storage : {Storage::Exact, Storage::Compact})
        REQUIRE(writeSet(folder / "a.h5", 40, storage).sha256 ==
                writeSet(folder / "b.h5", 40, storage).sha256);
}

TEST_CASE("A compact set gives its rows as they are stored and decoded, within what is promised")
{
    test::TemporaryFolder folder;
    constexpr std::size_t kRows = 300;
    writeSet(folder / "set.h5", kRows, Storage::Compact);
    for (const std::size_t budget : {kRows * kPixels * 3, std::size_t{0}}) { // just fits; does not
        const TrainingSet set = TrainingSet::open(folder / "set.h5", budget);
        REQUIRE(set.storage() == Storage::Compact);
        REQUIRE(set.size() == kRows);
        const std::vector<std::size_t> rows{299, 0, 7, 7, 8, 150};
        std::vector<std::uint16_t> halves(rows.size() * kPixels);
        std::vector<std::uint8_t> codes(halves.size());
        set.readCompact(rows, halves.data(), codes.data());
        std::vector<float> flux(halves.size()), weight(halves.size());
        set.readRows(rows, flux.data(), weight.data());
        for (std::size_t i = 0; i < halves.size(); ++i) {
            const auto original = rowOf(rows[i / kPixels]);
            const float trueFlux = original.flux[i % kPixels], trueWeight = original.weight[i % kPixels];
            REQUIRE(flux[i] == nn::floatOfHalf(halves[i]));
            REQUIRE(weight[i] == nn::weightOfCode(codes[i]));
            REQUIRE(std::abs(flux[i] - trueFlux) <= 0x1p-11F * std::abs(trueFlux) + 0x1p-25F);
            REQUIRE(std::abs(weight[i] - trueWeight) <= trueWeight / 16.9F);
        }
        REQUIRE_THROWS_AS(set.readRows(kRows, 1, flux.data(), weight.data()), core::FormatError);
    }
}

TEST_CASE("What a compact set cannot hold is no data in it")
{
    test::TemporaryFolder folder;
    constexpr float kInfinity = std::numeric_limits<float>::infinity();
    dataset::RestFrameSpectrum row;
    row.flux = {70000.0F, -kInfinity, 65504.0F, 1.0F, 2.0F, 3.0F, std::nanf("")};
    row.weight = {1.0F, 1.0F, 1.0F, 0.0F, 1e-6F, 1e9F, 1.0F};
    row.flux.resize(kPixels, 1.0F);
    row.weight.resize(kPixels, 1.0F);
    {
        TrainingSetWriter writer(folder / "set.h5", smallRecipe(), {}, Storage::Compact);
        writer.add({{1}, {1}, 1.0, 1.0F}, row);
        writer.finish();
    }
    std::vector<float> flux(kPixels), weight(kPixels);
    TrainingSet::open(folder / "set.h5").readRows(0, 1, flux.data(), weight.data());
    REQUIRE(std::vector<float>(flux.begin(), flux.begin() + 7) ==
            std::vector<float>{0.0F, 0.0F, 65504.0F, 0.0F, 0.0F, 3.0F, 0.0F});
    REQUIRE(std::vector<float>(weight.begin(), weight.begin() + 7) ==
            std::vector<float>{0.0F, 0.0F, 1.0F, 0.0F, 0.0F, 983040.0F, 0.0F});
}

TEST_CASE("An exact set keeps format version 1, only a compact one needs a program that knows 2")
{
    test::TemporaryFolder folder;
    for (const auto& [storage, expected] : {std::pair{Storage::Exact, 1}, std::pair{Storage::Compact, 2}}) {
        writeSet(folder / "set.h5", 20, storage);
        const H5::H5File file((folder / "set.h5").string(), H5F_ACC_RDONLY);
        std::int64_t version = 0;
        file.openAttribute("format_version").read(H5::PredType::NATIVE_INT64, &version);
        REQUIRE(version == expected);
        REQUIRE(file.openDataSet("flux").getFloatType().getSize() == (expected == 1 ? 4 : 2));
        // Any reader of HDF5 gets the fluxes as numbers: the library knows what a half is.
        std::vector<float> flux(20 * kPixels);
        file.openDataSet("flux").read(flux.data(), H5::PredType::NATIVE_FLOAT);
        REQUIRE(flux[5 * kPixels + 3] == Approx(rowOf(5).flux[3]).epsilon(5e-4));
    }
}

TEST_CASE("A damaged training set is refused with what is wrong")
{
    test::TemporaryFolder folder;
    writeSet(folder / "set.h5", 300);
    REQUIRE(failureOf(folder / "set.h5").empty());

    writeSet(folder / "compact.h5", 300, Storage::Compact);
    std::filesystem::resize_file(folder / "compact.h5",
                                 std::filesystem::file_size(folder / "compact.h5") / 2);
    REQUIRE(failureOf(folder / "compact.h5").find("truncated or damaged") != std::string::npos);
    {
        writeSet(folder / "codes.h5", 30, Storage::Compact);
        H5::H5File((folder / "codes.h5").string(), H5F_ACC_RDWR).unlink("weight_code");
    }
    REQUIRE(failureOf(folder / "codes.h5").find("damaged") != std::string::npos);

    std::filesystem::copy(folder / "set.h5", folder / "short.h5");
    std::filesystem::resize_file(folder / "short.h5", std::filesystem::file_size(folder / "short.h5") / 2);
    REQUIRE(failureOf(folder / "short.h5").find("truncated or damaged") != std::string::npos);

    core::writeTextAtomically(folder / "text.h5", "not HDF5");
    REQUIRE(failureOf(folder / "text.h5").find("not an HDF5 file") != std::string::npos);

    std::filesystem::copy(folder / "set.h5", folder / "newer.h5");
    {
        H5::H5File file((folder / "newer.h5").string(), H5F_ACC_RDWR);
        const std::int64_t version = 99;
        file.openAttribute("format_version").write(H5::PredType::NATIVE_INT64, &version);
    }
    REQUIRE(failureOf(folder / "newer.h5").find("99 is newer") != std::string::npos);

    std::filesystem::copy(folder / "set.h5", folder / "rows.h5");
    {
        H5::H5File file((folder / "rows.h5").string(), H5F_ACC_RDWR);
        const std::int64_t rows = 301;
        file.openAttribute("rows").write(H5::PredType::NATIVE_INT64, &rows);
    }
    REQUIRE(failureOf(folder / "rows.h5").find("instead of (301, 1)") != std::string::npos);

    {
        H5::H5File file((folder / "other.h5").string(), H5F_ACC_TRUNC);
    }
    REQUIRE_FALSE(failureOf(folder / "other.h5").empty());
    REQUIRE_THROWS_AS(TrainingSet::open(folder / "absent.h5"), core::SystemError);
}

TEST_CASE("A writer that is not finished, or has nothing, leaves no file")
{
    test::TemporaryFolder folder;
    {
        TrainingSetWriter writer(folder / "set.h5", smallRecipe(), {});
        writer.add({{1}, {1}, 1.0, 1.0F}, rowOf(0));
        dataset::RestFrameSpectrum rejected;
        rejected.rejection = "no redshift";
        REQUIRE_THROWS_AS(writer.add({{2}, {2}, 1.0, 1.0F}, rejected), core::UserError);
    }
    {
        TrainingSetWriter writer(folder / "empty.h5", smallRecipe(), {});
        REQUIRE_THROWS_AS(writer.finish(), core::UserError);
    }
    REQUIRE(std::filesystem::is_empty(folder.path()));
    REQUIRE_THROWS_AS(TrainingSetWriter(folder / "no/such/folder/set.h5", smallRecipe(), {}),
                      core::SystemError);
}

TEST_CASE("The split follows TARGETID alone, 80/10/10, and never changes")
{
    std::size_t count[3] = {0, 0, 0};
    for (std::int64_t id = 0; id < 20000; ++id)
        ++count[static_cast<std::size_t>(dataset::splitOf({39627000000000000 + 7 * id}))];
    REQUIRE(count[0] == Approx(16000).margin(200));
    REQUIRE(count[1] == Approx(2000).margin(130));
    REQUIRE(count[2] == Approx(2000).margin(130));
    // Fixed values: a change would let test spectra of stored models into training.
    REQUIRE(dataset::splitOf({39633345008634465}) == Split::Train);
    REQUIRE(dataset::splitOf({39627640566453451}) == Split::Test);
    REQUIRE(dataset::splitOf({1}) == Split::Train);
    REQUIRE(dataset::splitOf({2}) == Split::Train);
}

TEST_CASE("A full disk refuses a training set, leaves no file, and the program still ends in order")
{
    const test::TemporaryFolder folder;
    const test::SmallDisk disk(folder / "disk", "4m");
    const auto path = disk.folder() / "set.h5";
    CHECK_THROWS_AS(writeSet(path, 100'000), core::SystemError);
    CHECK(std::filesystem::is_empty(disk.folder())); // HDF5 would crash when this process ends
}
