// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/error.h"
#include "core/file_io.h"
#include "core/hdf5_lock.h"
#include "core/version.h"
#include "dataset/training_set.h"
#include "dataset/training_set_format.h"
#include "nn/compact_rows.h"

#include <H5Cpp.h>
#include <unistd.h>

#include <array>
#include <optional>

namespace voorwerp::dataset {
namespace {

constexpr hsize_t kRowsPerChunk = 8; // 16 to 64 KiB of 2,048 pixels; a row is read without its chunk
constexpr hsize_t kIdsPerChunk = 4096;
constexpr std::size_t kRowsPerFlush = 256; // rows collected before they go to the library

std::uint64_t mixBits(std::uint64_t x) // splitmix64 (Steele, Lea & Flood 2014)
{
    x += 0x9E3779B97F4A7C15ULL;
    x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9ULL;
    x = (x ^ (x >> 27)) * 0x94D049BB133111EBULL;
    return x ^ (x >> 31);
}

/// Without times of creation, so that the same rows give the same bytes.
H5::DSetCreatPropList datasetProperties()
{
    H5::DSetCreatPropList properties;
    H5Pset_obj_track_times(properties.getId(), false);
    return properties;
}

/// A text of any length (attributes end at 64 KiB, a list of source files does not).
void writeText(H5::H5File& file, const char* name, const std::string& text)
{
    const H5::StrType type(H5::PredType::C_S1, text.size());
    H5::DataSet dataset = file.createDataSet(name, type, H5::DataSpace(H5S_SCALAR), datasetProperties());
    dataset.write(text, type);
}

/// A column that grows: values are collected and appended in blocks.
template <typename T> class Column
{
public:
    Column(H5::H5File& file, const char* name, const H5::DataType& type, std::size_t width)
        : m_type(type)
        , m_width(width)
    {
        const int rank = width == 1 ? 1 : 2;
        const std::array<hsize_t, 2> none{0, width}, unlimited{H5S_UNLIMITED, width};
        const std::array<hsize_t, 2> chunk{width == 1 ? kIdsPerChunk : kRowsPerChunk, width};
        H5::DSetCreatPropList properties = datasetProperties();
        properties.setChunk(rank, chunk.data());
        m_dataset =
            file.createDataSet(name, type, H5::DataSpace(rank, none.data(), unlimited.data()), properties);
    }
    void add(T value) { m_pending.push_back(value); }
    void add(const std::vector<T>& values)
    {
        m_pending.insert(m_pending.end(), values.begin(), values.end());
    }
    void describe(const std::string& meaning)
    {
        const H5::StrType text(H5::PredType::C_S1, meaning.size());
        m_dataset.createAttribute(format::kMeaningAttribute, text, H5::DataSpace(H5S_SCALAR))
            .write(text, meaning);
    }
    void flush()
    {
        if (m_pending.empty())
            return;
        const int rank = m_width == 1 ? 1 : 2;
        const std::array<hsize_t, 2> count{m_pending.size() / m_width, m_width}, start{m_rows, 0};
        m_rows += count[0];
        const std::array<hsize_t, 2> size{m_rows, m_width};
        m_dataset.extend(size.data());
        H5::DataSpace target = m_dataset.getSpace();
        target.selectHyperslab(H5S_SELECT_SET, count.data(), start.data());
        m_dataset.write(m_pending.data(), m_type, H5::DataSpace(rank, count.data()), target);
        m_pending.clear();
    }

private:
    H5::DataSet m_dataset;
    H5::DataType m_type;
    std::size_t m_width;
    hsize_t m_rows = 0;
    std::vector<T> m_pending;
};

[[noreturn]] void failToWrite(const std::filesystem::path& path, const H5::Exception& error)
{
    throw core::SystemError(path.string() +
                                ": the training set could not be written: " + error.getDetailMsg(),
                            "Is the disk full, or the folder not writable?");
}

} // namespace

Split splitOf(core::TargetId target)
{
    const std::uint64_t bucket = mixBits(static_cast<std::uint64_t>(target.value)) % 100;
    return bucket < 80 ? Split::Train : bucket < 90 ? Split::Validation : Split::Test;
}

/// Nothing of the file's structure is read back from the disk before the file is closed.
void keepMetadataInMemory(const H5::H5File& file)
{
    H5AC_cache_config_t settings{};
    settings.version = H5AC__CURR_CACHE_CONFIG_VERSION;
    H5Fget_mdc_config(file.getId(), &settings);
    settings.evictions_enabled = false;
    settings.incr_mode = H5C_incr__off;
    settings.flash_incr_mode = H5C_flash_incr__off;
    settings.decr_mode = H5C_decr__off;
    H5Fset_mdc_config(file.getId(), &settings);
}

struct ExactRows
{
    Column<float> flux, weight;

