// SPDX-License-Identifier: GPL-3.0-or-later
#include "catalog/specprod_values.h"

#include "catalog/specprod_id.h"
#include "catalog/sql_values.h"
#include "core/error.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <cstdio>
#include <cstdlib>
#include <optional>
#include <type_traits>

namespace voorwerp::catalog {

namespace {

using core::TableChunk;
using core::TableColumn;

constexpr const char* kNull = "\\N";
constexpr double kNotFinite = -9999.0; ///< specprod-db's finitize()
constexpr std::int64_t kSkyBit = std::int64_t{1} << 59;

std::string upper(std::string text)
{
    std::transform(text.begin(), text.end(), text.begin(), [](unsigned char c) { return std::toupper(c); });
    return text;
}

/// A column of a file, and which of its numbers.
struct Source
{
    const TableColumn* column = nullptr;
    std::size_t element = 0;
};

struct Alias
{
    const char* column;
    const char* inFile;
};
/// Names that differ between files and tables; the table's own name goes first.
constexpr std::array kAliases = {
    Alias{"brick_objid", "OBJID"},  Alias{"morphtype", "TYPE"},
    Alias{"ra", "TARGET_RA"},       Alias{"dec", "TARGET_DEC"},
    Alias{"spgrpval", "HEALPIX"},   Alias{"spgrpval", "LASTNIGHT"},
    Alias{"lastnight", "SPGRPVAL"}, Alias{"fiberstatus", "COADD_FIBERSTATUS"},
};
constexpr std::array<std::string_view, 5> kMorphologies = {"psf", "rex", "dev", "exp", "ser"};

Source vectorElement(const TableChunk& chunk, const std::string& column)
{
    constexpr std::string_view kCoefficient = "coeff_";
    constexpr std::string_view kChiSquared = "dchisq_";
    Source source;
    if (column.starts_with(kCoefficient)) {
        source = {chunk.find("COEFF"),
                  static_cast<std::size_t>(std::atoi(column.c_str() + kCoefficient.size()))};
    } else if (column.starts_with(kChiSquared)) {
        const auto kind =
            std::find(kMorphologies.begin(), kMorphologies.end(), column.substr(kChiSquared.size()));
        source = {chunk.find("DCHISQ"), static_cast<std::size_t>(kind - kMorphologies.begin())};
    }
    return source.column != nullptr && source.element < source.column->width ? source : Source{};
}

Source sourceOf(const TableChunk& chunk, const std::string& column)
{
    if (const TableColumn* same = chunk.find(upper(column)); same != nullptr && same->width == 1)
        return {same, 0};
    for (const Alias& alias : kAliases)
        if (column == alias.column)
            if (const TableColumn* other = chunk.find(alias.inFile); other != nullptr && other->width == 1)
                return {other, 0};
    return vectorElement(chunk, column);
}

void appendEscaped(std::string_view text, std::string& line)
{
    for (const char c : text) {
        switch (c) {
        case '\\':
            line += "\\\\";
            break;
        case '\t':
            line += "\\t";
            break;
        case '\n':
            line += "\\n";
            break;
        case '\r':
            line += "\\r";
            break;
        default:
            line += c;
        }
    }
}

template <typename Number> void appendNumber(Number value, std::string& line)
{
    char text[64];
    line.append(text, std::to_chars(text, text + sizeof text, value).ptr);
}

/// Smallest and largest value of an integer type of PostgreSQL.
std::pair<std::int64_t, std::int64_t> rangeOf(const std::string& type)
{
    const auto of = [](auto limits) {
        return std::pair<std::int64_t, std::int64_t>{limits.min(), limits.max()};
    };
    if (type == "int2")
        return of(std::numeric_limits<std::int16_t>());
    return type == "int4" ? of(std::numeric_limits<std::int32_t>()) : of(std::numeric_limits<std::int64_t>());
}

/// A whole number, NULL where the column cannot hold it.
template <typename Number>
AppendField asInteger(const Number* values, std::size_t width, const std::string& type)
{
    return [values, width, range = rangeOf(type)](std::size_t row, std::string& line) {
        const Number value = values[row * width];
        if constexpr (std::is_floating_point_v<Number>) {
            constexpr Number kTwoTo63 = 9223372036854775808.0F;
            if (!(value >= -kTwoTo63 && value < kTwoTo63)) {
                line += kNull;
                return;
            }
        }
        const auto whole = static_cast<std::int64_t>(value);
        if (whole < range.first || whole > range.second)
            line += kNull;
        else
            appendNumber(whole, line);
    };
}

template <typename Real, typename Number> AppendField asReal(const Number* values, std::size_t width)
{
    return [values, width](std::size_t row, std::string& line) {
        const auto value = static_cast<double>(values[row * width]);
        const bool fits =
            std::isfinite(value) && std::fabs(value) <= static_cast<double>(std::numeric_limits<Real>::max());
        appendNumber(static_cast<Real>(fits ? value : kNotFinite), line);
    };
}

template <typename Number>
AppendField ofNumbers(const Number* values, std::size_t width, const std::string& type)
{
    if (type == "float4")
        return asReal<float>(values, width);
    if (type == "float8")
        return asReal<double>(values, width);
    if (type == "bool")
        return [values, width](std::size_t row, std::string& line) {
            line += values[row * width] != Number{0} ? 't' : 'f';
        };
    if (type.starts_with("int"))
        return asInteger(values, width, type);
    return {}; // a number where a text or a time is wanted
}

/// "varchar(7)": 7; "varchar": no limit.
std::size_t longestOf(const std::string& type)
{
    const auto open = type.find('(');
    return open == std::string::npos ? std::string::npos
                                     : static_cast<std::size_t>(std::atoi(&type[open + 1]));
}

/// Characters beyond the column's width are cut, not the load refused.
AppendField ofTexts(const std::string* values, const std::string& type)
{
    if (!type.starts_with("varchar"))
        return {};
    return [values, longest = longestOf(type)](std::size_t row, std::string& line) {
        std::string text = cleanText(values[row]);
        std::size_t characters = 0;
        for (std::size_t i = 0; i < text.size(); ++i) {
            const bool begins = (static_cast<unsigned char>(text[i]) & 0xC0U) != 0x80U;
            if (begins && characters++ == longest) {
                text.resize(i);
                break;
            }
        }
        appendEscaped(text, line);
    };
}

AppendField fieldOf(const Source& source, const std::string& type)
{
    return std::visit(
        [&](const auto& values) -> AppendField {
            using Value = typename std::decay_t<decltype(values)>::value_type;
            if constexpr (std::is_same_v<Value, std::string>)
                return ofTexts(values.data(), type);
            else
                return ofNumbers(values.data() + source.element, source.column->width, type);
        },
        source.column->values);
}

/// Columns that ids are made of.
class Keys
{
public:
    explicit Keys(const SpecprodRows& rows)
        : m_targets(integers(rows.chunk, "TARGETID"))
        , m_surveys(texts(rows.chunk, "SURVEY"))
        , m_programs(texts(rows.chunk, "PROGRAM"))
        , m_groups(texts(rows.chunk, "SPGRP"))
        , m_tiles(integers(rows.chunk, "TILEID"))
        , m_values(integers(rows.chunk, "SPGRPVAL"))
        , m_locations(integers(rows.chunk, "LOCATION"))
    {
        if (m_values == nullptr)
            m_values = integers(rows.chunk, rows.table == RedshiftTable::Zpix ? "HEALPIX" : "LASTNIGHT");
    }

