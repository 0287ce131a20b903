// SPDX-License-Identifier: GPL-3.0-or-later
#include "dataset/cuda/cuda_preprocessor.h"

#include "core/row_threads.h"
#include "dataset/cuda/row_kernels.h"
#include "dataset/normalisation.h"
#include "dataset/sky_mask.h"
#include "nn/cuda/device.h"

#include <algorithm>
#include <array>
#include <limits>
#include <optional>
#include <utility>

namespace voorwerp::dataset {
namespace {

using cuda::RowArrays;
using cuda::RowFacts;
using cuda::RowPlan;
using nn::cuda::Buffer;
using nn::cuda::Event;
using nn::cuda::PinnedBuffer;
using nn::cuda::Stream;

constexpr std::size_t kObserved = core::DesiGrid::kPixels;
constexpr std::size_t kMostRows = 512;  // at once: enough for any device, 56 MB of it
constexpr std::size_t kRowsOfSlot = 64; // that are packed while others are copied

template <class T> void upload(Buffer<T>& to, std::span<const T> from, const Stream& stream)
{
    to.ensure(from.size());
    stream.copy(to.data(), from.data(), from.size_bytes(), cudaMemcpyHostToDevice);
}

/// Recipe and what follows from it, on the device.
class SharedArrays
{
public:
    SharedArrays(const Preprocessor& preprocessor, const Stream& stream)
    {
        upload(m_leastIvar, preprocessor.leastIvar(), stream);
        upload(m_extinction, preprocessor.extinction(), stream);
        upload(m_restEdges, preprocessor.restEdges(), stream);
        stream.wait();
        const Recipe& recipe = preprocessor.recipe();
        m_recipe = {m_leastIvar.data(), m_extinction.data(), m_restEdges.data(), recipe.grid.pixels};
        m_recipe.guardHalfWidth = guardHalfWidth(recipe.sky);
        m_recipe.guardFraction = recipe.sky.enabled ? static_cast<float>(recipe.sky.guardFraction) : 0.0F;
        m_recipe.modelErrorFloor = recipe.modelErrorFloor;
    }
    const cuda::RecipeOnDevice& recipe() const { return m_recipe; }

private:
    Buffer<float> m_leastIvar, m_extinction;
    Buffer<double> m_restEdges;
    cuda::RecipeOnDevice m_recipe;
};

/// Memory of rows that are worked on together, on the device and page-locked for what goes there and back.
struct RowMemory
{
    Buffer<RowPlan> plans;
    Buffer<RowFacts> facts;
    Buffer<float> observedFlux, observedIvar, restFlux, restWeight, flux, weight, scales, snr;
    Buffer<double> sums;
    PinnedBuffer<RowPlan> hostPlans;
    PinnedBuffer<RowFacts> hostFacts;
    PinnedBuffer<float> hostFlux, hostWeight, hostScales, hostSnr;

    void ensure(std::size_t rows, std::size_t pixels)
    {
        const auto each = [rows](std::size_t size, auto&... buffers) { (buffers.ensure(rows * size), ...); };
        each(kObserved, observedFlux, observedIvar);
        each(pixels, restFlux, restWeight, flux, weight, hostFlux, hostWeight);
        each(pixels + 1, sums);
        each(1, plans, hostPlans, facts, hostFacts, scales, hostScales, snr, hostSnr);
    }
    RowArrays arrays(std::size_t rows)
    {
        return {rows,
                plans.data(),
                facts.data(),
                observedFlux.data(),
                observedIvar.data(),
                restFlux.data(),
                restWeight.data(),
                scales.data(),
                sums.data(),
                flux.data(),
                weight.data(),
                snr.data()};
    }
};

/// Page-locked memory from which spectra are copied while the other slot is filled.
struct Slot
{
    PinnedBuffer<float> flux, ivar;
    Event copied;
};

/// Into a slot; ivar is NaN where the mask has a bit.
void pack(const core::Spectrum& spectrum, float* flux, float* ivar)
{
    std::copy(spectrum.flux.begin(), spectrum.flux.end(), flux);
    if (spectrum.mask.size() != kObserved) {
        std::copy(spectrum.ivar.begin(), spectrum.ivar.end(), ivar);
        return;
    }
    for (std::size_t i = 0; i < kObserved; ++i)
        ivar[i] = spectrum.mask[i] == 0 ? spectrum.ivar[i] : std::numeric_limits<float>::quiet_NaN();
}

class CudaPreprocessor final : public BatchPreprocessor
{
public:
    CudaPreprocessor(const Recipe& recipe, int device, int threads)
        : BatchPreprocessor(recipe)
        , m_device(nn::cuda::selectDevice(device))
        , m_threads(core::threadCount(threads))
        , m_shared(single(), m_stream)
    {
    }

