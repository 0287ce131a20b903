// SPDX-License-Identifier: GPL-3.0-or-later
#include "fits/file_name.h"

#include <algorithm>
#include <cctype>
#include <charconv>
#include <optional>
#include <vector>

namespace voorwerp::fits {

namespace {

std::string lower(std::string text)
{
    std::transform(text.begin(), text.end(), text.begin(), [](unsigned char c) { return std::tolower(c); });
    return text;
}

template <typename Integer> std::optional<Integer> parseWhole(std::string_view text)
{
    Integer value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc() || end != text.data() + text.size() || value < 0)
        return std::nullopt;
    return value;
}

/// File name without .fits or .fits.gz.
std::string stem(const std::filesystem::path& path)
{
    std::string name = path.filename().string();
    for (const std::string_view suffix : {".gz", ".fits"}) {
        if (lower(name).ends_with(suffix))
            name.resize(name.size() - suffix.size());
    }
    return name;
}

std::vector<std::string> split(const std::string& text)
{
    std::vector<std::string> words(1);
    for (const char c : text) {
        if (c == '-')
            words.emplace_back();
        else
            words.back() += c;
    }
    return words;
}

void parseTileGroup(const std::vector<std::string>& words, FileNameParts& parts)
{
    const auto petal = parseWhole<std::int32_t>(words[1]);
    const auto tile = parseWhole<std::int32_t>(words[2]);
    if (!petal || !tile || *petal > 9)
        return;
    parts.petal = *petal;
    parts.tileid = *tile;
    const std::string& last = words[3];
    if (last.starts_with("thru")) {
        parts.spgrp = "cumulative";
        parts.night = parseWhole<std::int32_t>(std::string_view(last).substr(4)).value_or(-1);
        parts.spgrpval = parts.night;
    } else if (last.starts_with("exp")) {
        parts.spgrp = "perexp";
        parts.spgrpval = parseWhole<std::int64_t>(std::string_view(last).substr(3)).value_or(-1);
    } else if (const auto night = parseWhole<std::int32_t>(last)) {
        parts.spgrp = "pernight";
        parts.night = *night;
        parts.spgrpval = *night;
    }
}

} // namespace

FileNameParts parseFileName(const std::filesystem::path& path)
{
    FileNameParts parts;
    const std::string name = stem(path);
    const std::vector<std::string> words = split(name);
    parts.product = lower(words[0]);
    if (words.size() > 1)
        parts.group = name.substr(words[0].size() + 1);
    if (words.size() != 4)
        return parts;
    if (std::isdigit(static_cast<unsigned char>(words[1].empty() ? 'x' : words[1][0])) != 0) {
        parseTileGroup(words, parts);
    } else if (const auto pixel = parseWhole<std::int64_t>(words[3])) {
        parts.survey = lower(words[1]);
        parts.program = lower(words[2]);
        parts.spgrp = "healpix";
        parts.spgrpval = *pixel;
    }
    return parts;
}

bool hasFitsSuffix(const std::filesystem::path& path)
{
    const std::string name = lower(path.filename().string());
    return name.ends_with(".fits") || name.ends_with(".fits.gz");
}

} // namespace voorwerp::fits
