// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// The spectrum of a row of a production that is only browsed: specprod-db has none.

#include "app/pipeline/session.h"

#include "catalog/spectrum_store.h"

namespace voorwerp::pipeline {

/// From the session's folder of FITS files, else from a catalogue of ours (beside the production, or the
/// workspace's) that holds the same target, survey, program and healpix; redshift and photometry are the
/// server's. The file of the last row stays open for the next one. Throws UserError that says where it was
/// looked for, FormatError, DatabaseError. Any thread.
catalog::StoredSpectrum readBrowsedSpectrum(const Session& session, core::SpectrumId id);

} // namespace voorwerp::pipeline
