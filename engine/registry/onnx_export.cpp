// SPDX-License-Identifier: GPL-3.0-or-later
#include "registry/onnx_export.h"

#include "core/error.h"
#include "core/file_io.h"
#include "core/version.h"
#include "nn/batch_chunks.h"
#include "registry/protobuf_writer.h"

#include <algorithm>
#include <cstdint>
#include <limits>
#include <variant>

namespace voorwerp::registry {

namespace {

// onnx.proto: numbers of fields, by message, and of types.
enum ModelField {
    IrVersion = 1,
    ProducerName = 2,
    ProducerVersion = 3,
    Graph = 7,
    OpsetImport = 8,
    Properties = 14
};
enum GraphField { Node = 1, GraphName = 2, Initializer = 5, GraphInput = 11, GraphOutput = 12 };
enum NodeField { NodeInput = 1, NodeOutput = 2, NodeName = 3, OpType = 4, NodeAttribute = 5 };
enum AttributeField {
    AttributeName = 1,
    AttributeReal = 2,
    AttributeInteger = 3,
    AttributeIntegers = 8,
    AttributeType = 20
};
enum TensorField { Dimensions = 1, DataType = 2, TensorName = 8, RawData = 9 };
enum OnnxType { Float = 1, Int64 = 7 };
enum AttributeKind { RealAttribute = 1, IntegerAttribute = 2, IntegersAttribute = 7 };
constexpr int kFirst = 1, kSecond = 2; ///< fields of messages that have only two

using Words = std::vector<std::string>;

struct Attribute
{
    const char* name;
    std::variant<int, float, std::vector<int>> value;

    ProtobufMessage message() const
    {
        ProtobufMessage made = ProtobufMessage().text(AttributeName, name);
        if (const int* integer = std::get_if<int>(&value))
            return made.integer(AttributeInteger, *integer).integer(AttributeType, IntegerAttribute);
        if (const float* real = std::get_if<float>(&value))
            return made.real(AttributeReal, *real).integer(AttributeType, RealAttribute);
        for (const int integer : std::get<std::vector<int>>(value))
            made.integer(AttributeIntegers, integer);
        return made.integer(AttributeType, IntegersAttribute);
    }
};

/// Builds the GraphProto. Values are strings: the name of a node is the name of its first output.
class GraphBuilder
{
public:
    void constant(const std::string& name, const std::vector<std::size_t>& shape, OnnxType type,
                  std::string_view data)
    {
        ProtobufMessage tensor;
        for (const std::size_t extent : shape)
            tensor.integer(Dimensions, static_cast<std::int64_t>(extent));
        tensor.integer(DataType, type).text(TensorName, name).text(RawData, data);
        m_graph.message(Initializer, tensor);
    }

    template <class Number>
    void numbers(const std::string& name, const std::vector<std::size_t>& shape, OnnxType type,
                 const std::vector<Number>& values)
    {
        constant(name, shape, type,
                 {reinterpret_cast<const char*>(values.data()), values.size() * sizeof(Number)});
    }

    std::string scalar(const std::string& name, float value)
    {
        numbers(name, {}, Float, std::vector<float>{value});
        return name;
    }

    std::string integers(const std::string& name, const std::vector<std::int64_t>& values)
    {
        numbers(name, {values.size()}, Int64, values);
        return name;
    }

    /// Returns the first output.
    std::string node(const char* type, const Words& inputs, const Words& outputs,
                     const std::vector<Attribute>& attributes = {})
    {
        ProtobufMessage message;
        for (const std::string& input : inputs)
            message.text(NodeInput, input);
        for (const std::string& output : outputs)
            message.text(NodeOutput, output);
        message.text(NodeName, outputs.front()).text(OpType, type);
        for (const Attribute& attribute : attributes)
            message.message(NodeAttribute, attribute.message());
        m_graph.message(Node, message);
        return outputs.front();
    }

    /// An input or output (batch, width) of floats.
    void rows(GraphField field, const std::string& name, std::size_t width)
    {
        const ProtobufMessage batch = ProtobufMessage().text(kSecond, "batch");
        const ProtobufMessage columns = ProtobufMessage().integer(kFirst, static_cast<std::int64_t>(width));
        const ProtobufMessage shape = ProtobufMessage().message(kFirst, batch).message(kFirst, columns);
        const ProtobufMessage tensor = ProtobufMessage().integer(kFirst, Float).message(kSecond, shape);
        m_graph.message(
            field,
            ProtobufMessage().text(kFirst, name).message(kSecond, ProtobufMessage().message(kFirst, tensor)));
    }

