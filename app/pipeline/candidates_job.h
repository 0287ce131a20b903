// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// The ranked list: rows for a table, and the exported file.

#include "core/ids.h"
#include "core/job_context.h"
#include "export/candidate_table.h"

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace voorwerp::pipeline {

class Session;

struct CandidatesRequest
{
    std::string model;            ///< as in ScoreRequest; empty: champion
    std::string selection;        ///< limits the list; empty: all that the model scored
    std::string sortBy = "score"; ///< a score column of the catalogue
    std::int64_t top = 100;       ///< 0: all
    /// Not empty: exactly these of the scored spectra, in this order; selection, sortBy and top do not
    /// matter.
    std::vector<core::SpectrumId> ids;
    std::string words; ///< how the ids were chosen, for the provenance
};

struct CandidateExportReport
{
    std::filesystem::path file;
    std::int64_t rows = 0;
    std::string sha256;
};

/// Throws UserError (unknown model, selection or column; nothing scored yet), DatabaseError.
std::vector<exporting::CandidateRow> listCandidates(const Session& session, const CandidatesRequest& request,
                                                    core::JobContext& context);

/// format: "csv" or "fits". The file appears complete or not at all.
CandidateExportReport exportCandidates(const Session& session, const CandidatesRequest& request,
                                       const std::string& format, const std::filesystem::path& file,
                                       core::JobContext& context);

} // namespace voorwerp::pipeline
