// SPDX-License-Identifier: GPL-3.0-or-later
#include "catalog/secrets.h"

#include <algorithm>
#include <string_view>

namespace voorwerp::catalog {

namespace {

struct Span
{
    std::size_t begin = 0;
    std::size_t length = 0;
};

/// user:password@ between "://" and the next slash, quote or space; empty where there is none.
Span inAddress(std::string_view text, std::size_t begin)
{
    const std::size_t end = std::min(text.find_first_of(" \t\n/'\"", begin), text.size());
    const std::size_t at = text.substr(0, end).rfind('@');
    const std::size_t colon = text.find(':', begin);
    if (at == std::string_view::npos || at < begin || colon >= at)
        return {begin, 0};
    return {colon + 1, at - colon - 1};
}

/// The value after "password=", quoted or not.
Span value(std::string_view text, std::size_t begin)
{
    if (begin < text.size() && text[begin] == '\'') {
        std::size_t end = begin + 1;
        while (end < text.size() && text[end] != '\'')
            end += text[end] == '\\' ? 2 : 1;
        return {begin + 1, std::min(end, text.size()) - begin - 1};
    }
    return {begin, std::min(text.find_first_of(" \t\n&'\"", begin), text.size()) - begin};
}

std::vector<Span> secretsIn(std::string_view text)
{
    constexpr std::string_view kAddress = "://";
    constexpr std::string_view kKeyword = "password=";
    std::vector<Span> spans;
    for (std::size_t at = 0; at < text.size(); ++at) {
        Span span;
        if (text.substr(at).starts_with(kAddress))
            span = inAddress(text, at + kAddress.size());
        else if (text.substr(at).starts_with(kKeyword))
            span = value(text, at + kKeyword.size());
        if (span.length > 0) {
            spans.push_back(span);
            at = span.begin + span.length - 1;
        }
    }
    return spans;
}

} // namespace

std::string hideSecrets(std::string text)
{
    const std::vector<Span> spans = secretsIn(text);
    for (auto span = spans.rbegin(); span != spans.rend(); ++span)
        text.replace(span->begin, span->length, "***");
    return text;
}

bool hasSecret(const std::string& text)
{
    return !secretsIn(text).empty();
}

std::vector<std::string> takeArguments(int argc, char** argv)
{
    std::vector<std::string> arguments(argv, argv + argc);
    for (int i = 0; i < argc; ++i)
        for (const Span& span : secretsIn(arguments[static_cast<std::size_t>(i)]))
            std::fill_n(argv[i] + span.begin, span.length, '*');
    return arguments;
}

} // namespace voorwerp::catalog