    bool hasZpix() const { return m_targets && m_surveys && m_programs && m_values; }
    bool hasZtile() const { return m_targets && m_groups && m_tiles && m_values; }
    bool hasTarget() const { return m_targets && m_surveys && m_tiles; }
    bool hasFibre() const { return m_targets && m_tiles && m_locations; }

    core::TargetId target(std::size_t row) const { return {(*m_targets)[row]}; }
    std::optional<SpecprodId> zpix(std::size_t row) const
    {
        return zpixId(target(row), (*m_surveys)[row], (*m_programs)[row]);
    }
    std::optional<SpecprodId> ztile(std::size_t row) const
    {
        return ztileId(target(row), (*m_groups)[row], int32(m_values, row), int32(m_tiles, row));
    }
    std::optional<SpecprodId> targetRow(std::size_t row) const
    {
        return targetRowId(target(row), int32(m_tiles, row), (*m_surveys)[row]);
    }
    std::optional<SpecprodId> fibre(std::size_t row) const
    {
        return fiberassignId(target(row), int32(m_tiles, row), int32(m_locations, row));
    }

private:
    using Integers = std::vector<std::int64_t>;
    using Texts = std::vector<std::string>;
    static const Integers* integers(const TableChunk& chunk, const char* name)
    {
        const TableColumn* column = chunk.find(name);
        return column == nullptr || column->width != 1 ? nullptr : std::get_if<Integers>(&column->values);
    }
    static const Texts* texts(const TableChunk& chunk, const char* name)
    {
        const TableColumn* column = chunk.find(name);
        return column == nullptr ? nullptr : std::get_if<Texts>(&column->values);
    }
    static std::int32_t int32(const Integers* values, std::size_t row)
    {
        return static_cast<std::int32_t>((*values)[row]);
    }

