// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/axis_map.h"

#include <QLocale>

#include <algorithm>
#include <cmath>
#include <tuple>
#include <utility>

namespace voorwerp::widgets {

double AxisMap::toPixel(double value) const
{
    return pixelLow + (value - data.low) / data.span() * (pixelHigh - pixelLow);
}

double AxisMap::toData(double pixel) const
{
    return data.low + (pixel - pixelLow) / (pixelHigh - pixelLow) * data.span();
}

double AxisMap::dataPerPixel() const
{
    return data.span() / (pixelHigh - pixelLow);
}

Range AxisMap::zoomed(double pixel, double factor) const
{
    const double anchor = toData(pixel);
    return {anchor - (anchor - data.low) / factor, anchor + (data.high - anchor) / factor};
}

Range AxisMap::panned(double pixels) const
{
    const double shift = -pixels * dataPerPixel();
    return {data.low + shift, data.high + shift};
}

Range clampedTo(Range range, Range limits, double minimumSpan)
{
    const double centre = 0.5 * (range.low + range.high);
    const double span = std::clamp(range.span(), std::min(minimumSpan, limits.span()), limits.span());
    const double low = std::clamp(centre - 0.5 * span, limits.low, limits.high - span);
    return {low, low + span};
}

namespace {

/// The ticks step apart that lie in the range: first and last multiple.
std::pair<double, double> multiples(Range range, double step)
{
    constexpr double kTolerance = 1e-9;
    return {std::ceil(range.low / step - kTolerance), std::floor(range.high / step + kTolerance)};
}

/// The next smaller of 1, 2, 5 times a power of ten.
double finer(double step)
{
    const double power = std::pow(10.0, std::floor(std::log10(step) + 1e-9));
    return step > 4.0 * power ? 2.0 * power : step > 1.5 * power ? power : 0.5 * power;
}

} // namespace

std::vector<Tick> makeTicks(Range range, int wanted, int least)
{
    std::vector<Tick> ticks;
    if (!(range.span() > 0.0) || wanted < 1 || !std::isfinite(range.span()))
        return ticks;
    const double rough = range.span() / wanted;
    const double power = std::pow(10.0, std::floor(std::log10(rough)));
    const double ratio = rough / power;
    double step = power * (ratio <= 1.0 ? 1.0 : ratio <= 2.0 ? 2.0 : ratio <= 5.0 ? 5.0 : 10.0);
    auto [first, last] = multiples(range, step);
    while (last - first + 1.0 < least) {
        step = finer(step);
        std::tie(first, last) = multiples(range, step);
    }
    const int decimals = std::max(0, -static_cast<int>(std::floor(std::log10(step) + 1e-9)));
    const QLocale locale;
    for (double i = first; i <= last; i += 1.0) {
        const double value = i == 0.0 ? 0.0 : i * step;
        QString label = locale.toString(std::abs(value), 'f', decimals);
        if (value < 0.0)
            label.prepend(QChar(0x2212));
        ticks.push_back({value, label});
    }
    return ticks;
}

std::vector<Tick> makeDecadeTicks(Range log10Range)
{
    std::vector<Tick> ticks;
    const int first = static_cast<int>(std::ceil(std::max(0.0, log10Range.low) - 1e-9));
    const int last = static_cast<int>(std::floor(log10Range.high + 1e-9));
    const int stride = std::max(1, (last - first) / 4);
    for (int decade = first; decade <= last; decade += stride)
        ticks.push_back({static_cast<double>(decade), shortNumber(std::pow(10.0, decade))});
    return ticks;
}

QString shortNumber(double value)
{
    const QLocale locale;
    const double magnitude = std::abs(value);
    const auto scaled = [&](double unit, const char* suffix) {
        const double figure = value / unit;
        const bool whole = std::abs(figure - std::round(figure)) < 0.005 * std::abs(figure);
        const int decimals = whole || std::abs(figure) >= 100.0 ? 0 : std::abs(figure) >= 10.0 ? 1 : 2;
        return locale.toString(figure, 'f', decimals) + QLatin1String(suffix);
    };
    if (magnitude >= 1e6)
        return scaled(1e6, "M");
    if (magnitude >= 1e4 || magnitude == 1e3)
        return scaled(1e3, "k");
    return locale.toString(value, 'f', 0);
}

} // namespace voorwerp::widgets
