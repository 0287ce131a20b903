// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/pipeline/model_storage.h"

#include "app/pipeline/provenance.h"
#include "app/pipeline/session.h"
#include "core/error.h"
#include "registry/model_folder.h"

#include <algorithm>

namespace voorwerp::pipeline {

namespace {

constexpr std::size_t kGoldenCount = 4;
constexpr const char* kChampion = "champion";

/// The row may be there: then its file must be, too.
bool perhapsCommitted(const core::Error& error)
{
    const auto* database = dynamic_cast<const core::DatabaseError*>(&error);
    return database != nullptr && database->kind() == core::DatabaseError::Kind::InDoubt;
}

/// The first version of a name becomes that name's champion, the first of all the workspace's, where this
/// login may promote; elsewhere a lead does it.
void crownFirst(const catalog::Database& database, const catalog::ModelVersion& version)
{
    if (!catalog::permissionsOf(database).may(catalog::Right::Promote))
        return;
    const auto changes = catalog::aliasHistory(database);
    for (const std::string& scope : {version.name, std::string()}) {
        const bool taken =
            std::any_of(changes.begin(), changes.end(), [&](const catalog::AliasChange& change) {
                return change.name.model == scope && change.name.alias == kChampion;
            });
        if (!taken)
            catalog::setAlias(database, {scope, kChampion}, version.id, currentUser(), "first version");
    }
}

} // namespace

registry::GoldenTest makeGolden(nn::Backend& backend)
{
    registry::GoldenTest golden;
    golden.count = kGoldenCount;
    golden.latents = registry::goldenLatents(kGoldenCount, backend.config().latent);
    golden.flux.resize(kGoldenCount * backend.config().pixels);
    backend.decode(golden.latents.data(), golden.count, golden.flux.data());
    return golden;
}

catalog::ModelVersion storeModel(const Session& session, catalog::ModelVersion version,
                                 const registry::ModelFile& file)
{
    const catalog::Database& database = session.database();
    const registry::ModelFolder folder(session.workspace().models());
    const registry::StoredModel stored =
        folder.store(version.name, file, catalog::nextModelVersion(database, version.name));
    version.version = stored.version;
    version.file = stored.file;
    version.sha256 = stored.sha256;
    version.metrics = file.metrics.dump();
    version.lineage = file.lineage.dump();
    try {
        version = catalog::registerModel(database, version);
    } catch (const core::Error& error) {
        if (!perhapsCommitted(error))
            folder.remove(stored.name, stored.version);
        throw;
    }
    crownFirst(database, version);
    return version;
}

} // namespace voorwerp::pipeline
