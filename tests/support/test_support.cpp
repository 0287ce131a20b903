// SPDX-License-Identifier: GPL-3.0-or-later
#include "support/test_support.h"

#include <cstdio>
#include <cstdlib>
#include <unistd.h>

namespace voorwerp::test {

namespace fs = std::filesystem;

namespace {
constexpr int kSkipReturnCode = 77; // SKIP_RETURN_CODE in tests/CMakeLists.txt

/// $TMPDIR, or memory where there is plenty: a PostgreSQL cluster waits for the disk again and again (fsync),
/// and a test's files are not worth that. Else the system's folder.
fs::path temporaryRoot()
{
    constexpr std::uintmax_t kPlenty = 4ULL << 30U;
    std::error_code error;
    const auto space = fs::space("/dev/shm", error);
    const bool useMemory = std::getenv("TMPDIR") == nullptr && !error && space.available >= kPlenty &&
                           ::access("/dev/shm", W_OK) == 0;
    return useMemory ? fs::path("/dev/shm") : fs::temp_directory_path();
}
} // namespace

TemporaryFolder::TemporaryFolder()
{
    std::string pattern = (temporaryRoot() / "voorwerp-test-XXXXXX").string();
    if (::mkdtemp(pattern.data()) == nullptr)
        throw std::runtime_error("cannot create a temporary folder");
    m_path = pattern;
    fs::permissions(m_path, fs::perms::owner_all | fs::perms::group_read | fs::perms::group_exec |
                                fs::perms::others_read | fs::perms::others_exec);
}

TemporaryFolder::~TemporaryFolder()
{
    std::error_code ignored;
    fs::remove_all(m_path, ignored);
}

void skipTest(const std::string& reason)
{
    std::printf("SKIPPED: %s\n", reason.c_str());
    std::fflush(nullptr);
    std::_Exit(kSkipReturnCode);
}

fs::path realData(const std::string& relative)
{
    const char* folder = std::getenv("VOORWERP_TEST_DATA");
    const fs::path path = fs::path(folder != nullptr ? folder : VOORWERP_DEFAULT_TEST_DATA) / relative;
    if (!fs::exists(path))
        skipTest("no real data at " + path.string() + "; set VOORWERP_TEST_DATA to the folder that has them");
    return path;
}

} // namespace voorwerp::test
