// SPDX-License-Identifier: GPL-3.0-or-later
#include "mock/quasar.h"

#include "core/resources.h"
#include "core/wavelength_grid.h"
#include "mock/galaxy.h"

#include <algorithm>
#include <cmath>
#include <string>

namespace voorwerp::mock {

namespace {

enum class Family { High, Low, Narrow };

struct EmissionLine
{
    double wavelength, width; ///< vacuum Å, equivalent width [Å]
    double sigma, shift;      ///< km/s
    Family family;
    bool oxygen3; ///< [O III] and its kin, which follow eigenvector 1
};

struct IronLine
{
    double wavelength, strength, width;
};

const std::vector<EmissionLine>& emissionLines()
{
    static const std::vector<EmissionLine> lines = [] {
        std::vector<EmissionLine> result;
        for (const auto& row : core::resourceCsv("mock_quasar_lines.csv")) {
            const Family family = row.at(4) == "high"  ? Family::High
                                  : row.at(4) == "low" ? Family::Low
                                                       : Family::Narrow;
            result.push_back({std::stod(row.at(1)), std::stod(row.at(2)), std::stod(row.at(3)),
                              std::stod(row.at(5)), family,
                              row.at(0).starts_with("[O III]") || row.at(0).starts_with("[Ne")});
        }
        return result;
    }();
    return lines;
}

const std::vector<IronLine>& ironLines()
{
    static const std::vector<IronLine> lines = [] {
        std::vector<IronLine> result;
        for (const auto& row : core::resourceCsv("mock_iron_lines.csv"))
            result.push_back({std::stod(row.at(0)), std::stod(row.at(1)), std::stod(row.at(2))});
        return result;
    }();
    return lines;
}

/// Power law with two smooth breaks: below Lyα (Lusso et al. 2015, MNRAS 449, 4204: α_ν = -1.70) and above
/// 4661 Å (Vanden Berk et al. 2001, half of whose flattening is host light, which is painted apart).
class PowerLaw
{
public:
    explicit PowerLaw(double slope)
        : m_slope(slope)
    {
    }
    double operator()(double logRest) const
    {
        const double fromPivot = logRest - kLogPivot;
        const double blue = -(kFarSlope - m_slope) * softplus((kLogBreakBlue - logRest) / kSoft) * kSoft;
        const double red =
            (m_slope + kRedChange - m_slope) * softplus((logRest - kLogBreakRed) / kSoft) * kSoft;
        return std::exp(m_slope * fromPivot + blue + red);
    }

private:
    static double softplus(double x) { return x > 20.0 ? x : x < -20.0 ? 0.0 : std::log1p(std::exp(x)); }
    static constexpr double kFarSlope = -0.30, kRedChange = 1.0, kSoft = 0.06;
    static constexpr double kLogPivot = 8.006368, kLogBreakBlue = 7.103322,
                            kLogBreakRed = 8.447; // 3000, 1216, 4661 Å
    double m_slope;
};

/// Optically thick Balmer continuum (Grandi 1982, ApJ 255, 25; Te = 15000 K, τ = 1 at the edge) blended into
/// the high Balmer lines above the edge; 1 at 3000 Å.
double balmerContinuum(double rest)
{
    constexpr double kEdge = 3646.0, kHcOverK = 1.43877e8 / 15000.0; // Å
    const auto planck = [](double w) { return std::pow(3000.0 / w, 5) / std::expm1(kHcOverK / w); };
    const double thick = [&](double w) {
        return -std::expm1(-std::pow(w / kEdge, 3));
    }(std::min(rest, kEdge));
    static const double norm = planck(3000.0) * -std::expm1(-std::pow(3000.0 / kEdge, 3));
    const double edge = 1.0 / (1.0 + std::exp((rest - kEdge - 40.0) / 45.0));
    return planck(rest) * thick / norm * edge;
}

/// Factor on an equivalent width, from the latent parameters.
double strength(const EmissionLine& line, const QuasarParameters& p)
{
    switch (line.family) {
    case Family::High: // Baldwin effect: W ∝ L^-0.17 (Dietrich et al. 2002, ApJ 581, 912)
        return p.broadLines * p.highIonisation * std::pow(10.0, -0.17 * p.luminosity - 0.08 * p.eigenvector1);
    case Family::Low:
        return p.broadLines * p.lowIonisation * std::pow(10.0, -0.08 * p.luminosity - 0.03 * p.eigenvector1);
    case Family::Narrow:
        break;
    }
    const double eigenvector = line.oxygen3 ? -0.25 * p.eigenvector1 : -0.05 * p.eigenvector1;
    return p.narrowLines * p.narrow * std::pow(10.0, eigenvector - 0.25 * p.luminosity);
}

/// Broad lines have a core and wider wings: two Gaussians. The lines of one quasar are narrower than those of
/// the composite, which averages over widths and shifts.
void addBroad(Canvas& canvas, double center, double sigma, double area)
{
    canvas.addLine(center, 0.60 * sigma, 0.55 * area);
    canvas.addLine(center, 1.5 * sigma, 0.45 * area);
}

/// A disc seen at an angle: two peaks, the approaching side brighter (Eracleous & Halpern 1994, ApJS 90, 1).
void addDoublePeaked(Canvas& canvas, double center, double separation, double area)
{
    const double offset = 0.5 * separation / kLightSpeed * center;
    const double sigma = 0.45 * offset;
    canvas.addLine(center - offset, sigma, 0.52 * area);
    canvas.addLine(center + 1.1 * offset, sigma, 0.33 * area);
    canvas.addLine(center, 1.6 * offset, 0.15 * area);
}

void addEmissionLines(Canvas& canvas, const QuasarParameters& p, const PowerLaw& continuum, double z)
{
    for (const EmissionLine& line : emissionLines()) {
        const double factor = strength(line, p);
        if (factor <= 0.0)
            continue;
        double velocity = line.shift;
        if (line.family == Family::High)
            velocity *= 1.0 + 0.8 * p.eigenvector1 + 0.8 * p.luminosity; // blueshifts: Richards et al. 2011
        const double center = line.wavelength * (1.0 + z) * (1.0 + velocity / kLightSpeed);
        const double area = factor * line.width * continuum(std::log(line.wavelength)) * (1.0 + z);
        const double speed = line.family == Family::Narrow ? line.sigma : line.sigma * p.width;
        const double sigma = speed / kLightSpeed * center;
        if (line.family == Family::Low && p.peakSeparation > 0.0)
            addDoublePeaked(canvas, center, p.peakSeparation, area);
        else if (line.family == Family::Narrow)
            canvas.addLine(center, sigma, area);
        else
            addBroad(canvas, center, sigma, area);
    }
}

void addIron(Canvas& canvas, const QuasarParameters& p, const PowerLaw& continuum, double z)
{
    const double factor = p.iron * p.broadLines * p.lowIonisation * std::pow(10.0, 0.22 * p.eigenvector1);
    for (const IronLine& line : ironLines()) {
        const double center = line.wavelength * (1.0 + z);
        const double sigma = std::hypot(line.width, 1500.0 * p.width) / kLightSpeed * center;
        canvas.addLine(center, sigma,
                       factor * line.strength * continuum(std::log(line.wavelength)) * (1.0 + z));
    }
}

} // namespace

QuasarParameters drawQuasar(double logLuminosity, double z, Random& random)
{
    QuasarParameters p;
    p.luminosity = std::clamp(logLuminosity, -1.2, 1.5);
    p.slope = random.normal(-1.56, 0.20);
    p.eigenvector1 = std::clamp(random.normal(), -2.2, 2.2);
    p.width = std::pow(10.0, std::clamp(random.normal(0.0, 0.11), -0.25, 0.25)) *
              std::pow(10.0, -0.05 * p.eigenvector1);
    const double common = random.normal(0.0, 0.09); // covering factor: all broad lines together
    p.highIonisation = std::pow(10.0, common + random.normal(0.0, 0.05));
    p.lowIonisation = std::pow(10.0, common + random.normal(0.0, 0.05));
    p.narrow = std::pow(10.0, random.normal(0.0, 0.18));
    p.balmer = std::pow(10.0, random.normal(0.0, 0.10));
    p.hostAge = random.uniform(0.2, 1.0);
    const double host = 0.45 * std::pow(10.0, -0.6 * p.luminosity + random.normal(0.0, 0.2));
    p.hostAt5100 = z < 1.2 ? std::min(host, 2.0) * (1.2 - z) / 1.2 : 0.0;
    return p;
}

Canvas paintQuasar(const QuasarParameters& p, double z)
{
    Canvas canvas;
    const PowerLaw continuum(p.slope);
    const double logStretch = std::log1p(z);
    const double balmer = 0.12 * p.balmer * p.broadLines;
    const std::vector<double>& logs = logWavelengths();
    for (std::size_t i = 0; i < canvas.size(); ++i) {
        const double logRest = logs[i] - logStretch;
        canvas.flux[i] = p.continuum * continuum(logRest);
        const double rest = core::DesiGrid::wavelength(i) / (1.0 + z);
        if (balmer > 0.0 && rest > 1800.0 && rest < 3950.0)
            canvas.flux[i] += balmer * balmerContinuum(rest);
    }
    addEmissionLines(canvas, p, continuum, z);
    if (p.iron > 0.0 && p.broadLines > 0.0)
        addIron(canvas, p, continuum, z);
    if (p.hostAt5100 > 0.0) {
        Canvas host = paintStarlight(p.hostAge, z);
        host.scale(p.hostAt5100 * continuum(std::log(5100.0)));
        canvas.add(host);
    }
    return canvas;
}

} // namespace voorwerp::mock
