#include "core/models/startup.h"

#include "core/base/log_categories.h"
#include "core/downloads/disk.h"
#include "core/downloads/model_download.h"
#include "core/models/downloads_flow.h"
#include "core/models/memory_estimator.h"
#include "core/models/model_files.h"
#include "core/models/state_table.h"

#include <QFileInfo>

#include <algorithm>

namespace millm {

namespace {

void go(Model &model, ModelEvent event) {
    if (const auto *row = transition(model.state, event); row && row->to) model.state = *row->to;
}

/// Of records that an earlier version wrote, which kept the sum alone.
void estimateInParts(Model &model, const DeviceMemory &memory) {
    const auto facts = estimator::readFolder(model.cachePath, model.trustRemoteCode);
    if (facts) model.setEstimate(estimator::estimate(*facts, model.quantization, memory).memory);
}

MendedModel mendOne(Model model, const QString &cacheDir, const DeviceMemory &memory) {
    const Model before = model;
    const bool linked = model.linked();
    const bool filesAreThere = files::looksLikeModel(linked ? model.localPath : model.cachePath);
    // The database writes down "error" for both kinds of failure.
    if (model.state == ModelState::LoadFailed && !filesAreThere && !linked) go(model, ModelEvent::FilesLost);
    const bool wasDownloading = model.state == ModelState::Queued || model.state == ModelState::Downloading;
    go(model, ModelEvent::Restarted);
    if (wasDownloading) {
        model.errorMessage = interrupted(model);
    } else if (model.state == ModelState::Ready && !filesAreThere && !linked) {
        go(model, ModelEvent::FilesLost);
        model.errorMessage = model.kept ? QStringLiteral("The model's files are no longer in the cache. Quantize it again.")
                                        : QStringLiteral("The model's files are no longer in the cache. Download it again.");
    }
    if (linked && filesAreThere && !QFileInfo(model.cachePath).isSymLink()) {
        const QString link = files::localLink(cacheDir, model.name);
        if (files::makeLink(link, model.localPath)) model.cachePath = link;
    }
    if (const QString weights = files::weightsOf(model); !weights.isEmpty()) {
        disk::remove(ModelDownload::partialFolderOf(weights));  // it may not be the present cache's
        model.keptBytes = files::bytesOf(weights);
        // Without its link's cache nobody would find them there again.
        if (const QString lost = files::weightsOf(before); !lost.isEmpty() && lost != weights)
            (void)files::removeDownload(files::cacheOf(before), lost);
    }
    if (filesAreThere && model.estimate == MemoryUse()) estimateInParts(model, memory);
    const bool changed = model.state != before.state || model.errorMessage != before.errorMessage ||
                         model.cachePath != before.cachePath || model.estimate != before.estimate;
    if (changed) model.updatedAt = QDateTime::currentDateTimeUtc();
    return {model, changed};
}

}  // namespace

QList<MendedModel> mend(const QList<Model> &records, const QString &cacheDir, const DeviceMemory &memory) {
    QList<MendedModel> mended;
    for (const auto &record : records) mended << mendOne(record, cacheDir, memory);
    return mended;
}

QList<Model> unknownDownloads(const QList<Model> &records, const QString &cacheDir, const DeviceMemory &memory) {
    QList<Model> unknown;
    const auto found = files::finishedDownloads(cacheDir);
    for (const auto &download : found) {
        const bool known = std::ranges::any_of(records, [&](const Model &record) {
            return record.quantization == download.scheme && record.repoId.compare(download.repoId, Qt::CaseInsensitive) == 0;
        });
        if (known) continue;
        const auto facts = estimator::readFolder(download.folder, false);
        if (!facts) {
            qCWarning(modelsLog, "%s is left alone: %s", qPrintable(download.folder), qPrintable(facts.error().message));
            continue;
        }
        Model model;
        model.repoId = download.repoId;
        model.quantization = download.scheme;
        model.cachePath = download.folder;
        model.state = ModelState::Ready;
        fillFromFolder(model, *facts, memory);
        unknown << model;
    }
    return unknown;
}

}  // namespace millm
