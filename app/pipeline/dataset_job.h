// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// A selection of the database becomes a training set in the workspace.

#include "core/job_context.h"

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>

namespace voorwerp::catalog {
struct DatasetRecord;
}
namespace voorwerp::core {
class Workspace;
}
namespace voorwerp::dataset {
class TrainingSet;
}

namespace voorwerp::pipeline {

class Session;

struct DatasetRequest
{
    std::string name;      ///< letters, digits, '-', '_', '.'
    std::string selection; ///< a saved selection
    std::string recipe;    ///< a built-in or workspace recipe, or the path of a JSON file; empty: "quasar"
    bool compact = false;  ///< three bytes a pixel instead of eight, rounded: dataset::Storage::Compact
};

struct DatasetReport
{
    std::int64_t spectra = 0;
    std::int64_t pixels = 0;
    std::filesystem::path file;
    std::string sha256;
    std::map<std::string, std::int64_t> rejected; ///< reason → spectra left out
    double seconds = 0.0;
};

/// Throws UserError (unknown selection, empty selection, name taken), DatabaseError, SystemError, Cancelled.
DatasetReport buildDataset(const Session& session, const DatasetRequest& request, core::JobContext& context);

/// How a recorded training set is stored: "exact" or "compact".
std::string storageOf(const catalog::DatasetRecord& record);

/// The recorded training set, where it is now. Throws FormatError when it is not the recorded one any more,
/// SystemError when it is gone.
dataset::TrainingSet openDataset(const catalog::DatasetRecord& record, const core::Workspace& workspace);

/// "abc-1" yes, "../x" no: throws UserError naming what the name is for.
void requirePlainName(const std::string& name, const char* whatFor);

} // namespace voorwerp::pipeline
