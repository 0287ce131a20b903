// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// What a stored model version makes of a few validation spectra: the reconstructions of an earlier run.

#include "core/wavelength_grid.h"
#include "train/trainer.h"

#include <stop_token>
#include <string>

namespace voorwerp::pipeline {

class Session;

struct RunPreview
{
    train::Preview preview;
    core::LogGrid grid; ///< rest-frame wavelengths of the pixels
};

/// The rows are those of the live preview of its training. Computes on one CPU thread. The training set is
/// the recorded one; its file is not hashed again. Throws UserError (the training set or the version is
/// gone), FormatError (a file was changed), Cancelled.
RunPreview previewRun(const Session& session, const std::string& reference, std::stop_token stop = {});

} // namespace voorwerp::pipeline
