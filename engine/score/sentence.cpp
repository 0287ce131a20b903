// SPDX-License-Identifier: GPL-3.0-or-later
#include "score/sentence.h"

#include <cctype>
#include <cmath>

namespace voorwerp::score {

std::string withMinusSigns(const std::string& text)
{
    std::string result;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const bool afterWord = i > 0 && std::isalnum(static_cast<unsigned char>(text[i - 1])) != 0;
        const bool beforeDigit =
            i + 1 < text.size() && std::isdigit(static_cast<unsigned char>(text[i + 1])) != 0;
        if (text[i] == '-' && beforeDigit && !afterWord)
            result += "−";
        else
            result += text[i];
    }
    return result;
}

std::string velocityText(double kmPerSecond)
{
    const long rounded = 10 * std::lround(kmPerSecond / 10.0);
    std::string digits = std::to_string(std::abs(rounded));
    for (std::size_t place = digits.size(); place > 3; place -= 3)
        digits.insert(place - 3, ",");
    return (rounded < 0 ? "−" : "") + digits + " km/s";
}

} // namespace voorwerp::score
