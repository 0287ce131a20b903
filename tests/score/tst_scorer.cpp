// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/error.h"
#include "nn/error.h"
#include "score/scorer.h"
#include "score/sentence.h"
#include "score/suggest.h"

#include <catch2/catch.hpp>

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>
#include <random>

using namespace voorwerp;
using core::DesiGrid;

namespace {

double quasarFlux(double restAngstrom)
{
    const auto line = [&](double centre, double height, double sigma) {
        return height * std::exp(-0.5 * std::pow((restAngstrom - centre) / sigma, 2));
    };
    return std::pow(restAngstrom / 2600.0, -1.5) * (1.0 + line(1549.06, 0.8, 14) + line(1908.7, 0.4, 22) +
                                                    line(2798.75, 0.6, 22) + line(4862.7, 0.8, 40));
}

/// Knows quasarFlux by heart and makes nothing else of any spectrum.
class FixedBackend : public nn::Backend
{
public:
    /// scatter: of all pixels, in units of the normalisation; 0: the model has none.
    explicit FixedBackend(const dataset::Recipe& recipe, float scatter = 0.0F)
        : m_recipe(recipe)
        , m_scatter(scatter)
    {
        m_config.pixels = recipe.grid.pixels;
        m_config.latent = 2;
        m_config.scatter = scatter > 0.0F;
    }
    const nn::ModelConfig& config() const override { return m_config; }
    nn::BackendAttributes attributes() const override { return {.device = "cpu"}; }
    void trainStep(const nn::Batch&, const nn::StepOptions&) override {}
    nn::Losses takeLosses() override { return {}; }
    nn::Losses evaluate(const nn::Batch&, const nn::LossOptions&) override { return {}; }
    void encode(const nn::Batch& batch, float* mean, float* logVariance) override
    {
        if (whenEncoding)
            whenEncoding(stop);
        std::fill_n(mean, batch.size * 2, 0.5F);
        std::fill_n(logVariance, batch.size * 2, 0.0F);
    }
    void decode(const float*, std::size_t count, float* flux) override
    {
        for (std::size_t i = 0; i < count; ++i) {
            for (std::size_t j = 0; j < m_config.pixels; ++j)
                *flux++ = static_cast<float>(quasarFlux(m_recipe.grid.wavelength(j)));
        }
    }
    std::vector<nn::NamedTensor> parameters() const override
    {
        return {{"scatter.log", {m_config.pixels}, std::vector(m_config.pixels, std::log(m_scatter))}};
    }
    void setParameters(const std::vector<nn::NamedTensor>&) override {}
    std::vector<nn::NamedTensor> optimiserState() const override { return {}; }
    void setOptimiserState(const std::vector<nn::NamedTensor>&) override {}
    void setStop(const std::stop_token& token) override { stop = token; }

    std::stop_token stop;
    std::function<void(const std::stop_token&)> whenEncoding;

private:
    dataset::Recipe m_recipe;
    float m_scatter;
    nn::ModelConfig m_config;
};

core::Spectrum quasar(double z, float snr, unsigned seed)
{
    std::mt19937 random(seed);
    std::normal_distribution<float> normal;
    core::Spectrum spectrum{std::vector<float>(DesiGrid::kPixels), std::vector<float>(DesiGrid::kPixels),
                            std::vector<std::uint32_t>(DesiGrid::kPixels, 0)};
    for (std::size_t i = 0; i < DesiGrid::kPixels; ++i) {
        const float flux = static_cast<float>(4.0 * quasarFlux(DesiGrid::wavelength(i) / (1.0 + z)));
        const float sigma = 4.0F / snr;
        spectrum.flux[i] = flux + sigma * normal(random);
        spectrum.ivar[i] = 1.0F / (sigma * sigma);
    }
    return spectrum;
}

/// Multiplies the flux between two rest wavelengths.
void scaleBetween(core::Spectrum& spectrum, double z, double first, double last, float factor)
{
    for (std::size_t i = 0; i < DesiGrid::kPixels; ++i) {
        const double rest = DesiGrid::wavelength(i) / (1.0 + z);
        if (rest > first && rest < last)
            spectrum.flux[i] *= factor;
    }
}

struct Fixture
{
    dataset::Recipe recipe = dataset::Recipe::builtIn("quasar");
    FixedBackend backend{recipe};
    score::Scorer scorer{backend, recipe, {}};

    score::Explanation explain(const core::Spectrum& spectrum, double z)
    {
        return scorer.explain({&spectrum, z});
    }
};

} // namespace

