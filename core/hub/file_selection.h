#pragma once

#include "core/engine/checkpoint/requirements.h"
#include "core/hub/hub_failure.h"
#include "core/hub/repository.h"

#include <QByteArray>
#include <QList>

namespace millm {

/// What of a repository is fetched.
struct FileSelection {
    engine::WeightForm form = engine::WeightForm::None;
    QString index;           ///< the *.index.json to be read first; empty where none
    QList<HubFile> weights;  ///< with an index, only candidates until weightsOfIndex()
    QList<HubFile> others;   ///< configuration, tokenizer, template, licence; never code
    bool hasWeights() const { return form != engine::WeightForm::None && form != engine::WeightForm::GgufOnly; }
};

/// Chooses from a tree. Refused where a chosen file's name is unsafe or two would be one on some file system.
HubResult<FileSelection> selectFiles(const QList<HubFile> &tree);

/// The weights that an index's weight_map names. Refused where the index is broken, or names a file that the tree lacks.
HubResult<QList<HubFile>> weightsOfIndex(const QByteArray &index, const QList<HubFile> &tree);

}  // namespace millm
