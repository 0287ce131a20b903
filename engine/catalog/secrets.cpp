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

/// user:password@ between begin and the first of the stops; empty where there is none.
Span before(std::string_view text, std::size_t begin, const char* stops)
{
    const std::size_t end = std::min(text.find_first_of(stops, begin), text.size());
    const std::size_t at = text.substr(0, end).rfind('@');
    const std::size_t colon = text.find(':', begin);
    if (at == std::string_view::npos || at < begin || colon >= at)
        return {begin, 0};
    return {colon + 1, at - colon - 1};
}

/// After "://". Of PostgreSQL's addresses also the password with a slash that should have been encoded.
Span inAddress(std::string_view text, std::size_t begin)
{
    const Span span = before(text, begin, " \t\n/'\"");
    const std::string_view scheme = text.substr(0, begin);
    const bool ours = scheme.ends_with("postgresql://") || scheme.ends_with("postgres://");
    return span.length == 0 && ours ? before(text, begin, " \t\n?'\"") : span;
}

/// The value of password = value, as libpq reads it: quoted or not, with spaces around the sign, in an
/// address up to the next &.
Span value(std::string_view text, std::size_t begin)
{
    const auto skipSpaces = [&] { begin = std::min(text.find_first_not_of(" \t", begin), text.size()); };
    const bool inQuery = text.substr(0, begin).find("://") != std::string_view::npos;
    skipSpaces();
    if (begin == text.size() || text[begin] != '=')
        return {begin, 0};
    ++begin;
    if (!inQuery)
        skipSpaces();
    const bool quoted = begin < text.size() && text[begin] == '\'';
    begin += quoted ? 1 : 0;
    const std::string_view stops = quoted ? "'" : inQuery ? " \t\n&'\"" : " \t\n'\"";
    std::size_t end = begin;
    while (end < text.size() && stops.find(text[end]) == std::string_view::npos)
        end += text[end] == '\\' ? 2 : 1;
    return {begin, std::min(end, text.size()) - begin};
}

std::vector<Span> secretsIn(std::string_view text)
{
    constexpr std::string_view kAddress = "://";
    constexpr std::string_view kKeyword = "password";
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