    ExactRows(H5::H5File& file, std::size_t pixels)
        : flux(file, format::kFlux, H5::PredType::IEEE_F32LE, pixels)
        , weight(file, format::kWeight, H5::PredType::IEEE_F32LE, pixels)
    {
    }
    void add(const RestFrameSpectrum& spectrum)
    {
        flux.add(spectrum.flux);
        weight.add(spectrum.weight);
    }
};

struct CompactRows
{
    Column<std::uint16_t> flux;
    Column<std::uint8_t> weightCode;

    CompactRows(H5::H5File& file, std::size_t pixels)
        : flux(file, format::kFlux, format::halfType(), pixels)
        , weightCode(file, format::kWeightCode, H5::PredType::STD_U8LE, pixels)
    {
        weightCode.describe(
            "0: no data; else inverse variance 2^(floor(code/8) - 12) * (1 + (code mod 8)/8)");
    }
    void add(const RestFrameSpectrum& spectrum)
    {
        for (std::size_t i = 0; i < spectrum.flux.size(); ++i) {
            const nn::CompactPixel pixel = nn::compactPixel(spectrum.flux[i], spectrum.weight[i]);
            flux.add(pixel.flux);
            weightCode.add(pixel.weight);
        }
    }
};

/// Everything that is open while rows are added; created and destroyed under the HDF5 lock.
struct OpenFile
{
    H5::H5File file;
    std::optional<ExactRows> exact; // one of these two
    std::optional<CompactRows> compact;
    Column<float> snr, normalisation;
    Column<std::int64_t> targetId, spectrumId;
    Column<double> z;
    Column<std::int32_t> window;
    Column<std::uint8_t> split;

    OpenFile(const std::filesystem::path& path, std::size_t pixels, Storage storage)
        : file(path.string(), H5F_ACC_TRUNC)
        , exact(storage == Storage::Exact ? std::optional<ExactRows>(std::in_place, file, pixels)
                                          : std::nullopt)
        , compact(storage == Storage::Compact ? std::optional<CompactRows>(std::in_place, file, pixels)
                                              : std::nullopt)
        , snr(file, format::kSnr, H5::PredType::IEEE_F32LE, 1)
        , normalisation(file, format::kNormalisation, H5::PredType::IEEE_F32LE, 1)
        , targetId(file, format::kTargetId, H5::PredType::STD_I64LE, 1)
        , spectrumId(file, format::kSpectrumId, H5::PredType::STD_I64LE, 1)
        , z(file, format::kZ, H5::PredType::IEEE_F64LE, 1)
        , window(file, format::kWindow, H5::PredType::STD_I32LE, 1)
        , split(file, format::kSplit, H5::PredType::STD_U8LE, 1)
    {
        keepMetadataInMemory(file);
    }
    void flush()
    {
        const auto all = [](auto&... columns) { (columns.flush(), ...); };
        if (exact)
            all(exact->flux, exact->weight);
        if (compact)
            all(compact->flux, compact->weightCode);
        all(snr, normalisation, targetId, spectrumId, z, window, split);
    }
};

struct TrainingSetWriter::Impl
{
    std::filesystem::path path, partial;
    Recipe recipe;
    nlohmann::json provenance;
    std::unique_ptr<OpenFile> open;
    TrainingSetSummary summary;
    std::size_t pending = 0;

