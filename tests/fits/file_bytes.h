// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// Files as bytes, for tests that damage them.

#include <filesystem>
#include <fstream>
#include <iterator>
#include <vector>

namespace voorwerp::test {

using Bytes = std::vector<char>;

inline Bytes readBytes(const std::filesystem::path& path)
{
    std::ifstream in(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
}

inline void writeBytes(const std::filesystem::path& path, const Bytes& bytes)
{
    std::ofstream(path, std::ios::binary).write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
}

} // namespace voorwerp::test
