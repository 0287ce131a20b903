// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// Where a recorded file is now: a workspace may have been moved, or restored into another folder.

#include <filesystem>

namespace voorwerp::pipeline {

/// The file at its place in this workspace where it is there, else where it was when it was recorded.
inline std::filesystem::path located(const std::filesystem::path& inWorkspace,
                                     const std::filesystem::path& recorded)
{
    return std::filesystem::exists(inWorkspace) ? inWorkspace : recorded;
}

} // namespace voorwerp::pipeline
