// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// Two backends that do the same, and what differs: each call goes to both, the results are the tested one's.
// Each training step starts from the tested one's parameters and moments in both, so that steps are compared
// one by one and small differences do not grow. Slow; for tests and diagnostics.

#include "nn/backend.h"

#include <array>
#include <memory>
#include <string>
#include <vector>

namespace voorwerp::nn {

enum class Compared { Objective, GradientNorm, Gradients, Evaluation, Latents, Flux };

/// "objective of a step"
std::string describe(Compared what);

/// How far two backends were apart in one kind of result.
struct Difference
{
    Compared what{};
    double largest = 0.0;     ///< relative, of all that was compared; NaN where one was not a number
    double allowed = 0.0;     ///< by the precision of the less precise
    std::size_t compared = 0; ///< numbers

    /// Some numbers more, the largest of whose differences is apart. What is not a number stays.
    void take(double apart, std::size_t numbers);
    bool isAllowed() const { return largest <= allowed; }
};

class CheckBackend final : public Backend
{
public:
    /// Both must have been made with the same configuration; the trusted one takes over the other's
    /// parameters.
    CheckBackend(std::unique_ptr<Backend> tested, std::unique_ptr<Backend> trusted);

    const ModelConfig& config() const override { return m_tested->config(); }
    /// Of the tested one, its description followed by the other's.
    BackendAttributes attributes() const override;
    void trainStep(const Batch& batch, const StepOptions& options) override;
    Losses takeLosses() override;
    Losses evaluate(const Batch& batch, const LossOptions& options) override;
    void encode(const Batch& batch, float* mean, float* logVariance) override;
    void decode(const float* latents, std::size_t count, float* flux) override;
    std::vector<NamedTensor> parameters() const override { return m_tested->parameters(); }
    void setParameters(const std::vector<NamedTensor>& tensors) override;
    std::vector<NamedTensor> optimiserState() const override { return m_tested->optimiserState(); }
    void setOptimiserState(const std::vector<NamedTensor>& tensors) override;
    void setStop(const std::stop_token& stop) override;

    /// Since this was made; what was never compared is left out.
    std::vector<Difference> differences() const;

private:
    Difference& of(Compared what);
    void compare(Compared what, double got, double want);
    void compare(Compared what, const std::vector<float>& got, const float* want);
    void compareGradients();

    std::unique_ptr<Backend> m_tested, m_trusted;
    std::array<Difference, 6> m_differences; ///< in the order of Compared
    Losses m_sums;                           ///< of the tested one, over the steps since takeLosses()
};

} // namespace voorwerp::nn
