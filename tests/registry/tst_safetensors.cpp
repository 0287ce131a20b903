// SPDX-License-Identifier: GPL-3.0-or-later
#include "registry/safetensors.h"

#include "core/error.h"
#include "core/file_io.h"
#include "support/test_support.h"

#include <catch2/catch.hpp>

#include <cmath>
#include <cstdint>
#include <limits>
#include <random>

using namespace voorwerp;
using Catch::Matchers::Contains;
using registry::Safetensors;

namespace {

/// The bytes of a file with this header and these numbers.
std::string fileOf(const std::string& header, const std::string& data = {})
{
    std::string bytes;
    for (std::size_t i = 0; i < 8; ++i)
        bytes += static_cast<char>(header.size() >> (8 * i) & 255U);
    return bytes + header + data;
}

std::string oneTensor(const std::string& type, const std::string& shape, const std::string& place)
{
    return R"({"a":{"dtype":")" + type + R"(","shape":)" + shape + R"(,"data_offsets":)" + place + "}}";
}

std::string refusalOf(const std::string& bytes)
{
    try {
        registry::parseSafetensors(bytes, "w.safetensors");
    } catch (const core::FormatError& error) {
        CHECK_FALSE(error.remedy().empty());
        CHECK_THAT(error.what(), Contains("w.safetensors"));
        return error.what();
    }
    FAIL("the file was read");
    return {};
}

Safetensors sample()
{
    return {{{"encoder.0.weight", {2, 3}, {1, 2, 3, 4, 5, 1.0F / 3.0F}},
             {"bias", {2}, {-0.0F, 1e-38F}},
             {"scalar", {}, {7}},
             {"none", {0, 4}, {}}},
            {{"format", "pt"}, {"note", "λ in Å, \"quoted\""}}};
}

std::string sampleBytes()
{
    const test::TemporaryFolder folder;
    registry::writeSafetensors(folder / "w", sample());
    return core::readText(folder / "w");
}

} // namespace

TEST_CASE("a safetensors file has exactly the bytes that the format prescribes")
{
    const test::TemporaryFolder folder;
    registry::writeSafetensors(folder / "w", {{{"b", {2}, {1.0F, -2.0F}}, {"a", {}, {0.5F}}}, {{"k", "v"}}});
    // The header is filled with blanks to a multiple of eight; 1, −2 and 0.5 in IEEE 754, little-endian.
    std::string header = R"({"__metadata__":{"k":"v"},"b":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},)"
                         R"("a":{"dtype":"F32","shape":[],"data_offsets":[8,12]}})";
    header.resize((header.size() + 7) / 8 * 8, ' ');
    CHECK(core::readText(folder / "w") ==
          fileOf(header, std::string("\0\0\x80\x3f\0\0\0\xc0\0\0\0\x3f", 12)));
    registry::writeSafetensors(folder / "empty", {});
    CHECK(core::readText(folder / "empty") == fileOf("{}      "));
}

TEST_CASE("tensors and metadata come back from safetensors bit by bit")
{
    const Safetensors back = registry::parseSafetensors(sampleBytes(), "w");
    CHECK(back == sample());
    CHECK(std::signbit(back.tensors[1].values[0]));
}

TEST_CASE("half, brain and double precision become single precision")
{
    const auto numbers = [](const std::string& type, const std::string& data, std::size_t count) {
        const std::string end = std::to_string(data.size());
        return registry::parseSafetensors(
                   fileOf(oneTensor(type, "[" + std::to_string(count) + "]", "[0," + end + "]"), data), "w")
            .tensors.at(0)
            .values;
    };
    // 1, -2, the largest (65504), the smallest normal (2^-14) and subnormal (2^-24) number, -0
    const std::string half("\x00\x3c\x00\xc0\xff\x7b\x00\x04\x01\x00\x00\x80", 12);
    CHECK(numbers("F16", half, 6) ==
          std::vector<float>{1, -2, 65504, std::ldexp(1.0F, -14), std::ldexp(1.0F, -24), 0});
    CHECK(std::signbit(numbers("F16", half, 6)[5]));
    CHECK(numbers("BF16", std::string("\x80\x3f\x49\xc0", 4), 2) == std::vector<float>{1.0F, -3.140625F});
    const double third = 1.0 / 3.0;
    CHECK(numbers("F64", {reinterpret_cast<const char*>(&third), sizeof third}, 1)[0] == 1.0F / 3.0F);
}

TEST_CASE("numbers that are not finite in single precision are refused with their tensor")
{
    const auto refuse = [](const std::string& type, const std::string& data) {
        const std::string place = "[0," + std::to_string(data.size()) + "]";
        CHECK_THAT(refusalOf(fileOf(oneTensor(type, "[1]", place), data)), Contains("'a'"));
        CHECK_THAT(refusalOf(fileOf(oneTensor(type, "[1]", place), data)), Contains("not finite"));
    };
    refuse("F32", std::string("\0\0\xc0\x7f", 4));
    refuse("F16", std::string("\x00\x7c", 2));
    refuse("BF16", std::string("\x80\xff", 2));
    const double large = 1e300, nan = std::numeric_limits<double>::quiet_NaN();
    for (const double number : {large, nan})
        refuse("F64", {reinterpret_cast<const char*>(&number), sizeof number});
}

