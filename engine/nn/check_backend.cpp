// SPDX-License-Identifier: GPL-3.0-or-later
#include "nn/check_backend.h"

#include "nn/batch_chunks.h"

#include <algorithm>
#include <cmath>
#include <utility>

namespace voorwerp::nn {

namespace {

/// Sums in another order give about a hundredth of it in fp32; the factors' rounding most of it in the
/// others.
double allowedIn(const std::string& precision, Compared what)
{
    // Which of a pool's values is the largest changes with rounding, and where its gradient goes.
    if (what == Compared::Gradients && precision != nameOf(Precision::Fp32))
        return 0.2;
    if (precision == nameOf(Precision::Bf16))
        return 0.1;
    return precision == nameOf(Precision::Tf32) ? 5e-3 : 1e-3;
}

} // namespace

std::string describe(Compared what)
{
    constexpr std::array<const char*, 6> kNames{"objective of a step",
                                                "gradient norm of a step",
                                                "gradients, as Adam remembers them",
                                                "objective of an evaluation",
                                                "latents",
                                                "model flux"};
    return kNames.at(static_cast<std::size_t>(what));
}

void Difference::take(double apart, std::size_t numbers)
{
    if (!(apart <= largest) && !std::isnan(largest))
        largest = apart;
    compared += numbers;
}

CheckBackend::CheckBackend(std::unique_ptr<Backend> tested, std::unique_ptr<Backend> trusted)
    : m_tested(std::move(tested))
    , m_trusted(std::move(trusted))
{
    const std::string ours = m_tested->attributes().precision, other = m_trusted->attributes().precision;
    for (std::size_t i = 0; i < m_differences.size(); ++i) {
        const Compared what{static_cast<int>(i)};
        m_differences[i] = {what, 0.0, std::max(allowedIn(ours, what), allowedIn(other, what)), 0};
    }
    m_trusted->setParameters(m_tested->parameters());
}

BackendAttributes CheckBackend::attributes() const
{
    BackendAttributes attributes = m_tested->attributes();
    const BackendAttributes trusted = m_trusted->attributes();
    attributes.description += ", compared with " + trusted.device + ": " + trusted.description;
    attributes.largestBatch = std::min(attributes.largestBatch, trusted.largestBatch);
    return attributes;
}

Difference& CheckBackend::of(Compared what)
{
    return m_differences[static_cast<std::size_t>(what)];
}

void CheckBackend::compare(Compared what, double got, double want)
{
    of(what).take(std::abs(got - want) / (std::abs(want) + 1e-30), 1);
}

/// Relative to the number, or to 1 where it is smaller.
void CheckBackend::compare(Compared what, const std::vector<float>& got, const float* want)
{
    for (std::size_t i = 0; i < got.size(); ++i) {
        const auto wanted = static_cast<double>(want[i]);
        of(what).take(std::abs(static_cast<double>(got[i]) - wanted) / std::max(1.0, std::abs(wanted)), 1);
    }
}

/// By norms: a parameter whose gradient is nearly 0 may go either way.
void CheckBackend::compareGradients()
{
    const auto got = m_tested->optimiserState(), want = m_trusted->optimiserState();
    for (std::size_t tensor = 0; tensor < want.size(); ++tensor) {
        if (want[tensor].name.rfind("adam.m.", 0) != 0)
            continue;
        double apart = 0.0, norm = 0.0;
        for (std::size_t i = 0; i < want[tensor].values.size(); ++i) {
            const auto value = static_cast<double>(want[tensor].values[i]);
            const double difference = static_cast<double>(got[tensor].values[i]) - value;
            apart += difference * difference;
            norm += value * value;
        }
        of(Compared::Gradients).take(std::sqrt(apart) / (std::sqrt(norm) + 1e-12), 1);
    }
}

void CheckBackend::trainStep(const Batch& batch, const StepOptions& options)
{
    m_trusted->setParameters(m_tested->parameters());
    m_trusted->setOptimiserState(m_tested->optimiserState());
    m_tested->trainStep(batch, options);
    m_trusted->trainStep(batch, options);
    const Losses got = m_tested->takeLosses(), want = m_trusted->takeLosses();
    compare(Compared::Objective, got.objective, want.objective);
    compare(Compared::GradientNorm, got.gradientNorm, want.gradientNorm);
    compareGradients();
    addStep(m_sums, got);
}

Losses CheckBackend::takeLosses()
{
    return meanOfSteps(std::exchange(m_sums, Losses{}));
}

Losses CheckBackend::evaluate(const Batch& batch, const LossOptions& options)
{
    const Losses got = m_tested->evaluate(batch, options);
    compare(Compared::Evaluation, got.objective, m_trusted->evaluate(batch, options).objective);
    return got;
}

void CheckBackend::encode(const Batch& batch, float* mean, float* logVariance)
{
    m_tested->encode(batch, mean, logVariance);
    std::vector<float> wantMean(batch.size * config().latent), wantVariance(wantMean.size());
    m_trusted->encode(batch, wantMean.data(), wantVariance.data());
    compare(Compared::Latents, std::vector<float>(mean, mean + wantMean.size()), wantMean.data());
    compare(Compared::Latents, std::vector<float>(logVariance, logVariance + wantMean.size()),
            wantVariance.data());
}

void CheckBackend::decode(const float* latents, std::size_t count, float* flux)
{
    m_tested->decode(latents, count, flux);
    std::vector<float> want(count * config().pixels);
    m_trusted->decode(latents, count, want.data());
    compare(Compared::Flux, std::vector<float>(flux, flux + want.size()), want.data());
}

void CheckBackend::setParameters(const std::vector<NamedTensor>& tensors)
{
    m_tested->setParameters(tensors);
    m_trusted->setParameters(tensors);
}

void CheckBackend::setOptimiserState(const std::vector<NamedTensor>& tensors)
{
    m_tested->setOptimiserState(tensors);
    m_trusted->setOptimiserState(tensors);
}

void CheckBackend::setStop(const std::stop_token& stop)
{
    m_tested->setStop(stop);
    m_trusted->setStop(stop);
}

std::vector<Difference> CheckBackend::differences() const
{
    std::vector<Difference> compared;
    for (const Difference& difference : m_differences)
        if (difference.compared > 0)
            compared.push_back(difference);
    return compared;
}

} // namespace voorwerp::nn
