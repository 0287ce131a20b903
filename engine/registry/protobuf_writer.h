// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// The wire format of protocol buffers (protobuf.dev, "Encoding"), as far as an ONNX file needs it: varints,
// floats and length-delimited fields. Why not a library: Debian's libonnx and libprotobuf are two more
// libraries in every installation and 40,000 generated lines in the build, for eight messages that are
// written and never read. A value; one thread.

#include <bit>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

namespace voorwerp::registry {

/// One message: fields in the order they are added.
class ProtobufMessage
{
public:
    /// int32, int64, enumerations. Repeated fields: call it once an element.
    ProtobufMessage& integer(int field, std::int64_t value)
    {
        key(field, kVarint);
        varint(static_cast<std::uint64_t>(value));
        return *this;
    }
    ProtobufMessage& real(int field, float value)
    {
        key(field, kFixed32);
        static_assert(std::endian::native == std::endian::little);
        char bytes[sizeof value];
        std::memcpy(bytes, &value, sizeof value);
        m_bytes.append(bytes, sizeof bytes);
        return *this;
    }
    /// string, bytes.
    ProtobufMessage& text(int field, std::string_view value)
    {
        key(field, kDelimited);
        varint(value.size());
        m_bytes += value;
        return *this;
    }
    ProtobufMessage& message(int field, const ProtobufMessage& value) { return text(field, value.bytes()); }

    const std::string& bytes() const { return m_bytes; }

private:
    static constexpr std::uint64_t kVarint = 0, kDelimited = 2, kFixed32 = 5;

    void key(int field, std::uint64_t wireType)
    {
        varint(static_cast<std::uint64_t>(field) << 3U | wireType);
    }
    void varint(std::uint64_t value)
    {
        for (; value >= 128; value >>= 7U)
            m_bytes += static_cast<char>(value | 128U);
        m_bytes += static_cast<char>(value);
    }
    std::string m_bytes;
};

} // namespace voorwerp::registry
