// SPDX-License-Identifier: GPL-3.0-or-later
#include "registry/model_file.h"

#include "core/error.h"
#include "core/file_io.h"
#include "core/hdf5_lock.h"
#include "registry/model_hdf5.h"

#include <cerrno>
#include <cstring>
#include <fstream>
#include <set>

namespace voorwerp::registry {

namespace fs = std::filesystem;
using nlohmann::json;

namespace {

constexpr const char* kMagic = "voorwerp model";
constexpr int kFormat = 1;

void requireSoundTensors(const std::vector<nn::NamedTensor>& tensors, const char* what)
{
    std::set<std::string> names;
    for (const nn::NamedTensor& tensor : tensors) {
        std::size_t size = 1;
        for (const std::size_t extent : tensor.shape)
            size *= extent;
        if (size != tensor.values.size())
            throw core::UserError(std::string(what) + " tensor '" + tensor.name + "' has " +
                                  std::to_string(tensor.values.size()) + " values where its shape holds " +
                                  std::to_string(size));
        if (tensor.name.empty() || tensor.name.find('/') != std::string::npos ||
            !names.insert(tensor.name).second)
            throw core::UserError(std::string(what) + " tensor name '" + tensor.name +
                                  "' is empty, holds a '/' or is there twice");
    }
}

void requireSound(const ModelFile& model)
{
    requireSoundTensors(model.parameters, "parameter");
    requireSoundTensors(model.latentDensity, "latent density");
    const GoldenTest& golden = model.golden;
    if (golden.latents.size() != golden.count * model.config.latent ||
        golden.flux.size() != golden.count * model.config.pixels)
        throw core::UserError("the golden test of the model does not fit its latent size and pixels");
}

void writeTensors(H5::Group& file, const char* name, const std::vector<nn::NamedTensor>& tensors)
{
    H5::Group group = file.createGroup(name);
    int index = 0;
    for (const nn::NamedTensor& tensor : tensors)
        writeTensor(group, tensor, index++);
}

/// The bytes of the file. Made in memory: on a full disk HDF5 cannot close a file, and then crashes when the
/// program ends.
std::string makeContent(const ModelFile& model)
{
    constexpr std::size_t kGrowBy = 1 << 20;
    H5::FileAccPropList inMemory;
    inMemory.setCore(kGrowBy, false);
    H5::H5File file("model.h5", H5F_ACC_TRUNC, H5::FileCreatPropList::DEFAULT, inMemory);
    H5::Group root = file.openGroup("/");
    writeAttribute(root, "magic", std::string(kMagic));
    writeAttribute(root, "format", kFormat);
    writeText(root, "config", toJson(model.config).dump());
    writeText(root, "recipe", model.recipe.dump());
    writeText(root, "lineage", model.lineage.dump());
    writeText(root, "metrics", model.metrics.dump());
    writeTensors(root, "parameters", model.parameters);
    writeTensors(root, "latent_density", model.latentDensity);
    const GoldenTest& golden = model.golden;
    writeTensors(root, "golden",
                 {{"latents", {golden.count, model.config.latent}, golden.latents},
                  {"flux", {golden.count, model.config.pixels}, golden.flux}});
    H5::Group group = root.openGroup("golden");
    writeAttribute(group, "relative_tolerance", golden.relativeTolerance);
    file.flush(H5F_SCOPE_GLOBAL);
    std::string bytes(static_cast<std::size_t>(H5Fget_file_image(file.getId(), nullptr, 0)), '\0');
    H5Fget_file_image(file.getId(), bytes.data(), bytes.size());
    return bytes;
}

void requireFormat(const H5::Group& root, const fs::path& path)
{
    if (!root.attrExists("magic") || readTextAttribute(root, "magic") != kMagic)
        throw core::FormatError(path.string() + " is an HDF5 file, but not a Voorwerp model",
                                "Choose a model.h5 that Voorwerp wrote.");
    const int format = readIntAttribute(root, "format");
    if (format > kFormat)
        throw core::FormatError(path.string() + " has model format " + std::to_string(format) +
                                    ", made by a newer Voorwerp; this one reads up to format " +
                                    std::to_string(kFormat),
                                "Update Voorwerp on this machine, or train the model with this version.");
}

GoldenTest readGolden(const H5::Group& root)
{
    const H5::Group group = root.openGroup("golden");
    auto tensors = readTensors(group);
    GoldenTest golden;
    golden.count = tensors.at(0).shape.at(0);
    golden.latents = std::move(tensors[0].values);
    golden.flux = std::move(tensors.at(1).values);
    golden.relativeTolerance = readDoubleAttribute(group, "relative_tolerance");
    return golden;
}

ModelFile parse(const std::vector<std::byte>& image, const fs::path& path)
{
    const H5::H5File file = openImage(image);
    const H5::Group root = file.openGroup("/");
    requireFormat(root, path);
    ModelFile model;
    model.config = configFromJson(json::parse(readTextDataset(root, "config")));
    model.recipe = json::parse(readTextDataset(root, "recipe"));
    model.lineage = json::parse(readTextDataset(root, "lineage"));
    model.metrics = json::parse(readTextDataset(root, "metrics"));
    model.parameters = readTensors(root.openGroup("parameters"));
    model.latentDensity = readTensors(root.openGroup("latent_density"));
    model.golden = readGolden(root);
    requireSound(model);
    return model;
}

std::vector<std::byte> readBytes(const fs::path& path)
{
    std::ifstream in(path, std::ios::binary | std::ios::ate);
    if (!in)
        throw core::SystemError("cannot open the model file " + path.string() + ": " + std::strerror(errno),
                                "Check its path and permissions; a lost model comes back from a backup.");
    std::vector<std::byte> bytes(static_cast<std::size_t>(in.tellg()));
    in.seekg(0);
    in.read(reinterpret_cast<char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
    if (!in)
        throw core::SystemError("cannot read the model file " + path.string());
    return bytes;
}

[[noreturn]] void throwDamaged(const fs::path& path, const std::string& detail)
{
    throw core::FormatError("the model file " + path.string() + " is damaged: " + detail,
                            "Restore it from a backup, or train the model again.");
}

} // namespace

/// What a model does not have is left out, so that models of the first kind keep their bytes.
json toJson(const nn::ModelConfig& config)
{
    json text{{"architecture", config.architecture},
              {"pixels", config.pixels},
              {"hidden", config.hidden},
              {"latent", config.latent},
              {"input_clip", config.inputClip}};
    for (const nn::ConvBlock& block : config.convolutions)
        text["convolutions"].push_back(
            {{"channels", block.channels}, {"kernel", block.kernel}, {"pool", block.pool}});
    if (!config.decoder.empty())
        text["decoder"] = config.decoder;
    if (config.scatter)
        text["scatter"] = true;
    return text;
}

nn::ModelConfig configFromJson(const json& text)
{
    nn::ModelConfig config;
    config.architecture = text.at("architecture").get<std::string>();
    config.pixels = text.at("pixels").get<std::size_t>();
    config.hidden = text.at("hidden").get<std::vector<std::size_t>>();
    config.latent = text.at("latent").get<std::size_t>();
    config.inputClip = text.at("input_clip").get<float>();
    for (const json& block : text.value("convolutions", json::array()))
        config.convolutions.push_back({block.at("channels").get<std::size_t>(),
                                       block.at("kernel").get<std::size_t>(),
                                       block.at("pool").get<std::size_t>()});
    config.decoder = text.value("decoder", config.decoder);
    config.scatter = text.value("scatter", false);
    return config;
}

std::string writeModelFile(const fs::path& path, const ModelFile& model)
{
    requireSound(model);
    const core::Hdf5Lock lock(core::hdf5Mutex());
    H5::Exception::dontPrint();
    try {
        core::writeTextAtomically(path, makeContent(model));
    } catch (const H5::Exception& error) {
        throw core::SystemError("cannot make the model file " + path.string() + ": " + error.getDetailMsg(),
                                "Close other programs: there may be too little memory.");
    }
    return core::sha256OfFile(path);
}

ModelFile readModelFile(const fs::path& path, const std::string& expectedSha256)
{
    const std::vector<std::byte> bytes = readBytes(path);
    const std::string actual = core::sha256OfBytes(bytes);
    if (actual != expectedSha256)
        throw core::FormatError(
            "the model file " + path.string() + " is not the one that was recorded: its SHA-256 is " +
                actual + ", expected " + expectedSha256,
            "It was changed or damaged and is not loaded. Restore it from a backup, or train the "
            "model again.");
    const core::Hdf5Lock lock(core::hdf5Mutex());
    H5::Exception::dontPrint();
    try {
        return parse(bytes, path);
    } catch (const H5::Exception& error) {
        throwDamaged(path, error.getDetailMsg());
    } catch (const json::exception& error) {
        throwDamaged(path, error.what());
    } catch (const std::out_of_range&) {
        throwDamaged(path, "a tensor is missing");
    } catch (const core::UserError& error) {
        throwDamaged(path, error.what());
    }
}

} // namespace voorwerp::registry
