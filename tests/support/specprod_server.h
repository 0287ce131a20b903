// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// A server as DESI's: a database with a production schema by the column lists of specprod-db, no schema
// voorwerp, and a role that may only read, with a password in a password file.

#include "catalog/private_cluster.h"
#include "support/test_support.h"

#include <cstdint>
#include <filesystem>
#include <string>

namespace voorwerp::test {

class SpecprodServer
{
public:
    static constexpr int kRows = 4000;
    static constexpr const char* kPassword = "no-secret-in-logs";

    /// Productions "iron", with rows, and "fuji", whose tables lack columns.
    SpecprodServer();
    /// Of the role desi_public. The password is in the file that the URI names.
    std::string uri() const;
    /// The same without the password file.
    std::string uriWithoutPassword() const;
    /// As the server's administrator; the first value of the answer, or nothing.
    std::string run(const std::string& sql) const;
    /// Adds a row to iron.zpix: dark time of the main survey, a QSO at z.
    void addRow(std::int64_t targetId, std::int64_t healpix, double z) const;
    /// TARGETID of row i.
    static std::int64_t targetId(int i) { return 39627000000000000 + i; }

private:
    void createRole();
    void fill() const;

    TemporaryFolder m_folder;
    core::Workspace m_workspace;
    core::JobContext m_context;
    catalog::PrivateCluster m_cluster;
};

} // namespace voorwerp::test