    std::vector<RestFrameSpectrum> apply(std::span<const ObservedSpectrum> spectra) override
    {
        nn::cuda::check(cudaSetDevice(m_device), "cudaSetDevice");
        std::vector<RestFrameSpectrum> rows(spectra.size());
        std::vector<Job> jobs;
        for (std::size_t i = 0; i < spectra.size(); ++i)
            if (const char* reason = single().rejectionBefore(*spectra[i].spectrum, spectra[i].z))
                rows[i] = RestFrameSpectrum::rejected(reason);
            else
                jobs.push_back({&spectra[i], &rows[i]});
        for (std::span<const Job> left = jobs; !left.empty();) {
            const std::size_t count = reserve(left.size());
            run(left.first(count));
            left = left.subspan(count);
        }
        return rows;
    }

private:
    /// A spectrum and where its row goes.
    struct Job
    {
        const ObservedSpectrum* observed;
        RestFrameSpectrum* row;
    };

    /// Memory for as many rows as there is, wanted at most. Returns how many.
    std::size_t reserve(std::size_t wanted)
    {
        for (;;) {
            const std::size_t count = std::min(wanted, m_mostRows);
            try {
                m_memory->ensure(count, m_shared.recipe().pixels);
                for (Slot& slot : m_slots) {
                    slot.flux.ensure(kRowsOfSlot * kObserved);
                    slot.ivar.ensure(kRowsOfSlot * kObserved);
                }
                return count;
            } catch (const nn::OutOfMemory&) {
                m_memory.emplace();
                if (count == 1)
                    throw;
                m_mostRows = count / 2;
            }
        }
    }

    void run(std::span<const Job> jobs)
    {
        const RowArrays arrays = m_memory->arrays(jobs.size());
        sendPlans(jobs);
        sendSpectra(jobs);
        cuda::launchSelect(m_shared.recipe(), arrays, m_stream);
        cuda::launchMedians(arrays, m_stream);
        cuda::launchRebin(m_shared.recipe(), arrays, m_stream);
        fetch(m_memory->hostFacts, m_memory->facts, jobs.size());
        m_stream.wait();
        for (std::size_t i = 0; i < jobs.size(); ++i)
            m_memory->hostScales.data()[i] = judge(jobs[i], m_memory->hostFacts.data()[i]);
        send(m_memory->scales, m_memory->hostScales, jobs.size());
        cuda::launchFinish(m_shared.recipe(), arrays, m_stream);
        const std::size_t values = jobs.size() * m_shared.recipe().pixels;
        fetch(m_memory->hostFlux, m_memory->flux, values);
        fetch(m_memory->hostWeight, m_memory->weight, values);
        fetch(m_memory->hostSnr, m_memory->snr, jobs.size());
        m_stream.wait();
        core::forEachRow(jobs.size(), m_threads, [&](std::size_t i) { take(i, *jobs[i].row); });
    }

