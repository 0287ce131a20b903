// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/workspace.h"

#include "core/error.h"

#include <cstdlib>

namespace voorwerp::core {

namespace fs = std::filesystem;

Workspace::Workspace(fs::path folder)
    : m_folder(fs::absolute(folder).lexically_normal())
{
}

fs::path Workspace::defaultFolder()
{
    if (const char* data = std::getenv("XDG_DATA_HOME"); data != nullptr && *data != '\0')
        return fs::path(data) / "voorwerp";
    const char* home = std::getenv("HOME");
    return fs::path(home != nullptr && *home != '\0' ? home : "/tmp") / ".local" / "share" / "voorwerp";
}

void Workspace::create() const
{
    for (const fs::path& path : {postgres(), datasets(), runs(), models(), backup(), recipes(), logs()}) {
        std::error_code error;
        fs::create_directories(path, error);
        if (error)
            throw SystemError("cannot create " + path.string() + ": " + error.message(),
                              "Choose a workspace folder that you may write to.");
    }
}

} // namespace voorwerp::core
