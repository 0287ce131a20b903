// SPDX-License-Identifier: GPL-3.0-or-later
#include "fits/coadd_reader.h"

#include "core/error.h"
#include "core/rank_selection.h"
#include "core/wavelength_grid.h"
#include "fits/camera_merge.h"
#include "fits/coadd_catalog.h"
#include "fits/fits_file.h"
#include "fits/target_table.h"

#include <algorithm>
#include <cmath>
#include <optional>
#include <string_view>

namespace voorwerp::fits {

namespace {

constexpr std::size_t kBlockRows = 32;        // spectra read at once: about 3 MB
constexpr long long kMostSpectra = 2'000'000; // in one file; DESI's have 500
constexpr std::string_view kWavelength = "_WAVELENGTH";

/// One camera of the file, and the block of its rows that was read last.
struct Camera
{
    std::string name; ///< B, R, Z, BRZ
    const HduInfo* wavelength = nullptr;
    const HduInfo* flux = nullptr;
    const HduInfo* ivar = nullptr;
    const HduInfo* mask = nullptr; ///< may be missing
    std::size_t firstPixel = 0;    ///< on DesiGrid
    std::size_t pixels = 0;
    std::vector<float> fluxBlock, ivarBlock;
    std::vector<std::uint32_t> maskBlock;
};

/// Letters of the cameras that a merged spectrum is made of, e.g. "BRZ_WAVELENGTH" → "BRZ"; empty: no camera.
std::string cameraName(const std::string& extname)
{
    if (!extname.ends_with(kWavelength))
        return {};
    std::string name = extname.substr(0, extname.size() - kWavelength.size());
    const bool known = name.find_first_not_of("BRZ") == std::string::npos && name.size() <= 3;
    return known ? name : std::string();
}

/// DESI ships single cameras or their merger, never both; where a file has both, the single ones hold more.
void dropRepeatedCameras(std::vector<Camera>& cameras)
{
    std::string single;
    for (const Camera& camera : cameras) {
        if (camera.name.size() == 1)
            single += camera.name;
    }
    std::erase_if(cameras, [&](const Camera& camera) {
        return camera.name.size() > 1 && camera.name.find_first_of(single) != std::string::npos;
    });
}

/// Sets firstPixel and pixels from the wavelengths, which must be DesiGrid's.
void placeOnGrid(FitsFile& file, Camera& camera)
{
    const HduInfo& hdu = *camera.wavelength;
    if (!hdu.isImage || hdu.axes.size() != 1)
        file.fail(hdu, "this is no list of wavelengths");
    if (hdu.axes[0] < 1 || hdu.axes[0] > static_cast<long long>(core::DesiGrid::kPixels))
        file.fail(hdu, "it has " + std::to_string(hdu.axes[0]) + " wavelengths, DESI's grid has " +
                           std::to_string(core::DesiGrid::kPixels));
    std::vector<double> wavelengths(static_cast<std::size_t>(hdu.axes[0]));
    file.readImage(hdu, 0, std::span<double>(wavelengths));
    const double first = std::round(core::DesiGrid::pixelOf(wavelengths.front()));
    const double last = first + static_cast<double>(wavelengths.size() - 1);
    if (!(first >= 0.0) || last > static_cast<double>(core::DesiGrid::kPixels - 1)) {
        file.fail(hdu, "its first wavelength, " + std::to_string(wavelengths.front()) +
                           " Å, does not fit on DESI's grid of 3600 to 9824 Å");
    }
    camera.firstPixel = static_cast<std::size_t>(first);
    camera.pixels = wavelengths.size();
    for (std::size_t i = 0; i < wavelengths.size(); ++i) {
        const double expected = core::DesiGrid::wavelength(camera.firstPixel + i);
        if (!(std::abs(wavelengths[i] - expected) <= kWavelengthToleranceAngstrom)) {
            file.fail(hdu, "wavelength " + std::to_string(i) + " is " + std::to_string(wavelengths[i]) +
                               " Å where DESI's grid (0.8 Å steps, ascending) has " +
                               std::to_string(expected));
        }
    }
}

/// Number of spectra of a camera's image, which must be as wide as its wavelengths.
long long spectraIn(const FitsFile& file, const Camera& camera, const HduInfo& hdu)
{
    if (!hdu.isImage || hdu.axes.empty() || hdu.axes.size() > 2)
        file.fail(hdu, "this is no image of spectra");
    if (hdu.axes[0] != static_cast<long long>(camera.pixels)) {
        file.fail(hdu, "its spectra have " + std::to_string(hdu.axes[0]) + " pixels, but there are " +
                           std::to_string(camera.pixels) + " wavelengths");
    }
    return hdu.axes.size() == 1 ? 1 : hdu.axes[1];
}

/// A mask value as bits; what cannot be bits means that the pixel is not to be used.
std::uint32_t maskBits(double value)
{
    const bool fits = value >= -2147483648.0 && value <= 4294967295.0;
    return fits ? static_cast<std::uint32_t>(static_cast<std::int64_t>(value)) : kMaskNoData;
}

} // namespace

class CoaddReader::Private
{
public:
    Private(std::filesystem::path path, const std::string& specprod)
        : m_stamp(FileStamp::of(path))
        , m_file(std::move(path))
    {
        findCameras();
        countSpectra();
        m_table = readTargetTable(m_file, m_rows, specprod);
        for (core::TargetInfo& target : m_table.targets) {
            if (target.problem.empty())
                target.problem = m_problem;
        }
    }

