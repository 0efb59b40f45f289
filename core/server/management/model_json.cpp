#include "core/server/management/model_json.h"

#include "core/base/errors.h"

#include <algorithm>

namespace millm::management {
namespace {

QJsonValue orNull(const QString &text) {
    return text.isEmpty() ? QJsonValue(QJsonValue::Null) : QJsonValue(text);
}

QString schemeId(engine::Scheme scheme) {
    const std::string_view id = engine::scheme_info(scheme).id;
    return QString::fromUtf8(id.data(), static_cast<qsizetype>(id.size()));
}

}  // namespace

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
        sizes.insert(schemeId(size.scheme), QJsonObject{{QStringLiteral("disk_mb"), errors::mebibytes(size.diskBytes)},
                                                        {QStringLiteral("memory_mb"), errors::mebibytes(size.memoryBytes)}});
    }
    return {
        {QStringLiteral("name"), preview.name},
        {QStringLiteral("repo_id"), preview.repoId},
        {QStringLiteral("params"), preview.params},
        {QStringLiteral("architecture"), preview.architecture},
        {QStringLiteral("requires_trust_remote_code"), preview.requiresTrustRemoteCode},
        {QStringLiteral("is_gated"), preview.isGated},
        {QStringLiteral("license"), orNull(preview.license)},
        {QStringLiteral("context_length"),
         preview.contextLength > 0 ? QJsonValue(preview.contextLength) : QJsonValue(QJsonValue::Null)},
        {QStringLiteral("supported"), preview.supported},
        {QStringLiteral("unsupported_reason"), orNull(preview.unsupportedReason)},
        {QStringLiteral("estimated_sizes"), sizes},
    };
}

}  // namespace millm::management
