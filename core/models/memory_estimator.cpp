#include "core/models/memory_estimator.h"

#include "core/base/errors.h"
#include "core/engine/checkpoint/checkpoint.h"
#include "core/engine/checkpoint/weight_plan.h"
#include "core/inference/inference_service.h"
#include "core/models/model_files.h"

#include <QFile>

#include <algorithm>
#include <cerrno>

namespace millm::estimator {

namespace {

using engine::DType;
using engine::TensorInfo;

QString text(const std::string &utf8) {
    return QString::fromUtf8(utf8.data(), qsizetype(utf8.size()));
}

struct Shapes {
    engine::DecoderDescription decoder;
    std::vector<TensorInfo> tensors;
};

std::optional<Shapes> shapesOf(const RepositoryPlan &plan) {
    if (!plan.decoder) return {};
    if (!plan.tensors.empty()) return Shapes{*plan.decoder, plan.tensors};
    qint64 stored = 0;
    for (const auto &file : plan.weights) stored += file.size;
    if (stored == 0) return {};
    auto tensors = engine::expected_tensors(*plan.decoder, DType::F16);
    std::uint64_t expected = 0;
    for (const auto &info : tensors) expected += info.bytes;
    // Nearly twice the bytes of 16-bit weights: the files are in 32 bits.
    if (std::uint64_t(stored) > expected + expected / 2) tensors = engine::expected_tensors(*plan.decoder, DType::F32);
    return Shapes{*plan.decoder, std::move(tensors)};
}

}  // namespace

bool isOfMachine(int systemError) {
    return systemError != 0 && systemError != ENOENT && systemError != ENOTDIR && systemError != ELOOP;
}

FolderReading readFolder(const QString &folder, bool trustRemoteCode) {
    if (!files::looksLikeModel(folder)) return FolderFault{errors::invalidLocalPath(folder), isOfMachine(errno)};
    auto checkpoint = engine::Checkpoint::open(QFile::encodeName(folder).toStdString());
    if (!checkpoint) {
        const engine::Error &error = checkpoint.error();
        const bool ofMachine = error.code == engine::ErrorCode::Io && isOfMachine(int(error.got));
        return FolderFault{errors::fromEngine(error), ofMachine};
    }
    auto decoder = engine::describe((*checkpoint)->config());
    if (!decoder) {
        const auto error = errors::fromEngine(decoder.error());
        const bool bringsCode = (*checkpoint)->config().find("\"auto_map\"") != std::string::npos;
        if (error.code == ErrorCode::UnsupportedModel && bringsCode && !trustRemoteCode)
            return FolderFault{errors::remoteCodeRequired(error.message)};
        return FolderFault{error};
    }
    if (const auto plan = engine::WeightPlan::match(*decoder, (*checkpoint)->tensors()); !plan)
        return FolderFault{errors::unsupported(text(plan.error().message))};
    FolderFacts facts;
    facts.configJson = text((*checkpoint)->config());
    facts.decoder = *std::move(decoder);
    facts.tensors = (*checkpoint)->tensors();
    facts.architecture = text(facts.decoder.architecture);
    facts.params = text(engine::parameters_as_text(engine::parameter_count(facts.decoder, facts.tensors)));
    facts.diskBytes = files::bytesOf(folder);
    return facts;
}

SizeEstimate estimate(const engine::DecoderDescription &decoder, const std::vector<TensorInfo> &tensors, engine::Scheme scheme,
                      const DeviceMemory &memory) {
    engine::FootprintOptions options;
    options.scheme = scheme;
    options.cuda = memory.gpu;
    options.compute = memory.compute;
    options.products = memory.products;
    const auto footprint = engine::memory_footprint(decoder, tensors, options);
    SizeEstimate size;
    size.scheme = scheme;
    size.weightBytes = qint64(footprint.weights);
    size.kvCacheBytes = qint64(footprint.kv_cache);
    size.overheadBytes = qint64(footprint.workspace + footprint.context);
    size.memoryBytes = qint64(footprint.total());
    size.contextLength = footprint.context_length;
    size.kvBytesPerToken = qint64(footprint.kv_bytes_per_token);
    size.fixedStateBytes = qint64(footprint.fixed_state_bytes);
    options.context_length = std::max(decoder.max_positions, footprint.context_length);
    const auto full =
        options.context_length == footprint.context_length ? footprint : engine::memory_footprint(decoder, tensors, options);
    size.fullKvCacheBytes = qint64(full.kv_cache);
    size.fullMemoryBytes = qint64(full.total());
    size.diskBytes = qint64(engine::disk_bytes(decoder, tensors, scheme));
    return size;
}

QList<SizeEstimate> estimates(const RepositoryPlan &plan, const DeviceMemory &memory) {
    const auto shapes = shapesOf(plan);
    if (!shapes) return {};
    qint64 others = 0;
    for (const auto &file : plan.others) others += file.size;
    QList<SizeEstimate> all;
    for (const auto &row : engine::schemes()) {
        auto size = estimate(shapes->decoder, shapes->tensors, row.scheme, memory);
        size.diskBytes += others;
        all << size;
    }
    return all;
}

qint64 parameterCount(const RepositoryPlan &plan) {
    if (const auto shapes = shapesOf(plan)) return qint64(engine::parameter_count(shapes->decoder, shapes->tensors));
    if (plan.storedElements > 0) return plan.storedElements;
    qint64 elements = 0;
    for (const TensorInfo &tensor : plan.tensors) elements += tensor.elements();
    return elements;
}

QString parameters(const RepositoryPlan &plan) {
    const qint64 count = parameterCount(plan);
    return count > 0 ? text(engine::parameters_as_text(quint64(count))) : QString();
}

}  // namespace millm::estimator
