// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// Notices that a file changes while it is read: take a stamp before the first byte, check it after the last.

#include <cstdint>
#include <filesystem>

namespace voorwerp::fits {

/// Size, modification and status-change time (ns) and inode of a file. A value.
struct FileStamp
{
    std::uint64_t size = 0;
    std::int64_t modifiedNs = 0; ///< since 1970
    std::int64_t changedNs = 0;
    std::uint64_t inode = 0;
    bool operator==(const FileStamp&) const = default;

    /// Throws SystemError when the file is not there.
    static FileStamp of(const std::filesystem::path& path);
    /// Throws FormatError when the file is no longer what it was.
    void check(const std::filesystem::path& path) const;
};

} // namespace voorwerp::fits
