#include "core/models/model.h"

namespace millm {

QLatin1StringView apiStatus(ModelState state) {
    switch (state) {
        case ModelState::Queued:
        case ModelState::Downloading:
            return QLatin1StringView("downloading");
        case ModelState::Ready:
            return QLatin1StringView("ready");
        case ModelState::Loading:
            return QLatin1StringView("loading");
        case ModelState::Loaded:
        case ModelState::Unloading:
            return QLatin1StringView("loaded");
        case ModelState::DownloadFailed:
        case ModelState::LoadFailed:
            break;
    }
    return QLatin1StringView("error");
}

}  // namespace millm
