// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// Sentences with numbers, as explanations give them to astronomers: a real minus sign, thousands separated.

#include <array>
#include <cstdio>
#include <string>

namespace voorwerp::score {

/// "-5.2" becomes "−5.2"; hyphens in words stay.
std::string withMinusSigns(const std::string& text);

/// As std::snprintf, with minus signs.
template <typename... Values> std::string sentence(const char* format, Values... values)
{
    std::array<char, 240> text{};
    std::snprintf(text.data(), text.size(), format, values...);
    return withMinusSigns(text.data());
}

/// "−9,810 km/s": rounded to 10 km/s.
std::string velocityText(double kmPerSecond);

} // namespace voorwerp::score
