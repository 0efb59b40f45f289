#include "ui/model_row.h"

#include "ui/error_words.h"
#include "ui/format.h"
#include "ui/packing.h"

namespace millm {

namespace {

QString joined(QStringList parts) {
    parts.removeAll(QString());
    return parts.join(QStringLiteral(" • "));
}

QString schemeId(engine::Scheme scheme) {
    const auto id = engine::scheme_info(scheme).id;
    return QString::fromLatin1(id.data(), static_cast<qsizetype>(id.size()));
}

}  // namespace

void ModelRow::take(const Model &newer) {
    if (newer.configJson != model.configJson) packed = packing::form(newer.configJson);
    model = newer;
    if (!downloading()) download.reset();
    if (model.state != ModelState::Loading) load.reset();
    if (model.state != ModelState::Unloading) pendingRequests = 0;
}

bool ModelRow::downloading() const {
    return model.state == ModelState::Queued || model.state == ModelState::Downloading;
}

bool ModelRow::canLoad() const {
    return model.state == ModelState::Ready || model.state == ModelState::LoadFailed;
}

bool ModelRow::canDelete() const {
    return canLoad() || canRetry();
}

bool ModelRow::hasFolder() const {
    return model.linked() || (!downloading() && !canRetry());
}

int ModelRow::rank() const {
    switch (model.state) {
        case ModelState::Loaded:
        case ModelState::Unloading:
            return 4;
        case ModelState::Loading:
            return 3;
        case ModelState::Downloading:
            return 2;
        case ModelState::Queued:
            return 1;
        default:
            return 0;
    }
}

ModelRow::Tone ModelRow::tone() const {
    switch (model.state) {
        case ModelState::Loaded:
            return Tone::Good;
        case ModelState::Ready:
            return Tone::Calm;
        case ModelState::DownloadFailed:
        case ModelState::LoadFailed:
            return Tone::Bad;
        default:
            return Tone::Busy;
    }
}

QString ModelRow::status() const {
    switch (model.state) {
        case ModelState::Queued:
            return tr("Queued");
        case ModelState::Downloading:
            if (model.kept) return tr("Quantizing");
            if (!download) return tr("Downloading");
            if (download->phase == DownloadPhase::Verifying) return tr("Verifying");
            if (download->phase == DownloadPhase::Quantizing) return tr("Quantizing");
            return tr("Downloading");
        case ModelState::Ready:
            return tr("Ready");
        case ModelState::Loading:
            return tr("Loading");
        case ModelState::Loaded:
            return tr("Loaded");
        case ModelState::Unloading:
            return tr("Unloading");
        case ModelState::DownloadFailed:
        case ModelState::LoadFailed:
            return tr("Error");
    }
    Q_UNREACHABLE_RETURN({});
}

QString ModelRow::details() const {
    return joined({model.params.isEmpty() ? QString() : tr("%1 params").arg(format::localized(model.params)),
                   tr("%1 quantization").arg(schemeId(model.quantization)), packing::origin(packed),
                   estimateText().isEmpty() ? QString() : tr("%1 memory").arg(estimateText())});
}

/// Of its parts where they are known: rounded to whole MiB before, it would be another number than the preview's.
QString ModelRow::estimateText() const {
    if (model.estimate != MemoryUse()) return format::bytes(model.estimate.totalBytes());
    return model.estimatedMemoryMb > 0 ? format::mebibytes(model.estimatedMemoryMb) : QString();
}

QString ModelRow::location() const {
    return model.source == ModelSource::Local ? model.localPath : model.repoId;
}

bool ModelRow::busy() const {
    return tone() == Tone::Busy;
}

double ModelRow::progress() const {
    if (model.state == ModelState::Downloading) return download ? download->progress : model.downloadProgress;
    if (model.state == ModelState::Loading && load && load->stage != LoadStage::UnloadingPrevious) return load->progress;
    return -1;
}

QString ModelRow::activity() const {
    if (model.state == ModelState::Queued)
        return model.queuePlace > 1 ? tr("Waiting for %Ln downloads before it…", nullptr, model.queuePlace)
                                    : tr("Waiting for the download before it…");
    if (model.state == ModelState::Unloading)
        return pendingRequests > 0 ? tr("Waiting for %Ln pending requests to complete...", nullptr, pendingRequests)
                                   : tr("Releasing memory…");
    if (model.state == ModelState::Loading) {
        if (!load) return tr("Preparing…");
        switch (load->stage) {
            case LoadStage::UnloadingPrevious:
                return load->pendingRequests > 0
                           ? tr("Unloading previous model… Waiting for %Ln pending requests to complete...", nullptr,
                                load->pendingRequests)
                           : tr("Unloading previous model…");
            case LoadStage::LoadingWeights:
                return tr("Loading weights…");
            case LoadStage::Quantizing:
                return tr("Quantizing…");
            case LoadStage::MovingToGpu:
                return tr("Moving to the GPU…");
        }
    }
    if (model.state != ModelState::Downloading) return {};
    if (!download) return tr("Starting…");
    switch (download->phase) {
        case DownloadPhase::Queued:
            return tr("Starting…");
        case DownloadPhase::Downloading:
            return model.kept ? tr("Quantizing…") : tr("Downloading…");
        case DownloadPhase::Waiting:
            return tr("The line broke. Next try in %1…").arg(format::duration(download->waitSeconds));
        case DownloadPhase::Verifying:
            return tr("Verifying…");
        case DownloadPhase::Quantizing:
            return tr("Quantizing…");
        case DownloadPhase::Publishing:
            return tr("Finishing…");
    }
    Q_UNREACHABLE_RETURN({});
}

QString ModelRow::progressText() const {
    if (progress() < 0) return {};
    QStringList parts{format::percent(progress())};
    if (download && !model.kept) {
        const bool flowing = download->phase == DownloadPhase::Downloading;
        if (download->totalBytes > 0) parts << format::ofTotal(download->bytesDownloaded, download->totalBytes);
        if (flowing && download->speedMbps > 0) parts << format::speed(download->speedMbps);
        if (flowing && download->secondsLeft >= 0) parts << tr("%1 left").arg(format::duration(download->secondsLeft));
    }
    return joined(parts);
}

QString ModelRow::deleteHint() const {
    if (model.state == ModelState::Loaded) return tr("Unload the model before you delete it");
    if (!canDelete()) return tr("The model cannot be deleted while it is busy");
    return model.linked() ? tr("Remove %1 from the list").arg(model.name) : tr("Delete %1").arg(model.name);
}

QString ModelRow::memoryText() const {
    if (model.state != ModelState::Loaded) return {};
    const QString used = model.memory ? tr("%1 used").arg(format::bytes(model.memory->totalBytes())) : QString();
    const QString estimate = estimateText().isEmpty() ? QString() : tr("%1 estimated").arg(estimateText());
    const QString context = model.memory && model.memory->contextLength > 0
                                ? tr("context of %Ln tokens", nullptr, format::counted(model.memory->contextLength))
                                : QString();
    QStringList memory{used, estimate, context};
    memory.removeAll(QString());
    return joined({model.device, memory.join(QStringLiteral(", "))});
}

QString ModelRow::diskText() const {
    if (model.linked()) return model.keptBytes > 0 ? format::bytes(model.keptBytes) : QString();
    // Of a download that did not end the size is what it would have taken.
    const bool there = model.state != ModelState::DownloadFailed && !downloading();
    return there && model.diskSizeMb > 0 ? format::mebibytes(model.diskSizeMb) : QString();
}

QString ModelRow::spoken() const {
    QStringList parts{model.name, status(), details(), location(), activity(), memoryText(), inWords(model.errorMessage)};
    parts.removeAll(QString());
    return parts.join(QStringLiteral(". "));
}

}  // namespace millm
