// SPDX-License-Identifier: GPL-3.0-or-later
#include "recovery_sample.h"

#include "fits/coadd_reader.h"
#include "fits/desi_tree.h"
#include "fits/redshift_reader.h"
#include "mock/mock_survey.h"

#include <algorithm>
#include <fstream>
#include <limits>
#include <sstream>
#include <stdexcept>

namespace voorwerp::bench {
namespace {

std::vector<std::string> fieldsOf(const std::string& line)
{
    std::vector<std::string> fields;
    std::istringstream stream(line);
    for (std::string field; std::getline(stream, field, ',');)
        fields.push_back(field);
    return fields;
}

std::map<std::int64_t, Truth> readTruth(const std::filesystem::path& path)
{
    std::ifstream file(path);
    std::map<std::int64_t, Truth> truth;
    std::vector<std::string> names;
    for (std::string line; std::getline(file, line);) {
        if (line.empty() || line.front() == '#')
            continue;
        const std::vector<std::string> fields = fieldsOf(line);
        if (names.empty()) {
            names = fields;
            continue;
        }
        const auto field = [&](const char* name) {
            const auto found = std::find(names.begin(), names.end(), name);
            if (found == names.end())
                throw std::runtime_error(path.string() + " lacks the column " + name);
            return fields.at(static_cast<std::size_t>(found - names.begin()));
        };
        truth[std::stoll(field("TARGETID"))] = {field("KIND"), field("CLASS")};
    }
    return truth;
}

} // namespace

RecoverySample makeRecoverySample(const std::filesystem::path& folder, std::size_t targets,
                                  std::uint64_t seed, core::JobContext& context)
{
    if (!std::filesystem::exists(folder / "truth.csv")) {
        mock::MockConfig config;
        config.targets = targets;
        config.seed = seed;
        mock::writeMockSurvey(folder, config, context);
    }
    const std::map<std::int64_t, Truth> truth = readTruth(folder / "truth.csv");
    RecoverySample sample;
    for (const fits::CoaddSource& source : fits::findDesiFiles({folder}).coadds) {
        std::map<core::TargetId, core::Redshift> redshifts;
        for (const auto& [target, redshift] : fits::readRedrock(source.redrock).rows)
            redshifts[target] = redshift;
        fits::CoaddReader reader(source.coadd);
        for (std::size_t i = 0; i < reader.targets().size(); ++i) {
            core::TargetInfo info = reader.targets()[i];
            const auto redshift = redshifts.find(info.key.targetId);
            const auto entry = truth.find(info.key.targetId.value);
            if (redshift == redshifts.end() || entry == truth.end())
                continue;
            core::Spectrum spectrum = reader.read(i);
            fits::assessSpectrum(spectrum, info);
            info.redshift = redshift->second;
            sample.targets.push_back(std::move(info));
            sample.spectra.push_back(std::move(spectrum));
            sample.truth.push_back(entry->second);
        }
    }
    return sample;
}

double auroc(std::span<const double> positives, std::span<const double> negatives)
{
    if (positives.empty() || negatives.empty())
        return std::numeric_limits<double>::quiet_NaN();
    double wins = 0.0;
    for (double p : positives) {
        for (double n : negatives)
            wins += p > n ? 1.0 : p == n ? 0.5 : 0.0;
    }
    return wins / (static_cast<double>(positives.size()) * static_cast<double>(negatives.size()));
}

} // namespace voorwerp::bench
