// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// Inside the room: an expression cut into words.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace voorwerp::catalog {

struct Token
{
    enum class Kind { Name, Integer, Real, Text, Symbol, End };
    Kind kind = Kind::End;
    std::string text; ///< names in lower case; of texts: without quotes; symbols in one spelling
    std::int64_t integer = 0;
    double real = 0.0;
    std::size_t position = 0; ///< byte in the expression
    std::size_t length = 0;
};

/// Ends with an End token. Throws WhereError.
std::vector<Token> tokenise(std::string_view expression);

} // namespace voorwerp::catalog
