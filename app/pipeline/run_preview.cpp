// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/pipeline/run_preview.h"

#include "app/pipeline/locate.h"
#include "app/pipeline/model_loader.h"
#include "app/pipeline/session.h"
#include "catalog/dataset_store.h"
#include "dataset/training_set.h"
#include "train/dataset_source.h"

namespace voorwerp::pipeline {

RunPreview previewRun(const Session& session, const std::string& reference, std::stop_token stop)
{
    const auto throwIfStopped = [&stop] {
        if (stop.stop_requested())
            throw core::Cancelled();
    };
    const LoadedModel model = loadModel(session, reference, "cpu", 1);
    const catalog::DatasetRecord record = catalog::findDataset(session.database(), model.version.dataset);
    if (record.sha256 != model.version.datasetSha256)
        throw core::UserError("the training set " + record.name + " is not the one this run was trained on",
                              "It was built again since; train again to see reconstructions.");
    throwIfStopped();
    const dataset::TrainingSet set = dataset::TrainingSet::open(
        located(session.workspace().datasets() / (record.name + ".h5"), record.file));
    throwIfStopped();
    return {train::previewOf(train::DatasetSource(set), *model.backend, train::TrainOptions().previewRows),
            set.recipe().grid};
}

} // namespace voorwerp::pipeline
