// SPDX-License-Identifier: GPL-3.0-or-later
#include "dataset/training_set.h"

#include "core/error.h"
#include "core/file_io.h"
#include "core/hdf5_lock.h"
#include "dataset/stored_rows.h"
#include "dataset/training_set_format.h"
#include "nn/compact_rows.h"

#include <H5Cpp.h>

#include <array>
#include <cassert>
#include <numeric>

namespace voorwerp::dataset {
namespace {

[[noreturn]] void damaged(const std::filesystem::path& path, const std::string& what)
{
    throw core::FormatError(path.string() + ": " + what, "Build the training set again.");
}

std::string readText(const H5::H5File& file, const char* name)
{
    const H5::DataSet dataset = file.openDataSet(name);
    std::string text;
    dataset.read(text, dataset.getStrType());
    return text;
}

std::int64_t readInteger(const H5::H5File& file, const char* name)
{
    std::int64_t value = 0;
    file.openAttribute(name).read(H5::PredType::NATIVE_INT64, &value);
    return value;
}

} // namespace

struct TrainingSet::Impl
{
    std::filesystem::path path;
    H5::H5File file;
    Storage storage = Storage::Exact;
    StoredRows<float> flux, weight;        ///< of an exact set
    StoredRows<std::uint16_t> compactFlux; ///< of a compact one
    StoredRows<std::uint8_t> compactWeight;
    std::size_t rows = 0, pixels = 0;
    std::vector<core::TargetId> targetIds;
    std::vector<core::SpectrumId> spectrumIds;
    std::vector<double> z;
    std::vector<float> snr, normalisation;
    std::vector<std::int32_t> window;
    std::vector<Split> split;
    Recipe recipe;
    nlohmann::json provenance;
    mutable std::string sha256;

    ~Impl()
    {
        const core::Hdf5Lock lock(core::hdf5Mutex());
        flux.close();
        weight.close();
        compactFlux.close();
        compactWeight.close();
        file.close();
    }

    void readHeader()
    {
        if (readText(file, format::kMagicAttribute) != format::kMagic)
            damaged(path, "this HDF5 file is not a training set");
        const std::int64_t version = readInteger(file, format::kVersionAttribute);
        if (version > format::kCompactVersion)
            throw core::FormatError(path.string() + ": format version " + std::to_string(version) +
                                        " is newer than this program's " +
                                        std::to_string(format::kCompactVersion),
                                    "Update the program.");
        storage = version == format::kCompactVersion ? Storage::Compact : Storage::Exact;
        rows = static_cast<std::size_t>(readInteger(file, format::kRowsAttribute));
        recipe = Recipe::fromJson(nlohmann::json::parse(readText(file, format::kRecipeAttribute)));
        provenance = nlohmann::json::parse(readText(file, format::kProvenanceAttribute));
        pixels = recipe.grid.pixels;
    }

    /// Opens a dataset whose shape must be (rows) or (rows, width).
    H5::DataSet dataset(const char* name, std::size_t width) const
    {
        // Without a cache of chunks, HDF5 reads the rows that are wanted and not the chunks they are in.
        H5::DSetAccPropList direct;
        direct.setChunkCache(0, 0, 0.0);
        H5::DataSet found = file.openDataSet(name, direct);
        const H5::DataSpace space = found.getSpace();
        std::array<hsize_t, 2> size{0, 1};
        const int rank = space.getSimpleExtentNdims();
        if (rank < 1 || rank > 2)
            damaged(path, std::string("\"") + name + "\" has " + std::to_string(rank) + " dimensions");
        space.getSimpleExtentDims(size.data());
        if (size[0] != rows || size[1] != width)
            damaged(path, std::string("\"") + name + "\" has the shape (" + std::to_string(size[0]) + ", " +
                              std::to_string(size[1]) + ") instead of (" + std::to_string(rows) + ", " +
                              std::to_string(width) + ")");
        return found;
    }

    template <typename T> std::vector<T> column(const char* name, const H5::DataType& type) const
    {
        const H5::DataSet found =
            dataset(name, 1); // before the allocation: a damaged row count is found here
        std::vector<T> values(rows);
        found.read(values.data(), type);
        return values;
    }

    void readColumns()
    {
        for (std::int64_t id : column<std::int64_t>(format::kTargetId, H5::PredType::NATIVE_INT64))
            targetIds.push_back({id});
        for (std::int64_t id : column<std::int64_t>(format::kSpectrumId, H5::PredType::NATIVE_INT64))
            spectrumIds.push_back({id});
        z = column<double>(format::kZ, H5::PredType::NATIVE_DOUBLE);
        snr = column<float>(format::kSnr, H5::PredType::NATIVE_FLOAT);
        normalisation = column<float>(format::kNormalisation, H5::PredType::NATIVE_FLOAT);
        window = column<std::int32_t>(format::kWindow, H5::PredType::NATIVE_INT32);
        for (std::uint8_t value : column<std::uint8_t>(format::kSplit, H5::PredType::NATIVE_UINT8)) {
            if (value > 2)
                damaged(path, "\"split\" holds the value " + std::to_string(value));
            split.push_back(static_cast<Split>(value));
        }
        if (storage == Storage::Compact) {
            compactFlux = {dataset(format::kFlux, pixels), format::halfType(), rows, pixels};
            compactWeight = {dataset(format::kWeightCode, pixels), H5::PredType::NATIVE_UINT8, rows, pixels};
        } else {
            flux = {dataset(format::kFlux, pixels), H5::PredType::NATIVE_FLOAT, rows, pixels};
            weight = {dataset(format::kWeight, pixels), H5::PredType::NATIVE_FLOAT, rows, pixels};
        }
    }

