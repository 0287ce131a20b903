// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/waiting_labels.h"

#include "core/error.h"
#include "core/file_io.h"

#include <nlohmann/json.hpp>

namespace voorwerp::app {

WaitingLabels::WaitingLabels(const core::Workspace& workspace)
    : m_file(workspace.folder() / "waiting-labels.json")
{
}

std::vector<catalog::Label> WaitingLabels::read() const
{
    std::vector<catalog::Label> labels;
    if (!exist())
        return labels;
    try {
        for (const auto& row : nlohmann::json::parse(core::readText(m_file))) {
            catalog::Label label{
                {row.at("targetid").get<std::int64_t>()}, row.at("class").get<std::string>(),  std::nullopt,
                row.at("comment").get<std::string>(),     row.at("author").get<std::string>(), {}};
            if (!row.at("quality").is_null())
                label.quality = row.at("quality").get<int>();
            labels.push_back(std::move(label));
        }
    } catch (const nlohmann::json::exception& error) {
        throw core::FormatError(
            m_file.string() + ": " + error.what(),
            "It holds labels that were not written yet: mend it, or move it away, and start "
            "again.");
    }
    return labels;
}

void WaitingLabels::write(const std::vector<catalog::Label>& labels) const
{
    if (labels.empty()) {
        std::filesystem::remove(m_file);
        return;
    }
    nlohmann::json rows = nlohmann::json::array();
    for (const catalog::Label& label : labels)
        rows.push_back({{"targetid", label.targetId.value},
                        {"class", label.labelClass},
                        {"quality", label.quality ? nlohmann::json(*label.quality) : nlohmann::json()},
                        {"comment", label.comment},
                        {"author", label.author}});
    core::writeTextAtomically(m_file, rows.dump(1) + "\n");
}

} // namespace voorwerp::app
