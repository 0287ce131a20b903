// SPDX-License-Identifier: GPL-3.0-or-later
#include "mock/mock_survey.h"

#include "core/error.h"
#include "core/file_io.h"
#include "fits/camera_merge.h"
#include "fits/coadd_reader.h"
#include "mock/absorption.h"
#include "mock/afterburner_files.h"
#include "mock/scene.h"
#include "mock/survey_files.h"

#include <chrono>
#include <cmath>
#include <cstdio>

namespace voorwerp::mock {

namespace fs = std::filesystem;

namespace {

void validate(const MockConfig& config)
{
    const auto isFraction = [](double value) { return value >= 0.0 && value <= 1.0; };
    if (config.targets == 0 || config.targets > 3'000'000)
        throw core::UserError("a mock survey needs 1 to 3000000 targets, not " +
                              std::to_string(config.targets));
    if (!isFraction(config.anomalyFraction) || !isFraction(config.artefactFraction) ||
        config.anomalyFraction + config.artefactFraction > 1.0)
        throw core::UserError(
            "the fractions of anomalies and artefacts must lie between 0 and 1, also together");
}

/// Flux in nanomaggies of a band [Å] (Oke & Gunn 1983, as a top hat).
double nanomaggies(const Canvas& canvas, double low, double high)
{
    const double center = 0.5 * (low + high);
    const double atMag225 = fluxAtMagnitude(22.5) * (6400.0 / center) * (6400.0 / center);
    return canvas.mean(low, high) / atMag225;
}

float snrOf(const Exposure& exposure)
{
    std::vector<fits::CameraSpectrum> cameras;
    std::array<std::vector<std::uint32_t>, kCameras.size()> masks;
    for (std::size_t c = 0; c < kCameras.size(); ++c) {
        masks[c].assign(exposure[c].mask.begin(), exposure[c].mask.end());
        cameras.push_back({kCameras[c].firstPixel, exposure[c].flux, exposure[c].ivar, masks[c]});
    }
    core::TargetInfo info;
    fits::assessSpectrum(fits::mergeCameras(cameras), info);
    return std::isfinite(info.snr) ? info.snr : 0.0F;
}

ObservedTarget observeTarget(const MockTarget& target, std::uint64_t seed)
{
    Random random(seed, 2 * target.number + 1);
    ObservedTarget observed{.target = target};
    const Canvas canvas = paintTarget(target, random);
    observed.fluxG = nanomaggies(canvas, 4000.0, 5450.0);
    observed.fluxR = nanomaggies(canvas, 5700.0, 7100.0);
    observed.fluxZ = nanomaggies(canvas, 8400.0, 9800.0);
    observed.exposure = observe(canvas, target.exposureSeconds, random);
    applyArtefact(target.kind, observed.exposure, random);
    observed.snr = snrOf(observed.exposure);
    return observed;
}

std::string truthRow(const ObservedTarget& observed)
{
    const MockTarget& t = observed.target;
    static constexpr const char* kClassNames[] = {"normal", "anomaly", "artefact"};
    const KindInfo& kind = info(t.kind);
    char row[256];
    std::snprintf(row, sizeof row, "%lld,%s,%s,%.6f,%.6f,%.3f,%.3f\n", static_cast<long long>(t.targetId),
                  kind.name, kClassNames[static_cast<std::size_t>(kind.targetClass)], t.zTrue, t.z, t.magR,
                  static_cast<double>(observed.snr));
    return row;
}

void writeGroup(const fs::path& folder, const PixelGroup& group, const std::vector<ObservedTarget>& targets,
                const std::string& specprod)
{
    const std::string name = "main-dark-" + std::to_string(group.healpix) + ".fits";
    const fs::path place = folder / "healpix" / "main" / "dark" / std::to_string(group.healpix / 100) /
                           std::to_string(group.healpix);
    std::error_code error;
    fs::create_directories(place, error);
    if (error) {
        throw core::SystemError("cannot create " + place.string() + ": " + error.message(),
                                "Check the permissions and the space of that disk.");
    }
    writeCoadd(place / ("coadd-" + name), group.healpix, targets, specprod);
    writeRedrock(place / ("redrock-" + name), group.healpix, targets, specprod);
    writeQuasarNet(place / ("qso_qn-" + name), targets);
    writeMgII(place / ("qso_mgii-" + name), targets);
}

void count(const MockTarget& target, MockSummary& summary)
{
    const KindInfo& kind = info(target.kind);
    ++summary.targets;
    ++summary.kinds[kind.name];
    summary.anomalies += kind.targetClass == TargetClass::Anomaly;
    summary.artefacts += kind.targetClass == TargetClass::Artefact;
}

} // namespace

MockSummary writeMockSurvey(const fs::path& folder, const MockConfig& config, core::JobContext& context)
{
    validate(config);
    const auto start = std::chrono::steady_clock::now();
    context.throwIfStopped();
    context.beginPhase("Writing the mock survey", "spectra", static_cast<double>(config.targets));
    MockSummary summary{.truth = folder / "truth.csv"};
    std::string truth = "TARGETID,KIND,CLASS,Z_TRUE,Z,MAG_R,SNR\n";
    for (const PixelGroup& group : drawPopulation(config)) {
        std::vector<ObservedTarget> observed;
        for (const MockTarget& target : group.targets) {
            context.throwIfStopped();
            observed.push_back(observeTarget(target, config.seed));
            truth += truthRow(observed.back());
            count(target, summary);
            context.advanceTo(static_cast<double>(summary.targets));
        }
        writeGroup(folder, group, observed, config.specprod);
        ++summary.files;
    }
    core::writeTextAtomically(summary.truth, truth);
    summary.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    return summary;
}

} // namespace voorwerp::mock