    const Integers* m_targets;
    const Texts* m_surveys;
    const Texts* m_programs;
    const Texts* m_groups;
    const Integers* m_tiles;
    const Integers* m_values;
    const Integers* m_locations;
};

template <typename IdOf> AppendField asId(const Keys& keys, IdOf idOf)
{
    return [keys, idOf](std::size_t row, std::string& line) {
        const std::optional<SpecprodId> id = (keys.*idOf)(row);
        line += id ? id->decimal() : kNull;
    };
}

/// The key of a table; null where the rows do not have what it is made of.
AppendField keyOf(const SpecprodTable& table, const Keys& keys)
{
    if (table.name == "zpix" && keys.hasZpix())
        return asId(keys, &Keys::zpix);
    if (table.name == "ztile" && keys.hasZtile())
        return asId(keys, &Keys::ztile);
    if (table.name == "fiberassign" && keys.hasFibre())
        return asId(keys, &Keys::fibre);
    if (table.name == "photometry")
        return [keys](std::size_t row, std::string& line) { appendNumber(keys.target(row).value, line); };
    return {};
}

template <typename Value> const Value* valuesOf(const TableChunk& chunk, const char* name)
{
    const TableColumn* column = chunk.find(name);
    const auto* values = column == nullptr ? nullptr : std::get_if<std::vector<Value>>(&column->values);
    return values == nullptr ? nullptr : values->data();
}

/// Columns that are made of others where the file lacks them.
AppendField madeColumn(const std::string& column, const TableChunk& chunk, const Keys& keys)
{
    if (column == "targetphotid" && keys.hasTarget())
        return asId(keys, &Keys::targetRow);
    if (column == "desiname") {
        const auto* ra = valuesOf<double>(chunk, "TARGET_RA");
        const auto* dec = valuesOf<double>(chunk, "TARGET_DEC");
        if (ra != nullptr && dec != nullptr)
            return [ra, dec](std::size_t row, std::string& line) {
                line +=
                    std::isfinite(ra[row]) && std::isfinite(dec[row]) ? desiName(ra[row], dec[row]) : kNull;
            };
    }
    if (column == "ls_id") {
        const auto* release = valuesOf<std::int64_t>(chunk, "RELEASE");
        const auto* brick = valuesOf<std::int64_t>(chunk, "BRICKID");
        const auto* object = valuesOf<std::int64_t>(chunk, "BRICK_OBJID");
        if (release != nullptr && brick != nullptr && object != nullptr)
            return [=](std::size_t row, std::string& line) {
                constexpr std::int64_t kReleases = 1 << 16;
                const bool known = release[row] >= 0 && release[row] < kReleases;
                known ? appendNumber(release[row] << 40 | brick[row] << 16 | object[row], line)
                      : void(line += kNull);
            };
    }
    return {};
}

/// What specprod-db's loader takes for columns that a catalogue of an early production lacks.
AppendField defaultOf(const std::string& column)
{
    const auto always = [](const char* text) {
        return [text](std::size_t, std::string& line) { line += text; };
    };
    if (column.ends_with("_target") || column.ends_with("_nspec"))
        return always("0");
    return column.ends_with("_primary") ? always("f") : AppendField();
}

} // namespace

std::vector<FilledColumn> filledColumns(const SpecprodTable& table, const SpecprodRows& rows)
{
    const Keys keys(rows);
    AppendField key = keyOf(table, keys);
    if (!key)
        return {};
    std::vector<FilledColumn> filled;
    for (const SpecprodColumn& column : table.columns) {
        if (column.isKey) {
            filled.insert(filled.begin(), {column.name, key});
            continue;
        }
        AppendField field;
        if (const Source source = sourceOf(rows.chunk, column.name); source.column != nullptr)
            field = fieldOf(source, column.type);
        if (!field)
            field = madeColumn(column.name, rows.chunk, keys);
        if (!field && rows.ofCatalogue && table.name.starts_with('z'))
            field = defaultOf(column.name);
        if (field)
            filled.push_back({column.name, std::move(field)});
    }
    return filled;
}

std::vector<RowUse> usesOfRows(const SpecprodRows& rows)
{
    const Keys keys(rows);
    const bool isZpix = rows.table == RedshiftTable::Zpix;
    if (isZpix ? !keys.hasZpix() : !keys.hasZtile())
        throw core::FormatError(
            isZpix ? "TARGETID, SURVEY, PROGRAM and HEALPIX are needed in the catalogue"
                   : "TARGETID, TILEID and LASTNIGHT are needed in the catalogue",
            "Check that it is a zall-pix, zpix, zall-tilecumulative or ztile file of DESI's.");
    std::vector<RowUse> uses(rows.chunk.rows);
    for (std::size_t row = 0; row < uses.size(); ++row) {
        const std::int64_t target = keys.target(row).value;
        if (target < 0 || (target & kSkyBit) != 0)
            uses[row] = RowUse::Sky;
        else
            uses[row] = (isZpix ? keys.zpix(row) : keys.ztile(row)) ? RowUse::Taken : RowUse::Unknown;
    }
    return uses;
}

std::string desiName(double raDegrees, double decDegrees)
{
    constexpr double kDecimals = 1e4;
    const auto ra = static_cast<long>(std::trunc(std::fabs(raDegrees) * kDecimals));
    const auto dec = static_cast<long>(std::trunc(std::fabs(decDegrees) * kDecimals));
    char text[64];
    std::snprintf(text, sizeof text, "DESI J%03ld.%04ld%c%02ld.%04ld", ra / 10000, ra % 10000,
                  decDegrees < 0.0 ? '-' : '+', dec / 10000, dec % 10000);
    return text;
}

} // namespace voorwerp::catalog
