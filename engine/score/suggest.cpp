// SPDX-License-Identifier: GPL-3.0-or-later
#include "score/suggest.h"

#include "score/sentence.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <optional>

namespace voorwerp::score {
namespace {

constexpr const char* kKinds[] = {
    "sky residual", "cosmic ray", "camera step", "masked block",  "noisy fibre", "star",   "two objects",
    "FeLoBAL",      "LoBAL",      "BAL",         "DLA",           "galaxy",      "type 2", "wrong redshift",
    "blazar",       "weak lines", "reddened",    "double-peaked", "strong iron", "usual",  "unexplained"};
constexpr double kLightSpeed = 299792.458; // km/s

/// An emission line with side bands free of other strong lines, and the rest equivalent width of a typical
/// quasar (Vanden Berk et al. 2001, table 2).
struct BroadLine
{
    const char* name;
    double angstrom, first, last, leftFirst, leftLast, rightFirst, rightLast, typicalWidth;
};
constexpr std::array<BroadLine, 5> kBroadLines{{
    {"C IV", 1549.06, 1500, 1600, 1440, 1480, 1680, 1720, 24},
    {"C III]", 1908.73, 1830, 1960, 1690, 1720, 1975, 2010, 21},
    {"Mg II", 2798.75, 2740, 2860, 2660, 2710, 2900, 2960, 32},
    {"Hβ", 4862.68, 4790, 4935, 4700, 4750, 5080, 5130, 46},
    {"Hα", 6564.61, 6450, 6680, 6180, 6270, 6790, 6890, 195},
}};

/// Mean of (equivalent width / typical) over the lines with data.
struct LineStrength
{
    double ratio = 1.0, error = 1.0;
    int lines = 0;
};

LineStrength lineStrength(const RestBands& bands)
{
    LineStrength strength;
    double sum = 0.0, weight = 0.0;
    for (const BroadLine& line : kBroadLines) {
        const Measured width = bands.equivalentWidth(line.first, line.last, line.leftFirst, line.leftLast,
                                                     line.rightFirst, line.rightLast);
        if (!width.valid)
            continue;
        const double error = std::hypot(width.error / line.typicalWidth, 0.1);
        sum += width.value / line.typicalWidth / (error * error);
        weight += 1.0 / (error * error);
        ++strength.lines;
    }
    if (strength.lines > 0) {
        strength.ratio = sum / weight;
        strength.error = 1.0 / std::sqrt(weight);
    }
    return strength;
}

/// The strength in words; what is not seen is an upper limit, never a negative percentage.
std::string strengthText(const LineStrength& strength)
{
    if (strength.lines == 0)
        return "no broad line of this redshift lies in the spectrum";
    const double share = 100.0 * strength.ratio, error = 100.0 * strength.error;
    if (strength.ratio < 2.0 * strength.error)
        return sentence(
            "broad lines are not seen: less than %.0f %% of a typical quasar's equivalent width (2 σ)",
            std::max(share, 0.0) + 2.0 * error);
    return sentence("broad lines have %.0f ± %.0f %% of a typical quasar's equivalent width", share, error);
}

using Rule = std::optional<Suggestion> (*)(const Evidence&, const RestBands&);

/// Number of absorption lines of a list that are there when the spectrum is seen at redshift zLines.
int absorptionLines(const Evidence& e, const RestBands& bands, double zLines, std::span<const double> lines,
                    double depth)
{
    const double toRest = (1.0 + zLines) / (1.0 + e.z);
    int found = 0;
    for (double line : lines) {
        const double at = line * toRest, unit = at / 5000.0;
        const Measured m = bands.contrast(at - 10 * unit, at + 10 * unit, at - 70 * unit, at - 25 * unit,
                                          at + 25 * unit, at + 70 * unit);
        if (m.valid && m.value < -depth && m.sigma() < -5.0)
            ++found;
    }
    return found;
}

std::optional<Suggestion> star(const Evidence& e, const RestBands& bands)
{
    constexpr std::array kLines{3934.78, 3969.59, 4102.89, 4305.61, 4341.68,
                                4862.68, 5176.63, 5895.6,  6564.61};
    const int found = absorptionLines(e, bands, 0.0, kLines, 0.08);
    if (found < 3)
        return std::nullopt;
    const bool quasarToo = lineStrength(bands).ratio > 0.4;
    return Suggestion{quasarToo ? "two objects" : "star",
                      sentence("%d absorption lines of a star at z = 0%s", found,
                               quasarToo ? ", and the quasar's broad lines" : "")};
}

std::optional<Suggestion> galaxy(const Evidence& e, const RestBands& bands)
{
    constexpr std::array kLines{3934.78, 3969.59, 4305.61, 5176.63, 5895.6};
    const int found = absorptionLines(e, bands, e.z, kLines, 0.06);
    const Measured red = bands.mean(4050, 4250), blue = bands.mean(3750, 3930);
    const double breakRatio = red.valid && blue.valid && blue.value > 0.0 ? red.value / blue.value : 0.0;
    const LineStrength strength = lineStrength(bands);
    if (strength.ratio > 0.5 || (found < 2 && !(breakRatio > 1.3 && red.value > 5.0 * red.error)))
        return std::nullopt;
    return Suggestion{"galaxy", sentence("%d stellar absorption lines at the redshift, 4000 Å break %.2f; %s",
                                         found, breakRatio, strengthText(strength).c_str())};
}

/// A broad deficit blueward of a line.
const Region* trough(const Evidence& e, const char* line)
{
    for (const Region& region : e.regions) {
        const double width = kLightSpeed * std::log(region.lastAngstrom / region.firstAngstrom);
        if (region.significance < -6.0 && region.depth < -0.12 && width > 1500.0 &&
            region.velocity < -1500.0 && region.line.starts_with(line))
            return &region;
    }
    return nullptr;
}

std::optional<Suggestion> broadAbsorption(const Evidence& e, const RestBands& bands)
{
    const Region* high = trough(e, "C IV");
    high = high != nullptr ? high : trough(e, "Si IV");
    const Region* low = trough(e, "Mg II");
    low = low != nullptr ? low : trough(e, "Al III");
    const Measured iron = bands.excess(2330, 2610), beside = bands.excess(3000, 3200);
    const bool ironTrough =
        iron.valid && beside.valid && iron.value - beside.value < -0.25 && iron.sigma() < -6.0;
    const Region* seen = high != nullptr ? high : low;
    if (seen == nullptr || (high == nullptr && lineStrength(bands).ratio < 0.2)) // no quasar behind it
        return std::nullopt;
    const char* kind = ironTrough ? "FeLoBAL" : low != nullptr ? "LoBAL" : "BAL";
    return Suggestion{kind, sentence("trough, %.0f %% deep, at %s from %s (%.0f σ)%s", -100.0 * seen->depth,
                                     velocityText(seen->velocity).c_str(), seen->line.c_str(),
                                     -seen->significance, ironTrough ? ", with Fe II absorption" : "")};
}

/// A deficit in the forest that is wide and black at its centre.
std::optional<Suggestion> dampedLya(const Evidence& e, const RestBands& bands)
{
    for (const Region& region : e.regions) {
        const double width = kLightSpeed * std::log(region.lastAngstrom / region.firstAngstrom);
        if (region.lastAngstrom > 1220.0 || region.significance > -7.0 || width < 1500.0)
            continue;
        const double centre = std::sqrt(region.firstAngstrom * region.lastAngstrom);
        const Measured core =
            bands.excess(centre * (1.0 - 600.0 / kLightSpeed), centre * (1.0 + 600.0 / kLightSpeed));
        if (core.valid && core.value < -0.85 && region.depth < -0.5)
            return Suggestion{"DLA", sentence("flux falls by %.0f %% over %s in the forest: Lyα at z = %.4f",
                                              -100.0 * region.depth, velocityText(width).c_str(),
                                              (1.0 + e.z) * centre / 1215.67 - 1.0)};
    }
    return std::nullopt;
}

/// Strong forbidden lines without broad permitted ones (Zakamska et al. 2003, Reyes et al. 2008). Quasars
/// with broad lines have 13 Å of [O III] 5008 and 2 Å of [O II] (Vanden Berk et al. 2001); star-forming
/// galaxies have neither [Ne V] nor that much [O III].
std::optional<Suggestion> narrowLines(const Evidence&, const RestBands& bands)
{
    const Measured oxygen = bands.equivalentWidth(4985, 5030, 4900, 4940, 5050, 5100);
    const Measured neon5 = bands.equivalentWidth(3410, 3444, 3370, 3400, 3455, 3485);
    const Measured neon3 = bands.equivalentWidth(3856, 3884, 3830, 3850, 3900, 3930);
    const auto strong = [](const Measured& width, double least) {
        return width.valid && width.value > least && width.sigma() > 6.0;
    };
    if (!strong(oxygen, 70.0) && !strong(neon5, 8.0) && !strong(neon3, 12.0))
        return std::nullopt;
    for (double line : {2798.75, 4862.68, 6564.61}) { // a broad one has wings beyond 2,000 km/s
        const auto wing = [&](double from, double to) {
            const double unit = line / kLightSpeed;
            return bands.equivalentWidth(line + from * unit, line + to * unit, line - 11000 * unit,
                                         line - 8000 * unit, line + 8000 * unit, line + 11000 * unit);
        };
        const Measured wings = wing(-4500, -2000);
        if (wings.valid && wings.value > 6.0 && wings.sigma() > 5.0)
            return std::nullopt;
    }
    return Suggestion{"type 2",
                      sentence("narrow lines are strong ([O III] %.0f Å, [Ne V] %.0f Å, [Ne III] %.0f Å) and "
                               "none is broad",
                               oxygen.value, neon5.value, neon3.value)};
}

/// An excess like a line where no line belongs, and the lines of this redshift missing, or an excess that is
/// too strong for anything else.
std::optional<Suggestion> wrongRedshift(const Evidence& e, const RestBands& bands)
{
    constexpr std::array kExpected{1215.67, 1240.1, 1397.0, 1549.06, 1908.7,
                                   2798.75, 4341.7, 4862.7, 5008.2,  6564.6};
    const LineStrength strength = lineStrength(bands);
    const bool missing = strength.lines > 0 && strength.ratio < 0.4;
    for (const Region& region : e.regions) {
        const double centre = std::sqrt(region.firstAngstrom * region.lastAngstrom);
        const double width = kLightSpeed * std::log(region.lastAngstrom / region.firstAngstrom);
        const bool expected = std::any_of(kExpected.begin(), kExpected.end(), [&](double line) {
            return std::abs(kLightSpeed * std::log(centre / line)) < 5000.0;
        });
        const bool strong = missing ? region.significance > 8.0 && region.depth > 0.12
                                    : region.significance > 12.0 && region.depth > 0.2 && width > 2000.0;
        if (strong && !expected && width < 25000.0 && region.firstAngstrom > 1260.0)
            return Suggestion{
                "wrong redshift",
                sentence("emission at %.0f Å rest (%.0f σ) where no line of z = %.3f belongs; %s", centre,
                         region.significance, e.z, strengthText(strength).c_str())};
    }
    return std::nullopt;
}

std::optional<Suggestion> weakLines(const Evidence&, const RestBands& bands)
{
    const LineStrength strength = lineStrength(bands);
    if (strength.lines == 0 || strength.ratio + 1.5 * strength.error > 0.35)
        return std::nullopt;
    const Measured blue = bands.slope(1690, 1720, 3020, 3080), red = bands.slope(3020, 3080, 5080, 5130);
    const Measured& slope = blue.valid ? blue : red;
    const bool none = strength.ratio < 0.12 && slope.valid && slope.value > -1.15;
    return Suggestion{none ? "blazar" : "weak lines", strengthText(strength)};
}

std::optional<Suggestion> reddened(const Evidence&, const RestBands& bands)
{
    constexpr std::array<std::pair<double, double>, 6> kContinuum{
        {{1440, 1480}, {1690, 1720}, {2190, 2230}, {3020, 3080}, {4010, 4060}, {5080, 5130}}};
    Measured best;
    double longest = 0.25;
    for (std::size_t i = 0; i < kContinuum.size(); ++i) {
        for (std::size_t j = i + 1; j < kContinuum.size(); ++j) {
            const Measured m = bands.slope(kContinuum[i].first, kContinuum[i].second, kContinuum[j].first,
                                           kContinuum[j].second);
            const double length = std::log(kContinuum[j].first / kContinuum[i].first);
            if (m.valid && length > longest) {
                longest = length;
                best = m;
            }
        }
    }
    if (!best.valid || best.value < -0.3 || (best.value + 1.5) / std::hypot(best.error, 0.3) < 3.0)
        return std::nullopt;
    return Suggestion{"reddened",
                      sentence("continuum slope α = %.1f ± %.1f (flux ∝ λ^α), where quasars have about -1.5",
                               best.value, best.error)};
}

std::optional<Suggestion> doublePeaked(const Evidence&, const RestBands& bands)
{
    constexpr std::array<std::pair<double, const char*>, 3> kLines{
        {{6564.61, "Hα 6565"}, {4862.68, "Hβ 4863"}, {2798.75, "Mg II 2799"}}};
    for (const auto& [angstrom, name] : kLines) {
        const double line = angstrom;
        const auto excessAt = [&](double from, double to) {
            return bands.excess(line * std::exp(from / kLightSpeed), line * std::exp(to / kLightSpeed));
        };
        const Measured blue = excessAt(-6500, -2500), core = excessAt(-1500, 1500),
                       red = excessAt(2500, 6500);
        if (!blue.valid || !core.valid || !red.valid)
            continue;
        if (blue.sigma() > 4.0 && red.sigma() > 4.0 && core.value < 0.5 * std::min(blue.value, red.value))
            return Suggestion{"double-peaked", sentence("more flux than the model on both sides of %s (+%.0f "
                                                        "%% and +%.0f %%), less at its centre",
                                                        name, 100.0 * blue.value, 100.0 * red.value)};
    }
    return std::nullopt;
}

std::optional<Suggestion> strongIron(const Evidence&, const RestBands& bands)
{
    constexpr std::array<std::pair<double, double>, 3> kIron{{{2300, 2650}, {4450, 4680}, {5150, 5350}}};
    double sum = 0.0, weight = 0.0;
    for (const auto& [first, last] : kIron) {
        const Measured m = bands.excess(first, last);
        if (m.valid && m.error > 0.0) {
            const double w = 1.0 / (m.error * m.error + 1e-4);
            sum += w * m.value;
            weight += w;
        }
    }
    if (weight <= 0.0 || sum / weight < 0.045 || sum / std::sqrt(weight) < 4.5)
        return std::nullopt;
    return Suggestion{"strong iron", sentence("Fe II bands lie %.0f %% above the model (%.0f σ)",
                                              100.0 * sum / weight, sum / std::sqrt(weight))};
}

} // namespace

std::span<const char* const> suggestedKinds()
{
    return kKinds;
}

Suggestion suggestKind(const Evidence& evidence)
{
    if (evidence.artefact.score >= 0.5F)
        return {evidence.artefact.kind, evidence.artefact.reason};
    const RestBands bands(evidence.row, evidence.grid);
    constexpr Rule kRules[] = {star,          narrowLines, galaxy,   broadAbsorption, dampedLya,
                               wrongRedshift, weakLines,   reddened, doublePeaked,    strongIron};
    for (Rule rule : kRules) {
        if (auto suggestion = rule(evidence, bands))
            return *suggestion;
    }
    for (const Region& region : evidence.regions) {
        const bool forest = region.lastAngstrom < 1220.0; // rarely smooth
        if (std::abs(region.significance) > (forest ? 15.0 : 8.0) && std::abs(region.depth) > 0.12)
            return {"unexplained",
                    sentence("%s of %.0f σ at %.0f to %.0f Å rest that no rule explains",
                             region.significance > 0.0 ? "an excess" : "a deficit",
                             std::abs(region.significance), region.firstAngstrom, region.lastAngstrom)};
    }
    return {"usual", "nothing stands out of the model"};
}

} // namespace voorwerp::score
