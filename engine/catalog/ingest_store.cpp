// SPDX-License-Identifier: GPL-3.0-or-later
#include "catalog/ingest_store.h"

#include "catalog/binary_copy.h"
#include "catalog/copy_stream.h"
#include "catalog/ingest_sql.h"
#include "catalog/session.h"
#include "catalog/specprod_sql.h"
#include "catalog/spectrum_codec.h"
#include "catalog/sql_values.h"
#include "catalog/target_row.h"
#include "core/wavelength_grid.h"

#include <algorithm>
#include <array>
#include <unordered_map>
#include <unordered_set>
#include <utility>

namespace voorwerp::catalog {

namespace {

constexpr std::size_t kBatch = 256; ///< spectra: 4 MB, lossless 13 MB
constexpr const char* kIncoming = "voorwerp_incoming";

constexpr std::size_t kValues = kTargetColumns.size() + 1; ///< the last is the file
using Values = std::array<std::optional<std::string>, kValues>;
using Ids = std::vector<std::pair<std::int64_t, std::size_t>>; ///< database id, index in the batch

std::array<const char*, kValues> valueColumns()
{
    std::array<const char*, kValues> columns{};
    std::copy(kTargetColumns.begin(), kTargetColumns.end(), columns.begin());
    columns.back() = "file_id";
    return columns;
}

/// Words of a key that cannot run into each other.
template <typename Field> std::string keyText(const Field& field)
{
    std::string key;
    for (std::size_t i = 0; i < kKeyColumns; ++i)
        key += field(i) + '\x1f';
    return key;
}

void requireFull(const core::TargetInfo& info, const core::Spectrum& spectrum)
{
    constexpr std::size_t kPixels = core::DesiGrid::kPixels;
    if (spectrum.flux.size() == kPixels && spectrum.ivar.size() == kPixels && spectrum.mask.size() == kPixels)
        return;
    throw core::FormatError(
        "TARGETID " + std::to_string(info.key.targetId.value) + " (row " + std::to_string(info.fileRow) +
            ") has " + std::to_string(spectrum.flux.size()) + " pixels instead of " + std::to_string(kPixels),
        "Merge the cameras on DESI's grid before storing.");
}

} // namespace

class FileIngest::Implementation
{
public:
    Implementation(const Database& database, FileRecord file, std::stop_token stop)
        : m_session(database, std::move(stop))
        , m_file(std::move(file))
    {
        guarded([this] {
            m_work.emplace(m_session.connection());
            const UpsertedFile entry = upsertFile(*m_work, m_file);
            m_fileId = entry.id;
            m_newPath = m_keysAreNew = entry.fresh;
        });
    }

    void add(const core::TargetInfo& info, const core::Spectrum& spectrum)
    {
        requireFull(info, spectrum);
        Values values;
        std::ranges::move(targetValues(info), values.begin());
        values.back() = std::to_string(m_fileId);
        if (info.key.specprod.empty())
            values[1] = cleanText(m_file.specprod);
        std::string& problem = values[kTargetColumns.size() - 2].value();
        const bool known = info.redshift && std::isfinite(info.redshift->z);
        if (!known && problem.empty())
            problem = kNoRedshift;
        std::string key = keyText([&](std::size_t i) { return values[i].value(); });
        if (!m_keys.insert(key).second) {
            m_counts.duplicateRows.push_back(info.fileRow);
            return;
        }
        m_batchIndex.emplace(std::move(key), m_batch.size());
        m_batch.push_back({std::move(values), encodeSpectrum(spectrum, m_file.pixels)});
        if (m_batch.size() == kBatch)
            guarded([this] { flush(); });
    }

    void addCatalogRows(const core::TableChunk& rows, RedshiftTable table)
    {
        guarded([&] { writeSpecprodRows(*m_work, m_file.specprod, {rows, table}); });
    }

    IngestCounts commit()
    {
        guarded([this] {
            flush();
            if (!m_newPath)
                removeOthers();
            useCatalogRedshifts(*m_work, m_fileId);
            if (m_session.stop().stop_requested())
                throw core::Cancelled();
            m_work->commit();
            m_work.reset();
        });
        return m_counts;
    }

private:
    struct Row
    {
        Values values;
        EncodedSpectrum pixels;
    };

    template <typename Use> void guarded(Use&& use)
    {
        try {
            use();
        } catch (...) {
            m_work.reset();
            m_session.rethrow();
        }
    }

    /// Rows that this path had before and has no more.
    void removeOthers()
    {
        m_counts.removed = static_cast<std::int64_t>(
            m_work
                ->exec_params("DELETE FROM voorwerp.target t WHERE t.file_id = $1 AND NOT EXISTS "
                              "(SELECT FROM unnest($2::int8[]) kept (id) WHERE kept.id = t.id)",
                              m_fileId, arrayText(m_ids))
                .affected_rows());
    }

    /// The spectra of the batch, rows before pixels.
    void flush()
    {
        if (m_batch.empty())
            return;
        if (m_session.stop().stop_requested())
            throw core::Cancelled();
        // Nearly always a file's keys are all new.
        m_keysAreNew = m_keysAreNew && addNewRows();
        if (!m_keysAreNew)
            mergeRows();
        m_batch.clear();
        m_batchIndex.clear();
    }

    /// Straight into the table; nothing is written and false returned where another file has one of the keys.
    bool addNewRows()
    {
        try {
            pqxx::subtransaction attempt(*m_work);
            copyValues(attempt, "voorwerp.target");
            // The numbers were given in the order of the batch.
            const auto rows = attempt.exec_params(
                "SELECT id FROM voorwerp.target WHERE file_id = $1 AND id > $2 ORDER BY id", m_fileId,
                m_ids.empty() ? 0 : m_ids.back());
            attempt.commit();
            Ids ids;
            for (const auto& row : rows)
                ids.emplace_back(row[0].as<std::int64_t>(), ids.size());
            m_counts.inserted += static_cast<std::int64_t>(ids.size());
            addPixels(ids);
            return true;
        } catch (const pqxx::unique_violation&) {
            return false;
        }
    }

