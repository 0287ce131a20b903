// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// A disk that a test can fill.

#include "support/test_support.h"

#include <filesystem>
#include <string>
#include <sys/mount.h>
#include <unistd.h>

namespace voorwerp::test {

/// A file system of a few megabytes in memory; skips the test where mounting is not allowed.
class SmallDisk
{
public:
    SmallDisk(std::filesystem::path folder, const std::string& size)
        : m_folder(std::move(folder))
    {
        std::filesystem::create_directory(m_folder);
        const std::string options = "size=" + size + ",mode=755";
        if (::geteuid() != 0 || ::mount("voorwerp", m_folder.c_str(), "tmpfs", 0, options.c_str()) != 0)
            skipTest("mounting a small file system needs root and CAP_SYS_ADMIN");
    }
    SmallDisk(const SmallDisk&) = delete;
    SmallDisk& operator=(const SmallDisk&) = delete;
    ~SmallDisk() { ::umount2(m_folder.c_str(), MNT_DETACH); }
    bool resize(const std::string& size) const
    {
        return ::mount("voorwerp", m_folder.c_str(), "tmpfs", MS_REMOUNT, ("size=" + size).c_str()) == 0;
    }
    const std::filesystem::path& folder() const { return m_folder; }

private:
    std::filesystem::path m_folder;
};

} // namespace voorwerp::test
