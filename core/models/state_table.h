#pragma once

#include "core/models/model.h"

#include <optional>
#include <span>

namespace millm {

/// What can happen to a model.
enum class ModelEvent {
    DownloadStarted,   ///< its turn in the queue has come
    DownloadFinished,  ///< the folder is published
    DownloadFailed,
    DownloadRetried,
    DownloadCancelled,
    FilesLost,  ///< found at start: the folder is gone
    LoadRequested,
    LoadFinished,
    LoadFailed,
    LoadCancelled,
    UnloadRequested,
    UnloadFinished,
    Restarted,  ///< the program starts: what an earlier run left is mended
    Removed,
};

/// One allowed step. No row: it cannot happen in that state.
struct Transition {
    ModelState from;
    ModelEvent event;
    std::optional<ModelState> to;  ///< nothing: the record is gone
};

/// The whole table.
std::span<const Transition> transitions();
/// The row of state and event; null where there is none.
const Transition *transition(ModelState from, ModelEvent event);
inline bool allows(ModelState from, ModelEvent event) {
    return transition(from, event) != nullptr;
}

}  // namespace millm
