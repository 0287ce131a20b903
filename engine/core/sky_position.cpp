// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/sky_position.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>
#include <cmath>
#include <vector>

namespace voorwerp::core {

namespace {

constexpr double kRadian = M_PI / 180.0;
constexpr double kWidestCone = 648000.0; // half the sphere

std::string_view trimmed(std::string_view text)
{
    const auto first = text.find_first_not_of(" \t\r\n");
    if (first == std::string_view::npos)
        return {};
    return text.substr(first, text.find_last_not_of(" \t\r\n") - first + 1);
}

std::optional<double> parseNumber(std::string_view text)
{
    if (text.starts_with('+') && text.size() > 1 && text[1] != '-')
        text.remove_prefix(1);
    double value = 0.0;
    const auto result = std::from_chars(text.data(), text.data() + text.size(), value);
    const bool whole = result.ec == std::errc() && result.ptr == text.data() + text.size();
    return whole && std::isfinite(value) ? std::optional(value) : std::nullopt;
}

/// Letters and signs between the parts of an angle become spaces: "12h34m56.7s", "1°23′45″".
std::string withoutUnits(std::string_view text)
{
    static constexpr std::array<std::pair<std::string_view, const char*>, 6> kSigns{
        {{"°", " "}, {"′", " "}, {"″", " "}, {"’", " "}, {"”", " "}, {"−", "-"}}};
    std::string plain(text);
    for (const auto& [sign, replacement] : kSigns)
        for (auto at = plain.find(sign); at != std::string::npos; at = plain.find(sign))
            plain.replace(at, sign.size(), replacement);
    for (char& c : plain)
        if (std::string_view(":hHmMsSdD'\"\t").find(c) != std::string_view::npos)
            c = ' ';
    return plain;
}

std::vector<std::string_view> words(std::string_view text, std::string_view separators)
{
    std::vector<std::string_view> list;
    for (std::size_t at = 0; at < text.size();) {
        const auto start = text.find_first_not_of(separators, at);
        if (start == std::string_view::npos)
            break;
        const auto end = std::min(text.find_first_of(separators, start), text.size());
        list.push_back(text.substr(start, end - start));
        at = end;
    }
    return list;
}

/// First part, minutes and seconds as one number of the first part's unit; nullopt: no such angle.
std::optional<double> parseParts(std::string_view text)
{
    const std::string plain = withoutUnits(text);
    const auto parts = words(plain, " ");
    if (parts.size() < 2 || parts.size() > 3)
        return std::nullopt;
    double sum = 0.0;
    double unit = 1.0;
    for (std::size_t i = 0; i < parts.size(); ++i, unit /= 60.0) {
        const auto value = parseNumber(parts[i]);
        const bool whole = value && std::trunc(*value) == *value;
        if (!value || (i > 0 && (*value < 0.0 || *value >= 60.0 || parts[i].starts_with('+'))) ||
            (i + 1 < parts.size() && !whole))
            return std::nullopt;
        sum += std::fabs(*value) * unit;
    }
    return parts[0].starts_with('-') ? -sum : sum; // "-0 30 00" is negative, too
}

std::optional<double> within(std::optional<double> value, double low, double high)
{
    return value && *value >= low && *value <= high ? value : std::nullopt;
}

/// "123456.78" → "12 34 56.78"
std::optional<std::string> spacedDigits(std::string_view digits)
{
    const std::size_t whole = std::min(digits.find('.'), digits.size());
    const std::string_view tail = digits.substr(std::min(whole, std::size_t(6)));
    if ((whole != 6 && whole != 4) ||
        !std::all_of(tail.begin(), tail.end(), [](unsigned char c) { return std::isdigit(c) || c == '.'; }))
        return std::nullopt;
    std::string text =
        std::string(digits.substr(0, 2)) + ' ' + std::string(digits.substr(2, whole == 6 ? 2 : 9));
    if (whole == 6)
        text += ' ' + std::string(digits.substr(4));
    return text;
}

/// Names after the rule of the IAU: "J123456.78+012345.6", DESI's "J188.7365+01.3958" in degrees.
std::optional<SkyPosition> parseName(std::string_view text)
{
    const auto letter = text.find_last_of("Jj");
    if (letter == std::string_view::npos)
        return std::nullopt;
    const std::string_view digits = trimmed(text.substr(letter + 1));
    const auto sign = digits.find_first_of("+-");
    if (sign == std::string_view::npos || sign == 0)
        return std::nullopt;
    const std::string_view ra = digits.substr(0, sign);
    const std::string_view dec = digits.substr(sign + 1);
    const auto raParts = spacedDigits(ra);
    const auto decParts = spacedDigits(dec);
    const auto position =
        raParts && decParts
            ? std::pair(parseRightAscension(*raParts), parseDeclination(*decParts))
            : std::pair(within(parseNumber(ra), 0.0, 360.0), within(parseNumber(dec), 0.0, 90.0));
    if (!position.first || !position.second)
        return std::nullopt;
    return SkyPosition{*position.first, digits[sign] == '-' ? -*position.second : *position.second};
}

std::string joined(const std::vector<std::string_view>& parts, std::size_t first, std::size_t count)
{
    std::string text;
    for (std::size_t i = first; i < first + count; ++i)
        text += (text.empty() ? "" : " ") + std::string(parts[i]);
    return text;
}

/// The parts after a position of that many words are the radius.
std::optional<SkyCone> coneOf(const std::vector<std::string_view>& parts, std::size_t perAngle)
{
    if (parts.size() < 2 * perAngle || parts.size() > 2 * perAngle + 2)
        return std::nullopt;
    const auto ra = parseRightAscension(joined(parts, 0, perAngle));
    const auto dec = parseDeclination(joined(parts, perAngle, perAngle));
    const std::size_t rest = parts.size() - 2 * perAngle;
    const auto radius =
        rest == 0 ? std::optional(kUsualConeArcsec) : parseRadius(joined(parts, 2 * perAngle, rest));
    if (!ra || !dec || !radius)
        return std::nullopt;
    return SkyCone{{*ra, *dec}, *radius};
}

std::string numberText(double value)
{
    std::array<char, 64> text{};
    return {text.data(),
            std::to_chars(text.data(), text.data() + text.size(), value, std::chars_format::fixed).ptr};
}

} // namespace

double separationArcsec(SkyPosition a, SkyPosition b)
{
    const double sinDec = std::sin((b.dec - a.dec) * kRadian / 2.0);
    const double sinRa = std::sin((b.ra - a.ra) * kRadian / 2.0);
    const double h = sinDec * sinDec + std::cos(a.dec * kRadian) * std::cos(b.dec * kRadian) * sinRa * sinRa;
    return 2.0 * std::asin(std::sqrt(std::clamp(h, 0.0, 1.0))) / kRadian * 3600.0;
}

std::optional<double> parseRightAscension(std::string_view text)
{
    text = trimmed(text);
    if (const auto degrees = parseNumber(text))
        return within(degrees, 0.0, 360.0);
    const auto hours = parseParts(text);
    return hours && text.find_first_of("d") == std::string_view::npos && !text.starts_with('-')
               ? within(*hours * 15.0, 0.0, 360.0)
               : std::nullopt;
}

std::optional<double> parseDeclination(std::string_view text)
{
    text = trimmed(text);
    const auto degrees = parseNumber(text);
    return within(degrees ? degrees : parseParts(text), -90.0, 90.0);
}

std::optional<double> parseRadius(std::string_view text)
{
    static constexpr std::array<std::pair<std::string_view, double>, 16> kUnits{{{"arcsec", 1.0},
                                                                                 {"arcsecond", 1.0},
                                                                                 {"arcseconds", 1.0},
                                                                                 {"asec", 1.0},
                                                                                 {"''", 1.0},
                                                                                 {"\"", 1.0},
                                                                                 {"″", 1.0},
                                                                                 {"s", 1.0},
                                                                                 {"arcmin", 60.0},
                                                                                 {"arcminutes", 60.0},
                                                                                 {"'", 60.0},
                                                                                 {"′", 60.0},
                                                                                 {"m", 60.0},
                                                                                 {"deg", 3600.0},
                                                                                 {"d", 3600.0},
                                                                                 {"°", 3600.0}}};
    text = trimmed(text);
    if (text.starts_with("r="))
        text.remove_prefix(2);
    const auto digits = std::min(text.find_first_not_of("0123456789.+"), text.size());
    const std::string_view unit = trimmed(text.substr(digits));
    double scale = unit.empty() ? 1.0 : 0.0;
    for (const auto& [name, arcsec] : kUnits)
        if (unit == name)
            scale = arcsec;
    const auto value = parseNumber(text.substr(0, digits));
    return value && scale > 0.0 ? within(*value * scale, 0.0, kWidestCone) : std::nullopt;
}

std::optional<SkyCone> parseSkyCone(std::string_view text)
{
    const auto parts = words(text, " ,;\t");
    for (const std::size_t perAngle : {1U, 3U}) // "12:34:56.7 +01:23:45", "12 34 56.7 +01 23 45"
        if (const auto cone = coneOf(parts, perAngle))
            return cone;
    for (std::size_t rest = 0; rest <= 2 && rest < parts.size(); ++rest) {
        const auto position = parseName(joined(parts, 0, parts.size() - rest));
        const auto radius = rest == 0 ? std::optional(kUsualConeArcsec)
                                      : parseRadius(joined(parts, parts.size() - rest, rest));
        if (position && radius)
            return SkyCone{*position, *radius};
    }
    return std::nullopt;
}

std::string coneExpression(const SkyCone& cone)
{
    return "cone(" + numberText(cone.centre.ra) + ", " + numberText(cone.centre.dec) + ", " +
           numberText(cone.radiusArcsec) + ")";
}

} // namespace voorwerp::core
