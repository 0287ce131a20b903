// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// The one interface to a model that computes: train a step, evaluate, encode, decode, move state in and out.
// nn/cpu and nn/cuda implement it completely; callers never ask which one they have.
//
// Thread rule: one thread at a time per backend. Backends use threads or streams of their own inside.
// Determinism: the same calls on the same machine and device give the same bits, whatever the thread count;
// noise depends on (seed, step, row) only.

#include "nn/error.h"
#include "nn/model_config.h"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <stop_token>
#include <string>
#include <vector>

namespace voorwerp::nn {

struct CompactRows; // nn/compact_rows.h

/// Rows of spectra, row-major (size, pixels). Not owned; must stay valid during the call only.
/// Values must be finite; weight (inverse variance, same units as 1/flux²) is >= 0, and 0 = no data there.
struct Batch
{
    std::size_t size = 0;
    const float* flux = nullptr;
    const float* weight = nullptr;
};

/// How a pixel's residual r = sqrt(w)·(y − ŷ) [σ] counts.
enum class Likelihood {
    Gaussian, ///< r²/2
    Huber,    ///< r²/2 for |r| <= s, then s·(|r| − s/2) (Huber 1964): one bad pixel cannot dominate
    StudentT, ///< (s+1)/2·ln(1 + r²/s), s degrees of freedom: heavy tails
};

/// Objective per row: Σ_pixels ρ(r)/Σ[w>0] + β·KL(q‖N(0,1)), averaged over the rows of the batch. Where the
/// model has a scatter s, w is w' = w/(1 + w·s²) in r, and ½·ln(1 + w·s²) is added to ρ: the Gaussian's
/// −ln p up to what does not depend on the model.
struct LossOptions
{
    float beta = 1.0F;
    /// Nats a latent dimension may use without cost (Kingma et al. 2016, arXiv:1606.04934, C.8): the KL of a
    /// dimension, averaged over the batch, counts as at least this much. 0 = off.
    float freeBits = 0.0F;
    Likelihood likelihood = Likelihood::Gaussian;
    float robustScale = 5.0F; ///< s of Huber [σ] or StudentT [degrees of freedom]
};

/// What the encoder is shown in training instead of the spectrum: the same source at another redshift, which
/// on the rest-frame grid is another part of it, and with noise (spender: Liang et al. 2023,
/// arXiv:2302.02496). The likelihood is of the spectrum itself.
struct Augmentation
{
    /// Pixels that coverage loses at most, at one end: round(shift·u), u uniform in [-1, 1]; positive at the
    /// blue end. A row with no more pixels than that keeps them. 0 = none.
    std::size_t shift = 0;
    float noiseShare = 0.0F; ///< of the pixels get noise
    float noiseLevel = 0.2F; ///< its standard deviation, as a share of the row's largest flux that is seen

    bool used() const { return shift > 0 || noiseShare > 0.0F; }
};

constexpr double kSimilarityScale = 30.0;  ///< of the models' mean square difference
constexpr double kSimilarityWidth = 5.0;   ///< the term is small where |k·d| is below half of it
constexpr double kConsistencyScale = 0.25; ///< mean square difference of latents that is forgiven

/// Terms that order the latents (spender: Liang et al. 2023, arXiv:2302.02496). s: latent means, S of them.
struct OrderOptions
{
    /// Weight of the mean of σ(Σ(s' − s)²/(0.25·S)) − ½ over the rows, s' of the augmented row: the encoder
    /// is then shown both. 0 = off.
    float consistency = 0.0F;
    /// Weight of Σ_{i≠j} σ(k·d − 5/2) + σ(−k·d − 5/2) over the number of rows, where
    /// d = Σ(z_i − z_j)²/S − 30·Σ(ŷ_i − ŷ_j)²/pixels, of drawn latents and their models: spectra that are
    /// alike lie together, others apart. 0 = off.
    float similarity = 0.0F;
    float similaritySlope = 1.0F; ///< k
};

/// One step of Adam (Kingma & Ba 2015, arXiv:1412.6980) with decoupled weight decay (arXiv:1711.05101).
struct StepOptions
{
    LossOptions loss;
    OrderOptions order;
    Augmentation augmentation;
    float learningRate = 1e-3F;
    float adamBeta1 = 0.9F;
    float adamBeta2 = 0.999F;
    float adamEpsilon = 1e-8F;
    float weightDecay = 0.0F;  ///< on weights, not on biases
    float gradientClip = 1.0F; ///< largest global L2 norm of the gradient; 0 = no limit
    std::uint64_t seed = 0;    ///< of latent noise and augmentation
    std::uint64_t step = 0;    ///< steps done before this one: keys the noise, counts for Adam's bias
};

/// Means over the steps (or rows) they cover. Any of them is NaN or infinite when training diverged.
struct Losses
{
    double objective = 0.0;      ///< what is minimised
    double reconstruction = 0.0; ///< Σρ/Σ[w>0]; ½ for a perfect Gaussian fit to pure noise, without scatter
    double kl = 0.0;             ///< nats per row, without β and free bits
    double consistency = 0.0;    ///< without its weight; 0 where it is off, and from evaluate()
    double similarity = 0.0;     ///< likewise
    double gradientNorm = 0.0;   ///< global L2 norm before clipping; 0 from evaluate()
    std::size_t steps = 0;       ///< how many steps these are the mean of; 0 from evaluate()
};

/// What a backend is, for logs, pages and choices of batch size.
struct BackendAttributes
{
    std::string device;           ///< "cpu", "cuda:0"
    std::string description;      ///< "Eigen, AVX-512, 2 threads", "NVIDIA RTX A4000, sm_86, cuBLAS 13.0"
    std::string precision;        ///< "fp32", "tf32", "bf16"
    std::string reason;           ///< why makeBackend("auto") did not take a GPU; empty otherwise
    int threads = 0;              ///< CPU threads it computes with
    std::size_t largestBatch = 0; ///< rows of a trainStep at most
    bool decodesRows = false;     ///< rows in compact form cost less to hand over than others
};

class Backend
{
public:
    virtual ~Backend() = default;