    void sendPlans(std::span<const Job> jobs)
    {
        for (std::size_t i = 0; i < jobs.size(); ++i) {
            const ObservedSpectrum& observed = *jobs[i].observed;
            RowPlan plan{observed.z, single().dustExponent(observed.ebv)};
            const Recipe& recipe = single().recipe();
            const WindowsInUse used = windowsInUse(recipe, observed.z);
            for (std::size_t k = 0; k < used.count; ++k) {
                const PixelRange range = observedPixels(recipe.windows[used.first + k], observed.z);
                plan.windowBegin[k] = static_cast<std::uint32_t>(range.begin);
                plan.windowCount[k] = static_cast<std::uint32_t>(range.count);
            }
            m_memory->hostPlans.data()[i] = plan;
        }
        send(m_memory->plans, m_memory->hostPlans, jobs.size());
    }

    void sendSpectra(std::span<const Job> jobs)
    {
        for (std::size_t first = 0; first < jobs.size(); first += kRowsOfSlot) {
            Slot& slot = m_slots[first / kRowsOfSlot % m_slots.size()];
            slot.copied.wait();
            const std::size_t count = std::min(kRowsOfSlot, jobs.size() - first);
            core::forEachRow(count, m_threads, [&](std::size_t i) {
                pack(*jobs[first + i].observed->spectrum, slot.flux.data() + i * kObserved,
                     slot.ivar.data() + i * kObserved);
            });
            const std::size_t bytes = count * kObserved * sizeof(float);
            m_stream.copy(m_memory->observedFlux.data() + first * kObserved, slot.flux.data(), bytes,
                          cudaMemcpyHostToDevice);
            m_stream.copy(m_memory->observedIvar.data() + first * kObserved, slot.ivar.data(), bytes,
                          cudaMemcpyHostToDevice);
            slot.copied.record(m_stream);
        }
    }

    /// Scale of a row; 0 when it is rejected.
    float judge(const Job& job, const RowFacts& facts) const
    {
        const Recipe& recipe = single().recipe();
        std::array<Median, cuda::kMostWindows> medians;
        for (std::size_t k = 0; k < medians.size(); ++k)
            medians[k] = {facts.windows[k].value, facts.windows[k].count};
        const auto norm = normalisationFrom(medians, recipe, job.observed->z);
        if (!norm || facts.good < recipe.minimumGoodPixels) {
            *job.row = RestFrameSpectrum::rejected(norm ? kTooFewPixels : kNoNormalisation);
            return 0.0F;
        }
        job.row->window = norm->window;
        return job.row->normalisation = static_cast<float>(norm->value);
    }

    void take(std::size_t i, RestFrameSpectrum& row) const
    {
        if (!row.usable())
            return;
        const std::size_t pixels = m_shared.recipe().pixels;
        const float* flux = m_memory->hostFlux.data() + i * pixels;
        const float* weight = m_memory->hostWeight.data() + i * pixels;
        row.flux.assign(flux, flux + pixels);
        row.weight.assign(weight, weight + pixels);
        row.snr = m_memory->hostSnr.data()[i];
    }

    template <class T> void send(Buffer<T>& to, const PinnedBuffer<T>& from, std::size_t count) const
    {
        m_stream.copy(to.data(), from.data(), count * sizeof(T), cudaMemcpyHostToDevice);
    }
    template <class T> void fetch(PinnedBuffer<T>& to, const Buffer<T>& from, std::size_t count) const
    {
        m_stream.copy(to.data(), from.data(), count * sizeof(T), cudaMemcpyDeviceToHost);
    }

    int m_device;
    std::size_t m_threads; ///< that move data between pageable and page-locked memory
    Stream m_stream;       ///< outlives the memory that it works on
    SharedArrays m_shared;
    std::optional<RowMemory> m_memory{std::in_place};
    std::array<Slot, 2> m_slots;
    std::size_t m_mostRows = kMostRows;
};

} // namespace

std::unique_ptr<BatchPreprocessor> makeCudaPreprocessor(const Recipe& recipe, int device, int threads)
{
    return std::make_unique<CudaPreprocessor>(recipe, device, threads);
}

} // namespace voorwerp::dataset
