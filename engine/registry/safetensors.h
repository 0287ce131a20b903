// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// The safetensors format (huggingface/safetensors, "Format"): eight bytes with the header's length, a JSON
// header that names type, shape and place of each tensor, then the numbers, little-endian. What PyTorch users
// keep weights in. Written as F32; F32, F16, BF16 and F64 are read. Thread rule: any thread.

#include "nn/model_config.h"

#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace voorwerp::registry {

struct Safetensors
{
    std::vector<nn::NamedTensor> tensors;        ///< in the order of their numbers in the file
    std::map<std::string, std::string> metadata; ///< the header's "__metadata__"

    bool operator==(const Safetensors&) const = default;
};

/// Writes atomically; the same content gives the same bytes. Throws SystemError.
void writeSafetensors(const std::filesystem::path& path, const Safetensors& content);

/// Reads the bytes of a file; source names it in messages. Throws FormatError for everything that the format
/// does not allow (a gap or an overlap between tensors, a name that is there twice, bytes left over, a header
/// of more than 100 MB) and for numbers that are not finite in fp32.
Safetensors parseSafetensors(std::string_view bytes, const std::string& source);

} // namespace voorwerp::registry