    core::Spectrum read(std::size_t row)
    {
        if (row < m_blockFirst || row >= m_blockFirst + m_blockRows)
            readBlock(row);
        std::vector<CameraSpectrum> spectra;
        for (const Camera& camera : m_cameras) {
            const std::size_t offset = (row - m_blockFirst) * camera.pixels;
            CameraSpectrum spectrum{camera.firstPixel,
                                    std::span(camera.fluxBlock).subspan(offset, camera.pixels),
                                    std::span(camera.ivarBlock).subspan(offset, camera.pixels),
                                    {}};
            if (camera.mask != nullptr)
                spectrum.mask = std::span(camera.maskBlock).subspan(offset, camera.pixels);
            spectra.push_back(spectrum);
        }
        return mergeCameras(spectra);
    }

    const FileStamp m_stamp;
    FitsFile m_file;
    TargetTable m_table;

private:
    void findCameras()
    {
        for (const HduInfo& hdu : m_file.hdus()) {
            Camera camera{.name = cameraName(hdu.extname), .wavelength = &hdu};
            if (camera.name.empty())
                continue;
            camera.flux = m_file.find(camera.name + "_FLUX");
            camera.ivar = m_file.find(camera.name + "_IVAR");
            camera.mask = m_file.find(camera.name + "_MASK");
            m_cameras.push_back(std::move(camera));
        }
        dropRepeatedCameras(m_cameras);
        noteHdusWithoutWavelength();
        std::erase_if(m_cameras, [this](const Camera& camera) {
            for (const auto& [hdu, suffix] :
                 {std::pair{camera.flux, "_FLUX"}, std::pair{camera.ivar, "_IVAR"}}) {
                if (hdu == nullptr)
                    addProblem(camera.name + suffix + " is missing");
            }
            return camera.flux == nullptr || camera.ivar == nullptr;
        });
        if (m_cameras.empty()) {
            throw core::FormatError(
                m_file.path().string() + ": there is no camera with wavelength, flux and ivar" +
                    (m_problem.empty() ? "" : " (" + m_problem + ")"),
                "A coadd file has B_WAVELENGTH, B_FLUX and B_IVAR, and the same for R and Z.");
        }
        for (Camera& camera : m_cameras)
            placeOnGrid(m_file, camera);
    }

    void noteHdusWithoutWavelength()
    {
        for (const char* name : {"B", "R", "Z"}) {
            if (m_file.find(std::string(name) + "_FLUX") != nullptr &&
                m_file.find(std::string(name) + "_WAVELENGTH") == nullptr)
                addProblem(std::string(name) + "_WAVELENGTH is missing");
        }
    }

    void addProblem(const std::string& text) { m_problem += (m_problem.empty() ? "" : ", ") + text; }

    void countSpectra()
    {
        const HduInfo& reference = *m_cameras.front().flux;
        const long long rows = spectraIn(m_file, m_cameras.front(), reference);
        if (rows < 0 || rows > kMostSpectra)
            m_file.fail(reference, "it claims to have " + std::to_string(rows) + " spectra");
        for (const Camera& camera : m_cameras) {
            for (const HduInfo* hdu : {camera.flux, camera.ivar, camera.mask}) {
                if (hdu == nullptr)
                    continue;
                if (const long long count = spectraIn(m_file, camera, *hdu); count != rows) {
                    m_file.fail(*hdu, "it has " + std::to_string(count) + " rows, but " + reference.extname +
                                          " has " + std::to_string(rows));
                }
            }
        }
        m_rows = static_cast<std::size_t>(rows);
    }