    virtual const ModelConfig& config() const = 0;
    virtual BackendAttributes attributes() const = 0;

    /// Queues one training step: forward, backward, clip, Adam. Returns when the batch's memory may be used
    /// again; the work may still be under way.
    virtual void trainStep(const Batch& batch, const StepOptions& options) = 0;
    /// The same of rows in compact form, which a device decodes itself: less to copy. The same bits as
    /// trainStep() of decodeRows() of them.
    virtual void trainCompact(const CompactRows& rows, const StepOptions& options);
    /// Room on the device for so many rows of a training set, which need not be handed over at each step
    /// then. Rows that were kept are gone. False, with none kept, where the backend computes in the host's
    /// memory or has not enough of its own beside steps of so many rows: hand batches over instead.
    virtual bool keepRows(std::size_t count, std::size_t batch);
    /// The next of these rows, numbered on from those before. Their memory may be used again at once. Throws
    /// ConfigError beyond the room.
    virtual void addKeptRows(const CompactRows& rows);
    /// trainCompact() of kept rows, by their numbers. Throws ConfigError when one is not kept.
    virtual void trainKept(std::span<const std::uint32_t> rows, const StepOptions& options);
    /// Means over the steps since the last call. Waits for them.
    virtual Losses takeLosses() = 0;

    /// Losses of the rows with z = latent mean (no noise), parameters untouched. Any number of rows.
    /// A batch-dependent term (free bits) is taken over chunks of the backend's own size.
    virtual Losses evaluate(const Batch& batch, const LossOptions& options) = 0;
    /// Latent mean and log variance, each (size, latent). Any number of rows.
    virtual void encode(const Batch& batch, float* mean, float* logVariance) = 0;
    /// Model fluxes (count, pixels) of latents (count, latent). Any number of rows.
    virtual void decode(const float* latents, std::size_t count, float* flux) = 0;
    /// decode(mean of encode(batch)) into flux (size, pixels).
    void reconstruct(const Batch& batch, float* flux);

    /// All tensors of the model, in the order of parameterShapes().
    virtual std::vector<NamedTensor> parameters() const = 0;
    /// Throws ConfigError when names or shapes differ from the model's.
    virtual void setParameters(const std::vector<NamedTensor>& tensors) = 0;
    /// Adam's moments, "adam.m.<name>" and "adam.v.<name>" of each trained tensor. Zero before the first
    /// step.
    virtual std::vector<NamedTensor> optimiserState() const = 0;
    virtual void setOptimiserState(const std::vector<NamedTensor>& tensors) = 0;

    /// From now on a long step, evaluation or reconstruction ends with Stopped soon after a stop is
    /// requested, where the backend works while the caller waits. An unfinished step changes nothing.
    virtual void setStop(const std::stop_token& stop) { static_cast<void>(stop); }

protected:
    Backend() = default;
    Backend(const Backend&) = delete;
    Backend& operator=(const Backend&) = delete;
};

/// Makes a backend with parameters initialised from seed (the same on every device).
/// device: "cpu"; "cuda" or "cuda:N" (ConfigError when there is none); "auto": CUDA when a device is there
/// and a small parity check against the CPU passes, else the CPU with attributes().reason saying why.
/// threads: CPU threads to compute with; 0 = as many as this process may use.
std::unique_ptr<Backend> makeBackend(const std::string& device, const ModelConfig& config, std::uint64_t seed,
                                     int threads, Precision precision = Precision::Fp32);

/// The parameters a new model starts with: weights normal with variance by fan-in, biases and input.mean 0,
/// a scatter of 0.05.
std::vector<NamedTensor> initialParameters(const ModelConfig& config, std::uint64_t seed);

/// Names and shapes (values empty) of a model's tensors, to check files against.
std::vector<NamedTensor> parameterShapes(const ModelConfig& config);

} // namespace voorwerp::nn
