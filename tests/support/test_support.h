// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// Helpers shared by the tests.

#include <filesystem>
#include <optional>
#include <string>

namespace voorwerp::test {

/// A folder that disappears with the object. Readable by everybody, so that a server run as another user can
/// use it.
class TemporaryFolder
{
public:
    TemporaryFolder();
    ~TemporaryFolder();
    TemporaryFolder(const TemporaryFolder&) = delete;
    TemporaryFolder& operator=(const TemporaryFolder&) = delete;
    const std::filesystem::path& path() const { return m_path; }
    std::filesystem::path operator/(const std::string& name) const { return m_path / name; }

private:
    std::filesystem::path m_path;
};

/// Prints the reason and ends this test case's process as "skipped" (ctest runs each case in a process of its
/// own).
[[noreturn]] void skipTest(const std::string& reason);

/// File or folder below the real data, e.g. "desi/redrock/redrock-test.fits". Skips the test where the data
/// are missing.
std::filesystem::path realData(const std::string& relative);

} // namespace voorwerp::test
