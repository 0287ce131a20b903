// SPDX-License-Identifier: GPL-3.0-or-later
#include "train/train_config.h"

#include "core/error.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <sstream>
#include <variant>

namespace voorwerp::train {

using core::UserError;
using nlohmann::json;

namespace {

using Choices = std::vector<std::string>;

/// One setting: where it lives, what it may be.
struct Key
{
    const char* name;
    std::variant<std::string TrainConfig::*, std::size_t TrainConfig::*, double TrainConfig::*,
                 std::vector<std::size_t> TrainConfig::*>
        member;
    double low = 0.0;
    double high = 0.0;
    Choices choices; ///< of a word: what it may be
    const char* help;
    std::size_t least = 1; ///< of a list: numbers in it
};

constexpr std::size_t kMaxHiddenLayers = 8;
constexpr double kLargestSeed = 9007199254740992.0; // 2^53: exact in JSON readers that use doubles

const std::vector<Key>& keys()
{
    using C = TrainConfig;
    static const std::vector<Key> table{
        {"architecture",
         &C::architecture,
         0,
         0,
         {"mlp", "conv"},
         "Encoder: mlp (layers) or conv (convolutions with attention, then layers; for a GPU)."},
        {"hidden",
         &C::hidden,
         1,
         65536,
         {},
         "Widths of the encoder's layers, e.g. [512,128]; the decoder mirrors them unless decoder is set."},
        {"decoder",
         &C::decoder,
         1,
         65536,
         {},
         "Widths of the decoder's layers, e.g. [64,256,1024]; empty = the encoder's mirrored.",
         0},
        {"channels",
         &C::channels,
         1,
         4096,
         {},
         "Of conv: channels of each convolution, the last one even; half of them attend to the others."},
        {"kernels", &C::kernels, 1, 255, {}, "Of conv: pixels that each convolution sees, odd."},
        {"pools",
         &C::pools,
         1,
         255,
         {},
         "Of conv: neighbours of which each block keeps the largest; 1 = all."},
        {"latent", &C::latent, 1, 512, {}, "Number of latent dimensions, 1 to 512."},
        {"batch",
         &C::batch,
         0,
         65536,
         {},
         "Spectra per training step, 1 to 65536; 0 = as many as suit the training set and fit the device, at "
         "most "
         "512."},
        {"epochs", &C::epochs, 1, 100000, {}, "Passes over the training set, 1 to 100000."},
        {"learning_rate", &C::learningRate, 1e-8, 1.0, {}, "Highest learning rate of Adam, 1e-8 to 1."},
        {"schedule",
         &C::schedule,
         0,
         0,
         {"one_cycle", "cosine", "constant"},
         "How the learning rate moves: one_cycle, cosine or constant (each after warm-up)."},
        {"warmup", &C::warmup, 0, 0.9, {}, "Share of the steps in which the learning rate rises, 0 to 0.9."},
        {"beta", &C::beta, 0, 1000, {}, "Weight of the KL term after its warm-up, 0 to 1000."},
        {"beta_warmup",
         &C::betaWarmup,
         0,
         1,
         {},
         "Share of the steps in which beta, consistency and similarity rise from 0, 0 to 1."},
        {"free_bits",
         &C::freeBits,
         0,
         100,
         {},
         "Nats of KL a latent dimension has without cost, 0 (off) to 100."},
        {"likelihood",
         &C::likelihood,
         0,
         0,
         {"gaussian", "huber", "student"},
         "How residuals count: gaussian, huber or student (the last two let outliers weigh less)."},
        {"robust_scale",
         &C::robustScale,
         0.1,
         1000,
         {},
         "Where huber becomes linear [sigma], or student's degrees of freedom, 0.1 to 1000."},
        {"scatter",
         &C::scatter,
         0,
         0,
         {"none", "learned"},
         "Whether a scatter of each pixel beyond its noise is learned: none or learned."},
        {"redshift_shift",
         &C::redshiftShift,
         0,
         65536,
         {},
         "Augmentation: pixels of the rest-frame grid by which the redshift may change, so that coverage "
         "loses as "
         "many at one end; 0 = none."},
        {"noise_share",
         &C::noiseShare,
         0,
         1,
         {},
         "Augmentation: share of the pixels that get noise, 0 (none) to 1."},
        {"noise_level",
         &C::noiseLevel,
         0,
         100,
         {},
         "Augmentation: standard deviation of that noise, as a share of the spectrum's largest flux."},
        {"consistency",
         &C::consistency,
         0,
         1000,
         {},
         "Weight of the term that keeps the latents of an augmented spectrum, 0 (off) to 1000."},
        {"similarity",
         &C::similarity,
         0,
         1000,
         {},
         "Weight of the term that lays like spectra together in latent space, 0 (off) to 1000."},
        {"similarity_slope",
         &C::similaritySlope,
         0.01,
         100,
         {},
         "How sharply similarity tells like from unlike, 0.01 to 100."},
        {"weight_decay", &C::weightDecay, 0, 10, {}, "Decoupled weight decay of Adam, 0 to 10."},
        {"gradient_clip", &C::gradientClip, 0, 1e9, {}, "Largest norm of the gradient, 0 (no limit) to 1e9."},
        {"input_clip",
         &C::inputClip,
         0.1,
         1e9,
         {},
         "Flux shown to the encoder is clipped to plus or minus this, 0.1 to 1e9."},
        {"patience",
         &C::patience,
         0,
         100000,
         {},
         "Epochs without a better validation loss before stopping, counted from the end of the warm-ups; 0 = "
         "never stop early."},
        {"seed", &C::seed, 0, kLargestSeed, {}, "Seed of parameters, noise and order, 0 to 2^53."},
        {"precision",
         &C::precision,
         0,
         0,
         {"fp32", "tf32", "bf16"},
         "Arithmetic of the matrix products: fp32, or tf32 and bf16, which are faster where the device has "
         "them."},
        {"threads", &C::threads, 0, 1024, {}, "CPU threads; 0 = as many as this process may use."},
    };
    return table;
}

std::size_t editDistance(std::string_view a, std::string_view b)
{
    std::vector<std::size_t> row(b.size() + 1);
    std::iota(row.begin(), row.end(), std::size_t{0});
    for (std::size_t i = 0; i < a.size(); ++i) {
        std::size_t diagonal = row[0];
        row[0] = i + 1;
        for (std::size_t j = 0; j < b.size(); ++j) {
            const std::size_t substituted = diagonal + (a[i] == b[j] ? 0 : 1);
            diagonal = row[j + 1];
            row[j + 1] = std::min({substituted, row[j] + 1, row[j + 1] + 1});
        }
    }
    return row.back();
}

std::string joined(const Choices& words)
{
    std::string text;
    for (const std::string& word : words)
        text += (text.empty() ? "" : ", ") + word;
    return text;
}

const Key& keyNamed(const std::string& name)
{
    const auto found =
        std::find_if(keys().begin(), keys().end(), [&](const Key& key) { return key.name == name; });
    if (found != keys().end())
        return *found;
    const auto nearest = std::min_element(keys().begin(), keys().end(), [&](const Key& a, const Key& b) {
        return editDistance(name, a.name) < editDistance(name, b.name);
    });
    std::string known;
    for (const Key& key : keys())
        known += (known.empty() ? "" : ", ") + std::string(key.name);
    const bool near = editDistance(name, nearest->name) <= 1 + name.size() / 3;
    throw UserError("unknown training setting '" + name + "'" +
                        (near ? "; did you mean '" + std::string(nearest->name) + "'?" : ""),
                    "Known settings: " + known + ".");
}

[[noreturn]] void throwBad(const Key& key, const std::string& what)
{
    throw UserError("training setting '" + std::string(key.name) + "' " + what, key.help);
}

std::string shown(double value)
{
    std::ostringstream text;
    text << value;
    return text.str();
}

void checkRange(const Key& key, double value)
{
    if (!(value >= key.low && value <= key.high))
        throwBad(key, "is " + shown(value) + ", allowed are " + shown(key.low) + " to " + shown(key.high));
}

void checkValue(const Key& key, const std::string& word)
{
    if (std::find(key.choices.begin(), key.choices.end(), word) == key.choices.end())
        throwBad(key, "is '" + word + "', allowed are " + joined(key.choices));
}

void checkValue(const Key& key, std::size_t value)
{
    checkRange(key, static_cast<double>(value));
}
void checkValue(const Key& key, double value)
{
    checkRange(key, value);
}

void checkValue(const Key& key, const std::vector<std::size_t>& widths)
{
    if (widths.size() < key.least || widths.size() > kMaxHiddenLayers)
        throwBad(key, "has " + std::to_string(widths.size()) + " layers, allowed are " +
                          std::to_string(key.least) + " to " + std::to_string(kMaxHiddenLayers));
    for (const std::size_t width : widths)
        checkRange(key, static_cast<double>(width));
}

void read(const Key& key, const json& value, std::string& out)
{
    if (!value.is_string())
        throwBad(key, "must be a word, not " + value.dump());
    out = value.get<std::string>();
}

void read(const Key& key, const json& value, double& out)
{
    if (!value.is_number())
        throwBad(key, "must be a number, not " + value.dump());
    out = value.get<double>();
}

void read(const Key& key, const json& value, std::size_t& out)
{
    if (!value.is_number_integer() || (!value.is_number_unsigned() && value.get<std::int64_t>() < 0))
        throwBad(key, "must be a whole number of at least 0, not " + value.dump());
    out = value.get<std::size_t>();
}

void read(const Key& key, const json& value, std::vector<std::size_t>& out)
{
    const json list = value == "" ? json::array() : value.is_array() ? value : json::array({value});
    out.resize(list.size());
    for (std::size_t i = 0; i < list.size(); ++i)
        read(key, list[i], out[i]);
}

void assign(TrainConfig& config, const std::string& name, const json& value)
{
    const Key& key = keyNamed(name);
    std::visit([&](auto member) { read(key, value, config.*member); }, key.member);
}

/// JSON where it is JSON, a list where it has commas, else a word.
json valueFromText(const std::string& text)
{
    json value = json::parse(text, nullptr, false);
    if (!value.is_discarded())
        return value;
    if (text.find(',') != std::string::npos) {
        value = json::parse("[" + text + "]", nullptr, false);
        if (!value.is_discarded())
            return value;
    }
    return text;
}

} // namespace

TrainConfig TrainConfig::fromJson(const json& object)
{
    TrainConfig config;
    config.overlay(object);
    return config;
}

void TrainConfig::overlay(const json& object)
{
    if (!object.is_object())
        throw UserError("the training settings must be a JSON object, not " + std::string(object.type_name()),
                        "Write for example {\"latent\": 16, \"epochs\": 60}.");
    TrainConfig changed = *this;
    for (const auto& [name, value] : object.items())
        assign(changed, name, value);
    changed.validate();
    *this = changed;
}

json TrainConfig::toJson() const
{
    json object = json::object();
    for (const Key& key : keys())
        std::visit([&](auto member) { object[key.name] = this->*member; }, key.member);
    return object;
}

void TrainConfig::apply(std::string_view keyValue)
{
    const std::size_t equals = keyValue.find('=');
    if (equals == std::string_view::npos || equals == 0)
        throw UserError("'" + std::string(keyValue) + "' is not KEY=VALUE", "Write for example latent=16.");
    TrainConfig changed = *this;
    const std::string name(keyValue.substr(0, equals));
    assign(changed, name, valueFromText(std::string(keyValue.substr(equals + 1))));
    const Key& key = keyNamed(name);
    std::visit([&](auto member) { checkValue(key, changed.*member); }, key.member);
    *this = changed;
}

void TrainConfig::validate() const
{
    for (const Key& key : keys())
        std::visit([&](auto member) { checkValue(key, this->*member); }, key.member);
    if (channels.size() != kernels.size() || channels.size() != pools.size())
        throw UserError("training settings 'channels', 'kernels' and 'pools' have " +
                            std::to_string(channels.size()) + ", " + std::to_string(kernels.size()) +
                            " and " + std::to_string(pools.size()) + " numbers",
                        "Give each convolution one of each.");
    if (consistency > 0.0 && redshiftShift == 0 && !(noiseShare > 0.0))
        throw UserError("training setting 'consistency' compares with augmented spectra, and there is no "
                        "augmentation",
                        "Set redshift_shift or noise_share.");
    try {
        nn::validate(modelConfig(1));
    } catch (const nn::ConfigError& error) {
        throw UserError(error.what(), "Change channels, kernels or pools.");
    }
}

nn::ModelConfig TrainConfig::modelConfig(std::size_t pixels) const
{
    nn::ModelConfig model;
    model.architecture = architecture;
    model.pixels = pixels;
    model.hidden = hidden;
    model.decoder = decoder;
    if (architecture == "conv")
        for (std::size_t i = 0; i < channels.size(); ++i)
            model.convolutions.push_back({channels[i], kernels[i], pools[i]});
    model.latent = latent;
    model.inputClip = static_cast<float>(inputClip);
    model.scatter = scatter == "learned";
    return model;
}

const std::vector<TrainKey>& trainKeys()
{
    static const std::vector<TrainKey> list = [] {
        std::vector<TrainKey> all;
        for (const Key& key : keys())
            all.push_back({key.name, key.help});
        return all;
    }();
    return list;
}

} // namespace voorwerp::train
