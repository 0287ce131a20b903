// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// Reads DESI's redshift catalogues (HDU ZCATALOG): zall-pix-*.fits and zpix-*.fits, a row a target, survey
// and program; zall-tilecumulative-*.fits and ztile-*.fits, a row a target and tile. All columns that the
// file has are read, in blocks of rows, so that 28 million rows need no more memory than a few thousand.
// Survey, program and group that the file has no column for come from its header or name.
//
// Thread rule: one thread per object.

#include "core/table_chunk.h"

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>

namespace voorwerp::fits {

class ZCatalogReader
{
public:
    /// specprod: the production; empty: what the file says (SPECPROD, or zall-pix-NAME.fits), else "local".
    /// Throws FormatError, or SystemError when it cannot be opened.
    explicit ZCatalogReader(std::filesystem::path path, std::string specprod = {});
    ~ZCatalogReader();
    ZCatalogReader(ZCatalogReader&&) noexcept;
    ZCatalogReader& operator=(ZCatalogReader&&) noexcept;

    const std::string& specprod() const;
    bool isOfTiles() const;
    std::int64_t rows() const;
    /// The next rows; none at the end. Throws FormatError naming file, HDU and row.
    core::TableChunk next();

private:
    class Private;
    std::unique_ptr<Private> m_d;
};

} // namespace voorwerp::fits
