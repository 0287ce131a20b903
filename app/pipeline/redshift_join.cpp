// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/pipeline/redshift_join.h"

#include "core/file_io.h"
#include "fits/afterburner_reader.h"

#include <nlohmann/json.hpp>

#include <array>
#include <utility>

namespace voorwerp::pipeline {

namespace fs = std::filesystem;

namespace {

std::string hashOf(const fs::path& path, const std::stop_token& stop)
{
    return path.empty() ? std::string() : core::sha256OfFile(path, stop);
}

std::string joinedHashes(const std::array<std::string, 2>& hashes)
{
    return hashes[0].empty() && hashes[1].empty() ? std::string() : hashes[0] + "," + hashes[1];
}

std::array<std::string, 2> splitHashes(const std::string& joined)
{
    const std::size_t comma = joined.find(',');
    return comma == std::string::npos ? std::array<std::string, 2>{}
                                      : std::array{joined.substr(0, comma), joined.substr(comma + 1)};
}

} // namespace

void noteCompanions(const fits::CoaddSource& source, catalog::FileRecord& record, std::stop_token stop)
{
    record.redrockPath = source.redrock;
    record.redrockSha256 = hashOf(source.redrock, stop);
    record.quasarnetPath = source.quasarnet;
    record.mgiiPath = source.mgii;
    record.afterburnerSha256 = joinedHashes({hashOf(source.quasarnet, stop), hashOf(source.mgii, stop)});
}

RedshiftJoin::RedshiftJoin(catalog::FileRecord& record)
{
    if (!record.redrockPath.empty())
        readRedrock(record);
    record.afterburnerSha256 = readAfterburners(record);
}

template <typename Table> void RedshiftJoin::noteRejected(const fs::path& path, const Table& table)
{
    for (const fits::RejectedRedshift& row : table.rejected)
        m_problems.push_back({path.string(), row.reason, row.row});
}

void RedshiftJoin::readRedrock(catalog::FileRecord& record)
{
    try {
        fits::RedrockTable table = fits::readRedrock(record.redrockPath);
        noteRejected(record.redrockPath, table);
        for (auto& [target, redshift] : table.rows)
            m_redshifts.emplace(target, std::move(redshift));
        record.provenance = nlohmann::json(table.provenance).dump();
    } catch (const core::FormatError& error) {
        m_problems.push_back({record.redrockPath.string(), error.what()});
        record.redrockSha256.clear();
    }
}

/// Returns the hashes of what was read.
std::string RedshiftJoin::readAfterburners(const catalog::FileRecord& record)
{
    std::array<std::string, 2> hashes = splitHashes(record.afterburnerSha256);
    const std::array<std::pair<const fs::path&, fits::AfterburnerTable (*)(const fs::path&)>, 2> files{
        {{record.quasarnetPath, fits::readQuasarNet}, {record.mgiiPath, fits::readMgII}}};
    for (std::size_t i = 0; i < files.size(); ++i) {
        const auto& [path, read] = files[i];
        if (path.empty())
            continue;
        try {
            const fits::AfterburnerTable table = read(path);
            noteRejected(path, table);
            for (const auto& [target, facts] : table.rows)
                m_quasars[target] = fits::merged(m_quasars[target], facts);
        } catch (const core::FormatError& error) {
            m_problems.push_back({path.string(), error.what()});
            hashes[i].clear();
        }
    }
    return joinedHashes(hashes);
}

void RedshiftJoin::fill(core::TargetInfo& info) const
{
    if (const auto found = m_redshifts.find(info.key.targetId); found != m_redshifts.end())
        info.redshift = found->second;
    if (const auto found = m_quasars.find(info.key.targetId); found != m_quasars.end())
        info.quasar = found->second;
}

catalog::CatalogRedshift catalogEntry(const fits::QsoCatalogRow& row)
{
    const core::Redshift& redshift = row.redshift;
    return {row.targetId, redshift.z,  redshift.zerr, redshift.zwarn, redshift.spectype,
            row.survey,   row.program, row.tileid,    row.lastNight,  row.quasar};
}

} // namespace voorwerp::pipeline