    void writeHeader()
    {
        writeText(open->file, format::kMagicAttribute, format::kMagic);
        writeText(open->file, format::kRecipeAttribute, recipe.toJson().dump());
        writeText(open->file, format::kProvenanceAttribute, provenance.dump());
        for (const auto& [name, value] :
             {std::pair{format::kVersionAttribute,
                        std::int64_t{open->exact ? format::kExactVersion : format::kCompactVersion}},
              std::pair{format::kRowsAttribute, static_cast<std::int64_t>(summary.spectra)}}) {
            H5::Attribute attribute =
                open->file.createAttribute(name, H5::PredType::STD_I64LE, H5::DataSpace(H5S_SCALAR));
            attribute.write(H5::PredType::NATIVE_INT64, &value);
        }
    }
    /// On a full disk HDF5 cannot close a file, and then crashes when the program ends. Emptying the file
    /// first gives it the space for what it still wants to write.
    void discard() noexcept
    {
        std::error_code ignored;
        if (open != nullptr)
            std::filesystem::resize_file(partial, 0, ignored);
        try {
            const core::Hdf5Lock lock(core::hdf5Mutex());
            open.reset();
        } catch (const H5::Exception&) { // the file goes away below
        }
        std::filesystem::remove(partial, ignored);
    }
};

TrainingSetWriter::TrainingSetWriter(std::filesystem::path path, Recipe recipe, nlohmann::json provenance,
                                     Storage storage)
    : m_impl(std::make_unique<Impl>())
{
    m_impl->path = std::move(path);
    m_impl->partial = m_impl->path.string() + ".partial-" + std::to_string(::getpid());
    m_impl->recipe = std::move(recipe);
    m_impl->provenance = std::move(provenance);
    m_impl->provenance["software"] = std::string("voorwerp ") + core::kVersion;
    m_impl->provenance["commit"] = core::kCommit;
    m_impl->summary.file = m_impl->path;
    m_impl->summary.pixels = m_impl->recipe.grid.pixels;
    const core::Hdf5Lock lock(core::hdf5Mutex());
    try {
        H5::Exception::dontPrint();
        m_impl->open = std::make_unique<OpenFile>(m_impl->partial, m_impl->summary.pixels, storage);
    } catch (const H5::Exception& error) {
        failToWrite(m_impl->path, error);
    }
}

TrainingSetWriter::~TrainingSetWriter()
{
    m_impl->discard();
}

void TrainingSetWriter::add(const RowInfo& row, const RestFrameSpectrum& spectrum)
{
    const std::size_t pixels = m_impl->summary.pixels;
    if (!spectrum.usable())
        throw core::UserError("Target " + std::to_string(row.targetId.value) +
                              " cannot go into a training set: " + spectrum.rejection);
    if (spectrum.flux.size() != pixels || spectrum.weight.size() != pixels)
        throw core::UserError("Target " + std::to_string(row.targetId.value) + " has " +
                              std::to_string(spectrum.flux.size()) + " pixels, the recipe " +
                              std::to_string(pixels) + ".");
    const Split split = splitOf(row.targetId);
    TrainingSetSummary& summary = m_impl->summary;
    ++summary.spectra;
    ++(split == Split::Train        ? summary.train
       : split == Split::Validation ? summary.validation
                                    : summary.test);

    OpenFile& file = *m_impl->open;
    if (file.exact)
        file.exact->add(spectrum);
    else
        file.compact->add(spectrum);
    file.snr.add(row.snr);
    file.normalisation.add(spectrum.normalisation);
    file.targetId.add(row.targetId.value);
    file.spectrumId.add(row.spectrumId.value);
    file.z.add(row.z);
    file.window.add(spectrum.window);
    file.split.add(static_cast<std::uint8_t>(split));
    if (++m_impl->pending < kRowsPerFlush)
        return;
    m_impl->pending = 0;
    const core::Hdf5Lock lock(core::hdf5Mutex());
    try {
        file.flush();
    } catch (const H5::Exception& error) {
        failToWrite(m_impl->path, error);
    }
}

TrainingSetSummary TrainingSetWriter::finish()
{
    if (m_impl->summary.spectra == 0)
        throw core::UserError("No spectrum of the selection can go into the training set.",
                              "Choose a selection with redshifts inside the recipe's range.");
    try {
        const core::Hdf5Lock lock(core::hdf5Mutex());
        m_impl->open->flush();
        m_impl->writeHeader();
        m_impl->open->file.flush(H5F_SCOPE_GLOBAL);
        m_impl->open.reset();
    } catch (const H5::Exception& error) {
        failToWrite(m_impl->path, error);
    }
    core::writeFileAtomically(m_impl->path, [this](const std::filesystem::path& temporary) {
        std::filesystem::rename(m_impl->partial, temporary);
    });
    m_impl->summary.sha256 = core::sha256OfFile(m_impl->path);
    return m_impl->summary;
}

} // namespace voorwerp::dataset
