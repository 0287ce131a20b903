// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// Files that appear complete or not at all, and their hashes. All functions throw SystemError with the path.

#include <filesystem>
#include <functional>
#include <span>
#include <stop_token>
#include <string>
#include <string_view>

namespace voorwerp::core {

/// Lower-case hexadecimal SHA-256 of a file's bytes. Reads in blocks; throws Cancelled when stopped.
std::string sha256OfFile(const std::filesystem::path& path, std::stop_token stop = {});
/// Lower-case hexadecimal SHA-256 of bytes.
std::string sha256OfBytes(std::span<const std::byte> bytes);

/// Calls write(temporary path in the same folder), then fsyncs the file, renames it to path and fsyncs the
/// folder. Refuses to replace a folder or a device. When write throws, path is as it was before.
void writeFileAtomically(const std::filesystem::path& path,
                         const std::function<void(const std::filesystem::path& temporary)>& write);
/// The same for text that is already in memory.
void writeTextAtomically(const std::filesystem::path& path, std::string_view text);
/// Makes renames inside a folder survive a power cut (fsync of the folder).
void syncFolder(const std::filesystem::path& folder);
/// Whole file as text.
std::string readText(const std::filesystem::path& path);

/// An advisory lock on a file (flock), released when the object or the process ends, kill -9 included.
class FileLock
{
public:
    enum class Mode { Shared, Exclusive };
    FileLock() = default;
    FileLock(FileLock&& other) noexcept;
    FileLock& operator=(FileLock&& other) noexcept;
    ~FileLock();
    /// Waits for the lock.
    static FileLock acquire(const std::filesystem::path& path, Mode mode);
    /// Takes the lock now, or returns one that is not held.
    static FileLock tryAcquire(const std::filesystem::path& path, Mode mode);
    bool held() const noexcept { return m_descriptor >= 0; }
    /// Shared to exclusive without waiting; false (and still shared) when somebody else holds it.
    bool tryUpgrade();
    void release() noexcept;

private:
    explicit FileLock(int descriptor)
        : m_descriptor(descriptor)
    {
    }
    int m_descriptor = -1;
};

} // namespace voorwerp::core
