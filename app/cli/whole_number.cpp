// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/whole_number.h"

#include <charconv>

namespace voorwerp::cli {

CLI::Validator wholeNumber(std::int64_t minimum)
{
    const auto check = [minimum](const std::string& text) -> std::string {
        std::int64_t value = 0;
        const char* const end = text.data() + text.size();
        const auto [rest, error] = std::from_chars(text.data(), end, value);
        if (error == std::errc::result_out_of_range)
            return text + " is too large";
        if (error != std::errc() || rest != end)
            return "'" + text + "' is not a whole number";
        return value < minimum ? text + " is less than " + std::to_string(minimum) : std::string();
    };
    return CLI::Validator(check, {});
}

} // namespace voorwerp::cli
