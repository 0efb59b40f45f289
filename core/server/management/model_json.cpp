#include "core/server/management/model_json.h"

#include "core/base/errors.h"

#include <QJsonArray>

#include <algorithm>

namespace millm::management {
namespace {

QJsonValue orNull(const QString &text) {
    return text.isEmpty() ? QJsonValue(QJsonValue::Null) : QJsonValue(text);
}

/// Numbers of which 0 means that nobody knows.
QJsonValue orNull(qint64 number) {
    return number > 0 ? QJsonValue(number) : QJsonValue(QJsonValue::Null);
}

QString text(std::string_view utf8) {
    return QString::fromUtf8(utf8.data(), static_cast<qsizetype>(utf8.size()));
}

QString schemeId(engine::Scheme scheme) {
    return text(engine::scheme_info(scheme).id);
}

QJsonValue tokenizerJson(const ModelPreview &preview) {
    if (preview.tokenizer == engine::TokenizerKind::None) return QJsonValue::Null;
    return QJsonObject{{QStringLiteral("kind"), text(engine::id_of(preview.tokenizer))},
                       {QStringLiteral("files"), QJsonArray::fromStringList(preview.tokenizerFiles)},
                       {QStringLiteral("class"), orNull(preview.tokenizerClass)}};
}

/// The same whatever the quantization: how much a conversation takes.
QJsonValue kvCacheJson(const ModelPreview &preview) {
    if (preview.sizes.isEmpty()) return QJsonValue::Null;
    const SizeEstimate &size = preview.sizes.first();
    return QJsonObject{{QStringLiteral("bytes_per_token"), size.kvBytesPerToken},
                       {QStringLiteral("fixed_bytes"), size.fixedStateBytes},
                       {QStringLiteral("context_length"), size.memory.contextLength},
                       {QStringLiteral("kv_cache_mb"), errors::mebibytes(size.memory.kvCacheBytes)},
                       {QStringLiteral("full_context_mb"), errors::mebibytes(size.fullKvCacheBytes)}};
}

/// The parts of some memory, in MiB.
QJsonObject memoryParts(const MemoryUse &memory) {
    return {{QStringLiteral("weights_mb"), errors::mebibytes(memory.weightBytes)},
            {QStringLiteral("kv_cache_mb"), errors::mebibytes(memory.kvCacheBytes)},
            {QStringLiteral("workspace_mb"), errors::mebibytes(memory.workspaceBytes)},
            {QStringLiteral("device_mb"), errors::mebibytes(memory.deviceBytes)},
            {QStringLiteral("total_mb"), errors::mebibytes(memory.totalBytes())},
            {QStringLiteral("context_length"), memory.contextLength}};
}

}  // namespace

QJsonObject memoryJson(const Model &model) {
    const auto orNone = [](const std::optional<MemoryUse> &memory) {
        return memory && memory != MemoryUse() ? QJsonValue(memoryParts(*memory)) : QJsonValue(QJsonValue::Null);
    };
    return {{QStringLiteral("estimated"), orNone(model.estimate)}, {QStringLiteral("actual"), orNone(model.memory)}};
}

QString timeText(const QDateTime &time) {
    return time.toUTC().toString(Qt::ISODateWithMs);
}

QJsonObject toJson(const Model &model, const std::optional<DownloadProgress> &progress) {
    const QLatin1StringView status = apiStatus(model.state);
    QJsonObject object{
        {QStringLiteral("id"), model.id},
        {QStringLiteral("name"), model.name},
        {QStringLiteral("source"),
         model.source == ModelSource::Local ? QStringLiteral("local") : QStringLiteral("huggingface")},
        {QStringLiteral("repo_id"), orNull(model.repoId)},
        {QStringLiteral("local_path"), orNull(model.localPath)},
        {QStringLiteral("params"), model.params},
        {QStringLiteral("architecture"), orNull(model.architecture)},
        {QStringLiteral("quantization"), schemeId(model.quantization)},
        {QStringLiteral("disk_size_mb"), model.diskSizeMb},
        {QStringLiteral("estimated_memory_mb"), model.estimatedMemoryMb},
        {QStringLiteral("memory"), memoryJson(model)},
        {QStringLiteral("context_length"), orNull(model.contextLength)},
        {QStringLiteral("status"), status},
        {QStringLiteral("trust_remote_code"), model.trustRemoteCode},
        {QStringLiteral("created_at"), timeText(model.createdAt)},
        {QStringLiteral("updated_at"), timeText(model.updatedAt)},
    };
    if (status == QLatin1StringView("downloading")) {
        object.insert(QStringLiteral("download_progress"),
                      std::max(model.downloadProgress, progress ? progress->progress : 0.0));
    }
    if (status == QLatin1StringView("error")) object.insert(QStringLiteral("error_message"), model.errorMessage);
    if (status == QLatin1StringView("loaded") && model.loadedAt.isValid()) {
        object.insert(QStringLiteral("loaded_at"), timeText(model.loadedAt));
    }
    return object;
}

QJsonObject toJson(const ModelPreview &preview) {
    QJsonObject sizes;
    for (const SizeEstimate &size : preview.sizes) {
        QJsonObject told = memoryParts(size.memory);
        told.insert(QStringLiteral("disk_mb"), errors::mebibytes(size.diskBytes));
        told.insert(QStringLiteral("memory_mb"), told.take(QStringLiteral("total_mb")));
        told.insert(QStringLiteral("full_context_memory_mb"), errors::mebibytes(size.fullMemoryBytes));
        sizes.insert(schemeId(size.scheme), told);
    }
    QJsonArray types;
    for (const StoredType &type : preview.storedTypes) {
        types.append(QJsonObject{{QStringLiteral("dtype"), type.dtype},
                                 {QStringLiteral("tensors"), type.tensors},
                                 {QStringLiteral("size_mb"), errors::mebibytes(type.bytes)}});
    }
    const qint64 fetched = preview.downloadBytes - preview.cachedBytes;
    const QLatin1StringView source =
        preview.source == ModelSource::Local ? QLatin1StringView("local") : QLatin1StringView("huggingface");
    return {
        {QStringLiteral("name"), preview.name},
        {QStringLiteral("source"), source},
        {QStringLiteral("repo_id"), orNull(preview.repoId)},
        {QStringLiteral("local_path"), orNull(preview.localPath)},
        {QStringLiteral("commit"), orNull(preview.commit)},
        {QStringLiteral("model_type"), orNull(preview.modelType)},
        {QStringLiteral("architecture"), preview.architecture},
        {QStringLiteral("task"),
         preview.generates ? QLatin1StringView("text-generation") : QLatin1StringView("feature-extraction")},
        {QStringLiteral("params"), preview.params},
        {QStringLiteral("parameters"), orNull(preview.parameters)},
        {QStringLiteral("stored_types"), types},
        {QStringLiteral("quantized_with"), orNull(preview.quantizedWith)},
        {QStringLiteral("requires_trust_remote_code"), preview.requiresTrustRemoteCode},
        {QStringLiteral("is_gated"), preview.isGated},
        {QStringLiteral("files_readable"), preview.filesReadable},
        {QStringLiteral("license"), orNull(preview.license)},
        {QStringLiteral("context_length"), orNull(preview.contextLength)},
        {QStringLiteral("tokenizer"), tokenizerJson(preview)},
        {QStringLiteral("chat_templates"),
         preview.chatTemplates ? QJsonValue(QJsonArray::fromStringList(*preview.chatTemplates)) : QJsonValue(QJsonValue::Null)},
        {QStringLiteral("supported"), preview.supported},
        {QStringLiteral("unsupported_reason"), orNull(preview.unsupportedReason)},
        {QStringLiteral("unsupported_code"),
         preview.supported ? QJsonValue(QJsonValue::Null) : QJsonValue(errorId(preview.unsupportedCode))},
        {QStringLiteral("unsupported_field"), orNull(preview.unsupportedField)},
        {QStringLiteral("disk_size_mb"), preview.downloadBytes > 0 ? errors::mebibytes(preview.downloadBytes) : 0},
        {QStringLiteral("download_size_mb"), fetched > 0 ? errors::mebibytes(fetched) : 0},
        {QStringLiteral("kv_cache"), kvCacheJson(preview)},
        {QStringLiteral("estimated_sizes"), sizes},
    };
}

}  // namespace millm::management
