// SPDX-License-Identifier: GPL-3.0-or-later
#include "nn/cpu/cpu_backend.h"
#include "nn/parity.h"
#include "nn/test_model.h"

#include <catch2/catch.hpp>

#include <cmath>
#include <limits>

using namespace voorwerp::nn;
using voorwerp::nn::test::smallModel;
using voorwerp::nn::test::spectra;

namespace {

/// A CPU with one thing broken.
class BrokenBackend final : public Backend
{
public:
    enum class Fault { None, Loss, Gradient, Latents, Flux, NotANumber };

    BrokenBackend(const ModelConfig& config, std::uint64_t seed, Fault fault)
        : m_sound(config, seed, 1)
        , m_fault(fault)
    {
    }
    const ModelConfig& config() const override { return m_sound.config(); }
    BackendAttributes attributes() const override { return m_sound.attributes(); }
    void trainStep(const Batch& batch, const StepOptions& options) override
    {
        StepOptions used = options;
        if (m_fault == Fault::Gradient)
            used.seed += 1; // other noise: other gradients
        m_sound.trainStep(batch, used);
    }
    Losses takeLosses() override
    {
        Losses losses = m_sound.takeLosses();
        if (m_fault == Fault::Loss)
            losses.objective *= 1.01;
        if (m_fault == Fault::NotANumber)
            losses.gradientNorm = std::numeric_limits<double>::quiet_NaN();
        return losses;
    }
    Losses evaluate(const Batch& batch, const LossOptions& options) override
    {
        return m_sound.evaluate(batch, options);
    }
    void encode(const Batch& batch, float* mean, float* logVariance) override
    {
        m_sound.encode(batch, mean, logVariance);
        if (m_fault == Fault::Latents)
            mean[0] += 0.01F;
    }
    void decode(const float* latents, std::size_t count, float* flux) override
    {
        m_sound.decode(latents, count, flux);
        if (m_fault == Fault::Flux)
            flux[count * config().pixels - 1] += 0.1F;
    }
    std::vector<NamedTensor> parameters() const override { return m_sound.parameters(); }
    void setParameters(const std::vector<NamedTensor>& tensors) override { m_sound.setParameters(tensors); }
    std::vector<NamedTensor> optimiserState() const override { return m_sound.optimiserState(); }
    void setOptimiserState(const std::vector<NamedTensor>& tensors) override
    {
        m_sound.setOptimiserState(tensors);
    }

private:
    CpuBackend m_sound;
    Fault m_fault;
};

std::string problemOf(BrokenBackend::Fault fault)
{
    return parityProblem([fault](const ModelConfig& config, std::uint64_t seed) {
        return std::make_unique<BrokenBackend>(config, seed, fault);
    });
}

} // namespace

TEST_CASE("A backend that computes as the CPU passes, and each fault is named")
{
    using Fault = BrokenBackend::Fault;
    CHECK(problemOf(Fault::None).empty());
    CHECK_THAT(problemOf(Fault::Loss), Catch::StartsWith("objective of a step: off by 0.01"));
    CHECK_THAT(problemOf(Fault::NotANumber), Catch::StartsWith("gradient norm of a step: off by nan"));
    CHECK_FALSE(problemOf(Fault::Gradient).empty());
    CHECK_THAT(problemOf(Fault::Latents), Catch::StartsWith("latents: off by 0.0"));
    CHECK_THAT(problemOf(Fault::Flux), Catch::StartsWith("model flux: off by 0."));
}

TEST_CASE("A difference that is not a number is not forgotten")
{
    Difference difference;
    difference.allowed = 1.0;
    difference.take(0.5, 3);
    CHECK(difference.isAllowed());
    difference.take(std::numeric_limits<double>::quiet_NaN(), 1);
    difference.take(0.1, 1);
    difference.take(2.0, 1);
    CHECK_FALSE(difference.isAllowed());
    CHECK(std::isnan(difference.largest));
    CHECK(difference.compared == 6);
}

TEST_CASE("The CPU is sound, on every thread and with every instruction set")
{
    const DeviceCheck check = checkDevice("cpu", 2);
    CHECK(check.isSound());
    CHECK(check.differences.size() == 6);
    for (const Difference& difference : check.differences) {
        INFO(describe(difference.what) << " " << difference.largest);
        CHECK(difference.compared > 0);
        CHECK(difference.largest < difference.allowed / 10.0);
    }
    CHECK(check.trusted.threads == 1);
    CHECK(check.tested.threads == 2);
    CHECK_THROWS_AS(checkDevice("abacus", 1), ConfigError);
}

TEST_CASE("Less precise products differ by their rounding, and that is allowed")
{
    for (const Precision precision : {Precision::Tf32, Precision::Bf16}) {
        const DeviceCheck check = checkDevice("cpu", 2, precision);
        CHECK(check.tested.precision == nameOf(precision));
        for (const Difference& difference : check.differences) {
            INFO(nameOf(precision) << " " << describe(difference.what) << " " << difference.largest);
            CHECK(difference.isAllowed());
            CHECK(difference.allowed > 1e-3);
            CHECK((precision == Precision::Tf32 || difference.largest > 1e-4));
        }
    }
}

TEST_CASE("A stop request ends a check")
{
    std::stop_source stop;
    stop.request_stop();
    CHECK_THROWS_AS(checkDevice("cpu", 1, Precision::Fp32, stop.get_token()), Stopped);
}

TEST_CASE("A checked training is the tested backend's own, to the bit")
{
    const ModelConfig config = smallModel();
    CpuBackend alone(config, 3, 1);
    CheckBackend both(std::make_unique<CpuBackend>(config, 3, 1), std::make_unique<CpuBackend>(config, 4, 2));
    const auto data = spectra(20, config.pixels);
    StepOptions options;
    for (options.step = 0; options.step < 5; ++options.step) {
        alone.trainStep(data.batch(), options);
        both.trainStep(data.batch(), options);
    }
    CHECK(both.parameters() == alone.parameters());
    CHECK(both.optimiserState() == alone.optimiserState());
    const Losses checked = both.takeLosses(), plain = alone.takeLosses();
    CHECK(checked.objective == plain.objective);
    CHECK(checked.steps == 5);
    for (const Difference& difference : both.differences())
        CHECK(difference.largest == 0.0); // the thread count changes no bit
}
