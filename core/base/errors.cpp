#include "core/base/errors.h"

#include <QLocale>

#include <algorithm>
#include <cmath>

namespace millm::errors {

namespace {

constexpr qint64 mebibyte = qint64(1) << 20;

QJsonObject aboutModel(qint64 id) {
    return id > 0 ? QJsonObject{{QStringLiteral("model_id"), id}} : QJsonObject{};
}

const QString downloadFailedWords = QStringLiteral("Download failed: ");

QString plain(const std::string &text) {
    return QString::fromUtf8(text.data(), qsizetype(text.size()));
}

}  // namespace

Error invalidRequest(const QString &field, const QString &why) {
    QJsonObject details;
    if (!field.isEmpty()) details.insert(QStringLiteral("field"), field);
    return {ErrorCode::InvalidRequest, why, details};
}

Error modelNotFound(qint64 id) {
    return {ErrorCode::ModelNotFound, QStringLiteral("There is no model with id %1.").arg(id), aboutModel(id)};
}

Error modelAlreadyExists(const QString &repoId, const QString &scheme, qint64 existingId) {
    return {ErrorCode::ModelAlreadyExists,
            QStringLiteral("The model '%1' with %2 quantization is already there.").arg(repoId, scheme),
            aboutModel(existingId)};
}

Error localAlreadyExists(const QString &path, qint64 existingId) {
    return {ErrorCode::ModelAlreadyExists, QStringLiteral("The local model at '%1' is already there.").arg(path),
            aboutModel(existingId)};
}

Error downloadFailed(const QString &why) {
    return {ErrorCode::ModelDownloadFailed, downloadFailedWords + why, {}};
}

Error searchFailed(const Error &failure) {
    Error error = failure;
    if (error.message.startsWith(downloadFailedWords))
        error.message.replace(0, downloadFailedWords.size(), QStringLiteral("The Hub cannot be searched: "));
    return error;
}

Error networkFailed() {
    return downloadFailed(QStringLiteral("Network error. Please check connection and try again."));
}

Error loadFailed(qint64 id, const QString &why) {
    return {ErrorCode::ModelLoadFailed, QStringLiteral("Loading the model failed: %1").arg(why), aboutModel(id)};
}

Error outOfMemory(qint64 id) {
    return {ErrorCode::ModelLoadFailed,
            QStringLiteral("Out of memory loading model. Try a smaller model or higher quantization (Q4)."), aboutModel(id)};
}

Error alreadyLoaded(qint64 id) {
    return {ErrorCode::ModelAlreadyLoaded, QStringLiteral("The model is already loaded."), aboutModel(id)};
}

Error notLoaded(qint64 id) {
    return {ErrorCode::ModelNotLoaded,
            id > 0 ? QStringLiteral("The model is not loaded.") : QStringLiteral("No model is loaded."), aboutModel(id)};
}

Error notDownloading(qint64 id) {
    return {ErrorCode::ModelNotDownloading, QStringLiteral("The model is not being downloaded."), aboutModel(id)};
}

Error busy(qint64 id, const QString &why) {
    return {ErrorCode::ModelBusy, why, aboutModel(id)};
}

Error shuttingDown() {
    return {ErrorCode::ShuttingDown, QStringLiteral("The program is shutting down."), {}};
}

Error queueFull(int waiting) {
    return {ErrorCode::QueueFull,
            QStringLiteral("%1 requests are waiting already; try again later.").arg(waiting),
            {{QStringLiteral("pending_requests"), waiting}}};
}

Error insufficientMemory(qint64 id, qint64 requiredBytes, qint64 availableBytes, bool gpu) {
    QJsonObject details = aboutModel(id);
    details.insert(QStringLiteral("required_memory"), mebibytes(requiredBytes));
    details.insert(QStringLiteral("available_memory"), std::max<qint64>(0, availableBytes) / mebibyte);
    const auto [need, have] = needAndHave(requiredBytes, availableBytes);
    return {ErrorCode::InsufficientMemory,
            QStringLiteral("Warning: Model requires ~%1 %2, only %3 available. Loading may fail or cause system instability.")
                .arg(need, gpu ? QStringLiteral("VRAM") : QStringLiteral("memory"), have),
            details};
}

Error insufficientDisk(qint64 requiredBytes, qint64 availableBytes) {
    const auto [need, have] = needAndHave(requiredBytes, availableBytes);
    return {ErrorCode::InsufficientDisk,
            QStringLiteral("Insufficient disk space. Need %1, only %2 available.").arg(need, have),
            {{QStringLiteral("required_disk"), mebibytes(requiredBytes)},
             {QStringLiteral("available_disk"), std::max<qint64>(0, availableBytes) / mebibyte}}};
}

Error invalidRepoId(const QString &repoId, const QString &why) {
    return {ErrorCode::InvalidRepoId,
            QStringLiteral("Invalid repository id '%1': %2").arg(repoId, why),
            {{QStringLiteral("field"), QStringLiteral("repo_id")}}};
}

Error invalidLocalPath(const QString &path) {
    return {ErrorCode::InvalidLocalPath,
            QStringLiteral("Invalid model path: Directory does not exist or does not contain valid model files."),
            {{QStringLiteral("field"), QStringLiteral("local_path")}, {QStringLiteral("local_path"), path}}};
}

Error repoNotFound(const QString &repoId) {
    return {ErrorCode::RepoNotFound, QStringLiteral("Model not found: '%1' does not exist on HuggingFace.").arg(repoId), {}};
}

Error gatedNoToken(const QString &repoId) {
    return {ErrorCode::GatedModelNoToken,
            QStringLiteral("'%1' is a gated model: accept its terms on its page and give an access token.").arg(repoId),
            {}};
}

Error invalidToken(const QString &repoId, const QString &why) {
    const QString words = repoId.isEmpty() ? QStringLiteral("The Hub refuses the access token: %1").arg(why)
                                           : QStringLiteral("The access token does not open '%1': %2").arg(repoId, why);
    return {ErrorCode::InvalidHfToken, words, {}};
}

Error unsupported(const QString &why) {
    return {ErrorCode::UnsupportedModel, why, {}};
}

Error remoteCodeRequired(const QString &why) {
    return {ErrorCode::RemoteCodeRequired, why, {}};
}

Error internal(const QString &why) {
    return {ErrorCode::Internal, why, {}};
}

Error fromEngine(const engine::Error &error) {
    const QString words = plain(error.message);
    const auto naming = [&](Error named) {
        if (!error.field.empty()) named.details.insert(QStringLiteral("field"), plain(error.field));
        return named;
    };
    switch (error.code) {
        case engine::ErrorCode::InvalidArgument:
            return invalidRequest({}, words);
        case engine::ErrorCode::Template:
            return invalidRequest(QStringLiteral("messages"), words);
        case engine::ErrorCode::Unsupported:
            return naming(unsupported(words));
        case engine::ErrorCode::NeedsRemoteCode:
            return naming(remoteCodeRequired(words));
        case engine::ErrorCode::ContextLength:
            return {
                ErrorCode::ContextLengthExceeded,
                words,
                {{QStringLiteral("prompt_tokens"), qint64(error.wanted)}, {QStringLiteral("max_tokens"), qint64(error.got)}}};
        case engine::ErrorCode::OutOfMemory: {
            QJsonObject details;
            if (error.wanted > 0) details.insert(QStringLiteral("required_memory"), mebibytes(error.wanted));
            if (error.wanted > 0) details.insert(QStringLiteral("available_memory"), std::max<qint64>(0, error.got) / mebibyte);
            return {ErrorCode::InsufficientMemory, words, details};
        }
        case engine::ErrorCode::Cancelled:
            return {ErrorCode::Cancelled, QStringLiteral("Cancelled."), {}};
        case engine::ErrorCode::InvalidFile:
        case engine::ErrorCode::Io:
        case engine::ErrorCode::Device:
        case engine::ErrorCode::Internal:
            break;
    }
    return naming(internal(words));
}

std::pair<QString, QString> needAndHave(qint64 need, qint64 have) {
    have = std::max<qint64>(0, have);
    qint64 step = 100'000'000;
    const auto up = [&] { return (need + step - 1) / step * step; };
    while (step > 100'000 && up() > 2 * need) step /= 10;
    return {gigabytes(up()), gigabytes(have / step * step)};
}

QString gigabytes(qint64 bytes) {
    const double value = double(bytes) / 1e9;
    // One digit says all of a model's size; a small test model would read "0.0 GB".
    int digits = 1;
    while (digits < 4 && value > 0 && value * std::pow(10, digits) < 1) ++digits;
    return QLocale::c().toString(value, 'f', digits) + QStringLiteral(" GB");
}

qint64 mebibytes(qint64 bytes) {
    if (bytes <= mebibyte) return 1;
    return (bytes - 1) / mebibyte + 1;
}

}  // namespace millm::errors
