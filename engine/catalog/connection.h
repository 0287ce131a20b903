// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// Inside the room: a connection that also shows libpq's own handle, for what pqxx has no words for (COPY in
// binary).

#include <pqxx/pqxx>
#include <string>

struct pg_conn;

namespace voorwerp::catalog {

class Connection : public pqxx::connection_base
{
public:
    explicit Connection(const std::string& options)
        : pqxx::connection_base(m_policy)
        , m_policy(options)
    {
        init();
    }
    ~Connection() noexcept { close(); }
    /// Valid as long as the connection; pqxx owns it.
    pg_conn* handle() const { return m_policy.raw; }

private:
    struct Policy : pqxx::connect_direct
    {
        using pqxx::connect_direct::connect_direct;
        handle do_startconnect(handle before) override
        {
            return raw = pqxx::connect_direct::do_startconnect(before);
        }
        handle raw = nullptr;
    };
    Policy m_policy;
};

} // namespace voorwerp::catalog
