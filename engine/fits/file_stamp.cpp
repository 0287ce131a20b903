// SPDX-License-Identifier: GPL-3.0-or-later
#include "fits/file_stamp.h"

#include "core/error.h"

#include <cerrno>
#include <cstring>
#include <sys/stat.h>

namespace voorwerp::fits {

namespace {

std::int64_t nanoseconds(const timespec& time)
{
    return static_cast<std::int64_t>(time.tv_sec) * 1'000'000'000 + time.tv_nsec;
}

} // namespace

FileStamp FileStamp::of(const std::filesystem::path& path)
{
    struct stat status = {};
    if (::stat(path.c_str(), &status) != 0) {
        throw core::SystemError("cannot read " + path.string() + ": " + std::strerror(errno),
                                "Check that the file is there and that you may read it.");
    }
    return {static_cast<std::uint64_t>(status.st_size), nanoseconds(status.st_mtim),
            nanoseconds(status.st_ctim), static_cast<std::uint64_t>(status.st_ino)};
}

void FileStamp::check(const std::filesystem::path& path) const
{
    if (of(path) != *this) {
        throw core::FormatError(path.string() + ": the file changed while it was read",
                                "Read it again when the program that writes it has finished.");
    }
}

} // namespace voorwerp::fits
