// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// Spectra with everything that preprocessing has to cope with, good and bad ones mixed.

#include "dataset/batch_preprocessor.h"

#include <string>
#include <vector>

namespace voorwerp::dataset::test {

/// The built-in recipe "quasar" without name and description, made without JSON: a GPU machine may have none.
Recipe quasarRecipe();

/// Owns the spectra that its items point to.
class ObservedSample
{
public:
    static constexpr std::size_t kKinds = 12; ///< that come in turn

    /// The same for the same count.
    explicit ObservedSample(std::size_t count);
    ObservedSample(const ObservedSample&) = delete;
    ObservedSample& operator=(const ObservedSample&) = delete;

    const std::vector<ObservedSpectrum>& items() const { return m_items; }

private:
    std::vector<core::Spectrum> m_spectra;
    std::vector<ObservedSpectrum> m_items;
};

/// Where rows differ first, in whatever and by a bit; empty: nowhere.
std::string firstDifference(const std::vector<RestFrameSpectrum>& got,
                            const std::vector<RestFrameSpectrum>& wanted);

} // namespace voorwerp::dataset::test
