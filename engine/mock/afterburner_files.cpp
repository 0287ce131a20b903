// SPDX-License-Identifier: GPL-3.0-or-later
#include "mock/afterburner_files.h"

#include "fits/table_writer.h"
#include "mock/random.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace voorwerp::mock {

using fits::Column;
using Targets = std::vector<ObservedTarget>;

namespace {

constexpr std::uint64_t kStreamOfAfterburners = 0x516E; // beside those of the survey's own seed
constexpr double kSureEnough = 0.99;

struct Line
{
    const char* name;  ///< as in C_NAME and Z_NAME
    double wavelength; ///< Å
};
constexpr std::array<Line, 6> kLines{{{"LYA", 1215.67},
                                      {"CIV", 1549.06},
                                      {"CIII", 1908.73},
                                      {"MgII", 2798.75},
                                      {"Hbeta", 4862.68},
                                      {"Halpha", 6564.61}}};

bool isSeen(const Line& line, double z)
{
    const double observed = line.wavelength * (1.0 + z);
    return observed > 3650.0 && observed < 9780.0;
}

/// How broad and strong lines are: 1 a normal quasar, 0 none at all.
double lineStrength(Kind kind)
{
    switch (kind) {
    case Kind::Star:
    case Kind::Galaxy:
        return 0.0;
    case Kind::Blazar:
    case Kind::WeakLine:
        return 0.25;
    case Kind::Type2:
    case Kind::NoisyFibre:
        return 0.5;
    default:
        return 1.0;
    }
}

std::size_t surest(const core::QuasarFacts& facts)
{
    const auto& c = facts.confidence;
    return static_cast<std::size_t>(std::max_element(c.begin(), c.end()) - c.begin());
}

template <typename T, typename Function>
Column column(const char* name, const Targets& targets, Function value)
{
    std::vector<T> values;
    for (const ObservedTarget& target : targets)
        values.push_back(static_cast<T>(value(target)));
    return {name, std::move(values)};
}

std::vector<Column> identity(const Targets& targets)
{
    using O = ObservedTarget;
    return {column<std::int64_t>("TARGETID", targets, [](const O& o) { return o.target.targetId; }),
            column<double>("RA", targets, [](const O& o) { return o.target.ra; }),
            column<double>("DEC", targets, [](const O& o) { return o.target.dec; })};
}

/// One value of the findings a target.
template <typename T, typename Function>
Column finding(const char* name, const Targets& targets, Function value)
{
    return column<T>(name, targets, [value](const ObservedTarget& o) { return value(afterburnersSay(o)); });
}

} // namespace

core::QuasarFacts afterburnersSay(const ObservedTarget& observed)
{
    using Facts = core::QuasarFacts;
    const MockTarget& target = observed.target;
    Random random(kStreamOfAfterburners, target.number);
    const double strength = lineStrength(target.kind);
    const double seen = strength * std::max(0.0F, observed.snr);
    Facts facts;
    facts.source = "afterburner";
    for (std::size_t i = 0; i < kLines.size(); ++i) {
        const double doubt = isSeen(kLines[i], target.zTrue) ? std::exp(-4.0 * seen) : 1.0;
        facts.confidence[i] = static_cast<float>(1.0 - doubt * random.uniform(0.7, 1.0));
    }
    facts.zQn = target.zTrue + 0.004 * (1.0 + target.zTrue) * random.normal(); // QuasarNet: some 1000 km/s
    const bool sure = facts.confidence[surest(facts)] > kSureEnough;
    const bool disagrees = std::abs(facts.zQn - target.z) > 0.05 * (1.0 + target.z);
    facts.isQsoQnNewRr = sure && disagrees;
    facts.zNew = *facts.isQsoQnNewRr ? target.zTrue + target.zerr * random.normal() : target.z;
    facts.deltachi2New = target.zwarn != 0 ? 5.0 : 40.0 + 120.0 * observed.snr * observed.snr;
    facts.deltaChi2Mgii = static_cast<float>(
        isSeen(kLines[3], target.zTrue) ? 40.0 * seen * random.uniform(0.5, 1.5) : random.uniform(0.0, 8.0));
    facts.isQsoMgii = facts.deltaChi2Mgii > 16.0F;
    return facts;
}

void writeQuasarNet(const std::filesystem::path& path, const Targets& targets)
{
    using Facts = core::QuasarFacts;
    std::vector<Column> columns = identity(targets);
    columns.push_back(finding<double>("Z_NEW", targets, [](const Facts& f) { return f.zNew; }));
    columns.push_back(
        column<float>("ZERR_NEW", targets, [](const ObservedTarget& o) { return o.target.zerr; }));
    columns.push_back(
        finding<double>("DELTACHI2_NEW", targets, [](const Facts& f) { return f.deltachi2New; }));
    columns.push_back({"SPECTYPE", std::vector<std::string>(targets.size(), "QSO"), "", 10});
    columns.push_back(column<float>("Z_RR", targets, [](const ObservedTarget& o) { return o.target.z; }));
    columns.push_back(finding<float>("Z_QN", targets, [](const Facts& f) { return f.zQn; }));
    columns.push_back(
        finding<bool>("IS_QSO_QN_NEW_RR", targets, [](const Facts& f) { return *f.isQsoQnNewRr; }));
    for (const char* prefix : {"C_", "Z_"}) {
        for (std::size_t i = 0; i < kLines.size(); ++i) {
            const bool confidence = *prefix == 'C';
            columns.push_back(
                finding<float>((std::string(prefix) + kLines[i].name).c_str(), targets, [=](const Facts& f) {
                    return confidence ? static_cast<double>(f.confidence[i]) : f.zQn;
                }));
        }
    }
    fits::writeFitsFile(path, [&](fits::FitsWriter& out) { out.addTable("QN_RR", columns); });
}

void writeMgII(const std::filesystem::path& path, const Targets& targets)
{
    using Facts = core::QuasarFacts;
    const auto constant = [&](const char* name, float value) {
        return Column{name, std::vector<float>(targets.size(), value)};
    };
    std::vector<Column> columns = identity(targets);
    columns.push_back(column<double>("Z_RR", targets, [](const ObservedTarget& o) { return o.target.z; }));
    columns.push_back(column<float>("ZERR", targets, [](const ObservedTarget& o) { return o.target.zerr; }));
    columns.push_back(finding<bool>("IS_QSO_MGII", targets, [](const Facts& f) { return *f.isQsoMgii; }));
    columns.push_back({"SPECTYPE", std::vector<std::string>(targets.size(), "QSO"), "", 10});
    columns.push_back(finding<float>("DELTA_CHI2", targets, [](const Facts& f) { return f.deltaChi2Mgii; }));
    columns.push_back(finding<float>(
        "A", targets, [](const Facts& f) { return 0.1F * std::sqrt(std::max(0.0F, f.deltaChi2Mgii)); }));
    columns.push_back(constant("SIGMA", 35.0F));
    columns.push_back(constant("B", 0.0F));
    columns.push_back(constant("VAR_A", 0.01F));
    columns.push_back(constant("VAR_SIGMA", 9.0F));
    columns.push_back(constant("VAR_B", 0.01F));
    fits::writeFitsFile(path, [&](fits::FitsWriter& out) { out.addTable("MGII", columns); });
}

} // namespace voorwerp::mock
