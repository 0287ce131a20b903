// SPDX-License-Identifier: GPL-3.0-or-later
#include "catalog/tls_check.h"

#include <chrono>
#include <filesystem>
#include <libpq-fe.h>
#include <memory>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <poll.h>
#include <vector>

namespace voorwerp::catalog {

namespace {

constexpr std::chrono::seconds kPatience{5};

using Connection = std::unique_ptr<PGconn, decltype(&PQfinish)>;
using Certificate = std::unique_ptr<X509, decltype(&X509_free)>;

std::string valueOf(const std::map<std::string, std::string>& settings, const char* keyword)
{
    const auto found = settings.find(keyword);
    return found == settings.end() ? std::string() : found->second;
}

/// Waits until libpq can go on. False: it takes too long.
bool waitFor(PGconn* connection, PostgresPollingStatusType wanted, std::chrono::steady_clock::time_point end)
{
    const auto left =
        std::chrono::duration_cast<std::chrono::milliseconds>(end - std::chrono::steady_clock::now());
    pollfd descriptor{PQsocket(connection),
                      static_cast<short>(wanted == PGRES_POLLING_READING ? POLLIN : POLLOUT), 0};
    return left.count() > 0 && ::poll(&descriptor, 1, static_cast<int>(left.count())) > 0;
}

/// A connection on which only TLS was spoken about: libpq is stopped before it says who it is. Null: no
/// server.
Connection greet(const std::map<std::string, std::string>& settings)
{
    std::vector<const char*> keywords;
    std::vector<const char*> values;
    const auto add = [&](const char* keyword, const char* value) {
        keywords.push_back(keyword);
        values.push_back(value);
    };
    for (const char* keyword : {"host", "hostaddr", "port"})
        if (const auto found = settings.find(keyword); found != settings.end())
            add(keyword, found->second.c_str());
    add("user", "nobody");
    add("password", "");
    add("passfile", "/dev/null/none");
    add("sslmode", "prefer"); // takes any certificate
    add("sslrootcert", "/dev/null/none");
    add("gssencmode", "disable");
    keywords.push_back(nullptr);
    values.push_back(nullptr);
    Connection connection(PQconnectStartParams(keywords.data(), values.data(), 0), &PQfinish);
    const auto end = std::chrono::steady_clock::now() + kPatience;
    auto wanted = PGRES_POLLING_WRITING;
    for (bool asked = false; connection && PQstatus(connection.get()) != CONNECTION_BAD;) {
        if (asked && PQstatus(connection.get()) == CONNECTION_MADE)
            return connection;
        asked = asked || PQstatus(connection.get()) == CONNECTION_SSL_STARTUP;
        if (!waitFor(connection.get(), wanted, end))
            break;
        wanted = PQconnectPoll(connection.get());
        if (wanted == PGRES_POLLING_FAILED || wanted == PGRES_POLLING_OK)
            break;
    }
    return {nullptr, &PQfinish};
}

Certificate certificateOf(PGconn* connection)
{
    auto* ssl = static_cast<SSL*>(PQsslStruct(connection, "OpenSSL"));
    return {ssl != nullptr ? SSL_get1_peer_certificate(ssl) : nullptr, &X509_free};
}

std::string dateOf(const ASN1_TIME* time)
{
    std::tm parts{};
    char text[32] = "";
    if (ASN1_TIME_to_tm(time, &parts) == 1)
        std::strftime(text, sizeof text, "%Y-%m-%d %H:%M UTC", &parts);
    return text;
}

/// The host names in the certificate, or its subject.
std::string namesOf(const X509* certificate)
{
    std::string names;
    auto* list =
        static_cast<GENERAL_NAMES*>(X509_get_ext_d2i(certificate, NID_subject_alt_name, nullptr, nullptr));
    for (int i = 0; i < sk_GENERAL_NAME_num(list); ++i) {
        const GENERAL_NAME* name = sk_GENERAL_NAME_value(list, i);
        if (name->type != GEN_DNS)
            continue;
        const auto* text = reinterpret_cast<const char*>(ASN1_STRING_get0_data(name->d.dNSName));
        names += (names.empty() ? "" : ", ") +
                 std::string(text, static_cast<std::size_t>(ASN1_STRING_length(name->d.dNSName)));
    }
    GENERAL_NAMES_free(list);
    if (!names.empty())
        return names;
    char subject[256] = "";
    X509_NAME_get_text_by_NID(X509_get_subject_name(certificate), NID_commonName, subject, sizeof subject);
    return subject;
}

bool isFor(X509* certificate, const std::string& host)
{
    return X509_check_host(certificate, host.c_str(), host.size(), 0, nullptr) == 1 ||
           X509_check_ip_asc(certificate, host.c_str(), 0) == 1;
}

/// The mode asks for a certificate to be checked.
bool isStrict(const std::string& mode)
{
    return mode == "verify-full" || mode == "verify-ca";
}

Refusal aboutCertificate(X509* certificate, const std::string& host, const std::string& authorities,
                         bool chainFailed)
{
    if (X509_cmp_current_time(X509_get0_notAfter(certificate)) < 0)
        return {"the certificate of " + host + " expired on " + dateOf(X509_get0_notAfter(certificate)),
                "Ask the server's administrator for a new one, and check the clock of this computer."};
    if (X509_cmp_current_time(X509_get0_notBefore(certificate)) > 0)
        return {"the certificate of " + host + " is valid only from " +
                    dateOf(X509_get0_notBefore(certificate)),
                "Check the clock of this computer, and that of the server."};
    if (!chainFailed && !isFor(certificate, host))
        return {"the certificate of the server is for " + namesOf(certificate) + ", not for " + host,
                "Use the name in the certificate as the host of the address. If the address is right, "
                "somebody else may "
                "be answering: ask the server's administrator."};
    return {"the certificate of " + host + " is not signed by an authority that " + authorities + " names",
            "Get the authority's certificate from the server's administrator and name it in the address "
            "(sslrootcert=FILE), or save it as ~/.postgresql/root.crt."};
}

} // namespace

std::optional<Refusal> explainTls(const std::map<std::string, std::string>& settings,
                                  const std::string& failure)
{
    const std::string mode = valueOf(settings, "sslmode");
    const std::string authorities = valueOf(settings, "sslrootcert");
    std::error_code ignored;
    if (isStrict(mode) && !authorities.empty() && !std::filesystem::exists(authorities, ignored))
        return Refusal{"there is no file " + authorities + " with the authorities to trust (sslrootcert)",
                       "Get the authority's certificate from the server's administrator and save it there."};
    if (!isStrict(mode) && mode != "require")
        return std::nullopt;
    const Connection connection = greet(settings);
    if (!connection)
        return std::nullopt;
    const std::string host = PQhost(connection.get());
    const Certificate certificate = certificateOf(connection.get());
    if (!certificate)
        return Refusal{
            "the server on " + host + " does not offer TLS: passwords and data could be read on the way",
            "Ask its administrator to switch ssl on. On a network that you trust, add sslmode=disable to the "
            "address (or set PGSSLMODE) to do without."};
    // The words of OpenSSL; they are in no other language.
    const bool chainFailed = failure.find("certificate verify failed") != std::string::npos;
    if (!isStrict(mode) || (!chainFailed && (mode == "verify-ca" || isFor(certificate.get(), host))))
        return std::nullopt;
    return aboutCertificate(certificate.get(), host,
                            authorities.empty() ? "~/.postgresql/root.crt" : authorities, chainFailed);
}

} // namespace voorwerp::catalog
