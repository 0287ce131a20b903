// SPDX-License-Identifier: GPL-3.0-or-later
#include "fits/redshift_reader.h"

#include "core/error.h"
#include "fits/file_stamp.h"
#include "fits/fits_file.h"
#include "fits/quasar_columns.h"

#include <cmath>
#include <unordered_map>

namespace voorwerp::fits {

namespace {

using Numbers = std::optional<std::vector<double>>;

constexpr const char* kNoColumn = "has no column ";

double valueOr(const Numbers& values, std::size_t row, double fallback)
{
    return values ? (*values)[row] : fallback;
}

const HduInfo& redrockTable(const FitsFile& file)
{
    for (const char* name : {"REDSHIFTS", "ZBEST"}) { // ZBEST: redrock before 0.15
        if (const HduInfo* hdu = file.findTable(name))
            return *hdu;
    }
    throw core::FormatError(file.path().string() + ": there is no HDU REDSHIFTS",
                            "A redrock file has its redshifts in the HDU REDSHIFTS.");
}

const HduInfo& catalogTable(FitsFile& file)
{
    for (const char* name : {"QSO_CAT", "ZCATALOG"}) {
        if (const HduInfo* hdu = file.findTable(name))
            return *hdu;
    }
    for (const HduInfo& hdu : file.hdus()) {
        const HduInfo noRow = rowsOf(hdu, 0, 0);
        if (!hdu.isImage && file.integers(noRow, "TARGETID") && file.numbers(noRow, "Z"))
            return hdu;
    }
    throw core::FormatError(file.path().string() + ": there is no HDU QSO_CAT",
                            "A quasar catalogue of DESI has a table QSO_CAT with TARGETID and Z.");
}

/// Columns that redrock and the catalogues share.
struct RedshiftColumns
{
    std::vector<std::int64_t> targetIds;
    std::vector<double> z;
    Numbers zerr, chi2, deltachi2;
    std::optional<std::vector<std::int64_t>> zwarn;
    std::optional<std::vector<std::string>> spectype, subtype;

    RedshiftColumns(FitsFile& file, const HduInfo& hdu)
    {
        auto ids = file.integers(hdu, "TARGETID");
        if (!ids)
            file.fail(hdu, std::string(kNoColumn) + "TARGETID");
        auto redshifts = file.numbers(hdu, "Z");
        for (const char* name : {"Z_QSO", "Z_NEW"}) {
            if (!redshifts)
                redshifts = file.numbers(hdu, name);
        }
        if (!redshifts)
            file.fail(hdu, std::string(kNoColumn) + "Z");
        targetIds = std::move(*ids);
        z = std::move(*redshifts);
        zerr = file.numbers(hdu, "ZERR");
        chi2 = file.numbers(hdu, "CHI2");
        deltachi2 = file.numbers(hdu, "DELTACHI2");
        zwarn = file.integers(hdu, "ZWARN");
        spectype = file.strings(hdu, "SPECTYPE");
        subtype = file.strings(hdu, "SUBTYPE");
    }

