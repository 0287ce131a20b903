// SPDX-License-Identifier: GPL-3.0-or-later
#include "export/sky_columns.h"

#include "core/error.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace voorwerp::exporting {

namespace {

constexpr std::size_t kNone = static_cast<std::size_t>(-1);
constexpr double kRadian = M_PI / 180.0;

std::string lower(std::string text)
{
    std::transform(text.begin(), text.end(), text.begin(),
                   [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    return text;
}

struct Axis
{
    const char* word;
    std::array<const char*, 3> ucds;
    std::array<const char*, 15> names;
};
constexpr Axis kRa{"RA",
                   {"pos.eq.ra;meta.main", "pos_eq_ra_main", "pos.eq.ra"},
                   {"target_ra", "ra", "raj2000", "_raj2000", "ra_icrs", "_ra", "ra_deg", "radeg", "ra_j2000",
                    "alpha_j2000", "alpha", "mean_fiber_ra", "fiber_ra", "ra2000", "right_ascension"}};
constexpr Axis kDec{"Dec",
                    {"pos.eq.dec;meta.main", "pos_eq_dec_main", "pos.eq.dec"},
                    {"target_dec", "dec", "dej2000", "_dej2000", "de_icrs", "_de", "dec_deg", "dedeg",
                     "dec_j2000", "delta_j2000", "delta", "mean_fiber_dec", "fiber_dec", "dec2000",
                     "declination"}};
constexpr std::array<const char*, 4> kMoreDec{"decj2000", "_decj2000", "dec_icrs", "decdeg"};

std::size_t byUcd(const std::vector<ForeignColumn>& columns, const Axis& axis)
{
    for (const char* ucd : axis.ucds)
        for (std::size_t i = 0; i < columns.size(); ++i)
            if (lower(columns[i].ucd) == ucd)
                return i;
    return kNone;
}

std::size_t indexOf(const std::vector<ForeignColumn>& columns, const std::string& name)
{
    for (std::size_t i = 0; i < columns.size(); ++i)
        if (lower(columns[i].name) == name)
            return i;
    return kNone;
}

std::size_t byName(const std::vector<ForeignColumn>& columns, const Axis& axis)
{
    for (const char* name : axis.names)
        if (const auto found = indexOf(columns, name); found != kNone)
            return found;
    if (&axis == &kDec)
        for (const char* name : kMoreDec)
            if (const auto found = indexOf(columns, name); found != kNone)
                return found;
    return kNone;
}

std::string namesOf(const std::vector<ForeignColumn>& columns)
{
    std::string text;
    for (std::size_t i = 0; i < std::min<std::size_t>(columns.size(), 30); ++i)
        text += (i > 0 ? ", " : "") + columns[i].name;
    return text + (columns.size() > 30 ? ", ..." : "");
}

std::size_t named(const std::vector<ForeignColumn>& columns, const std::string& name, const Axis& axis)
{
    if (const auto found = indexOf(columns, lower(name)); found != kNone)
        return found;
    throw core::UserError(std::string("there is no column '") + name + "' to read " + axis.word + " from",
                          "The columns are " + namesOf(columns) + ".");
}

/// Degrees unless the unit or the type says something else.
AngleForm formOf(const ForeignColumn& column)
{
    const std::string unit = lower(column.unit);
    if (column.type == "text" && unit.find("deg") == std::string::npos)
        return AngleForm::Text;
    if (unit == "h" || unit == "hr" || unit == "hour" || unit == "hourangle" || unit == "hours")
        return AngleForm::Hours;
    return unit == "rad" || unit == "radian" ? AngleForm::Radians : AngleForm::Degrees;
}

std::optional<double> angleOf(const std::string& text, AngleForm form, bool ra)
{
    if (form == AngleForm::Text || form == AngleForm::Degrees)
        return ra ? core::parseRightAscension(text) : core::parseDeclination(text);
    try {
        std::size_t used = 0;
        const double value = std::stod(text, &used) * (form == AngleForm::Hours ? 15.0 : 1.0 / kRadian);
        const bool inside = ra ? value >= 0.0 && value <= 360.0 : std::fabs(value) <= 90.0;
        return used == text.size() && inside ? std::optional(value) : std::nullopt;
    } catch (const std::exception&) {
        return std::nullopt;
    }
}

} // namespace

SkyColumns findSkyColumns(const std::vector<ForeignColumn>& columns, const std::string& raName,
                          const std::string& decName)
{
    SkyColumns found;
    if (!raName.empty() || !decName.empty()) {
        if (raName.empty() || decName.empty())
            throw core::UserError("name both columns, for RA and for Dec");
        found.ra = named(columns, raName, kRa);
        found.dec = named(columns, decName, kDec);
        found.reason = "as named";
    } else {
        found.ra = byUcd(columns, kRa);
        found.dec = byUcd(columns, kDec);
        found.reason = "by UCD";
        if (found.ra == kNone || found.dec == kNone) {
            found.ra = byName(columns, kRa);
            found.dec = byName(columns, kDec);
            found.reason = "by name";
        }
    }
    if (found.ra == kNone || found.dec == kNone)
        throw core::FormatError("no columns for right ascension and declination among " + namesOf(columns),
                                "Name them: --ra COLUMN --dec COLUMN.");
    if (found.ra == found.dec)
        throw core::UserError("right ascension and declination cannot be the same column");
    found.raForm = formOf(columns[found.ra]);
    found.decForm = formOf(columns[found.dec]);
    return found;
}

std::optional<core::SkyPosition> positionOf(const ForeignRow& row, const SkyColumns& columns,
                                            std::string& problem)
{
    problem = row.problem;
    if (!problem.empty())
        return std::nullopt;
    const auto& ra = row.cells[columns.ra];
    const auto& dec = row.cells[columns.dec];
    const auto raValue = ra ? angleOf(*ra, columns.raForm, true) : std::nullopt;
    const auto decValue = dec ? angleOf(*dec, columns.decForm, false) : std::nullopt;
    if (!raValue)
        problem = ra ? "'" + ra->substr(0, 40) + "' is no right ascension" : "no right ascension";
    else if (!decValue)
        problem = dec ? "'" + dec->substr(0, 40) + "' is no declination" : "no declination";
    else
        return core::SkyPosition{*raValue, *decValue};
    return std::nullopt;
}

} // namespace voorwerp::exporting
