// SPDX-License-Identifier: GPL-3.0-or-later
#include "dataset/training_set.h"

#include "core/error.h"
#include "core/file_io.h"
#include "core/hdf5_lock.h"
#include "dataset/training_set_format.h"

#include <H5Cpp.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <numeric>
#include <optional>

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
    H5::DataSet flux, weight;
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
    std::vector<float> fluxInMemory, weightInMemory; ///< empty: rows are read from the file

    ~Impl()
    {
        const core::Hdf5Lock lock(core::hdf5Mutex());
        flux.close();
        weight.close();
        file.close();
    }

    void readHeader()
    {
        if (readText(file, format::kMagicAttribute) != format::kMagic)
            damaged(path, "this HDF5 file is not a training set");
        const std::int64_t version = readInteger(file, format::kVersionAttribute);
        if (version > format::kVersion)
            throw core::FormatError(path.string() + ": format version " + std::to_string(version) +
                                        " is newer than this program's " + std::to_string(format::kVersion),
                                    "Update the program.");
        rows = static_cast<std::size_t>(readInteger(file, format::kRowsAttribute));
        recipe = Recipe::fromJson(nlohmann::json::parse(readText(file, format::kRecipeAttribute)));
        provenance = nlohmann::json::parse(readText(file, format::kProvenanceAttribute));
        pixels = recipe.grid.pixels;
    }

    /// Opens a dataset whose shape must be (rows) or (rows, width).
    H5::DataSet dataset(const char* name, std::size_t width) const
    {
        H5::DataSet found = file.openDataSet(name);
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
        flux = dataset(format::kFlux, pixels);
        weight = dataset(format::kWeight, pixels);
    }

    void readBlock(const H5::DataSet& from, std::size_t first, std::size_t count, float* to) const
    {
        const std::array<hsize_t, 2> start{first, 0}, size{count, pixels};
        H5::DataSpace space = from.getSpace();
        space.selectHyperslab(H5S_SELECT_SET, size.data(), start.data());
        from.read(to, H5::PredType::NATIVE_FLOAT, H5::DataSpace(2, size.data()), space);
    }

    void loadIfItFits(std::size_t budget)
    {
        if (2 * rows * pixels * sizeof(float) > budget)
            return;
        fluxInMemory.resize(rows * pixels);
        weightInMemory.resize(rows * pixels);
        readBlock(flux, 0, rows, fluxInMemory.data());
        readBlock(weight, 0, rows, weightInMemory.data());
    }

    /// Rows sorted by number, read in runs of neighbours, each copied to its places.
    void readScattered(std::span<const std::size_t> wanted, const H5::DataSet& from, float* to) const
    {
        constexpr std::size_t kLongestRun = 256, kLargestGap = 4;
        std::vector<std::size_t> order(wanted.size());
        std::iota(order.begin(), order.end(), std::size_t{0});
        std::sort(order.begin(), order.end(),
                  [&](std::size_t a, std::size_t b) { return wanted[a] < wanted[b]; });
        std::vector<float> block;
        for (std::size_t i = 0; i < order.size();) {
            const std::size_t first = wanted[order[i]];
            std::size_t end = i + 1;
            while (end < order.size() && wanted[order[end]] <= wanted[order[end - 1]] + kLargestGap &&
                   wanted[order[end]] - first < kLongestRun)
                ++end;
            const std::size_t count = wanted[order[end - 1]] - first + 1;
            block.resize(count * pixels);
            readBlock(from, first, count, block.data());
            for (; i < end; ++i)
                std::copy_n(block.data() + (wanted[order[i]] - first) * pixels, pixels,
                            to + order[i] * pixels);
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
    for (std::size_t row : rows) {
        if (row >= m_impl->rows)
            throw core::FormatError(m_impl->path.string() + ": there is no row " + std::to_string(row) +
                                    " among " + std::to_string(m_impl->rows));
    }
    const std::size_t pixels = m_impl->pixels;
    if (!m_impl->fluxInMemory.empty()) {
        for (std::size_t i = 0; i < rows.size(); ++i) {
            std::copy_n(m_impl->fluxInMemory.data() + rows[i] * pixels, pixels, flux + i * pixels);
            std::copy_n(m_impl->weightInMemory.data() + rows[i] * pixels, pixels, weight + i * pixels);
        }
        return;
    }
    const core::Hdf5Lock lock(core::hdf5Mutex());
    try {
        m_impl->readScattered(rows, m_impl->flux, flux);
        m_impl->readScattered(rows, m_impl->weight, weight);
    } catch (const H5::Exception& error) {
        damaged(m_impl->path, "rows cannot be read: " + error.getDetailMsg());
    }
}

void TrainingSet::readRows(std::size_t first, std::size_t count, float* flux, float* weight) const
{
    std::vector<std::size_t> rows(count);
    std::iota(rows.begin(), rows.end(), first);
    readRows(rows, flux, weight);
}

} // namespace voorwerp::dataset
