// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/pages/preview_items.h"

#include <QCoreApplication>
#include <QLocale>

namespace voorwerp::app {

double reducedChi2(const widgets::Reconstruction& item)
{
    double chi2 = 0.0;
    std::size_t count = 0;
    for (std::size_t i = 0; i < item.flux.size(); ++i) {
        if (item.weight[i] <= 0.0F)
            continue;
        const double difference = item.flux[i] - item.model[i];
        chi2 += item.weight[i] * difference * difference;
        ++count;
    }
    return count > 0 ? chi2 / static_cast<double>(count) : 0.0;
}

std::vector<widgets::Reconstruction> previewItems(const train::Preview& preview,
                                                  const std::optional<core::LogGrid>& grid)
{
    const std::size_t n = preview.pixels;
    std::vector<float> wavelength(n);
    for (std::size_t i = 0; i < n; ++i)
        wavelength[i] =
            static_cast<float>(grid && grid->pixels == n ? grid->wavelength(i) : static_cast<double>(i));
    const auto part = [n](const std::vector<float>& values, std::size_t row) {
        const auto begin = values.begin() + static_cast<std::ptrdiff_t>(row * n);
        return std::vector<float>(begin, begin + static_cast<std::ptrdiff_t>(n));
    };
    std::vector<widgets::Reconstruction> items;
    for (std::size_t row = 0; row < preview.rows.size(); ++row) {
        widgets::Reconstruction item;
        item.wavelength = wavelength;
        item.flux = part(preview.flux, row);
        item.weight = part(preview.weight, row);
        item.model = part(preview.model, row);
        item.title = QCoreApplication::translate("Preview", "χ²/pixel %1")
                         .arg(QLocale().toString(reducedChi2(item), 'f', 2));
        items.push_back(std::move(item));
    }
    return items;
}

} // namespace voorwerp::app
