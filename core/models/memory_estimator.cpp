#include "core/models/memory_estimator.h"

#include "core/base/errors.h"
#include "core/engine/checkpoint/checkpoint.h"
#include "core/engine/checkpoint/weight_plan.h"
#include "core/engine/pooling/pooling.h"
#include "core/inference/inference_service.h"
#include "core/models/model_files.h"

#include <QFile>
#include <QRegularExpression>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <limits>
#include <map>

namespace millm::estimator {

namespace {

using engine::DType;
using engine::TensorInfo;

QString text(const std::string &utf8) {
    return QString::fromUtf8(utf8.data(), qsizetype(utf8.size()));
}

/// A pooling's products as their folders' files have them; none where they cannot be read, which the load tells.
std::vector<TensorInfo> besideIn(const QString &folder, const engine::DecoderDescription &decoder, qint64 &mostTokens) {
    const std::filesystem::path path = QFile::encodeName(folder).toStdString();
    const auto without = decoder.has_head ? engine::PoolingMode::Last : engine::PoolingMode::Mean;
    const auto pooling = engine::read_pooling(path, decoder.hidden, without);
    if (!pooling) return {};
    if (!decoder.has_head) mostTokens = pooling->most_tokens;
    return engine::dense_tensors(path, *pooling);
}

/// The same of a repository, where only the files' sizes are known: they are in 32 bits.
std::vector<TensorInfo> besideOf(const RepositoryPlan &plan) {
    static const QRegularExpression dense(QStringLiteral("^[0-9]+_Dense/(model\\.safetensors|pytorch_model\\.bin)$"));
    std::map<QString, TensorInfo> byFolder;  // one of two forms is enough
    for (const HubFile &file : plan.others) {
        if (!dense.match(file.path).hasMatch()) continue;
        const auto numbers = file.size / qint64(sizeof(float));
        byFolder.insert({file.path.section(QLatin1Char('/'), 0, 0),
                         {file.path.toStdString(), DType::F32, {numbers, 1}, 0, std::uint64_t(numbers) * sizeof(float)}});
    }
    std::vector<TensorInfo> tensors;
    for (auto &[folder, tensor] : byFolder) tensors.push_back(std::move(tensor));
    return tensors;
}

std::optional<ModelShapes> shapesOf(const RepositoryPlan &plan) {
    if (!plan.decoder) return {};
    if (!plan.tensors.empty()) return ModelShapes{*plan.decoder, plan.tensors, besideOf(plan), 0};
    qint64 stored = 0;
    for (const auto &file : plan.weights) stored += file.size;
    if (stored == 0) return {};
    auto tensors = engine::expected_tensors(*plan.decoder, DType::F16);
    std::uint64_t expected = 0;
    for (const auto &info : tensors) expected += info.bytes;
    // Nearly twice the bytes of 16-bit weights: the files are in 32 bits.
    if (std::uint64_t(stored) > expected + expected / 2) tensors = engine::expected_tensors(*plan.decoder, DType::F32);
    return ModelShapes{*plan.decoder, std::move(tensors), besideOf(plan), 0};
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
    facts.beside = besideIn(folder, facts.decoder, facts.mostTokens);
    facts.architecture = text(facts.decoder.architecture);
    facts.params = text(engine::parameters_as_text(engine::parameter_count(facts.decoder, facts.tensors)));
    facts.diskBytes = files::bytesOf(folder);
    return facts;
}

engine::MemoryNeeds needs(const ModelShapes &shapes, engine::Scheme scheme, const DeviceMemory &memory) {
    engine::FootprintOptions options;
    options.scheme = scheme;
    options.cuda = memory.gpu;
    options.compute = memory.compute;
    options.products = memory.products;
    options.beside = shapes.beside;
    options.most_tokens = shapes.mostTokens;
    return {shapes.decoder, shapes.tensors, options};
}

namespace {

constexpr qint64 noLimit = std::numeric_limits<qint64>::max();

/// So many tokens of `most`, as a number that people like.
qint64 rounded(qint64 tokens, qint64 most) {
    constexpr qint64 thousand = 1024;
    return tokens >= most || tokens < thousand ? std::min(tokens, most) : tokens / thousand * thousand;
}

}  // namespace

qint64 usualContext(const engine::MemoryNeeds &needs, const DeviceMemory &memory) {
    return fittingContext(needs, memory, noLimit);
}

qint64 fittingContext(const engine::MemoryNeeds &needs, const DeviceMemory &memory, qint64 availableBytes) {
    // Of a machine that is not known.
    constexpr qint64 common = 4096;
    const qint64 most = memory.totalBytes > 0 ? needs.longest() : std::min<qint64>(needs.longest(), common);
    const qint64 share = memory.totalBytes > 0 ? memory.usualKvCacheBytes() : noLimit;
    // Fewer are of little use: then the model does not fit.
    const qint64 least = std::min<qint64>(most, 512);
    const qint64 longest = needs.longest_within(most, quint64(share), quint64(std::max<qint64>(0, availableBytes)));
    return rounded(std::max(longest, std::min(least, longestContext(needs, memory))), most);
}

qint64 longestContext(const engine::MemoryNeeds &needs, const DeviceMemory &memory) {
    if (memory.kvCacheBytes == 0) return needs.longest();
    return std::max<qint64>(1, needs.longest_within(needs.longest(), quint64(memory.kvCacheBytes), quint64(noLimit)));
}

SizeEstimate estimate(const ModelShapes &shapes, engine::Scheme scheme, const DeviceMemory &memory) {
    const auto all = needs(shapes, scheme, memory);
    const auto footprint = all.at(usualContext(all, memory)), full = all.at(all.longest());
    SizeEstimate size;
    size.scheme = scheme;
    size.memory = MemoryUse::of(footprint, footprint.context_length);
    size.kvBytesPerToken = qint64(footprint.kv_bytes_per_token);
    size.fixedStateBytes = qint64(footprint.fixed_state_bytes);
    size.fullKvCacheBytes = qint64(full.kv_cache);
    size.fullMemoryBytes = qint64(full.total());
    size.diskBytes = qint64(engine::disk_bytes(shapes.decoder, shapes.tensors, scheme));
    return size;
}

QList<SizeEstimate> estimates(const RepositoryPlan &plan, const DeviceMemory &memory) {
    const auto shapes = shapesOf(plan);
    if (!shapes) return {};
    qint64 others = 0;
    for (const auto &file : plan.others) others += file.size;
    QList<SizeEstimate> all;
    for (const auto &row : engine::schemes()) {
        auto size = estimate(*shapes, row.scheme, memory);
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
