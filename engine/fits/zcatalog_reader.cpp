// SPDX-License-Identifier: GPL-3.0-or-later
#include "fits/zcatalog_reader.h"

#include "core/error.h"
#include "fits/file_name.h"
#include "fits/fits_file.h"
#include "fits/table_rows.h"

#include <algorithm>
#include <array>
#include <optional>
#include <sstream>
#include <utility>
#include <vector>

namespace voorwerp::fits {

namespace {

constexpr long long kBlockBytes = 4 << 20;
constexpr long long kMostRows = 5000; ///< of a block, so that a stop is obeyed soon

std::vector<std::string> wordsOf(const std::string& text)
{
    std::vector<std::string> words;
    std::istringstream stream(text);
    for (std::string word; std::getline(stream, word, '-');)
        words.push_back(word);
    return words;
}

const HduInfo& catalogOf(FitsFile& file)
{
    if (const HduInfo* hdu = file.findTable("ZCATALOG"))
        return *hdu;
    throw core::FormatError(file.path().string() + ": it has no HDU ZCATALOG",
                            "Give a zall-pix, zpix, zall-tilecumulative or ztile file of DESI's.");
}

} // namespace

class ZCatalogReader::Private
{
public:
    Private(std::filesystem::path path, std::string specprod)
        : m_file(std::move(path))
        , m_hdu(catalogOf(m_file))
        , m_rows(m_file, m_hdu)
        , m_name(parseFileName(m_file.path()))
        , m_words(wordsOf(m_name.group))
        , m_isOfTiles(m_name.product.starts_with("ztile") || m_name.group.starts_with("tile") ||
                      (!hasColumn("HEALPIX") && hasColumn("TILEID")))
        , m_specprod(specprod.empty() ? findSpecprod() : std::move(specprod))
        , m_survey(said("SURVEY", 0))
        , m_program(said("PROGRAM", 1))
        , m_group(findGroup())
    {
        if (!hasColumn("TARGETID"))
            m_file.fail(m_hdu, "it has no column TARGETID");
    }

    const std::string& specprod() const { return m_specprod; }
    bool isOfTiles() const { return m_isOfTiles; }
    std::int64_t rows() const { return m_hdu.rows; }

    core::TableChunk next()
    {
        const long long block = std::clamp(kBlockBytes / m_rows.rowBytes(), 1LL, kMostRows);
        core::TableChunk chunk = m_rows.read(m_next, static_cast<std::size_t>(block));
        m_next += static_cast<long long>(chunk.rows);
        if (!m_survey.empty())
            chunk.addConstant("SURVEY", m_survey);
        if (!m_program.empty())
            chunk.addConstant("PROGRAM", m_program);
        chunk.addConstant("SPGRP", m_group);
        return chunk;
    }

private:
    bool hasColumn(std::string_view name) const
    {
        return std::any_of(m_rows.columns().begin(), m_rows.columns().end(),
                           [&](const RawColumn& column) { return column.name == name; });
    }

    std::string card(const std::string& keyword)
    {
        for (const HduInfo* hdu : {&m_hdu, &m_file.hdus().front()})
            if (const auto value = m_file.card(*hdu, keyword); value && !value->empty())
                return *value;
        return {};
    }

    /// A card, else a word of zpix-main-dark.fits.
    std::string said(const std::string& keyword, std::size_t word)
    {
        std::string value = card(keyword);
        if (value.empty() && !m_name.product.starts_with("zall") && word < m_words.size())
            value = m_words[word];
        return value;
    }

    std::string findSpecprod()
    {
        std::string name = card("SPECPROD");
        if (name.empty() && m_name.product.starts_with("zall") && m_words.size() >= 2)
            name = m_words[1];
        return name.empty() ? "local" : name;
    }

    std::string findGroup()
    {
        if (!m_isOfTiles)
            return "healpix";
        const std::string group = card("SPGRP");
        return group.empty() ? "cumulative" : group;
    }

    FitsFile m_file;
    const HduInfo& m_hdu;
    TableRows m_rows;
    FileNameParts m_name;
    std::vector<std::string> m_words; ///< of the name, after the product
    bool m_isOfTiles;
    std::string m_specprod, m_survey, m_program, m_group;
    long long m_next = 0;
};

ZCatalogReader::ZCatalogReader(std::filesystem::path path, std::string specprod)
    : m_d(std::make_unique<Private>(std::move(path), std::move(specprod)))
{
}

ZCatalogReader::~ZCatalogReader() = default;
ZCatalogReader::ZCatalogReader(ZCatalogReader&&) noexcept = default;
ZCatalogReader& ZCatalogReader::operator=(ZCatalogReader&&) noexcept = default;

const std::string& ZCatalogReader::specprod() const
{
    return m_d->specprod();
}

bool ZCatalogReader::isOfTiles() const
{
    return m_d->isOfTiles();
}

std::int64_t ZCatalogReader::rows() const
{
    return m_d->rows();
}

core::TableChunk ZCatalogReader::next()
{
    return m_d->next();
}

} // namespace voorwerp::fits