    void loadIfItFits(std::size_t budget)
    {
        const std::size_t bytes =
            storage == Storage::Compact ? sizeof(std::uint16_t) + sizeof(std::uint8_t) : 2 * sizeof(float);
        if (rows * pixels * bytes > budget)
            return;
        if (storage == Storage::Compact) {
            compactFlux.load();
            compactWeight.load();
        } else {
            flux.load();
            weight.load();
        }
    }

    void requireRows(std::span<const std::size_t> wanted) const
    {
        for (std::size_t row : wanted) {
            if (row >= rows)
                throw core::FormatError(path.string() + ": there is no row " + std::to_string(row) +
                                        " among " + std::to_string(rows));
        }
    }

    template <class Flux, class Weight>
    void read(std::span<const std::size_t> wanted, const StoredRows<Flux>& fromFlux, Flux* toFlux,
              const StoredRows<Weight>& fromWeight, Weight* toWeight) const
    {
        if (fromFlux.inMemory()) {
            fromFlux.copy(wanted, toFlux);
            fromWeight.copy(wanted, toWeight);
            return;
        }
        const core::Hdf5Lock lock(core::hdf5Mutex());
        try {
            fromFlux.read(wanted, toFlux);
            fromWeight.read(wanted, toWeight);
        } catch (const H5::Exception& error) {
            damaged(path, "rows cannot be read: " + error.getDetailMsg());
        }
    }
};

TrainingSet::TrainingSet(std::unique_ptr<Impl> impl)
    : m_impl(std::move(impl))
{
}
TrainingSet::TrainingSet(TrainingSet&&) noexcept = default;
TrainingSet& TrainingSet::operator=(TrainingSet&&) noexcept = default;
TrainingSet::~TrainingSet() = default;

TrainingSet TrainingSet::open(const std::filesystem::path& path, std::size_t memoryBudget)
{
    if (!std::filesystem::exists(path))
        throw core::SystemError(path.string() + ": there is no such file", "Build the training set again.");
    const core::Hdf5Lock lock(core::hdf5Mutex());
    H5::Exception::dontPrint();
    auto impl = std::make_unique<Impl>();
    impl->path = path;
    try {
        impl->file = H5::H5File(path.string(), H5F_ACC_RDONLY);
    } catch (const H5::Exception&) {
        damaged(path, "this is not an HDF5 file, or it is truncated or damaged");
    }
    try {
        impl->readHeader();
        impl->readColumns();
        impl->loadIfItFits(memoryBudget);
    } catch (const H5::Exception& error) {
        damaged(path, "the training set is damaged: " + error.getDetailMsg() + " in " + error.getFuncName());
    } catch (const nlohmann::json::exception& error) {
        damaged(path, std::string("recipe or provenance cannot be read: ") + error.what());
    } catch (const core::UserError& error) {
        damaged(path, error.what());
    }
    return TrainingSet(std::move(impl));
}

std::size_t TrainingSet::size() const
{
    return m_impl->rows;
}
std::size_t TrainingSet::pixels() const
{
    return m_impl->pixels;
}
Storage TrainingSet::storage() const
{
    return m_impl->storage;
}
const std::vector<core::TargetId>& TrainingSet::targetIds() const
{
    return m_impl->targetIds;
}
const std::vector<core::SpectrumId>& TrainingSet::spectrumIds() const
{
    return m_impl->spectrumIds;
}
const std::vector<double>& TrainingSet::redshifts() const
{
    return m_impl->z;
}
const std::vector<float>& TrainingSet::snr() const
{
    return m_impl->snr;
}
const std::vector<float>& TrainingSet::normalisations() const
{
    return m_impl->normalisation;
}
const std::vector<std::int32_t>& TrainingSet::windows() const
{
    return m_impl->window;
}
const std::vector<Split>& TrainingSet::split() const
{
    return m_impl->split;
}
const Recipe& TrainingSet::recipe() const
{
    return m_impl->recipe;
}
const nlohmann::json& TrainingSet::provenance() const
{
    return m_impl->provenance;
}
const std::filesystem::path& TrainingSet::path() const
{
    return m_impl->path;
}

const std::string& TrainingSet::sha256() const
{
    if (m_impl->sha256.empty())
        m_impl->sha256 = core::sha256OfFile(m_impl->path);
    return m_impl->sha256;
}

std::vector<std::size_t> TrainingSet::rowsOf(Split split) const
{
    std::vector<std::size_t> rows;
    for (std::size_t i = 0; i < m_impl->split.size(); ++i) {
        if (m_impl->split[i] == split)
            rows.push_back(i);
    }
    return rows;
}

void TrainingSet::readRows(std::span<const std::size_t> rows, float* flux, float* weight) const
{
    if (m_impl->storage == Storage::Exact) {
        m_impl->requireRows(rows);
        m_impl->read(rows, m_impl->flux, flux, m_impl->weight, weight);
        return;
    }
    std::vector<std::uint16_t> halves(rows.size() * m_impl->pixels);
    std::vector<std::uint8_t> codes(halves.size());
    readCompact(rows, halves.data(), codes.data());
    nn::decodeRows({rows.size(), m_impl->pixels, halves.data(), codes.data()}, flux, weight);
}

void TrainingSet::readCompact(std::span<const std::size_t> rows, std::uint16_t* flux,
                              std::uint8_t* weight) const
{
    assert(m_impl->storage == Storage::Compact);
    m_impl->requireRows(rows);
    m_impl->read(rows, m_impl->compactFlux, flux, m_impl->compactWeight, weight);
}

void TrainingSet::readRows(std::size_t first, std::size_t count, float* flux, float* weight) const
{
    std::vector<std::size_t> rows(count);
    std::iota(rows.begin(), rows.end(), first);
    readRows(rows, flux, weight);
}

} // namespace voorwerp::dataset
