// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// restic as this room needs it: runs one command on one repository and turns what it complains about into
// errors that say what to do. A lock that a killed restic left behind is removed and the command tried again.

#include "backup/backup_types.h"
#include "core/job_context.h"
#include "core/process.h"

#include <functional>
#include <string>
#include <vector>

namespace voorwerp::backup {

class Restic
{
public:
    explicit Restic(BackupSettings settings);

    struct Request
    {
        std::vector<std::string> arguments;
        std::filesystem::path workingFolder;
        std::function<void(std::string_view)> onOutputLine; ///< else the output is returned
    };
    /// Runs it; throws as backup.h says. FormatError for what has no better name ("damaged repository").
    core::ProcessResult run(const Request& request, core::JobContext& context) const;
    /// The same, but a failure that is about stored data is returned (exit code not 0), not thrown.
    core::ProcessResult tryRun(const Request& request, core::JobContext& context) const;
    /// Snapshots of this program, oldest first, without their verified marks.
    std::vector<SnapshotInfo> snapshots(core::JobContext& context) const;
    /// Full id of "latest", or of an id's first digits. Throws UserError when there is none, or several.
    SnapshotInfo resolve(const std::string& snapshot, core::JobContext& context) const;

private:
    core::ProcessResult runOnce(const Request& request, core::JobContext& context) const;
    void throwKnownFailure(const core::ProcessResult& result) const;
    BackupSettings m_settings;
};

/// Last lines of what a program complained about, on one line.
std::string lastWords(const std::string& error);

} // namespace voorwerp::backup
