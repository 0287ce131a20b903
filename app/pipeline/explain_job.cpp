// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/pipeline/explain_job.h"

#include "app/pipeline/nn_errors.h"
#include "app/pipeline/session.h"
#include "catalog/spectrum_store.h"
#include "catalog/target_query.h"
#include "score/scorer.h"

#include <algorithm>
#include <array>
#include <limits>

namespace voorwerp::pipeline {

core::SpectrumId spectrumOfTarget(const Session& session, core::TargetId target, core::ModelVersionId model)
{
    const auto rows = catalog::findTarget(session.database(), target, model);
    if (rows.empty())
        throw core::UserError("there is no spectrum of TARGETID " + std::to_string(target.value),
                              "Check the number, or ingest the file that has it.");
    const auto rank = [](const catalog::TargetRow& row) {
        return row.score ? row.score->rank : std::numeric_limits<std::int64_t>::max();
    };
    return std::min_element(rows.begin(), rows.end(),
                            [&](const auto& a, const auto& b) { return rank(a) < rank(b); })
        ->id;
}

ExplainedSpectrum explainSpectrum(const Session& session, LoadedModel& model, core::SpectrumId id)
{
    const std::array<core::SpectrumId, 1> wanted{id};
    auto stored = catalog::readSpectra(session.database(), wanted);
    if (stored.empty())
        throw core::UserError("there is no spectrum with id " + std::to_string(id.value),
                              "It was removed or replaced: reload the list.");
    ExplainedSpectrum result{id, std::move(stored.front().info), std::move(stored.front().spectrum), {}};
    const double z =
        result.info.redshift ? result.info.redshift->z : std::numeric_limits<double>::quiet_NaN();
    result.explanation = withNetworkErrors([&] {
        return score::Scorer(*model.backend, model.recipe, model.density)
            .explain({&result.spectrum, z, result.info.ebv});
    });
    return result;
}

} // namespace voorwerp::pipeline
