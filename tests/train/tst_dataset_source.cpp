// SPDX-License-Identifier: GPL-3.0-or-later
#include "dataset/training_set.h"
#include "support/test_support.h"
#include "train/batch_reader.h"
#include "train/dataset_source.h"
#include "train/trainer.h"

#include "synthetic_data.h"

#include <catch2/catch.hpp>

using namespace voorwerp;
using namespace voorwerp::train;
using voorwerp::test::TemporaryFolder;
using voorwerp::train::test::quickConfig;
using voorwerp::train::test::SyntheticData;

namespace {

/// The rows of made-up data as a compact training set in a file.
dataset::TrainingSet compactSet(const SyntheticData& data, const std::filesystem::path& path)
{
    dataset::Recipe recipe = dataset::Recipe::builtIn("quasar");
    recipe.grid.pixels = data.pixels();
    dataset::TrainingSetWriter writer(path, recipe, {}, dataset::Storage::Compact);
    const std::size_t rows = data.flux.size() / data.pixels();
    for (std::size_t row = 0; row < rows; ++row) {
        dataset::RestFrameSpectrum spectrum;
        spectrum.flux.assign(data.flux.begin() + static_cast<long>(row * data.pixels()),
                             data.flux.begin() + static_cast<long>((row + 1) * data.pixels()));
        spectrum.weight.assign(data.weight.begin() + static_cast<long>(row * data.pixels()),
                               data.weight.begin() + static_cast<long>((row + 1) * data.pixels()));
        const auto id = static_cast<std::int64_t>(row);
        writer.add({{id + 1}, {id + 1}, 1.0, 5.0F}, spectrum);
    }
    writer.finish();
    return dataset::TrainingSet::open(path);
}

/// The decoded rows of a training set in memory, as if they had always been floats.
class DecodedRows : public TrainingData
{
public:
    explicit DecodedRows(const dataset::TrainingSet& set)
        : m_source(set)
        , m_flux(set.size() * set.pixels())
        , m_weight(m_flux.size())
    {
        set.readRows(0, set.size(), m_flux.data(), m_weight.data());
    }
    std::size_t pixels() const override { return m_source.pixels(); }
    const std::vector<std::size_t>& trainRows() const override { return m_source.trainRows(); }
    const std::vector<std::size_t>& validationRows() const override { return m_source.validationRows(); }
    std::string hash() const override { return m_source.hash(); }
    void read(std::span<const std::size_t> rows, float* flux, float* weight) const override
    {
        for (const std::size_t row : rows) {
            flux = std::copy_n(m_flux.data() + row * pixels(), pixels(), flux);
            weight = std::copy_n(m_weight.data() + row * pixels(), pixels(), weight);
        }
    }

private:
    DatasetSource m_source;
    std::vector<float> m_flux, m_weight;
};

} // namespace

TEST_CASE("Training from a compact set is training from its decoded rows, bit for bit")
{
    const TemporaryFolder folder;
    const dataset::TrainingSet set = compactSet(SyntheticData(300), folder / "set.h5");
    const DatasetSource source(set);
    const DecodedRows decoded(set);
    REQUIRE(source.hasCompact());
    REQUIRE_FALSE(decoded.hasCompact());
    const auto parametersFrom = [](const TrainingData& data) {
        const TrainConfig config = quickConfig();
        core::JobContext context;
        const auto backend = nn::makeBackend("cpu", config.modelConfig(data.pixels()), 99, 2);
        return train::train(config, data, *backend, {}, context).parameters;
    };
    const auto one = parametersFrom(source), other = parametersFrom(decoded);
    REQUIRE(one.size() == other.size());
    for (std::size_t i = 0; i < one.size(); ++i)
        REQUIRE(one[i].values == other[i].values);
}

TEST_CASE("A reader of compact batches gives the rows that the float reader gives, undecoded")
{
    const TemporaryFolder folder;
    const dataset::TrainingSet set = compactSet(SyntheticData(300), folder / "set.h5");
    const DatasetSource source(set);
    const std::vector<std::size_t> rows = source.trainRows(), begins{0, 70, 140};
    BatchReader compact(source, RowForm::Compact, rows, begins);
    std::vector<std::vector<float>> flux, weight;
    for (std::size_t batch = 0; batch < 2; ++batch) {
        const nn::CompactRows read = compact.next({}).compactRows();
        REQUIRE(read.rows == 70);
        REQUIRE(read.pixels == source.pixels());
        flux.emplace_back(read.rows * read.pixels);
        weight.emplace_back(read.rows * read.pixels);
        nn::decodeRows(read, flux.back().data(), weight.back().data());
    }
    BatchReader floats(source, RowForm::Float, rows, begins);
    for (std::size_t batch = 0; batch < 2; ++batch) {
        const nn::Batch read = floats.next({}).batch();
        REQUIRE(std::equal(flux[batch].begin(), flux[batch].end(), read.flux));
        REQUIRE(std::equal(weight[batch].begin(), weight[batch].end(), read.weight));
    }
}
