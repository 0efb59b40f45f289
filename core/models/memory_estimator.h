#pragma once

#include "core/base/error.h"
#include "core/base/last_net.h"
#include "core/engine/memory_footprint.h"
#include "core/hub/repository.h"
#include "core/models/model.h"

#include <QList>
#include <QString>

#include <vector>

namespace millm {

struct DeviceMemory;

/// What a model's memory follows from.
struct ModelShapes {
    engine::DecoderDescription decoder;
    std::vector<engine::TensorInfo> tensors;
    std::vector<engine::TensorInfo> beside;  ///< of products behind the decoder: a pooling's
    qint64 mostTokens = 0;                   ///< of a text, where the repository says less than the model takes; 0: it does not
};

/// What a folder's files say about its model: headers only, no weights are read.
struct FolderFacts : ModelShapes {
    QString configJson, params, architecture;
    qint64 diskBytes = 0;
};

/// Why a folder gave no facts.
struct FolderFault : Error {
    bool ofMachine = false;  ///< it could not be read (too many open files, a failing disk): its content is not to blame
};
using FolderReading = Outcome<FolderFacts, FolderFault>;

template <>
inline FolderFault errorOfFault<FolderFault>(const QString &words) {
    return {errorOfFault<Error>(words), true};
}

/// Sizes from names and shapes by the engine's rules. Pure but for readFolder(), which blocks: a worker's thread.
namespace estimator {

/// InvalidLocalPath without config.json, UnsupportedModel, RemoteCodeRequired, or Internal with the file's fault.
FolderReading readFolder(const QString &folder, bool trustRemoteCode);

/// What loading takes, by context.
engine::MemoryNeeds needs(const ModelShapes &shapes, engine::Scheme scheme, const DeviceMemory &memory);
/// Tokens that a load reserves where nobody says how many: the model's, or what a share of the device's memory holds.
qint64 usualContext(const engine::MemoryNeeds &needs, const DeviceMemory &memory);
/// The same where no more than so many bytes are to be had: fewer tokens, down to a few hundred.
qint64 fittingContext(const engine::MemoryNeeds &needs, const DeviceMemory &memory, qint64 availableBytes);
/// Tokens that may be asked for: the model's, or what the budget of requests holds.
qint64 longestContext(const engine::MemoryNeeds &needs, const DeviceMemory &memory);

/// Memory of a loaded model with the usual context; diskBytes is what the quantized files take.
SizeEstimate estimate(const ModelShapes &shapes, engine::Scheme scheme, const DeviceMemory &memory);

/// Disk and memory of a repository by scheme, in the table's order. From the tensors where they are known, else (.bin files)
/// from config.json and the files' sizes; empty where the repository shows neither.
QList<SizeEstimate> estimates(const RepositoryPlan &plan, const DeviceMemory &memory);

/// Of the decoder where there is one, else the numbers that the files hold; 0 where unknown.
qint64 parameterCount(const RepositoryPlan &plan);
/// The same as "2.6B"; empty where unknown.
QString parameters(const RepositoryPlan &plan);

/// Does this errno say more of the machine's state (too many open files, a failing disk) than of what lies in a folder?
bool isOfMachine(int systemError);

}  // namespace estimator
}  // namespace millm
