// SPDX-License-Identifier: GPL-3.0-or-later
#include "dataset/extinction.h"

#include <cmath>

namespace voorwerp::dataset {

double galacticExtinction(double wavelengthAngstrom)
{
    constexpr double kRv = 3.1;
    const double x = 1e4 / wavelengthAngstrom; // 1/µm
    if (x < 1.1) {
        const double power = std::pow(x, 1.61);
        return kRv * 0.574 * power - 0.527 * power;
    }
    const double y = x - 1.82;
    const double a =
        1 + y * (0.104 +
                 y * (-0.609 +
                      y * (0.701 + y * (1.137 + y * (-1.718 + y * (-0.827 + y * (1.647 + y * -0.505)))))));
    const double b =
        y *
        (1.952 +
         y * (2.908 + y * (-3.989 + y * (-7.985 + y * (11.102 + y * (5.491 + y * (-10.805 + y * 3.347)))))));
    return kRv * a + b;
}

} // namespace voorwerp::dataset
