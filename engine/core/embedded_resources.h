// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// The table that embed_resources.cmake generates from resources/; read it through core/resources.h.

#include <span>
#include <string_view>

namespace voorwerp::core {

struct EmbeddedResource
{
    std::string_view name;
    std::string_view content;
};

/// All embedded resources, sorted by name.
std::span<const EmbeddedResource> embeddedResources();

} // namespace voorwerp::core
