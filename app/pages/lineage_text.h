// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// Where a model version came from, in words: files → selection → recipe → training set → run → version.

#include "catalog/model_store.h"

#include <QList>
#include <QString>

namespace voorwerp::app {

struct LineageStep
{
    QString id;     ///< "selection": the link's target
    QString title;  ///< "selection quasars"
    QString detail; ///< what is known about it, a line each
};

/// In the order of the flow; steps that the version's lineage does not tell are left out.
QList<LineageStep> lineageSteps(const catalog::ModelVersion& version);
/// The steps as one line of links.
QString lineageHtml(const QList<LineageStep>& steps);

} // namespace voorwerp::app