TEST_CASE("A spectrum that is what the model says scores low and is called usual")
{
    Fixture fixture;
    const core::Spectrum spectrum = quasar(1.8, 5.0F, 1);
    const auto explanation = fixture.explain(spectrum, 1.8);
    CAPTURE(explanation.suggestion.reason);
    REQUIRE(explanation.suggestion.kind == "usual");
    // Below 1 by the share of the variance that is the recipe's model-error floor.
    REQUIRE(explanation.components.chi2 == Approx(0.75).margin(0.15));
    REQUIRE(explanation.components.artefact < 0.1F);
    REQUIRE(explanation.components.kl == Approx(0.25));
    REQUIRE(explanation.amplitude * explanation.normalisation == Approx(4.0).epsilon(0.02));
    REQUIRE(explanation.model.size() == DesiGrid::kPixels);
    for (std::size_t i = 0; i < DesiGrid::kPixels; i += 97) {
        const double expected = 4.0 * quasarFlux(DesiGrid::wavelength(i) / 2.8);
        REQUIRE(explanation.model[i] == Approx(expected).epsilon(0.03));
        REQUIRE(std::isfinite(explanation.residual[i]));
    }
}

TEST_CASE("The scatter that a model has learned counts beside the noise")
{
    Fixture fixture;
    const core::Spectrum spectrum = quasar(1.8, 5.0F, 1);
    const float before = fixture.explain(spectrum, 1.8).components.chi2;
    FixedBackend scattering(fixture.recipe, 10.0F);
    score::Scorer scorer(scattering, fixture.recipe, {});
    const float after = scorer.explain({&spectrum, 1.8}).components.chi2;
    CHECK(before > 0.5F);
    CHECK(after < 0.01F);
    const dataset::ObservedSpectrum item{&spectrum, 1.8};
    CHECK(scorer.score({&item, 1}).front().components.chi2 == after);
}

TEST_CASE("A trough blueward of C IV is found at its wavelength, line and velocity, and called a BAL")
{
    Fixture fixture;
    core::Spectrum spectrum = quasar(2.3, 5.0F, 2);
    scaleBetween(spectrum, 2.3, 1470.0, 1500.0, 0.4F);
    const auto explanation = fixture.explain(spectrum, 2.3);
    REQUIRE_FALSE(explanation.regions.empty());
    const score::Region& region = explanation.regions.front();
    REQUIRE(region.significance < -10.0);
    REQUIRE(region.firstAngstrom == Approx(1470.0).margin(6.0));
    REQUIRE(region.lastAngstrom == Approx(1500.0).margin(6.0));
    REQUIRE(region.line == "C IV 1549");
    REQUIRE(region.velocity == Approx(-12500.0).margin(1200.0));
    REQUIRE(region.depth == Approx(-0.6).margin(0.1));
    CAPTURE(explanation.suggestion.reason);
    REQUIRE(explanation.suggestion.kind == "BAL");
    CHECK(explanation.suggestion.reason.find("at −1") != std::string::npos); // a minus sign, thousands apart
    CHECK(explanation.suggestion.reason.find(" km/s from C IV 1549") != std::string::npos);
    CHECK(explanation.suggestion.reason.find("-") == std::string::npos);
    const core::Spectrum usual = quasar(2.3, 5.0F, 2);
    REQUIRE(explanation.components.smoothed > 2.0F * fixture.explain(usual, 2.3).components.smoothed);
}

TEST_CASE("Instrument faults raise the artefact score and name themselves, physics does not")
{
    Fixture fixture;
    const auto artefactOf = [&](const core::Spectrum& spectrum, const std::string& kind) {
        const auto explanation = fixture.explain(spectrum, 1.5);
        CAPTURE(kind, explanation.suggestion.kind, explanation.suggestion.reason);
        REQUIRE(explanation.suggestion.kind == kind);
        return explanation.components.artefact;
    };
    const auto pixel = [](double angstrom) { return static_cast<std::size_t>(DesiGrid::pixelOf(angstrom)); };
    core::Spectrum hit = quasar(1.5, 5.0F, 3);
    hit.flux[pixel(6200.0)] += 60.0F;
    hit.flux[pixel(6200.0) + 1] += 40.0F;
    REQUIRE(artefactOf(hit, "cosmic ray") > 0.5F);

    core::Spectrum sky = quasar(1.5, 5.0F, 4);
    for (std::size_t i = pixel(5574.0); i < pixel(5580.0); ++i)
        sky.flux[i] += 30.0F;
    REQUIRE(artefactOf(sky, "sky residual") > 0.5F);

    core::Spectrum step = quasar(1.5, 8.0F, 5);
    for (std::size_t i = pixel(7600.0); i < DesiGrid::kPixels; ++i)
        step.flux[i] *= 1.3F;
    REQUIRE(artefactOf(step, "camera step") > 0.5F);

    core::Spectrum masked = quasar(1.5, 5.0F, 6);
    for (std::size_t i = pixel(6000.0); i < pixel(6600.0); ++i)
        masked.ivar[i] = 0.0F;
    REQUIRE(artefactOf(masked, "masked block") > 0.5F);

    core::Spectrum noisy = quasar(1.5, 5.0F, 7);
    for (float& w : noisy.ivar)
        w *= 3.0F; // the noise is √3 times what ivar says
    REQUIRE(artefactOf(noisy, "noisy fibre") > 0.5F);
}

