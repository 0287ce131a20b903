// SPDX-License-Identifier: GPL-3.0-or-later
#include "mock/population.h"

#include "mock/healpix.h"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace voorwerp::mock {

namespace {

constexpr std::size_t kTargetsPerPixel = 150; // more where the field would run out of pixels
constexpr std::size_t kMostPixels = 5000;
constexpr std::uint64_t kSurveyStream = 1ULL << 40; // streams of targets begin at 0

double drawRedshift(Random& random, double low, double high)
{
    // n(z) of DESI's quasars: Chaussidon et al. 2023 (ApJ 944, 107), fig. 17: broad, peaking between 1.5 and
    // 2
    for (;;) {
        const double z = random.uniform(low, high);
        const double density = std::pow(z, 1.5) / (1.0 + std::pow(z / 1.9, 5.5));
        if (random.uniform() * 1.5 < density)
            return z;
    }
}

double drawMagnitude(Random& random)
{
    for (;;) { // counts rise to r = 22 and end at DESI's limit of 23
        const double r = random.uniform(16.5, 23.0);
        const double density = std::pow(10.0, 0.42 * (r - 21.5)) / (1.0 + std::pow(10.0, 0.9 * (r - 21.9)));
        if (random.uniform() * 0.85 < density)
            return r;
    }
}

/// What redrock would say when it takes one line for another; the true redshift where nothing fits.
double mistakenRedshift(double z, Random& random)
{
    struct Confusion
    {
        double line, taken;
    };
    static constexpr std::array<Confusion, 6> kConfusions{{{2798.75, 1908.73},
                                                           {2798.75, 1549.06},
                                                           {1908.73, 2798.75},
                                                           {1549.06, 1908.73},
                                                           {1549.06, 1215.67},
                                                           {2798.75, 1215.67}}};
    std::vector<double> possible;
    for (const Confusion& confusion : kConfusions) {
        const double observed = confusion.line * (1.0 + z), wrong = observed / confusion.taken - 1.0;
        if (observed > 3900.0 && observed < 9500.0 && wrong > 0.1 && wrong < 4.5)
            possible.push_back(wrong);
    }
    return possible.empty() ? z + 0.4 : possible[random.index(possible.size())];
}

void drawRedshifts(MockTarget& target, Random& random)
{
    const KindInfo& kind = info(target.kind);
    target.zTrue = drawRedshift(random, kind.lowestZ, kind.highestZ);
    target.z = target.zTrue;
    if (target.kind == Kind::Star) {
        target.zTrue = 0.0;
        target.z = drawRedshift(random, 0.3, 3.5);
    } else if (target.kind == Kind::Galaxy) {
        target.z = drawRedshift(random, 0.8, 2.6);
    } else if (target.kind == Kind::WrongRedshift) {
        target.z = mistakenRedshift(target.zTrue, random);
    }
    target.zerr =
        5e-4 * (1.0 + target.z) * random.uniform(0.5, 1.5); // 150 km/s: Alexander et al. 2023 (AJ 165, 124)
    target.z += target.zerr * random.normal();
    const bool faint = target.magR > 22.3;
    target.zwarn = random.chance(faint ? 0.06 : 0.01) ? 4 : 0; // SMALL_DELTA_CHI2
}

/// Dust of the Galaxy over the field: a smooth map of a few degrees, and small clouds.
double galacticDust(double ra, double dec, Random& random)
{
    const double radians = std::numbers::pi / 180.0;
    const double map = 1.0 + 0.45 * std::sin(9.0 * ra * radians) * std::cos(7.0 * dec * radians) +
                       0.25 * std::sin(31.0 * (ra + dec) * radians);
    return 0.032 * map * std::exp(0.1 * random.normal());
}

std::vector<std::int64_t> drawPixels(std::size_t count, Random& random)
{
    std::vector<std::int64_t> pixels;
    while (pixels.size() < count) {
        const double ra = random.uniform(120.0, 250.0), dec = random.uniform(-8.0, 34.0);
        const std::int64_t pixel = healpixOf(ra, dec);
        if (std::find(pixels.begin(), pixels.end(), pixel) == pixels.end())
            pixels.push_back(pixel);
    }
    std::sort(pixels.begin(), pixels.end());
    return pixels;
}

/// A point inside a pixel, found by trying: first anywhere in the field, then around the last hit.
class PixelSampler
{
public:
    PixelSampler(std::int64_t pixel, Random& random)
        : m_pixel(pixel)
        , m_random(random)
    {
        do {
            m_ra = random.uniform(119.0, 251.0);
            m_dec = random.uniform(-10.0, 36.0);
        } while (healpixOf(m_ra, m_dec) != pixel);
    }
    void place(MockTarget& target)
    {
        do {
            target.ra = m_ra + m_random.uniform(-1.7, 1.7);
            target.dec = m_dec + m_random.uniform(-1.3, 1.3);
        } while (healpixOf(target.ra, target.dec) != m_pixel);
    }

private:
    std::int64_t m_pixel;
    Random& m_random;
    double m_ra = 0.0, m_dec = 0.0;
};

/// Exact numbers of each kind, in random order.
std::vector<Kind> drawKinds(const MockConfig& config, Random& random)
{
    std::vector<Kind> result;
    for (const auto& [fraction, targetClass] : {std::pair{config.anomalyFraction, TargetClass::Anomaly},
                                                std::pair{config.artefactFraction, TargetClass::Artefact}}) {
        std::vector<Kind> choices;
        for (const KindInfo& kind : kinds()) {
            if (kind.targetClass == targetClass)
                choices.push_back(kind.kind);
        }
        const auto count =
            static_cast<std::size_t>(std::llround(fraction * static_cast<double>(config.targets)));
        for (std::size_t i = 0; i < count; ++i)
            result.push_back(choices[i % choices.size()]);
    }
    result.resize(config.targets, Kind::Quasar);
    for (std::size_t i = result.size(); i > 1; --i)
        std::swap(result[i - 1], result[random.index(i)]);
    return result;
}

MockTarget drawTarget(std::size_t number, Kind kind, std::uint64_t seed, std::size_t place)
{
    constexpr std::int64_t kMockBit = std::int64_t{1} << 58; // desitarget: TARGETIDs of mocks
    Random random(seed, 2 * number);
    MockTarget target;
    target.number = number;
    target.kind = kind;
    target.magR = drawMagnitude(random);
    drawRedshifts(target, random);
    target.exposures = 1 + static_cast<int>(random.index(4));
    target.exposureSeconds = 1000.0 * target.exposures * random.uniform(0.8, 1.3);
    target.targetId = kMockBit | (std::int64_t{9010} << 42) | (static_cast<std::int64_t>(place) << 22) |
                      static_cast<std::int64_t>(number + 1);
    return target;
}

} // namespace

