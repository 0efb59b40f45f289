#pragma once

#include "core/engine/engine.h"

#include <filesystem>
#include <memory>

namespace millm::engine {

/// Loads a plugin and makes its engine. The plugin stays loaded for good: libtorch does not survive an end. Io where the file
/// does not load, Unsupported where it is no plugin of this version.
Result<std::unique_ptr<Engine>> open_engine(const std::filesystem::path &plugin);

}  // namespace millm::engine