TEST_CASE("Many spectra are scored in order, and one that cannot be says why")
{
    Fixture fixture;
    std::vector<core::Spectrum> spectra;
    for (unsigned i = 0; i < 140; ++i)
        spectra.push_back(quasar(1.0 + 0.01 * i, 5.0F, i));
    scaleBetween(spectra[135], 2.35, 1700.0, 1800.0, 3.0F);
    const unsigned count = score::Scorer::kBatch + 9; // more than one batch, the odd one in the last
    spectra[3].flux.clear();
    std::fill(spectra[4].ivar.begin(), spectra[4].ivar.end(), 0.0F);
    std::vector<dataset::ObservedSpectrum> items;
    for (unsigned i = 0; i < count; ++i) {
        const unsigned usual = i < 6 ? i : 6 + i % 100;
        items.push_back({&spectra[usual], 1.0 + 0.01 * usual});
    }
    items[count - 5] = {&spectra[135], 2.35};
    items[5].z = std::numeric_limits<double>::quiet_NaN();

    const auto results = fixture.scorer.score(items);
    REQUIRE(results.size() == count);
    REQUIRE(results[3].rejection == "no spectrum");
    REQUIRE_FALSE(results[4].scored());
    REQUIRE(results[5].rejection == "no redshift");
    std::size_t strangest = 0;
    for (std::size_t i = 0; i < results.size(); ++i) {
        if (!results[i].scored())
            continue;
        REQUIRE(results[i].latent.size() == 2);
        REQUIRE(std::isfinite(results[i].components.smoothed));
        REQUIRE(results[i].snr > 0.0F);
        if (results[i].components.smoothed > results[strangest].components.smoothed)
            strangest = i;
    }
    REQUIRE(strangest == count - 5);
    for (const std::size_t i : {std::size_t{50}, score::Scorer::kBatch - 1, score::Scorer::kBatch})
        REQUIRE(results[i].components == fixture.scorer.explain(items[i]).components);
}

TEST_CASE(
    "A stop ends a scoring in the network's work or in the judging of its rows, and the next one goes on")
{
    Fixture fixture;
    const core::Spectrum spectrum = quasar(1.8, 5.0F, 1);
    const std::vector<dataset::ObservedSpectrum> items(20, {&spectrum, 1.8});
    std::stop_source stop;
    SECTION("in the network's work")
    {
        fixture.backend.whenEncoding = [&](const std::stop_token& told) {
            stop.request_stop();
            if (told.stop_requested())
                throw nn::Stopped();
        };
    }
    SECTION("in the judging of rows")
    {
        fixture.backend.whenEncoding = [&](const std::stop_token&) { stop.request_stop(); };
    }
    CHECK_THROWS_AS(fixture.scorer.score(items, stop.get_token()), core::Cancelled);
    CHECK_FALSE(fixture.backend.stop.stop_possible());
    fixture.backend.whenEncoding = nullptr;
    CHECK(fixture.scorer.score(items).back().scored());
}

TEST_CASE("A model of another recipe is refused")
{
    Fixture fixture;
    dataset::Recipe other = fixture.recipe;
    other.grid.pixels = 512;
    REQUIRE_THROWS_AS(score::Scorer(fixture.backend, other, {}), core::UserError);
}

TEST_CASE("Explanations write numbers as astronomers read them")
{
    CHECK(score::velocityText(-9812.0) == "−9,810 km/s");
    CHECK(score::velocityText(412.0) == "410 km/s");
    CHECK(score::velocityText(-3.0) == "0 km/s");
    CHECK(score::velocityText(1234567.0) == "1,234,570 km/s");
    CHECK(score::withMinusSigns("double-peaked by -5 ± 2 (-3 σ), 3-4") ==
          "double-peaked by −5 ± 2 (−3 σ), 3-4");
}

TEST_CASE("Lines that are not seen have an upper limit, not a negative strength")
{
    const core::LogGrid grid = dataset::Recipe::builtIn("quasar").grid;
    std::vector<float> flux(grid.pixels), weight(grid.pixels, 400.0F);
    for (std::size_t i = 0; i < grid.pixels; ++i) { // a power law with shallow dips where lines belong
        const double rest = grid.wavelength(i);
        const auto dip = [rest](double line) { return std::exp(-0.5 * std::pow((rest - line) / 20.0, 2.0)); };
        flux[i] = static_cast<float>(std::pow(rest / 2000.0, -0.8) *
                                     (1.0 - 0.03 * (dip(1549.06) + dip(1908.73) + dip(2798.75))));
    }
    const auto suggestion = score::suggestKind({{flux, weight, flux}, grid, 1.8, {}, {}});
    CAPTURE(suggestion.kind, suggestion.reason);
    CHECK(suggestion.kind == "blazar");
    CHECK(suggestion.reason.find("less than") != std::string::npos);
    CHECK(suggestion.reason.find("−") == std::string::npos);
}
