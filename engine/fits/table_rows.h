// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// Private to this folder: rows of a binary table as they stand in the file, all columns at once. Reading a
// table of a hundred columns one column at a time would go through its bytes a hundred times.

#include "core/table_chunk.h"
#include "fits/fits_file.h"

#include <string>
#include <vector>

namespace voorwerp::fits {

/// A table open for reading; the file must outlive it.
class TableRows
{
public:
    /// Throws FormatError when the columns do not fill the rows.
    TableRows(FitsFile& file, const HduInfo& hdu);

    /// Upper case, in the order of the file.
    const std::vector<RawColumn>& columns() const { return m_columns; }
    long long rowBytes() const { return m_rowBytes; }
    /// Rows from first on (0-based), fewer at the end. Texts are trimmed; columns of other kinds (complex,
    /// variable length, bits) are left out. Throws FormatError.
    core::TableChunk read(long long first, std::size_t count);

private:
    FitsFile& m_file;
    const HduInfo& m_hdu;
    std::vector<RawColumn> m_columns;
    long long m_rowBytes = 0;
    std::vector<unsigned char> m_bytes;
};

} // namespace voorwerp::fits
