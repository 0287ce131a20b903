// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/pipeline/browsed_spectrum.h"

#include "catalog/target_query.h"
#include "core/error.h"
#include "fits/coadd_reader.h"
#include "fits/desi_tree.h"

#include <algorithm>
#include <array>
#include <mutex>

namespace voorwerp::pipeline {

namespace fs = std::filesystem;

namespace {

/// Rows that follow each other are often in one file, and opening it costs more than reading a row.
class LastFile
{
public:
    /// nullopt: the file does not have the target.
    std::optional<catalog::StoredSpectrum> read(const fs::path& path, const core::SpectrumKey& key)
    {
        const std::lock_guard lock(m_mutex);
        const auto stamp = fits::FileStamp::of(path);
        if (!m_reader || m_reader->path() != path || stamp != m_stamp) {
            m_reader.reset();
            m_reader.emplace(path, key.specprod);
            m_stamp = stamp;
        }
        const auto& targets = m_reader->targets();
        const auto found = std::find_if(targets.begin(), targets.end(), [&](const core::TargetInfo& info) {
            return info.key.targetId == key.targetId;
        });
        if (found == targets.end())
            return std::nullopt;
        return catalog::StoredSpectrum{
            {}, *found, m_reader->read(static_cast<std::size_t>(found - targets.begin()))};
    }

private:
    std::mutex m_mutex;
    std::optional<fits::CoaddReader> m_reader;
    fits::FileStamp m_stamp;
};

std::optional<catalog::StoredSpectrum> fromTree(const Session& session, const core::SpectrumKey& key)
{
    static LastFile lastFile;
    if (session.tree().empty())
        return std::nullopt;
    const fs::path path =
        fits::findHealpixCoadd(session.tree(), key.specprod, key.survey, key.program, key.spgrpval);
    return path.empty() ? std::nullopt : lastFile.read(path, key);
}

std::optional<catalog::StoredSpectrum> fromCatalogue(const catalog::Database& catalogue,
                                                     const core::SpectrumKey& key)
{
    const auto rows = catalog::findTarget(catalogue, key.targetId);
    const auto isSame = [&](const catalog::TargetRow& row) {
        const core::SpectrumKey& own = row.info.key;
        return own.survey == key.survey && own.program == key.program && own.spgrp == key.spgrp &&
               own.spgrpval == key.spgrpval;
    };
    auto found = std::find_if(rows.begin(), rows.end(), [&](const catalog::TargetRow& row) {
        return isSame(row) && row.info.key.specprod == key.specprod;
    });
    if (found == rows.end())
        found = std::find_if(rows.begin(), rows.end(), isSame);
    if (found == rows.end())
        return std::nullopt;
    auto stored = catalog::readSpectra(catalogue, std::array{found->id});
    return stored.empty() ? std::nullopt : std::optional(std::move(stored.front()));
}

[[noreturn]] void throwNotFound(const Session& session, const core::SpectrumKey& key)
{
    const std::string pixel = key.survey + "/" + key.program + "/" + std::to_string(key.spgrpval / 100) +
                              "/" + std::to_string(key.spgrpval);
    if (session.tree().empty())
        throw core::UserError(
            "neither the server nor the workspace has this spectrum, and no folder with the FITS files of " +
                key.specprod + " was given",
            "Give the folder that has healpix/" + pixel + ": File, Open a DESI database.");
    throw core::UserError("no spectrum of TARGETID " + std::to_string(key.targetId.value) +
                              ": there is no coadd of "
                              "it in " +
                              session.tree().string() + "/healpix/" + pixel +
                              ", and neither the server nor the workspace holds it",
                          "Download that file of DESI's data release, or import it into the workspace.");
}

} // namespace

catalog::StoredSpectrum readBrowsedSpectrum(const Session& session, core::SpectrumId id)
{
    const catalog::TargetRow row = catalog::findSpectrum(session.database(), id);
    auto stored = fromTree(session, row.info.key);
    for (const catalog::Database& catalogue : session.spectrumCatalogues())
        if (!stored)
            stored = fromCatalogue(catalogue, row.info.key);
    if (!stored)
        throwNotFound(session, row.info.key);
    stored->id = id;
    const auto redshift = row.info.redshift;
    stored->info.key = row.info.key;
    stored->info.redshift = redshift;
    fits::assessSpectrum(stored->spectrum, stored->info);
    return std::move(*stored);
}

} // namespace voorwerp::pipeline
