// SPDX-License-Identifier: GPL-3.0-or-later
#include "backup/verified_log.h"

#include "core/file_io.h"

#include <nlohmann/json.hpp>

namespace voorwerp::backup {

namespace fs = std::filesystem;
using nlohmann::json;

namespace {

fs::path logFile(const core::Workspace& workspace)
{
    return workspace.backup() / "verified.json";
}

} // namespace

std::map<std::string, VerifiedMark> readVerifiedLog(const core::Workspace& workspace)
{
    std::map<std::string, VerifiedMark> log;
    if (!fs::exists(logFile(workspace)))
        return log;
    try {
        const json text = json::parse(core::readText(logFile(workspace)));
        for (const auto& [snapshot, mark] : text.items())
            log[snapshot] = {mark.at("time").get<std::string>(), mark.at("ok").get<bool>(),
                             mark.at("problems").get<std::vector<std::string>>()};
    } catch (const json::exception&) {
        log.clear();
    }
    return log;
}

void recordVerified(const core::Workspace& workspace, const std::string& snapshot, const VerifiedMark& mark)
{
    auto log = readVerifiedLog(workspace);
    log[snapshot] = mark;
    json text = json::object();
    for (const auto& [id, entry] : log)
        text[id] = {{"time", entry.time}, {"ok", entry.ok}, {"problems", entry.problems}};
    core::writeTextAtomically(logFile(workspace), text.dump(1) + "\n");
}

} // namespace voorwerp::backup
