// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// Why a spectrum ranks where it does: the model's reconstruction and the residual, pixel by pixel.

#include "app/pipeline/model_loader.h"
#include "core/ids.h"
#include "core/spectrum.h"
#include "score/explain.h"

#include <string>

namespace voorwerp::pipeline {

/// A spectrum beside what the model makes of it, ready to be drawn.
struct ExplainedSpectrum
{
    core::SpectrumId id;
    core::TargetInfo info;
    core::Spectrum spectrum;
    score::Explanation explanation;
};

/// The coadd of a target that this model ranked first, or its first one. Throws UserError when there is none.
core::SpectrumId spectrumOfTarget(const Session& session, core::TargetId target, core::ModelVersionId model);

/// model must stay alive and unused elsewhere during the call.
ExplainedSpectrum explainSpectrum(const Session& session, LoadedModel& model, core::SpectrumId id);

} // namespace voorwerp::pipeline
