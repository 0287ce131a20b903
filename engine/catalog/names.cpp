// SPDX-License-Identifier: GPL-3.0-or-later
#include "catalog/names.h"

#include "core/error.h"

#include <algorithm>
#include <cctype>
#include <numeric>
#include <utility>

namespace voorwerp::catalog {

namespace {

constexpr std::size_t kLongestName = 64;
constexpr std::size_t kShownNames = 3;

/// Levenshtein distance.
std::size_t editDistance(const std::string& a, const std::string& b)
{
    std::vector<std::size_t> row(b.size() + 1);
    std::iota(row.begin(), row.end(), std::size_t{0});
    for (std::size_t i = 1; i <= a.size(); ++i) {
        std::size_t diagonal = std::exchange(row[0], i);
        for (std::size_t j = 1; j <= b.size(); ++j) {
            const std::size_t changed = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
            diagonal = std::exchange(row[j], std::min({row[j] + 1, row[j - 1] + 1, changed}));
        }
    }
    return row.back();
}

std::string lower(std::string text)
{
    std::transform(text.begin(), text.end(), text.begin(), [](unsigned char c) { return std::tolower(c); });
    return text;
}

} // namespace

void requireName(const std::string& what, const std::string& name)
{
    const auto allowed = [](unsigned char c) {
        return std::isalnum(c) != 0 || c == '-' || c == '_' || c == '.';
    };
    if (name.empty() || name.size() > kLongestName || name[0] == '.' || name[0] == '-' ||
        !std::all_of(name.begin(), name.end(), allowed))
        throw core::UserError(
            "'" + name.substr(0, kLongestName) + "' cannot be the name of a " + what,
            "Use letters, digits, '-', '_' and '.', at most 64 of them, and begin with a letter, "
            "a digit or '_'.");
}

std::vector<std::string> nearNames(const std::string& name, const std::vector<std::string>& candidates)
{
    const std::string wanted = lower(name.substr(0, kLongestName));
    std::vector<std::pair<std::size_t, std::string>> near;
    for (const std::string& candidate : candidates) {
        const std::string other = lower(candidate);
        std::size_t distance = editDistance(wanted, other);
        if (wanted.size() >= 2 && other.find(wanted) != std::string::npos)
            distance = std::min<std::size_t>(distance, 1);
        if (distance <= std::max<std::size_t>(1, wanted.size() / 3))
            near.emplace_back(distance, candidate);
    }
    std::stable_sort(near.begin(), near.end(),
                     [](const auto& a, const auto& b) { return a.first < b.first; });
    std::vector<std::string> names;
    for (std::size_t i = 0; i < std::min(near.size(), kShownNames); ++i)
        names.push_back(near[i].second);
    return names;
}

std::string didYouMean(const std::string& name, const std::vector<std::string>& candidates,
                       const std::string& otherwise)
{
    const auto names = nearNames(name, candidates);
    if (names.empty())
        return otherwise;
    std::string text = "Did you mean " + names[0];
    for (std::size_t i = 1; i < names.size(); ++i)
        text += (i + 1 == names.size() ? " or " : ", ") + names[i];
    return text + "?";
}

} // namespace voorwerp::catalog
