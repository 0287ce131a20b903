// SPDX-License-Identifier: GPL-3.0-or-later
#include "catalog/connection_string.h"

#include "catalog/database.h"
#include "core/error.h"

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <libpq-fe.h>
#include <memory>
#include <sstream>

namespace voorwerp::catalog {

namespace {

constexpr const char* kSystemServices = "/etc/postgresql-common";                // of Debian's libpq
constexpr const char* kSystemAuthorities = "/etc/ssl/certs/ca-certificates.crt"; // Debian's ca-certificates

bool isSet(const char* variable)
{
    const char* value = std::getenv(variable);
    return value != nullptr && *value != '\0';
}

bool hasAt(const PQconninfoOption* option, const std::string& keyword)
{
    while (option->keyword != nullptr && option->keyword != keyword)
        ++option;
    return option->keyword != nullptr && option->val != nullptr &&
           std::string(option->val).find('@') != std::string::npos;
}

bool isLocal(const std::string& host)
{
    return host.empty() || host[0] == '/' || host[0] == '@' || host == "localhost" || host == "::1" ||
           host.starts_with("127.");
}

/// One of its hosts is another machine.
bool isRemote(const std::map<std::string, std::string>& settings)
{
    std::string hosts;
    for (const auto& [keyword, variable] :
         {std::pair("host", "PGHOST"), std::pair("hostaddr", "PGHOSTADDR")}) {
        const auto given = settings.find(keyword);
        if (given != settings.end())
            hosts += given->second + ",";
        else if (isSet(variable))
            hosts += std::getenv(variable) + std::string(",");
    }
    std::istringstream list(hosts);
    for (std::string host; std::getline(list, host, ',');)
        if (!isLocal(host))
            return true;
    return false;
}

/// What a service file says of this service; nothing where it has none (libpq then refuses to connect).
std::map<std::string, std::string> readService(const std::filesystem::path& file, const std::string& service)
{
    std::ifstream lines(file);
    std::map<std::string, std::string> settings;
    bool inside = false;
    for (std::string line; std::getline(lines, line);) {
        line.erase(line.find_last_not_of(" \t\r") + 1);
        line.erase(0, line.find_first_not_of(" \t"));
        if (line.starts_with('['))
            inside = line == "[" + service + "]";
        else if (const auto sign = line.find('='); inside && sign != std::string::npos && line[0] != '#')
            settings.try_emplace(line.substr(0, sign), line.substr(sign + 1));
    }
    return settings;
}

/// The settings, and behind them those of the service that they or PGSERVICE name.
std::map<std::string, std::string> withService(std::map<std::string, std::string> settings)
{
    const auto valueOf = [](const char* variable, const std::string& otherwise) {
        return isSet(variable) ? std::string(std::getenv(variable)) : otherwise;
    };
    const auto named = settings.find("service");
    const std::string service = named != settings.end() ? named->second : valueOf("PGSERVICE", {});
    if (service.empty())
        return settings;
    settings.merge(readService(valueOf("PGSERVICEFILE", valueOf("HOME", {}) + "/.pg_service.conf"), service));
    settings.merge(readService(valueOf("PGSYSCONFDIR", kSystemServices) + "/pg_service.conf", service));
    return settings;
}

bool hasOwnAuthorities()
{
    std::error_code ignored;
    const char* home = std::getenv("HOME");
    return isSet("PGSSLROOTCERT") ||
           (home != nullptr &&
            std::filesystem::exists(std::filesystem::path(home) / ".postgresql/root.crt", ignored));
}

} // namespace

std::map<std::string, std::string> parseConnectionString(const std::string& uri)
{
    char* message = nullptr;
    const std::unique_ptr<PQconninfoOption, decltype(&PQconninfoFree)> options(
        PQconninfoParse(uri.c_str(), &message), &PQconninfoFree);
    PQfreemem(message); // it may quote the password: never shown
    // A slash in a password ends the host: libpq takes the rest of the password for the name of the database.
    const bool torn = uri.find("://") != std::string::npos && options && hasAt(options.get(), "dbname");
    if (!options || torn)
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

std::map<std::string, std::string> connectionSettings(const std::string& uri)
{
    auto settings = parseConnectionString(uri);
    const auto known = withService(settings);
    if (known.count("sslmode") == 0 && !isSet("PGSSLMODE") && isRemote(known))
        settings.try_emplace("sslmode", "verify-full");
    const auto mode = settings.find("sslmode");
    if (mode != settings.end() && mode->second == "verify-full" && !hasOwnAuthorities() &&
        std::filesystem::exists(kSystemAuthorities))
        settings.try_emplace("sslrootcert", kSystemAuthorities);
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
