// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/colour_map.h"

#include <algorithm>
#include <cmath>

namespace voorwerp::widgets {

namespace {

using Table = std::array<QRgb, 256>;

constexpr std::array<QRgb, 11> kViridisStops = {0xff440154, 0xff482475, 0xff414487, 0xff355f8d,
                                                0xff2a788e, 0xff21918c, 0xff22a884, 0xff44bf70,
                                                0xff7ad151, 0xffbddf26, 0xfffde725};

int channel(double value)
{
    return std::clamp(static_cast<int>(std::lround(value)), 0, 255);
}

Table makeViridis()
{
    Table table{};
    for (std::size_t i = 0; i < table.size(); ++i) {
        const double position = static_cast<double>(i) / 255.0 * (kViridisStops.size() - 1);
        const auto lower =
            std::min<std::size_t>(static_cast<std::size_t>(position), kViridisStops.size() - 2);
        const double share = position - static_cast<double>(lower);
        const QRgb a = kViridisStops[lower];
        const QRgb b = kViridisStops[lower + 1];
        table[i] = qRgb(channel(qRed(a) + share * (qRed(b) - qRed(a))),
                        channel(qGreen(a) + share * (qGreen(b) - qGreen(a))),
                        channel(qBlue(a) + share * (qBlue(b) - qBlue(a))));
    }
    return table;
}

double polynomial(const std::array<double, 6>& coefficients, double t)
{
    double value = 0.0;
    for (auto c = coefficients.rbegin(); c != coefficients.rend(); ++c)
        value = value * t + *c;
    return value;
}

Table makeCividis()
{
    constexpr std::array<double, 6> kRed = {-4.54, -35.34, 2381.73, -6402.7, 7024.72, -2710.57};
    constexpr std::array<double, 6> kGreen = {32.49, 170.73, 52.82, -131.46, 176.58, -67.37};
    constexpr std::array<double, 6> kBlue = {81.24, 442.36, -2482.43, 6167.24, -6614.94, 2475.67};
    Table table{};
    for (std::size_t i = 0; i < table.size(); ++i) {
        const double t = static_cast<double>(i) / 255.0;
        table[i] =
            qRgb(channel(polynomial(kRed, t)), channel(polynomial(kGreen, t)), channel(polynomial(kBlue, t)));
    }
    return table;
}

} // namespace

const std::array<QRgb, 256>& colourTable(ColourScale scale)
{
    static const Table viridis = makeViridis();
    static const Table cividis = makeCividis();
    return scale == ColourScale::Viridis ? viridis : cividis;
}

QRgb colourAt(ColourScale scale, double t)
{
    if (std::isnan(t))
        return qRgb(128, 128, 128);
    return colourTable(scale)[static_cast<std::size_t>(std::lround(std::clamp(t, 0.0, 1.0) * 255.0))];
}

QColor labelColour(int index)
{
    static const std::array<QColor, 8> palette = {QColor(0xe6, 0x9f, 0x00), QColor(0x56, 0xb4, 0xe9),
                                                  QColor(0x00, 0x9e, 0x73), QColor(0xf0, 0xe4, 0x42),
                                                  QColor(0x00, 0x72, 0xb2), QColor(0xd5, 0x5e, 0x00),
                                                  QColor(0xcc, 0x79, 0xa7), QColor(0x80, 0x80, 0x80)};
    const int count = static_cast<int>(palette.size());
    return palette[static_cast<std::size_t>(((index % count) + count) % count)];
}

} // namespace voorwerp::widgets