const std::vector<KindInfo>& kinds()
{
    using enum TargetClass;
    static const std::vector<KindInfo> all{{Kind::Quasar, "quasar", Normal, 0.1, 4.5},
                                           {Kind::HiBal, "hibal", Anomaly, 1.55, 4.0},
                                           {Kind::LoBal, "lobal", Anomaly, 1.2, 3.0},
                                           {Kind::FeLoBal, "felobal", Anomaly, 0.8, 2.4},
                                           {Kind::Dla, "dla", Anomaly, 2.35, 4.2},
                                           {Kind::DustReddened, "dust_reddened", Anomaly, 0.4, 2.8},
                                           {Kind::WeakLine, "weak_line", Anomaly, 0.4, 4.0},
                                           {Kind::StrongIron, "strong_iron", Anomaly, 0.3, 2.4},
                                           {Kind::DoublePeaked, "double_peaked", Anomaly, 0.2, 2.2},
                                           {Kind::Type2, "type2", Anomaly, 0.2, 0.95},
                                           {Kind::Blazar, "blazar", Anomaly, 0.3, 2.5},
                                           {Kind::TwoObjects, "two_objects", Anomaly, 0.6, 3.5},
                                           {Kind::Star, "star", Anomaly, 0.3, 3.5},
                                           {Kind::Galaxy, "galaxy", Anomaly, 0.1, 1.0},
                                           {Kind::WrongRedshift, "wrong_redshift", Anomaly, 0.5, 3.6},
                                           {Kind::SkyLineSpike, "sky_line_spike", Artefact, 0.2, 4.2},
                                           {Kind::CameraStep, "camera_step", Artefact, 0.2, 4.2},
                                           {Kind::CosmicRay, "cosmic_ray", Artefact, 0.2, 4.2},
                                           {Kind::MaskedBlock, "masked_block", Artefact, 0.2, 4.2},
                                           {Kind::NoisyFibre, "noisy_fibre", Artefact, 0.2, 4.2}};
    return all;
}

const KindInfo& info(Kind kind)
{
    return kinds()[static_cast<std::size_t>(kind)];
}

std::vector<PixelGroup> drawPopulation(const MockConfig& config)
{
    Random random(config.seed, kSurveyStream);
    const std::vector<Kind> drawn = drawKinds(config, random);
    std::vector<PixelGroup> groups;
    for (const std::int64_t pixel :
         drawPixels((config.targets + kTargetsPerPixel - 1) / kTargetsPerPixel, random))
        groups.push_back({pixel, {}});
    for (std::size_t g = 0; g < groups.size(); ++g) {
        PixelSampler sampler(groups[g].healpix, random);
        for (std::size_t number = g; number < drawn.size(); number += groups.size()) {
            MockTarget target = drawTarget(number, drawn[number], config.seed, g);
            sampler.place(target);
            target.ebv = galacticDust(target.ra, target.dec, random);
            groups[g].targets.push_back(target);
        }
    }
    return groups;
}

double logLuminosity(double magR, double z)
{
    constexpr double kMatter = 0.31, kReferenceMag = 20.8, kReferenceZ = 1.6;
    const auto luminosityDistance = [](double redshift) { // in Hubble lengths
        constexpr int kSteps = 48;
        double sum = 0.0;
        for (int i = 0; i < kSteps; ++i) {
            const double x = 1.0 + redshift * (i + 0.5) / kSteps;
            sum += 1.0 / std::sqrt(kMatter * x * x * x + 1.0 - kMatter);
        }
        return (1.0 + redshift) * sum * redshift / kSteps;
    };
    static const double reference = luminosityDistance(kReferenceZ);
    return -0.4 * (magR - kReferenceMag) +
           2.0 * std::log10(luminosityDistance(std::max(z, 0.02)) / reference);
}

} // namespace voorwerp::mock