    void readBlock(std::size_t first)
    {
        m_blockRows = 0; // until all HDUs have been read
        const std::size_t count = std::min(kBlockRows, m_rows - first);
        for (Camera& camera : m_cameras) {
            const std::size_t values = count * camera.pixels;
            const auto start = static_cast<long long>(first * camera.pixels);
            camera.fluxBlock.resize(values);
            camera.ivarBlock.resize(values);
            m_file.readImage(*camera.flux, start, std::span<float>(camera.fluxBlock));
            m_file.readImage(*camera.ivar, start, std::span<float>(camera.ivarBlock));
            if (camera.mask == nullptr)
                continue;
            camera.maskBlock.resize(values);
            readMask(*camera.mask, start, camera.maskBlock);
        }
        m_blockFirst = first;
        m_blockRows = count;
    }

    /// As integers where the file has 32 bits or fewer, else through doubles (cfitsio unpacks compressed
    /// images to no 64-bit integer).
    void readMask(const HduInfo& hdu, long long start, std::span<std::uint32_t> mask)
    {
        if (hdu.holdsInt32) {
            m_file.readImage(hdu, start, mask, kMaskNoData);
            return;
        }
        m_wideMask.resize(mask.size());
        m_file.readImage(hdu, start, std::span(m_wideMask));
        std::transform(m_wideMask.begin(), m_wideMask.end(), mask.begin(), maskBits);
    }

    std::vector<Camera> m_cameras;
    std::vector<double> m_wideMask;
    std::string m_problem; ///< of all targets of the file
    std::size_t m_rows = 0;
    std::size_t m_blockFirst = 0;
    std::size_t m_blockRows = 0;
};

CoaddReader::CoaddReader(std::filesystem::path path, std::string specprod)
    : m_d(std::make_unique<Private>(std::move(path), specprod))
{
}

CoaddReader::~CoaddReader() = default;
CoaddReader::CoaddReader(CoaddReader&&) noexcept = default;
CoaddReader& CoaddReader::operator=(CoaddReader&&) noexcept = default;

const std::filesystem::path& CoaddReader::path() const
{
    return m_d->m_file.path();
}

const std::vector<core::TargetInfo>& CoaddReader::targets() const
{
    return m_d->m_table.targets;
}

const std::vector<RejectedRow>& CoaddReader::rejected() const
{
    return m_d->m_table.rejected;
}

core::Spectrum CoaddReader::read(std::size_t index)
{
    return m_d->read(static_cast<std::size_t>(m_d->m_table.targets.at(index).fileRow));
}

core::TableChunk CoaddReader::catalogRows(const std::filesystem::path& redrock)
{
    return readCoaddCatalog(m_d->m_file, m_d->m_table.targets, redrock);
}

void CoaddReader::checkUnchanged() const
{
    m_d->m_stamp.check(m_d->m_file.path());
}

core::TargetId placeholderTargetId(const std::filesystem::path& path, std::size_t row)
{
    std::uint64_t hash = 14695981039346656037ULL; // FNV-1a of the file's name
    for (const unsigned char c : path.filename().string())
        hash = (hash ^ c) * 1099511628211ULL;
    const std::uint64_t name = (hash ^ (hash >> 39)) & ((1ULL << 39) - 1);
    const std::uint64_t id = (1ULL << 60) | (name << 21) | (row & ((1ULL << 21) - 1));
    return core::TargetId{-static_cast<std::int64_t>(id)};
}

void assessSpectrum(const core::Spectrum& spectrum, core::TargetInfo& info)
{
    std::vector<std::uint32_t> ratios(spectrum.flux.size());
    std::size_t good = 0;
    for (std::size_t i = 0; i < ratios.size(); ++i) {
        const float ratio = spectrum.flux[i] * std::sqrt(spectrum.ivar[i]);
        const bool used = spectrum.ivar[i] > 0.0F;
        ratios[i] =
            core::orderedBits(used ? ratio : std::numeric_limits<float>::infinity()); // after all others
        good += used ? 1 : 0;
    }
    info.fractionMasked = 1.0F - static_cast<float>(good) / static_cast<float>(core::DesiGrid::kPixels);
    if (good == 0) {
        info.snr = core::TargetInfo::kNaN;
        if (info.problem.empty())
            info.problem = "no good pixel";
        return;
    }
    info.snr = core::floatOfOrderedBits(core::elementOfRank(ratios, good / 2));
}

} // namespace voorwerp::fits
