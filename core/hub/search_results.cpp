#include "core/hub/search_results.h"

#include "core/engine/checkpoint/dtype.h"
#include "core/hub/hub_json.h"
#include "core/hub/repository.h"
#include "core/hub/repository_name.h"

#include <QJsonArray>
#include <QJsonObject>

namespace millm {
namespace {

using namespace Qt::StringLiterals;

/// A count that makes sense.
std::optional<qint64> countOf(const QJsonValue &value) {
    const qint64 count = value.toInteger(-1);
    return count >= 0 && count <= largestHubFile ? std::optional(count) : std::nullopt;
}

/// A word of a config, as long as such words are.
QString wordOf(const QJsonValue &value) {
    const QString word = value.toString();
    return word.size() <= 100 ? word : QString();
}

/// Elements and bytes by the types that the Hub counted; nothing where one of them is unknown.
void measure(FoundRepository &found, const QJsonObject &safetensors) {
    found.elements = countOf(safetensors.value("total"_L1));
    const QJsonObject types = safetensors.value("parameters"_L1).toObject();
    qint64 bytes = 0;
    for (auto type = types.begin(); type != types.end(); ++type) {
        const auto dtype = engine::dtype_from_name(type.key().toStdString());
        const auto count = countOf(type.value());
        if (!dtype || !count) return;
        bytes += *count * qint64(engine::size_of(*dtype));
        if (bytes > largestHubFile) return;
    }
    if (bytes > 0) found.storedBytes = bytes;
}

FoundRepository repositoryOf(const QJsonObject &entry, const QString &id) {
    FoundRepository found;
    found.id = id;
    const QJsonArray tags = entry.value("tags"_L1).toArray();
    const QJsonObject config = entry.value("config"_L1).toObject();
    found.license = licenseOf(entry.value("cardData"_L1).toObject(), tags);
    found.modelType = wordOf(config.value("model_type"_L1));
    found.architecture = wordOf(config.value("architectures"_L1).toArray().first());
    found.task = wordOf(entry.value("pipeline_tag"_L1));
    found.quantization = wordOf(config.value("quantization_config"_L1).toObject().value("quant_method"_L1));
    found.downloads = countOf(entry.value("downloads"_L1));
    found.likes = countOf(entry.value("likes"_L1));
    if (const QJsonValue gated = entry.value("gated"_L1); gated.isBool() || gated.isString()) found.gated = gatedOf(gated);
    found.isPrivate = entry.value("private"_L1).toBool();
    found.customCode = tags.contains(u"custom_code"_s) || config.contains("auto_map"_L1);
    const QJsonObject safetensors = entry.value("safetensors"_L1).toObject();
    found.safetensors = !safetensors.isEmpty() || tags.contains(u"safetensors"_s);
    found.pytorch = tags.contains(u"pytorch"_s);
    found.gguf = entry.value("gguf"_L1).isObject() || tags.contains(u"gguf"_s);
    measure(found, safetensors);
    return found;
}

}  // namespace

HubResult<QList<FoundRepository>> foundRepositories(const QByteArray &body, const QByteArray &contentType, qsizetype most) {
    const auto entries = jsonArray(body, contentType);
    if (!entries) return entries.error();
    QList<FoundRepository> found;
    for (const QJsonValue &value : *entries) {
        if (found.size() >= most) break;
        const QJsonObject entry = value.toObject();
        if (const auto id = normaliseRepositoryName(entry.value("id"_L1).toString())) found << repositoryOf(entry, *id);
    }
    return found;
}

}  // namespace millm