    ProtobufMessage finished(const std::string& name) { return m_graph.text(GraphName, name); }

private:
    ProtobufMessage m_graph;
};

/// What the encoder sees, ((flux − input.mean)·[w>0], clipped to ±inputClip) and [w>0].
struct Input
{
    std::string shown, coverage;
};

Input addInput(GraphBuilder& graph, const nn::ModelConfig& config)
{
    const std::string zero = graph.scalar("zero", 0.0F);
    const std::string low = graph.scalar("input.lowest", -config.inputClip);
    const std::string high = graph.scalar("input.highest", config.inputClip);
    const std::string seen = graph.node("Greater", {"weight", zero}, {"seen"});
    const std::string coverage = graph.node("Cast", {seen}, {"coverage"}, {{"to", Float}});
    const std::string centred = graph.node("Sub", {"flux", "input.mean"}, {"centred"});
    const std::string clipped = graph.node("Clip", {centred, low, high}, {"clipped"});
    return {graph.node("Where", {seen, clipped, zero}, {"shown"}), coverage};
}

/// y = x·Wᵀ + b into output.
std::string addLinear(GraphBuilder& graph, const std::string& layer, const std::string& input,
                      const std::string& output)
{
    return graph.node("Gemm", {input, layer + ".weight", layer + ".bias"}, {output}, {{"transB", 1}});
}

/// SiLU(x) = x·sigmoid(x)
std::string addSilu(GraphBuilder& graph, const std::string& layer, const std::string& value)
{
    const std::string gate = graph.node("Sigmoid", {value}, {layer + ".gate"});
    return graph.node("Mul", {value, gate}, {layer + ".out"});
}

/// The hidden layers "PART.0", "PART.1", ..., each followed by SiLU.
std::string addHidden(GraphBuilder& graph, const std::string& part, std::size_t layers, std::string value)
{
    for (std::size_t i = 0; i < layers; ++i) {
        const std::string layer = part + "." + std::to_string(i);
        value = addSilu(graph, layer, addLinear(graph, layer, value, layer + ".linear"));
    }
    return value;
}

/// Convolution, normalisation, SiLU, pooling (nn::ConvBlock).
std::string addConvolution(GraphBuilder& graph, const std::string& layer, const nn::ConvBlock& block,
                           const std::string& input)
{
    const int kernel = static_cast<int>(block.kernel), pool = static_cast<int>(block.pool);
    const std::string linear =
        graph.node("Conv", {input, layer + ".weight"}, {layer + ".linear"},
                   {{"kernel_shape", std::vector{kernel}}, {"pads", std::vector{kernel / 2, kernel / 2}}});
    for (const auto& [name, value] : {std::pair(".scale", 1.0F), std::pair(".shift", 0.0F)})
        graph.numbers(layer + name, {block.channels}, Float, std::vector<float>(block.channels, value));
    const std::string normal =
        graph.node("InstanceNormalization", {linear, layer + ".scale", layer + ".shift"}, {layer + ".normal"},
                   {{"epsilon", static_cast<float>(nn::kNormEpsilon)}});
    const std::string out = addSilu(graph, layer, normal);
    if (block.pool == 1)
        return out;
    return graph.node(
        "MaxPool", {out}, {layer + ".pooled"},
        {{"kernel_shape", std::vector{pool}}, {"strides", std::vector{pool}}, {"ceil_mode", 1}});
}

/// Convolutions and attention pooling over (batch, channels, positions).
std::string addConvolutions(GraphBuilder& graph, const nn::ModelConfig& config, const Input& input)
{
    const std::string axis = graph.integers("channel.axis", {1});
    const std::string shown = graph.node("Unsqueeze", {input.shown, axis}, {"shown.channel"});
    const std::string coverage = graph.node("Unsqueeze", {input.coverage, axis}, {"coverage.channel"});
    std::string value = graph.node("Concat", {shown, coverage}, {"conv.input"}, {{"axis", 1}});
    for (std::size_t i = 0; i < config.convolutions.size(); ++i)
        value = addConvolution(graph, "conv." + std::to_string(i), config.convolutions[i], value);
    const auto half = static_cast<std::int64_t>(config.convolutions.back().channels / 2);
    const std::string halves = graph.integers("attention.widths", {half, half});
    graph.node("Split", {value, halves}, {"attention.seen", "attention.logits"}, {{"axis", 1}});
    const std::string shares =
        graph.node("Softmax", {"attention.logits"}, {"attention.shares"}, {{"axis", 2}});
    const std::string weighed = graph.node("Mul", {"attention.seen", shares}, {"attention.weighed"});
    return graph.node("ReduceSum", {weighed, graph.integers("position.axis", {2})}, {"features"},
                      {{"keepdims", 0}});
}

void addNetwork(GraphBuilder& graph, const nn::ModelConfig& config)
{
    const Input input = addInput(graph, config);
    std::string value = config.architecture == "conv" ? addConvolutions(graph, config, input)
                                                      : graph.node("Concat", {input.shown, input.coverage},
                                                                   {"encoder.input"}, {{"axis", 1}});
    value = addHidden(graph, "encoder", config.hidden.size(), value);
    const std::string head = addLinear(graph, "encoder.head", value, "encoder.head.out");
    const auto latent = static_cast<std::int64_t>(config.latent);
    graph.node("Split", {head, graph.integers("head.widths", {latent, latent})},
               {"latent_mean", "log_variance"}, {{"axis", 1}});
    const std::string low = graph.scalar("log_variance.lowest", -nn::kLogVarianceLimit);
    const std::string high = graph.scalar("log_variance.highest", nn::kLogVarianceLimit);
    graph.node("Clip", {"log_variance", low, high}, {"latent_log_variance"});
    value = addHidden(graph, "decoder", nn::decoderWidths(config).size(), "latent_mean");
    addLinear(graph, "decoder.output", value, "reconstruction");
}

ProtobufMessage graphOf(const ModelFile& model)
{
    const nn::ModelConfig& config = model.config;
    GraphBuilder graph;
    for (const char* input : {"flux", "weight"})
        graph.rows(GraphInput, input, config.pixels);
    for (const nn::NamedTensor& tensor : model.parameters)
        if (tensor.name != "scatter.log") // of the likelihood, not of the model
            graph.numbers(tensor.name, tensor.shape, Float, tensor.values);
    if (config.architecture != "mlp" && config.architecture != "conv")
        throw core::UserError("models of architecture '" + config.architecture +
                                  "' cannot be exported to ONNX yet",
                              "Export it as safetensors: --format safetensors.");
    addNetwork(graph, config);
    for (const char* output : {"latent_mean", "latent_log_variance"})
        graph.rows(GraphOutput, output, config.latent);
    graph.rows(GraphOutput, "reconstruction", config.pixels);
    return graph.finished("voorwerp " + config.architecture);
}

/// A protobuf message has at most 2 GiB; the rest of the file is far below the spare megabyte.
void requireFits(const ModelFile& model)
{
    constexpr std::size_t kLargest = std::numeric_limits<std::int32_t>::max() - (1U << 20U);
    std::size_t bytes = model.recipe.dump().size();
    for (const nn::NamedTensor& tensor : model.parameters)
        bytes += tensor.values.size() * sizeof(float);
    if (bytes > kLargest)
        throw core::UserError("the model has " + std::to_string(bytes) +
                                  " bytes of weights, an ONNX file can have at most 2 GiB",
                              "Export it as safetensors: --format safetensors.");
}

} // namespace

void writeOnnx(const std::filesystem::path& path, const ModelFile& model, const std::string& reference)
{
    requireFits(model);
    ProtobufMessage file;
    file.integer(IrVersion, kOnnxIrVersion)
        .text(ProducerName, "Voorwerp")
        .text(ProducerVersion, core::kVersion);
    file.message(Graph, graphOf(model));
    file.message(OpsetImport, ProtobufMessage().text(kFirst, "").integer(kSecond, kOnnxOpset));
    const std::pair<const char*, std::string> properties[] = {
        {"voorwerp.model", reference},
        {"voorwerp.config", toJson(model.config).dump()},
        {"voorwerp.recipe", model.recipe.dump()}};
    for (const auto& [key, value] : properties)
        file.message(Properties, ProtobufMessage().text(kFirst, key).text(kSecond, value));
    core::writeTextAtomically(path, file.bytes());
}

} // namespace voorwerp::registry
