// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// Places on the sky as people write them. Angles are degrees (J2000, as DESI's TARGET_RA and TARGET_DEC),
// small distances arcseconds. Pure functions; nothing depends on the locale.

#include <optional>
#include <string>
#include <string_view>

namespace voorwerp::core {

struct SkyPosition
{
    double ra = 0.0;  ///< degrees, 0 to 360
    double dec = 0.0; ///< degrees, -90 to 90
};

/// Great-circle distance in arcseconds by the haversine formula (Sinnott 1984, Sky & Telescope 68, 159):
/// exact to rounding below 170 degrees, 1e-4 arcsec at the antipode.
double separationArcsec(SkyPosition a, SkyPosition b);

/// A right ascension in degrees: "188.7365" are degrees; "12:34:56.7", "12h34m56.7s" and "12 34 56.7" hours,
/// minutes, seconds. nullopt: not one, or outside of 0 to 360.
std::optional<double> parseRightAscension(std::string_view text);
/// A declination in degrees: "1.3958" or "+01:23:45", "-0 30 12", "1d23m45s". nullopt: not one, or outside of
/// -90 to 90.
std::optional<double> parseDeclination(std::string_view text);
/// An angle in arcseconds: "30", "30\"", "30 arcsec", "2'", "0.5 arcmin", "1 deg", "1°". nullopt: not one, or
/// negative.
std::optional<double> parseRadius(std::string_view text);

/// A circle on the sky.
struct SkyCone
{
    SkyPosition centre;
    double radiusArcsec = 0.0;
};
inline constexpr double kUsualConeArcsec = 60.0;

/// What a person types to look somewhere: "RA Dec [radius]", decimal or sexagesimal, parts apart by spaces,
/// commas or both, or a name that holds its coordinates ("SDSS J123456.78+012345.6", "DESI
/// J188.7365+01.3958"). Without a radius: kUsualConeArcsec. nullopt: cannot be read so.
std::optional<SkyCone> parseSkyCone(std::string_view text);

/// "cone(188.73625, 1.39583, 30)": the condition of an expression, as exact as the numbers are.
std::string coneExpression(const SkyCone& cone);

} // namespace voorwerp::core