    core::Redshift row(std::size_t i, const std::string& source) const
    {
        core::Redshift redshift;
        redshift.z = z[i];
        redshift.zerr = valueOr(zerr, i, redshift.zerr);
        redshift.chi2 = valueOr(chi2, i, redshift.chi2);
        redshift.deltachi2 = valueOr(deltachi2, i, redshift.deltachi2);
        if (zwarn)
            redshift.zwarn = (*zwarn)[i];
        if (spectype)
            redshift.spectype = (*spectype)[i];
        if (subtype)
            redshift.subtype = (*subtype)[i];
        redshift.source = source;
        return redshift;
    }
};

std::vector<std::pair<std::string, std::string>> readProvenance(FitsFile& file)
{
    std::vector<std::pair<std::string, std::string>> result;
    const HduInfo& primary = file.hdus().front();
    for (const char* prefix : {"RRVER", "TEMNAM", "TEMVER"}) {
        for (auto& card : file.cards(primary, prefix))
            result.push_back(std::move(card));
    }
    for (const auto& [keyword, name] : file.cards(primary, "DEPNAM")) {
        if (name == "SPECPROD" || name == "redrock-templates" || name == "RR_TEMPLATE_DIR")
            result.emplace_back(name, file.card(primary, "DEPVER" + keyword.substr(6)).value_or(""));
    }
    return result;
}

core::QuasarFacts catalogFacts(core::QuasarFacts facts, double z)
{
    constexpr std::int64_t kMgiiBit = 4, kNewRedshiftBit = 16; // LSS qso_cat_utils.py
    if (!facts.qsoMaskbits && !std::isfinite(facts.probaRf) && !std::isfinite(facts.zQn))
        return {};
    facts.source = "qso_cat";
    facts.zNew = z;
    if (facts.qsoMaskbits && !facts.isQsoQnNewRr)
        facts.isQsoQnNewRr = (*facts.qsoMaskbits & kNewRedshiftBit) != 0;
    if (facts.qsoMaskbits && !facts.isQsoMgii)
        facts.isQsoMgii = (*facts.qsoMaskbits & kMgiiBit) != 0;
    return facts;
}

} // namespace

RedrockTable readRedrock(const std::filesystem::path& path)
{
    const FileStamp stamp = FileStamp::of(path);
    FitsFile file(path);
    const HduInfo& hdu = redrockTable(file);
    const RedshiftColumns columns(file, hdu);
    RedrockTable table;
    std::unordered_map<core::TargetId, std::size_t> firstRow;
    for (std::size_t i = 0; i < columns.z.size(); ++i) {
        const core::TargetId id{columns.targetIds[i]};
        if (!std::isfinite(columns.z[i])) {
            table.rejected.push_back({static_cast<std::int64_t>(i), id, "Z is not a number"});
            continue;
        }
        const auto [first, isNew] = firstRow.emplace(id, i);
        if (isNew)
            table.rows.emplace_back(id, columns.row(i, "redrock"));
        else
            table.rejected.push_back({static_cast<std::int64_t>(i), id,
                                      "the same TARGETID as row " + std::to_string(first->second)});
    }
    table.provenance = readProvenance(file);
    stamp.check(path);
    return table;
}

class QsoCatalogReader::Private
{
public:
    explicit Private(const std::filesystem::path& path)
        : m_stamp(FileStamp::of(path))
        , m_file(path)
        , m_table(catalogTable(m_file))
    {
    }

    bool next(QsoCatalogPart& part)
    {
        part.rows.clear();
        part.rejected.clear();
        if (m_done == m_table.rows && m_done > 0) {
            m_stamp.check(m_file.path());
            return false;
        }
        const HduInfo hdu = rowsOf(m_table, m_done, kRows);
        read(hdu, part);
        m_done += hdu.rows;
        return hdu.rows > 0;
    }

private:
    void read(const HduInfo& hdu, QsoCatalogPart& part)
    {
        const RedshiftColumns columns(m_file, hdu);
        const Numbers ra = m_file.numbers(hdu, "TARGET_RA"), dec = m_file.numbers(hdu, "TARGET_DEC");
        const auto tile = m_file.integers(hdu, "TILEID"), healpix = m_file.integers(hdu, "HPXPIXEL"),
                   night = m_file.integers(hdu, "LASTNIGHT");
        const auto survey = m_file.strings(hdu, "SURVEY"), program = m_file.strings(hdu, "PROGRAM");
        const QuasarColumns quasars(m_file, hdu);
        for (std::size_t i = 0; i < columns.z.size(); ++i) {
            const core::TargetId id{columns.targetIds[i]};
            if (!std::isfinite(columns.z[i])) {
                part.rejected.push_back({m_done + static_cast<std::int64_t>(i), id, "Z is not a number"});
                continue;
            }
            QsoCatalogRow row;
            row.targetId = id;
            row.redshift = columns.row(i, "qso_cat");
            row.redshift.spectype = "QSO"; // being in the catalogue says so, whatever redrock found first
            row.targetRa = valueOr(ra, i, row.targetRa);
            row.targetDec = valueOr(dec, i, row.targetDec);
            if (tile)
                row.tileid = static_cast<std::int32_t>((*tile)[i]);
            if (healpix)
                row.healpix = (*healpix)[i];
            if (night)
                row.lastNight = static_cast<std::int32_t>((*night)[i]);
            if (survey)
                row.survey = (*survey)[i];
            if (program)
                row.program = (*program)[i];
            row.quasar = catalogFacts(quasars.row(i), row.redshift.z);
            part.rows.push_back(std::move(row));
        }
    }

    const FileStamp m_stamp;
    FitsFile m_file;
    const HduInfo m_table;
    long long m_done = 0;
};

QsoCatalogReader::QsoCatalogReader(const std::filesystem::path& path)
    : m_d(std::make_unique<Private>(path))
{
}

QsoCatalogReader::~QsoCatalogReader() = default;

bool QsoCatalogReader::next(QsoCatalogPart& part)
{
    return m_d->next(part);
}

} // namespace voorwerp::fits
