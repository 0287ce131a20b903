// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// Labels that a person set while the database was away: kept in a file of the workspace until they are
// written, so that neither closing the window nor the death of the program loses one. GUI thread; the file is
// small.

#include "catalog/label_store.h"
#include "core/workspace.h"

#include <filesystem>
#include <vector>

namespace voorwerp::app {

class WaitingLabels
{
public:
    explicit WaitingLabels(const core::Workspace& workspace);

    /// In the order in which they were set; an empty class means that the label was taken away. Empty where
    /// there is no file. Throws FormatError.
    std::vector<catalog::Label> read() const;
    /// Replaces the file, complete or not at all; none: no file. Throws SystemError.
    void write(const std::vector<catalog::Label>& labels) const;
    bool exist() const { return std::filesystem::exists(m_file); }

private:
    std::filesystem::path m_file; ///< workspace/waiting-labels.json
};

} // namespace voorwerp::app
