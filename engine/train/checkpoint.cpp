// SPDX-License-Identifier: GPL-3.0-or-later
#include "train/checkpoint.h"

#include "core/error.h"
#include "core/file_io.h"

#include <nlohmann/json.hpp>

#include <cstring>
#include <fstream>
#include <numeric>

namespace voorwerp::train {

using core::FormatError;
using nlohmann::json;

namespace {

constexpr char kMagic[8] = {'V', 'W', 'C', 'K', 'P', 'T', '\r', '\n'}; // \r\n shows text-mode copies
constexpr std::uint32_t kVersion = 1;
constexpr std::size_t kPrefixBytes = sizeof kMagic + sizeof(std::uint32_t) + sizeof(std::uint64_t);
constexpr std::size_t kHashBytes = 64; // hexadecimal

std::string hashOf(const std::string& bytes, std::size_t count)
{
    return core::sha256OfBytes(std::as_bytes(std::span(bytes.data(), count)));
}

json tableOf(const std::vector<nn::NamedTensor>& tensors)
{
    json table = json::array();
    for (const nn::NamedTensor& tensor : tensors)
        table.push_back({{"name", tensor.name}, {"shape", tensor.shape}});
    return table;
}

EpochReport reportFrom(const json& line)
{
    EpochReport r;
    r.epoch = line.at("epoch");
    r.epochs = line.at("epochs");
    r.trainLoss = line.at("train_loss");
    r.trainReconstruction = line.at("train_reconstruction");
    r.trainKl = line.at("train_kl");
    r.trainConsistency = line.value("train_consistency", 0.0);
    r.trainSimilarity = line.value("train_similarity", 0.0);
    r.batch = line.value("batch", std::size_t{0});
    r.validationLoss = line.at("validation_loss");
    r.validationReconstruction = line.at("validation_reconstruction");
    r.validationKl = line.at("validation_kl");
    r.learningRate = line.at("learning_rate");
    r.beta = line.at("beta");
    r.gradientNorm = line.at("gradient_norm");
    r.spectraPerSecond = line.at("spectra_per_second");
    r.dataWait = line.value("data_wait", 0.0);
    r.seconds = line.at("seconds");
    r.best = line.at("best");
    return r;
}

json headerOf(const Checkpoint& c)
{
    json history = json::array();
    for (const EpochReport& report : c.history)
        history.push_back(toJson(report));
    return {{"data_hash", c.dataHash},
            {"pixels", c.pixels},
            {"config", c.config.toJson()},
            {"epoch", c.epoch},
            {"epoch_step", c.epochStep},
            {"step", c.step},
            {"batch", c.batch},
            {"halvings", c.halvings},
            {"seconds", c.seconds},
            {"step_seconds", c.stepSeconds},
            {"wait_seconds", c.waitSeconds},
            {"watch", c.watch.toJson()},
            {"spectra", c.spectra},
            {"epoch_sums",
             {c.epochSums.reconstruction, c.epochSums.kl, c.epochSums.gradientNorm, c.epochSums.consistency,
              c.epochSums.similarity, c.epochSums.steps}},
            {"best_epoch", c.bestEpoch},
            {"history", history},
            {"parameters", tableOf(c.parameters)},
            {"optimiser", tableOf(c.optimiser)},
            {"best", tableOf(c.best)}};
}

Checkpoint fromHeader(const json& h)
{
    Checkpoint c;
    c.dataHash = h.at("data_hash");
    c.pixels = h.at("pixels");
    c.config = TrainConfig::fromJson(h.at("config"));
    c.epoch = h.at("epoch");
    c.epochStep = h.at("epoch_step");
    c.step = h.at("step");
    c.seconds = h.at("seconds");
    c.stepSeconds = h.at("step_seconds");
    if (h.contains("watch")) { // not in the first files of this format
        c.waitSeconds = h.at("wait_seconds");
        c.watch = DivergenceWatch::fromJson(h.at("watch"));
    }
    c.spectra = h.at("spectra");
    c.epochSums.reconstruction = h.at("epoch_sums").at(0);
    c.epochSums.kl = h.at("epoch_sums").at(1);
    c.epochSums.gradientNorm = h.at("epoch_sums").at(2);
    c.batch = h.value("batch", c.config.batch);
    c.halvings = h.value("halvings", std::size_t{0});
    c.epochSums.steps = c.epochStep; // in the first files of this format
    if (h.at("epoch_sums").size() > 3) {
        c.epochSums.consistency = h.at("epoch_sums").at(3);
        c.epochSums.similarity = h.at("epoch_sums").at(4);
        c.epochSums.steps = h.at("epoch_sums").at(5);
    }
    c.bestEpoch = h.at("best_epoch");
    for (const json& line : h.at("history"))
        c.history.push_back(reportFrom(line));
    return c;
}

/// Reads tensors of a table from bytes, from position on.
std::vector<nn::NamedTensor> readTensors(const json& table, const std::string& bytes, std::size_t end,
                                         std::size_t& position)
{
    std::vector<nn::NamedTensor> tensors;
    for (const json& entry : table) {
        nn::NamedTensor tensor{entry.at("name"), entry.at("shape"), {}};
        const std::size_t count = std::accumulate(tensor.shape.begin(), tensor.shape.end(), std::size_t{1},
                                                  std::multiplies<std::size_t>());
        if (count > (end - position) / sizeof(float))
            throw std::runtime_error("tensor '" + tensor.name + "' is cut off");
        tensor.values.resize(count);
        std::memcpy(tensor.values.data(), bytes.data() + position, count * sizeof(float));
        position += count * sizeof(float);
        tensors.push_back(std::move(tensor));
    }
    return tensors;
}

Checkpoint parse(const std::string& bytes, std::size_t end)
{
    std::uint64_t headerBytes = 0;
    std::memcpy(&headerBytes, bytes.data() + kPrefixBytes - sizeof headerBytes, sizeof headerBytes);
    if (headerBytes > end - kPrefixBytes)
        throw std::runtime_error("the header is cut off");
    const auto headerBegin = bytes.begin() + static_cast<std::ptrdiff_t>(kPrefixBytes);
    const json header = json::parse(headerBegin, headerBegin + static_cast<std::ptrdiff_t>(headerBytes));
    Checkpoint checkpoint = fromHeader(header);
    std::size_t position = kPrefixBytes + headerBytes;
    checkpoint.parameters = readTensors(header.at("parameters"), bytes, end, position);
    checkpoint.optimiser = readTensors(header.at("optimiser"), bytes, end, position);
    checkpoint.best = readTensors(header.at("best"), bytes, end, position);
    return checkpoint;
}

} // namespace

json toJson(const EpochReport& r)
{
    return {{"epoch", r.epoch},
            {"epochs", r.epochs},
            {"train_loss", r.trainLoss},
            {"train_reconstruction", r.trainReconstruction},
            {"train_kl", r.trainKl},
            {"train_consistency", r.trainConsistency},
            {"train_similarity", r.trainSimilarity},
            {"batch", r.batch},
            {"validation_loss", r.validationLoss},
            {"validation_reconstruction", r.validationReconstruction},
            {"validation_kl", r.validationKl},
            {"learning_rate", r.learningRate},
            {"beta", r.beta},
            {"gradient_norm", r.gradientNorm},
            {"spectra_per_second", r.spectraPerSecond},
            {"data_wait", r.dataWait},
            {"seconds", r.seconds},
            {"best", r.best}};
}

void writeCheckpoint(const std::filesystem::path& path, const Checkpoint& checkpoint)
{
    const std::string header = headerOf(checkpoint).dump();
    const std::uint64_t headerBytes = header.size();
    std::string bytes(kMagic, sizeof kMagic);
    bytes.append(reinterpret_cast<const char*>(&kVersion), sizeof kVersion);
    bytes.append(reinterpret_cast<const char*>(&headerBytes), sizeof headerBytes);
    bytes += header;
    for (const auto* tensors : {&checkpoint.parameters, &checkpoint.optimiser, &checkpoint.best})
        for (const nn::NamedTensor& tensor : *tensors)
            bytes.append(reinterpret_cast<const char*>(tensor.values.data()),
                         tensor.values.size() * sizeof(float));
    bytes += hashOf(bytes, bytes.size());
    core::writeFileAtomically(path, [&](const std::filesystem::path& temporary) {
        std::ofstream file(temporary, std::ios::binary);
        file.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
        file.close();
        if (!file)
            throw core::SystemError("cannot write the checkpoint " + path.string(),
                                    "Check the free space of the disk.");
    });
}

Checkpoint readCheckpoint(const std::filesystem::path& path)
{
    const char* remedy = "Start the training again without resuming.";
    const std::string bytes = core::readText(path);
    if (bytes.size() < kPrefixBytes + kHashBytes || std::memcmp(bytes.data(), kMagic, sizeof kMagic) != 0)
        throw FormatError(path.string() + " is not a checkpoint or is cut off", remedy);
    std::uint32_t version = 0;
    std::memcpy(&version, bytes.data() + sizeof kMagic, sizeof version);
    if (version > kVersion)
        throw FormatError(path.string() + " is a checkpoint of format " + std::to_string(version) +
                              ", this program reads up to " + std::to_string(kVersion),
                          "Use the program that wrote it, or start the training again without resuming.");
    const std::size_t end = bytes.size() - kHashBytes;
    if (hashOf(bytes, end) != bytes.substr(end))
        throw FormatError("the checkpoint " + path.string() + " is damaged: its SHA-256 differs", remedy);
    try {
        return parse(bytes, end);
    } catch (const std::exception& error) {
        throw FormatError("the checkpoint " + path.string() + " cannot be read: " + error.what(), remedy);
    }
}

} // namespace voorwerp::train
