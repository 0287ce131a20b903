// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/machine_values.h"

#include "widgets/table_setup.h"

#include <QCoreApplication>
#include <QLocale>

#include <algorithm>
#include <cmath>
#include <limits>

namespace voorwerp::app {

namespace {

using monitor::GpuSample;
using monitor::HostSample;
using monitor::Sample;
using widgets::Trend;

constexpr double kGibibyte = 1024.0 * 1024.0 * 1024.0;
constexpr double kHottest = 100.0; ///< °C: end of the axis where the card names no limit
constexpr double kClockStep = 500.0;

struct Tr // the context of the translations
{
    Q_DECLARE_TR_FUNCTIONS(MachineValues)
};

QString q(const std::string& text)
{
    return QString::fromStdString(text);
}

template <typename Number> double known(const std::optional<Number>& value)
{
    return value ? static_cast<double>(*value) : std::numeric_limits<double>::quiet_NaN();
}

double gibibytes(const std::optional<std::int64_t>& bytes)
{
    return known(bytes) / kGibibyte;
}

QString number(double value, int decimals = 0)
{
    return QLocale().toString(value, 'f', decimals);
}

/// The text with the number in place of %1; "–" where it is not known.
QString text(const QString& pattern, double value, int decimals = 0)
{
    return std::isfinite(value) ? pattern.arg(number(value, decimals)) : QStringLiteral("–");
}

/// The words with the number in place of %1; nothing where it is not known.
QString added(const QString& pattern, double value, int decimals = 0)
{
    return std::isfinite(value) ? pattern.arg(number(value, decimals)) : QString();
}

const GpuSample& gpuOf(const Sample& sample, unsigned index)
{
    static const GpuSample none; // a reading in which the driver did not answer
    for (const GpuSample& gpu : sample.gpu.gpus)
        if (gpu.index == index)
            return gpu;
    return none;
}

/// GPU memory of this program; NaN: not known.
double ownGibibytes(const GpuSample& gpu)
{
    double sum = std::numeric_limits<double>::quiet_NaN();
    for (const monitor::GpuProcess& process : gpu.processes.value_or(std::vector<monitor::GpuProcess>()))
        if (process.own && process.usedBytes)
            sum = (std::isfinite(sum) ? sum : 0.0) + gibibytes(process.usedBytes);
    return sum;
}

double usedGibibytes(const HostSample& host)
{
    return gibibytes(host.memoryTotalBytes) - gibibytes(host.memoryAvailableBytes);
}

double highest(const std::vector<double>& values)
{
    double high = 0.0;
    for (const double value : values)
        if (value > high)
            high = value;
    return high;
}

/// Up to the limit where it is known, else up to the next step above the values.
Trend trendUpTo(double limit, double step, const QString& name, std::vector<double> values,
                std::vector<double> dashed = {})
{
    const double high =
        std::isfinite(limit) ? limit : std::ceil(std::max(highest(values), 1.0) / step) * step;
    return {name, {0.0, high}, std::move(values), std::move(dashed)};
}

/// One value a sample.
template <typename Read> std::vector<double> series(const monitor::SampleLog& log, Read read)
{
    std::vector<double> values;
    values.reserve(log.samples().size());
    for (const Sample& sample : log.samples())
        values.push_back(read(sample));
    return values;
}

std::vector<Trend> gpuTrends(const monitor::SampleLog& log, unsigned index)
{
    const auto read = [&](auto value) {
        return series(log, [&](const Sample& sample) { return value(gpuOf(sample, index)); });
    };
    const auto limit = [&](auto value) { // of the last sample that knows it
        for (auto sample = log.samples().rbegin(); sample != log.samples().rend(); ++sample)
            if (const double one = value(gpuOf(*sample, index)); std::isfinite(one))
                return one;
        return std::numeric_limits<double>::quiet_NaN();
    };
    using Gpu = const GpuSample&;
    const double slowdown = limit([](Gpu gpu) { return known(gpu.slowdownCelsius); });
    return {
        trendUpTo(100.0, 1.0, Tr::tr("GPU use"), read([](Gpu gpu) { return known(gpu.smPercent); })),
        trendUpTo(limit([](Gpu gpu) { return gibibytes(gpu.memoryTotalBytes); }), 1.0,
                  Tr::tr("Memory, dashed: ours"),
                  read([](Gpu gpu) { return gibibytes(gpu.memoryUsedBytes); }), read(ownGibibytes)),
        trendUpTo(std::isfinite(slowdown) ? slowdown : kHottest, 1.0, Tr::tr("Temperature"),
                  read([](Gpu gpu) { return known(gpu.temperatureCelsius); })),
        trendUpTo(limit([](Gpu gpu) { return known(gpu.powerLimitWatts); }), 50.0, Tr::tr("Power"),
                  read([](Gpu gpu) { return known(gpu.powerWatts); })),
        trendUpTo(std::numeric_limits<double>::quiet_NaN(), kClockStep, Tr::tr("SM / memory clock"),
                  read([](Gpu gpu) { return known(gpu.smClockMHz); })),
    };
}

std::vector<Trend> hostTrends(const monitor::SampleLog& log)
{
    const auto read = [&](auto value) {
        return series(log, [&](const Sample& sample) { return value(sample.host); });
    };
    using Host = const HostSample&;
    return {trendUpTo(100.0, 1.0, Tr::tr("CPU use, all cores"),
                      read([](Host host) { return known(host.cpuPercent); })),
            trendUpTo(gibibytes(log.samples().back().host.memoryTotalBytes), 1.0,
                      Tr::tr("Memory, dashed: ours"), read(usedGibibytes),
                      read([](Host host) { return gibibytes(host.ownMemoryBytes); }))};
}

QString memoryCaption(double used, double total)
{
    return text(QStringLiteral("%1"), used, 1) + added(Tr::tr(" of %1 GiB"), total, 1);
}

QString memoryCaption(const HostSample& host)
{
    return memoryCaption(usedGibibytes(host), gibibytes(host.memoryTotalBytes)) +
           added(Tr::tr(", ours %1"), gibibytes(host.ownMemoryBytes), 1);
}

QString stepText(const Sample& sample)
{
    if (!sample.step || sample.step->total == 0)
        return Tr::tr("before the first step");
    const auto figure = [](std::size_t value) { return QLocale().toString(static_cast<qulonglong>(value)); };
    return Tr::tr("step %1 of %2, %3")
        .arg(figure(sample.step->done), figure(sample.step->total), q(sample.step->detail));
}

/// "on the GPU: this program 6.0 GiB, python 1.0 GiB"; empty where the driver does not list them.
QString processesText(const GpuSample& gpu)
{
    QStringList parts;
    for (const monitor::GpuProcess& process : gpu.processes.value_or(std::vector<monitor::GpuProcess>())) {
        const QString name = process.own            ? Tr::tr("this program")
                             : process.name.empty() ? Tr::tr("process %1").arg(process.pid)
                                                    : q(process.name);
        parts << (process.usedBytes ? Tr::tr("%1 %2").arg(name, widgets::sizeText(*process.usedBytes))
                                    : name);
    }
    return parts.isEmpty() ? QString() : Tr::tr("on the GPU: %1").arg(parts.join(QStringLiteral(", ")));
}

} // namespace

std::optional<unsigned> shownGpu(const monitor::Sample& sample)
{
    const std::string device = sample.step ? sample.step->device : std::string();
    if (device == "cpu" || sample.gpu.gpus.empty())
        return std::nullopt;
    for (const GpuSample& gpu : sample.gpu.gpus)
        if (gpu.isUsedByUs())
            return gpu.index;
    for (const GpuSample& gpu : sample.gpu.gpus)
        if (device == "cuda:" + std::to_string(gpu.index))
            return gpu.index;
    return sample.gpu.gpus.front().index;
}

widgets::TrendSet machineTrends(const monitor::SampleLog& log, std::optional<unsigned> gpu)
{
    if (log.samples().empty())
        return {};
    const monitor::Time now = log.samples().back().host.time;
    return {series(log,
                   [now](const Sample& sample) {
                       return std::chrono::duration<double>(sample.host.time - now).count();
                   }),
            gpu ? gpuTrends(log, *gpu) : hostTrends(log)};
}

QStringList machineCaptions(const monitor::Sample& sample, std::optional<unsigned> gpu)
{
    const HostSample& host = sample.host;
    if (!gpu)
        return {text(Tr::tr("%1 %"), known(host.cpuPercent)), memoryCaption(host)};
    const GpuSample& card = gpuOf(sample, *gpu);
    const double watts = known(card.powerWatts);
    return {text(Tr::tr("%1 %"), known(card.smPercent)),
            memoryCaption(gibibytes(card.memoryUsedBytes), gibibytes(card.memoryTotalBytes)),
            text(Tr::tr("%1 °C"), known(card.temperatureCelsius)) +
                added(Tr::tr(", slows at %1"), known(card.slowdownCelsius)),
            card.powerLimitWatts
                ? text(Tr::tr("%1 of %2 W").arg(QStringLiteral("%1"), number(*card.powerLimitWatts)), watts)
                : text(Tr::tr("%1 W"), watts),
            text(QStringLiteral("%1"), known(card.smClockMHz)) +
                added(Tr::tr(" / %1 MHz"), known(card.memoryClockMHz))};
}

QString machineHeading(const monitor::Sample& sample, std::optional<unsigned> gpu)
{
    QString what = Tr::tr("The processor computes");
    if (gpu) {
        const GpuSample& card = gpuOf(sample, *gpu);
        const std::string& problem = card.problem.empty() ? sample.gpu.problem : card.problem;
        what = Tr::tr("GPU %1, %2").arg(*gpu).arg(q(problem.empty() ? card.name : problem));
    } else if (sample.gpu.gpus.empty()) {
        what = Tr::tr("No NVIDIA GPU, the processor computes");
    }
    return Tr::tr("%1: %2").arg(what, stepText(sample));
}

QString machineDetails(const monitor::Sample& sample, std::optional<unsigned> gpu)
{
    QStringList parts;
    if (gpu) {
        const GpuSample& card = gpuOf(sample, *gpu);
        parts << processesText(card);
        QStringList reasons;
        for (const std::string& reason : card.throttleReasons)
            reasons << q(reason);
        if (!reasons.isEmpty())
            parts << Tr::tr("held back by %1").arg(reasons.join(QStringLiteral(", ")));
        parts << added(Tr::tr("CPU %1 %"), known(sample.host.cpuPercent));
        parts << Tr::tr("memory %1").arg(memoryCaption(sample.host));
        parts << added(Tr::tr("fan %1 %"), known(card.fanPercent));
    } else {
        parts << q(sample.gpu.problem);
        parts << added(Tr::tr("load %1"), known(sample.host.load1), 1);
    }
    parts.removeAll(QString());
    return parts.join(QStringLiteral(" · "));
}

QString machineUse(const monitor::Sample& sample)
{
    const auto gpu = shownGpu(sample);
    return gpu ? added(Tr::tr("GPU %1 %"), known(gpuOf(sample, *gpu).smPercent))
               : added(Tr::tr("CPU %1 %"), known(sample.host.cpuPercent));
}

} // namespace voorwerp::app