    /// Values in, rows written and ids back, old pixels out, new pixels in.
    void mergeRows()
    {
        // Of the connection, not of the file: making a table costs more than a hundred rows.
        m_work->exec("CREATE TEMP TABLE IF NOT EXISTS " + std::string(kIncoming) +
                     " ON COMMIT DELETE ROWS AS SELECT " + targetColumnList() +
                     ", file_id FROM voorwerp.target WITH NO DATA");
        copyValues(*m_work, kIncoming);
        Ids ids;
        std::vector<std::int64_t> replaced;
        const auto rows = m_work->exec_params(upsertTargetsSql(kIncoming), m_fileId);
        for (const auto& row : rows) {
            const std::string key =
                keyText([&](std::size_t i) { return textOf(row[static_cast<int>(i) + 3]); });
            ids.emplace_back(row[0].as<std::int64_t>(), m_batchIndex.at(key));
            if (!row[1].as<bool>())
                replaced.push_back(ids.back().first);
        }
        m_counts.replaced += static_cast<std::int64_t>(replaced.size());
        m_counts.inserted += static_cast<std::int64_t>(ids.size() - replaced.size());
        m_counts.takenOver += rows.empty() ? 0 : rows[0][2].as<std::int64_t>();
        if (!replaced.empty())
            m_work->exec_params("DELETE FROM voorwerp.spectrum WHERE target_id = ANY($1::int8[])",
                                arrayText(replaced));
        m_work->exec("DELETE FROM " + std::string(kIncoming));
        addPixels(ids);
    }

    void copyValues(pqxx::transaction_base& work, const std::string& table) const
    {
        CopyStream<kValues> stream(work, table, valueColumns());
        for (const Row& row : m_batch)
            stream.add(row.values);
        stream.finish();
    }

    void addPixels(const Ids& ids)
    {
        BinaryCopy pixels(m_session.connection(), "voorwerp.spectrum", "target_id, flux, ivar, mask");
        for (const auto& [id, index] : ids) {
            const EncodedSpectrum& encoded = m_batch[index].pixels;
            pixels.beginRow(4);
            m_ids.push_back(id);
            pixels.addInt8(id);
            pixels.addBytes(encoded.flux);
            pixels.addBytes(encoded.ivar);
            pixels.addBytes(encoded.mask);
        }
        pixels.finish();
    }

    Session m_session;
    FileRecord m_file;
    std::optional<pqxx::work> m_work;
    std::int64_t m_fileId = 0;
    bool m_newPath = false;    ///< the ledger did not know it
    bool m_keysAreNew = false; ///< so far, those of all files that other paths brought
    std::vector<Row> m_batch;
    std::unordered_map<std::string, std::size_t> m_batchIndex;
    std::unordered_set<std::string> m_keys;
    std::vector<std::int64_t> m_ids;
    IngestCounts m_counts;
};

bool alreadyIngested(const Database& database, const FileRecord& file)
{
    // Where only quasars were taken, a QSO catalogue that came later may name more.
    return inTransaction(database, [&](pqxx::work& work) {
        return !work.exec_params(
                        "SELECT FROM voorwerp.file f WHERE sha256 = $1 AND ($2 = '' OR specprod = $2) AND "
                        "redrock_sha256 = $3 AND afterburner_sha256 = $4 AND "
                        "(pixels = $5 OR pixels = 'lossless') AND (NOT quasars_only OR ($6 AND NOT EXISTS "
                        "(SELECT FROM voorwerp.file c WHERE c.kind = 'qso_cat' AND c.ingested > f.ingested "
                        "AND (c.specprod = '' OR c.specprod = f.specprod))))",
                        file.sha256, cleanText(file.specprod), file.redrockSha256, file.afterburnerSha256,
                        std::string(pixelStorageName(file.pixels)), file.quasarsOnly)
                    .empty();
    });
}

std::unordered_set<core::TargetId> catalogQuasars(const Database& database, const std::string& specprod,
                                                  const std::vector<core::TargetInfo>& targets)
{
    std::vector<std::int64_t> ids;
    for (const core::TargetInfo& target : targets)
        ids.push_back(target.key.targetId.value);
    return inTransaction(database, [&](pqxx::work& work) {
        std::unordered_set<core::TargetId> quasars;
        for (const auto& row :
             work.exec_params("SELECT DISTINCT targetid FROM voorwerp.catalog_redshift WHERE "
                              "targetid = ANY($1::int8[]) AND (specprod = '' OR specprod = $2)",
                              arrayText(ids), cleanText(specprod)))
            quasars.insert({row[0].as<std::int64_t>()});
        return quasars;
    });
}

FileIngest::FileIngest(const Database& database, FileRecord file, std::stop_token stop)
    : m_implementation(std::make_unique<Implementation>(database, std::move(file), std::move(stop)))
{
}

FileIngest::FileIngest(FileIngest&&) noexcept = default;
FileIngest& FileIngest::operator=(FileIngest&&) noexcept = default;
FileIngest::~FileIngest() = default;

void FileIngest::add(const core::TargetInfo& info, const core::Spectrum& spectrum)
{
    m_implementation->add(info, spectrum);
}

void FileIngest::addCatalogRows(const core::TableChunk& rows, RedshiftTable table)
{
    m_implementation->addCatalogRows(rows, table);
}

IngestCounts FileIngest::commit()
{
    return m_implementation->commit();
}

} // namespace voorwerp::catalog
