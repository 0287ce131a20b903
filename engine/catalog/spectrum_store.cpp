// SPDX-License-Identifier: GPL-3.0-or-later
#include "catalog/spectrum_store.h"

#include "catalog/column_table.h"
#include "catalog/session.h"
#include "catalog/spectrum_codec.h"
#include "catalog/sql_values.h"
#include "catalog/target_row.h"
#include "catalog/where_sql.h"
#include "core/row_threads.h"

#include <future>
#include <optional>
#include <unordered_map>

namespace voorwerp::catalog {

namespace {

const std::string& pixelColumns()
{
    static const std::string list = "p.flux, p.ivar, p.mask";
    return list;
}

core::Spectrum readPixels(const pqxx::row& row, pqxx::row::size_type first)
{
    try {
        return decodeSpectrum(bytesOf(row[first]), bytesOf(row[first + 1]), bytesOf(row[first + 2]));
    } catch (const core::FormatError& error) {
        throw core::FormatError("spectrum " + textOf(row[0]) + ": " + error.what(), error.remedy());
    }
}

StoredSpectrum readStored(const pqxx::row& row)
{
    return {{row[0].as<std::int64_t>()}, readTarget(row, 4), readPixels(row, 1)};
}

std::string selectStored()
{
    return "SELECT t.id, " + pixelColumns() + ", " + targetColumnList("t.");
}

} // namespace

core::Spectrum readSpectrum(const Database& database, core::SpectrumId id)
{
    return inTransaction(database, [&](pqxx::work& work) {
        const auto rows = work.exec_params("SELECT p.target_id, " + pixelColumns() +
                                               " FROM voorwerp.spectrum p WHERE p.target_id = $1",
                                           id.value);
        if (rows.empty())
            throw core::UserError("there is no spectrum with the number " + std::to_string(id.value),
                                  "It may have been replaced by a newer file: reload the list.");
        return readPixels(rows[0], 1);
    });
}

std::vector<StoredSpectrum> readSpectra(const Database& database, std::span<const core::SpectrumId> ids)
{
    std::vector<std::int64_t> numbers;
    for (const core::SpectrumId id : ids)
        numbers.push_back(id.value);
    return inTransaction(database, [&](pqxx::work& work) {
        std::unordered_map<std::int64_t, StoredSpectrum> found;
        for (const auto& row :
             work.exec_params(selectStored() + " FROM voorwerp.target t JOIN voorwerp.spectrum p ON "
                                               "p.target_id = t.id WHERE t.id = ANY($1::int8[])",
                              arrayText(numbers)))
            found.emplace(row[0].as<std::int64_t>(), readStored(row));
        std::vector<StoredSpectrum> spectra;
        for (const std::int64_t number : numbers)
            if (const auto spectrum = found.find(number); spectrum != found.end())
                spectra.push_back(spectrum->second);
        return spectra;
    });
}

/// A cursor of the server in a transaction of its own. A thread reads one batch ahead, and unpacks it with
/// the help of others: only it uses the connection while it runs.
class SpectrumStream::Implementation
{
public:
    Implementation(const Database& database, const std::string& where, std::size_t batch,
                   std::stop_token stop)
        : m_session(database, std::move(stop))
        , m_fetch("FETCH " + std::to_string(batch) + " FROM spectra")
    {
        guarded([&] {
            m_work.emplace(m_session.connection());
            SqlParameters parameters;
            const std::string condition = compileWhere(where, false, parameters);
            parameters.run(*m_work, "DECLARE spectra NO SCROLL CURSOR FOR " + selectStored() +
                                        fromTargets(ScoreJoin::None) +
                                        " JOIN voorwerp.spectrum p ON p.target_id = t.id WHERE " + condition +
                                        " ORDER BY t.id");
        });
        readAhead();
    }

    std::vector<StoredSpectrum> next()
    {
        if (!m_ahead.valid())
            return {};
        if (m_session.stop().stop_requested())
            throw core::Cancelled();
        std::vector<StoredSpectrum> batch = m_ahead.get();
        if (!batch.empty())
            readAhead();
        return batch;
    }

private:
    void readAhead()
    {
        m_ahead = std::async(std::launch::async, [this] { return fetch(); });
    }

    std::vector<StoredSpectrum> fetch()
    {
        std::vector<StoredSpectrum> batch;
        guarded([&] {
            if (m_session.stop().stop_requested())
                throw core::Cancelled();
            const pqxx::result rows = m_work->exec(m_fetch);
            batch.resize(rows.size());
            core::forEachRow(batch.size(), m_threads, [&](std::size_t i) {
                if (m_session.stop().stop_requested())
                    throw core::Cancelled();
                batch[i] = readStored(rows[static_cast<pqxx::result::size_type>(i)]);
            });
            if (batch.empty()) {
                m_work->commit();
                m_work.reset();
            }
        });
        return batch;
    }

    template <typename Use> void guarded(Use&& use)
    {
        try {
            use();
        } catch (...) {
            m_work.reset();
            m_session.rethrow();
        }
    }

    Session m_session;
    std::string m_fetch;
    std::size_t m_threads = core::threadCount(0);
    std::optional<pqxx::work> m_work;
    std::future<std::vector<StoredSpectrum>> m_ahead; ///< last: it ends before what it uses
};

SpectrumStream::SpectrumStream(const Database& database, const std::string& where, std::size_t batch,
                               std::stop_token stop)
{
    checkWhere(where, false);
    m_implementation =
        std::make_unique<Implementation>(database, where, std::max<std::size_t>(batch, 1), std::move(stop));
}

SpectrumStream::SpectrumStream(SpectrumStream&&) noexcept = default;
SpectrumStream& SpectrumStream::operator=(SpectrumStream&&) noexcept = default;
SpectrumStream::~SpectrumStream() = default;

bool SpectrumStream::next(std::vector<StoredSpectrum>& batch)
{
    batch = m_implementation->next();
    return !batch.empty();
}

} // namespace voorwerp::catalog