TEST_CASE("a header that the format does not allow is refused with what is wrong")
{
    struct Bad
    {
        const char* header;
        std::size_t dataBytes;
        const char* says;
    };
    const Bad bad = GENERATE(values<Bad>({
        {"[]", 0, "not a JSON object"},
        {"{\"a\":", 0, "cannot be read"},
        {"{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]}}x", 4, "cannot be read"},
        {"{\"a\":1}", 0, "exactly dtype"},
        {R"({"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4],"more":1}})", 4, "exactly dtype"},
        {R"({"a":{"dtype":"I32","shape":[1],"data_offsets":[0,4]}})", 4, "type I32"},
        {R"({"a":{"dtype":7,"shape":[1],"data_offsets":[0,4]}})", 4, "type 7"},
        {R"({"a":{"dtype":"F32","shape":[-1],"data_offsets":[0,4]}})", 4, "no list of sizes"},
        {R"({"a":{"dtype":"F32","shape":[1.5],"data_offsets":[0,4]}})", 4, "no list of sizes"},
        {R"({"a":{"dtype":"F32","shape":1,"data_offsets":[0,4]}})", 4, "no list of sizes"},
        {R"({"a":{"dtype":"F32","shape":[1],"data_offsets":[4,0]}})", 4, "begin and end"},
        {R"({"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4,8]}})", 4, "begin and end"},
        {R"({"a":{"dtype":"F32","shape":[2],"data_offsets":[0,4]}})", 4, "shape holds 2"},
        {R"({"a":{"dtype":"F32","shape":[4294967296,4294967296],"data_offsets":[0,4]}})", 4,
         "no file can hold"},
        {R"({"a":{"dtype":"F32","shape":[4611686018427387905],"data_offsets":[0,4]}})", 4, "shape holds"},
        {R"({"a":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}})", 8, "where byte 0 is next"},
        {R"({"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}})", 8, "8 follow the header"},
        {R"({"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}})", 2, "2 follow the header"},
        {R"({"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"b":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}})",
         4, "where byte 4 is next"},
        {R"({"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"b":{"dtype":"F32","shape":[1],"data_offsets":[8,12]}})",
         12, "where byte 4 is next"},
        {R"({"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"a":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}})",
         8, "'a' twice"},
        {R"({"a":{"dtype":"F32","dtype":"F16","shape":[2],"data_offsets":[0,4]}})", 4, "'dtype' twice"},
        {R"({"__metadata__":7})", 0, "metadata"},
        {R"({"__metadata__":{"k":7}})", 0, "'k' is not a text"},
        {R"({"a":{"dtype":"F32","shape":[[1]],"data_offsets":[0,4]}})", 4, "too deeply"},
        {"{\"a\xff\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]}}", 4, "cannot be read"},
    }));
    INFO(bad.header);
    CHECK_THAT(refusalOf(fileOf(bad.header, std::string(bad.dataBytes, '\0'))), Contains(bad.says));
}

TEST_CASE("a header length beyond the file or the format is refused before anything is read")
{
    std::string bytes = fileOf("{}");
    bytes[0] = 3;
    CHECK_THAT(refusalOf(bytes), Contains("ends after 2"));
    bytes[7] = '\x7f';
    CHECK_THAT(refusalOf(bytes), Contains("more than the format allows"));
    CHECK_THAT(refusalOf("{}"), Contains("2 bytes"));
}

TEST_CASE("a safetensors file cut off anywhere is refused")
{
    const std::string bytes = sampleBytes();
    for (std::size_t size = 0; size < bytes.size(); ++size)
        refusalOf(bytes.substr(0, size));
    refusalOf(bytes + '\0');
}

TEST_CASE("a safetensors file with a spoilt header is read or refused, never worse")
{
    const std::string bytes = sampleBytes();
    const std::size_t header = bytes.size() - 9 * sizeof(float);
    std::mt19937 random(5);
    std::size_t refused = 0;
    constexpr std::size_t kTries = 4000;
    for (std::size_t i = 0; i < kTries; ++i) {
        std::string spoilt = bytes;
        for (std::size_t change = 0; change <= random() % 3; ++change)
            spoilt[random() % header] = "{}[],:\"0123456789eF\\\xff\0 -."[random() % 25];
        try {
            registry::parseSafetensors(spoilt, "w");
        } catch (const core::FormatError&) {
            ++refused;
        }
    }
    CHECK(refused > kTries / 2);
    CHECK(refused < kTries); // a changed name or text is still a file
}

TEST_CASE("weights that cannot be written leave nothing behind")
{
    const test::TemporaryFolder folder;
    CHECK_THROWS_AS(registry::writeSafetensors(folder / "absent/w", sample()), core::SystemError);
    CHECK_THROWS_AS(registry::writeSafetensors(folder.path(), sample()), core::SystemError);
    CHECK(std::filesystem::is_empty(folder.path()));
}
