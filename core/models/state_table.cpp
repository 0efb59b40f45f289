#include "core/models/state_table.h"

#include <algorithm>
#include <array>

namespace millm {

namespace {

using S = ModelState;
using E = ModelEvent;

// States x events. A new way for a model to go: append a row.
constexpr std::array table{
    Transition{S::Queued, E::DownloadStarted, S::Downloading},
    Transition{S::Queued, E::DownloadFailed, S::DownloadFailed},
    Transition{S::Queued, E::DownloadCancelled, {}},
    Transition{S::Queued, E::Restarted, S::DownloadFailed},

    Transition{S::Downloading, E::DownloadFinished, S::Ready},
    Transition{S::Downloading, E::DownloadFailed, S::DownloadFailed},
    Transition{S::Downloading, E::DownloadCancelled, {}},
    Transition{S::Downloading, E::Restarted, S::DownloadFailed},

    Transition{S::Ready, E::LoadRequested, S::Loading},
    Transition{S::Ready, E::FilesLost, S::DownloadFailed},
    Transition{S::Ready, E::Restarted, S::Ready},
    Transition{S::Ready, E::Removed, {}},

    Transition{S::Loading, E::LoadFinished, S::Loaded},
    Transition{S::Loading, E::LoadFailed, S::LoadFailed},
    Transition{S::Loading, E::LoadCancelled, S::Ready},
    Transition{S::Loading, E::Restarted, S::Ready},

    Transition{S::Loaded, E::UnloadRequested, S::Unloading},
    Transition{S::Loaded, E::Restarted, S::Ready},

    Transition{S::Unloading, E::UnloadFinished, S::Ready},
    Transition{S::Unloading, E::Restarted, S::Ready},

    Transition{S::DownloadFailed, E::DownloadRetried, S::Queued},
    Transition{S::DownloadFailed, E::Restarted, S::DownloadFailed},
    Transition{S::DownloadFailed, E::Removed, {}},

    Transition{S::LoadFailed, E::LoadRequested, S::Loading},
    Transition{S::LoadFailed, E::FilesLost, S::DownloadFailed},
    Transition{S::LoadFailed, E::Restarted, S::LoadFailed},
    Transition{S::LoadFailed, E::Removed, {}},
};

}  // namespace

std::span<const Transition> transitions() {
    return table;
}

const Transition *transition(ModelState from, ModelEvent event) {
    const auto found =
        std::ranges::find_if(table, [&](const Transition &row) { return row.from == from && row.event == event; });
    return found == table.end() ? nullptr : &*found;
}

}  // namespace millm
