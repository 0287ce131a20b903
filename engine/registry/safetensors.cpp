// SPDX-License-Identifier: GPL-3.0-or-later
#include "registry/safetensors.h"

#include "core/error.h"
#include "core/file_io.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <limits>
#include <set>
#include <tuple>

namespace voorwerp::registry {

using nlohmann::json;

static_assert(std::endian::native == std::endian::little, "numbers are copied as they lie in memory");

namespace {

constexpr std::size_t kLengthBytes = 8;
constexpr std::size_t kLongestHeader = 100'000'000; ///< the format's own limit
constexpr std::size_t kAlignment = 8;
constexpr int kDeepestHeader = 2; ///< object of tensors, object of one tensor, array
constexpr const char* kMetadata = "__metadata__";

/// A number type of the format.
struct NumberType
{
    const char* name;
    std::size_t bytes;
    float (*read)(const char* bytes);
};

template <class Number> Number numberAt(const char* bytes)
{
    Number number;
    std::memcpy(&number, bytes, sizeof number);
    return number;
}

float readF32(const char* bytes)
{
    return numberAt<float>(bytes);
}

/// Beyond fp32's range: infinite, and refused as such.
float readF64(const char* bytes)
{
    const double value = numberAt<double>(bytes);
    if (!(std::abs(value) <= static_cast<double>(std::numeric_limits<float>::max())))
        return std::numeric_limits<float>::infinity();
    return static_cast<float>(value);
}

/// The upper half of an fp32 number.
float readBf16(const char* bytes)
{
    return std::bit_cast<float>(std::uint32_t{numberAt<std::uint16_t>(bytes)} << 16U);
}

/// IEEE 754 binary16: 1 sign, 5 exponent (bias 15), 10 fraction bits.
float readF16(const char* bytes)
{
    const std::uint16_t bits = numberAt<std::uint16_t>(bytes);
    const int exponent = (bits >> 10U) & 31U;
    const int fraction = bits & 1023U;
    float size = std::ldexp(static_cast<float>(1024 + fraction), exponent - 25);
    if (exponent == 0)
        size = std::ldexp(static_cast<float>(fraction), -24);
    else if (exponent == 31)
        size = std::numeric_limits<float>::infinity();
    return (bits & 0x8000U) != 0 ? -size : size;
}

constexpr NumberType kTypes[] = {
    {"F32", 4, readF32}, {"F16", 2, readF16}, {"BF16", 2, readBf16}, {"F64", 8, readF64}};

/// Where a tensor is, as its header entry says.
struct Entry
{
    std::string name;
    const NumberType* type = nullptr;
    std::vector<std::size_t> shape;
    std::size_t count = 1; ///< numbers
    std::size_t begin = 0; ///< bytes from the end of the header
    std::size_t end = 0;
};

class Parser
{
public:
    Parser(std::string_view bytes, const std::string& source)
        : m_bytes(bytes)
        , m_source(source)
    {
    }

    Safetensors parse()
    {
        Safetensors content;
        std::vector<Entry> entries;
        const json header = readHeader();
        for (const auto& [name, value] : header.items()) {
            if (name == kMetadata)
                content.metadata = metadataOf(value);
            else
                entries.push_back(entryOf(name, value));
        }
        std::sort(entries.begin(), entries.end(), [](const Entry& a, const Entry& b) {
            return std::tie(a.begin, a.end, a.name) < std::tie(b.begin, b.end, b.name);
        });
        requireWithoutGaps(entries);
        for (const Entry& entry : entries)
            content.tensors.push_back(numbersOf(entry));
        return content;
    }

private:
    [[noreturn]] void fail(const std::string& what) const
    {
        throw core::FormatError(
            m_source + " is not a usable safetensors file: " + what,
            "Write it again, for instance with safetensors.torch.save_file, and copy it in "
            "binary form.");
    }

    [[noreturn]] void failTensor(const std::string& name, const std::string& what) const
    {
        fail("tensor '" + name + "' " + what);
    }

    /// Leaves the numbers in m_bytes.
    json readHeader()
    {
        if (m_bytes.size() < kLengthBytes)
            fail("it has " + std::to_string(m_bytes.size()) +
                 " bytes, fewer than the length of its header takes");
        const auto length = numberAt<std::uint64_t>(m_bytes.data());
        m_bytes.remove_prefix(kLengthBytes);
        if (length > kLongestHeader)
            fail("its header would have " + std::to_string(length) + " bytes, more than the format allows");
        if (length > m_bytes.size())
            fail("its header should have " + std::to_string(length) + " bytes, but the file ends after " +
                 std::to_string(m_bytes.size()));
        const std::string_view text = m_bytes.substr(0, length);
        m_bytes.remove_prefix(length);
        if (!text.starts_with('{'))
            fail("its header is not a JSON object");
        try {
            return json::parse(text, [this](int depth, json::parse_event_t event, json& value) {
                return checkEvent(depth, event, value);
            });
        } catch (const json::exception& error) {
            fail(std::string("its header cannot be read: ") + error.what());
        }
    }

    /// Called by the JSON parser, which itself would keep the last of two equal names.
    bool checkEvent(int depth, json::parse_event_t event, const json& value)
    {
        const bool opens =
            event == json::parse_event_t::object_start || event == json::parse_event_t::array_start;
        if (opens && depth > kDeepestHeader)
            fail("its header is nested too deeply");
        if (event == json::parse_event_t::object_start)
            m_names[static_cast<std::size_t>(depth)].clear();
        else if (event == json::parse_event_t::key &&
                 !m_names[static_cast<std::size_t>(depth) - 1].insert(value.get<std::string>()).second)
            fail("its header has '" + value.get<std::string>() + "' twice");
        return true;
    }

