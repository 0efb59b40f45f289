#pragma once

#include "core/base/error.h"
#include "core/hub/repository.h"
#include "core/models/model.h"

#include <QString>

#include <optional>

namespace millm {

class HubCache;
struct DeviceMemory;

/// What the window, the server and `millm inspect` tell of a model that is not there yet: one judgement for all of them,
/// without an engine. Blocking; a worker's thread.
namespace preview {

/// Of a repository as the inspector found it. `cache`: where the Hub's own clients keep files.
ModelPreview ofRepository(const RepositoryPlan &plan, const DeviceMemory &memory, const HubCache &cache);

/// What a folder on this machine is, as if it were a repository (`repoId` is its path). InvalidLocalPath without config.json;
/// Internal where it cannot be read now.
Result<RepositoryPlan> planOfFolder(const QString &folder);

/// Of a folder on this machine. InvalidLocalPath without config.json; Internal where it cannot be read now.
Result<ModelPreview> ofFolder(const QString &folder, const DeviceMemory &memory);

}  // namespace preview

/// Why this plan cannot be downloaded, if so: UnsupportedModel or RemoteCodeRequired, with the field where it is one.
std::optional<Error> refusal(const RepositoryPlan &plan, bool trustRemoteCode);

}  // namespace millm
