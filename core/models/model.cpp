#include "core/models/model.h"

#include "core/base/errors.h"

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

MemoryUse MemoryUse::of(const engine::MemoryParts &parts, qint64 contextLength) {
    return {qint64(parts.weights), qint64(parts.kv_cache), qint64(parts.workspace), qint64(parts.context), contextLength};
}

void Model::setEstimate(const MemoryUse &parts) {
    estimate = parts;
    estimatedMemoryMb = errors::mebibytes(parts.totalBytes());
}

MemoryUse MemoryCheck::needAt(qint64 contextLength) const {
    const auto footprint = needs.at(contextLength);
    return MemoryUse::of(footprint, footprint.context_length);
}

}  // namespace millm