    std::map<std::string, std::string> metadataOf(const json& value) const
    {
        if (!value.is_object())
            fail("its metadata are not an object");
        std::map<std::string, std::string> metadata;
        for (const auto& [key, text] : value.items()) {
            if (!text.is_string())
                fail("its metadata '" + key + "' is not a text");
            metadata[key] = text.get<std::string>();
        }
        return metadata;
    }

    Entry entryOf(const std::string& name, const json& value) const
    {
        if (!value.is_object() || value.size() != 3 || !value.contains("dtype") || !value.contains("shape") ||
            !value.contains("data_offsets"))
            failTensor(name, "does not have exactly dtype, shape and data_offsets");
        Entry entry;
        entry.name = name;
        entry.type = typeOf(name, value["dtype"]);
        entry.shape = sizesOf(name, "shape", value["shape"]);
        for (const std::size_t extent : entry.shape)
            if (__builtin_mul_overflow(entry.count, extent, &entry.count))
                failTensor(name, "has a shape that no file can hold");
        const std::vector<std::size_t> place = sizesOf(name, "data_offsets", value["data_offsets"]);
        if (place.size() != 2 || place[0] > place[1])
            failTensor(name, "has data_offsets that are no begin and end");
        entry.begin = place[0];
        entry.end = place[1];
        if (entry.count > m_bytes.size() || entry.end - entry.begin != entry.count * entry.type->bytes)
            failTensor(name, "has " + std::to_string(entry.end - entry.begin) +
                                 " bytes, but its shape holds " + std::to_string(entry.count) +
                                 " numbers of type " + entry.type->name);
        return entry;
    }

    const NumberType* typeOf(const std::string& name, const json& value) const
    {
        const std::string type = value.is_string() ? value.get<std::string>() : value.dump();
        const auto* found = std::find_if(std::begin(kTypes), std::end(kTypes),
                                         [&](const NumberType& known) { return type == known.name; });
        if (found == std::end(kTypes))
            failTensor(name, "has the type " + type + "; F32, F16, BF16 and F64 can be read");
        return found;
    }

    std::vector<std::size_t> sizesOf(const std::string& name, const char* key, const json& value) const
    {
        if (!value.is_array() || !std::all_of(value.begin(), value.end(),
                                              [](const json& size) { return size.is_number_unsigned(); }))
            failTensor(name, std::string("has a ") + key + " that is no list of sizes");
        return value.get<std::vector<std::size_t>>();
    }

    void requireWithoutGaps(const std::vector<Entry>& entries) const
    {
        std::size_t end = 0;
        for (const Entry& entry : entries) {
            if (entry.begin != end)
                failTensor(entry.name, "begins at byte " + std::to_string(entry.begin) +
                                           " of the data, where byte " + std::to_string(end) + " is next");
            end = entry.end;
        }
        if (end != m_bytes.size())
            fail("its tensors have " + std::to_string(end) + " bytes, but " + std::to_string(m_bytes.size()) +
                 " follow the header");
    }

    nn::NamedTensor numbersOf(const Entry& entry) const
    {
        nn::NamedTensor tensor{entry.name, entry.shape, std::vector<float>(entry.count)};
        const char* bytes = m_bytes.data() + entry.begin;
        for (std::size_t i = 0; i < entry.count; ++i, bytes += entry.type->bytes) {
            tensor.values[i] = entry.type->read(bytes);
            if (!std::isfinite(tensor.values[i]))
                failTensor(entry.name, "has a number that is not finite in single precision, number " +
                                           std::to_string(i));
        }
        return tensor;
    }

    std::string_view m_bytes;
    const std::string& m_source;
    std::set<std::string> m_names[kDeepestHeader + 1]; ///< of the object that is open at each depth
};

std::string headerOf(const Safetensors& content)
{
    nlohmann::ordered_json header;
    if (!content.metadata.empty())
        header[kMetadata] = content.metadata;
    std::size_t begin = 0;
    for (const nn::NamedTensor& tensor : content.tensors) {
        const std::size_t end = begin + tensor.values.size() * sizeof(float);
        header[tensor.name] = {{"dtype", "F32"}, {"shape", tensor.shape}, {"data_offsets", {begin, end}}};
        begin = end;
    }
    std::string text = header.is_null() ? "{}" : header.dump();
    text.resize((text.size() + kAlignment - 1) / kAlignment * kAlignment, ' ');
    return text;
}

} // namespace

void writeSafetensors(const std::filesystem::path& path, const Safetensors& content)
{
    const std::string header = headerOf(content);
    const std::uint64_t length = header.size();
    std::string bytes(reinterpret_cast<const char*>(&length), sizeof length);
    bytes += header;
    for (const nn::NamedTensor& tensor : content.tensors)
        bytes.append(reinterpret_cast<const char*>(tensor.values.data()),
                     tensor.values.size() * sizeof(float));
    core::writeTextAtomically(path, bytes);
}

Safetensors parseSafetensors(std::string_view bytes, const std::string& source)
{
    return Parser(bytes, source).parse();
}

} // namespace voorwerp::registry
