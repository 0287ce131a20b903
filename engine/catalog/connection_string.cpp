// SPDX-License-Identifier: GPL-3.0-or-later
#include "catalog/connection_string.h"

#include "catalog/database.h"
#include "core/error.h"

#include <libpq-fe.h>
#include <memory>

namespace voorwerp::catalog {

std::map<std::string, std::string> parseConnectionString(const std::string& uri)
{
    char* message = nullptr;
    const std::unique_ptr<PQconninfoOption, decltype(&PQconninfoFree)> options(
        PQconninfoParse(uri.c_str(), &message), &PQconninfoFree);
    PQfreemem(message); // it may quote the password: never shown
    if (!options)
        throw core::UserError(
            "the address of the database cannot be understood",
            "Write postgresql://user@host:port/name (percent-encode special characters), or key=value "
            "pairs as libpq takes them; keep the password in ~/.pgpass.");
    std::map<std::string, std::string> settings;
    for (const PQconninfoOption* option = options.get(); option->keyword != nullptr; ++option)
        if (option->val != nullptr)
            settings[option->keyword] = option->val;
    return settings;
}

std::string makeConnectionString(const std::map<std::string, std::string>& settings)
{
    std::string text;
    for (const auto& [keyword, value] : settings) {
        text += (text.empty() ? "" : " ") + keyword + "='";
        for (const char c : value) {
            if (c == '\'' || c == '\\')
                text += '\\';
            text += c;
        }
        text += '\'';
    }
    return text;
}

std::string hidePassword(std::string text, const std::map<std::string, std::string>& settings)
{
    for (const char* keyword : {"password", "sslpassword"}) {
        const auto secret = settings.find(keyword);
        if (secret == settings.end() || secret->second.empty())
            continue;
        for (auto at = text.find(secret->second); at != std::string::npos;
             at = text.find(secret->second, at + 3))
            text.replace(at, secret->second.size(), "***");
    }
    return text;
}

std::string withoutPassword(const std::string& uri)
{
    auto settings = parseConnectionString(uri);
    settings.erase("password");
    settings.erase("sslpassword");
    return makeConnectionString(settings);
}

std::string withDatabaseName(const std::string& uri, const std::string& name)
{
    auto settings = parseConnectionString(uri);
    settings["dbname"] = name;
    return makeConnectionString(settings);
}

} // namespace voorwerp::catalog
