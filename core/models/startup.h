#pragma once

#include "core/models/model.h"

#include <QList>
#include <QString>

namespace millm {

struct DeviceMemory;

/// A record after the look at the disk, and whether it has changed.
struct MendedModel {
    Model model;
    bool changed = false;
};

/// What an earlier run left, mended by the state table's Restarted and FilesLost events: interrupted downloads fail, loaded
/// ones are ready, those without files say so; links of local models are made again. What an earlier version did not write down
/// is read from the files. Blocking; a worker's thread.
QList<MendedModel> mend(const QList<Model> &records, const QString &cacheDir, const DeviceMemory &memory);

/// Records (without names) for finished downloads that no record knows. Blocking; a worker's thread.
QList<Model> unknownDownloads(const QList<Model> &records, const QString &cacheDir, const DeviceMemory &memory);

}  // namespace millm
