// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/resources.h"

#include "core/embedded_resources.h"
#include "core/error.h"

namespace voorwerp::core {

std::optional<std::string_view> findResource(std::string_view name)
{
    for (const EmbeddedResource& candidate : embeddedResources()) {
        if (candidate.name == name)
            return candidate.content;
    }
    return std::nullopt;
}

std::string_view resource(std::string_view name)
{
    if (const auto content = findResource(name))
        return *content;
    throw UserError("there is no built-in resource \"" + std::string(name) + "\"");
}

std::vector<std::string> resourceNames(std::string_view prefix)
{
    std::vector<std::string> names;
    for (const EmbeddedResource& candidate : embeddedResources()) {
        if (candidate.name.starts_with(prefix))
            names.emplace_back(candidate.name);
    }
    return names;
}

std::vector<std::vector<std::string>> resourceCsv(std::string_view name)
{
    std::vector<std::vector<std::string>> rows;
    bool header = true;
    std::string_view text = resource(name);
    while (!text.empty()) {
        const std::size_t end = text.find('\n');
        std::string_view line = text.substr(0, end);
        text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
        if (line.ends_with('\r'))
            line.remove_suffix(1);
        if (line.empty() || line.front() == '#')
            continue;
        if (header) {
            header = false;
            continue;
        }
        auto& row = rows.emplace_back();
        for (std::size_t comma = 0; comma != std::string_view::npos;) {
            comma = line.find(',');
            row.emplace_back(line.substr(0, comma));
            line.remove_prefix(comma == std::string_view::npos ? line.size() : comma + 1);
        }
    }
    return rows;
}

} // namespace voorwerp::core
