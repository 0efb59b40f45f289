#include "core/models/preview.h"

#include "core/base/errors.h"
#include "core/engine/checkpoint/checkpoint.h"
#include "core/engine/input/regular_file.h"
#include "core/hub/file_selection.h"
#include "core/hub/hub_cache.h"
#include "core/hub/verdict.h"
#include "core/inference/inference_service.h"
#include "core/models/memory_estimator.h"
#include "core/models/model_files.h"
#include "core/system/system_monitor.h"

#include <QDir>
#include <QDirIterator>
#include <QFile>
#include <QHash>
#include <QRegularExpression>

#include <algorithm>
#include <cerrno>
#include <utility>

namespace millm {

namespace {

constexpr std::uint64_t textLimit = 10'000'000;

QList<StoredType> storedTypes(const std::vector<engine::TensorInfo> &tensors) {
    QHash<int, StoredType> byType;
    for (const engine::TensorInfo &tensor : tensors) {
        StoredType &type = byType[int(tensor.dtype)];
        ++type.tensors;
        type.bytes += qint64(tensor.bytes);
    }
    QList<StoredType> types;
    for (auto [dtype, type] : byType.asKeyValueRange()) {
        const std::string_view name = engine::name_of(engine::DType(dtype));
        type.dtype = QString::fromLatin1(name.data(), qsizetype(name.size()));
        types << type;
    }
    std::ranges::sort(types, [](const StoredType &a, const StoredType &b) {
        return a.bytes != b.bytes ? a.bytes > b.bytes : a.dtype < b.dtype;
    });
    return types;
}

/// What a repository and a folder have in common.
ModelPreview common(const RepositoryPlan &plan, const DeviceMemory &memory) {
    ModelPreview preview;
    preview.commit = plan.commit;
    preview.parameters = estimator::parameterCount(plan);
    preview.params = estimator::parameters(plan);
    preview.architecture = plan.decoder ? QString::fromStdString(plan.decoder->architecture) : plan.architecture;
    preview.modelType = plan.modelType;
    preview.storedTypes = storedTypes(plan.tensors);
    if (plan.decoder) {
        preview.quantizedWith = QString::fromStdString(plan.decoder->quantization);
        preview.quantizedForm = QString::fromStdString(plan.decoder->foreign.name);
    }
    preview.requiresTrustRemoteCode = plan.requiresRemoteCode;
    preview.isGated = plan.gated;
    preview.filesReadable = !plan.closed;
    preview.license = plan.license;
    preview.contextLength = plan.decoder ? plan.decoder->max_positions : 0;
    // Trust does not help: Python is never run. Whether it was missing is for the code alone to tell.
    const auto refused = plan.closed && plan.unsupportedReason.isEmpty() ? std::nullopt : refusal(plan, true);
    preview.supported = !refused;
    if (refused) {
        preview.unsupportedReason = refused->message;
        preview.unsupportedField = plan.unsupportedField;
        preview.unsupportedCode = refusal(plan, false)->code;
    }
    preview.tokenizer = plan.texts.tokenizer;
    preview.tokenizerFiles = plan.texts.tokenizerFiles;
    preview.tokenizerClass = plan.texts.tokenizerClass;
    preview.chatTemplates = plan.texts.chatTemplates;
    preview.generates = !plan.decoder || plan.decoder->has_head;
    preview.downloadBytes = plan.downloadBytes();
    preview.sizes = estimator::estimates(plan, memory);
    preview.availableMemoryBytes = memory.freeBytes;
    // The engine's libraries count once.
    if (memory.open && !preview.sizes.isEmpty()) preview.availableMemoryBytes += preview.sizes.first().memory.deviceBytes;
    return preview;
}

QList<HubFile> filesOf(const QDir &folder) {
    QList<HubFile> files;
    // Beside the model's own: templates, and what makes one vector of a text.
    static const QRegularExpression part(QStringLiteral("^(additional_chat_templates|[0-9]+_[A-Za-z]+)$"));
    QStringList places{QString()};
    for (const QString &name : folder.entryList(QDir::Dirs | QDir::NoDotAndDotDot, QDir::Name))
        if (part.match(name).hasMatch()) places << name + QLatin1Char('/');
    // The Hub's own cache is made of links.
    for (const QString &below : std::as_const(places)) {
        for (const QFileInfo &entry : QDir(folder.filePath(below)).entryInfoList(QDir::Files | QDir::Hidden, QDir::Name))
            files << HubFile{below + entry.fileName(), entry.size(), {}, {}};
    }
    return files;
}

/// The whole of a small file; nothing where it is not there, too large or cannot be read.
QByteArray textOf(const QDir &folder, const char *name) {
    const auto text =
        engine::read_regular_file(QFile::encodeName(folder.filePath(QLatin1StringView(name))).toStdString(), textLimit);
    return text && *text ? QByteArray::fromStdString(**text) : QByteArray();
}

}  // namespace

ModelPreview preview::ofRepository(const RepositoryPlan &plan, const DeviceMemory &memory, const HubCache &cache) {
    ModelPreview preview = common(plan, memory);
    preview.repoId = plan.repoId;
    preview.name = plan.repoId.section(QLatin1Char('/'), -1);
    for (const QList<HubFile> *list : {&plan.weights, &plan.others})
        for (const HubFile &file : *list)
            if (!cache.find(plan.repoId, plan.commit, file).isEmpty()) preview.cachedBytes += file.size;
    return preview;
}

Result<RepositoryPlan> preview::planOfFolder(const QString &where) {
    const QDir folder(where);
    const std::string path = QFile::encodeName(folder.path()).toStdString();
    if (!files::looksLikeModel(folder.path())) {
        const int why = errno;
        if (!estimator::isOfMachine(why)) return errors::invalidLocalPath(folder.path());
        return errors::internal(QStringLiteral("'%1' cannot be read: %2.").arg(folder.path(), qt_error_string(why)));
    }
    const auto selection = selectFiles(filesOf(folder));
    if (!selection) return selection.error().error;
    RepositoryPlan plan;
    plan.repoId = folder.path();  // for the words of a refusal
    plan.weights = selection->weights;
    plan.others = selection->others;
    plan.tokenizerConfig = textOf(folder, "tokenizer_config.json");
    plan.chatTemplate = textOf(folder, "chat_template.json");
    QString flaw;
    bool runsCode = false;
    const auto checkpoint = engine::Checkpoint::open(path);
    if (checkpoint) {
        plan.config = QByteArray::fromStdString((*checkpoint)->config());
        plan.tensors = (*checkpoint)->tensors();
    } else {
        const engine::Error &error = checkpoint.error();
        if (error.code == engine::ErrorCode::Io && estimator::isOfMachine(int(error.got))) return errors::fromEngine(error);
        flaw = QString::fromStdString(error.message);
        plan.config = textOf(folder, "config.json");
        runsCode = error.code == engine::ErrorCode::NeedsRemoteCode;
    }
    if (!selection->index.isEmpty()) {
        const auto weights = weightsOfIndex(textOf(folder, selection->index.toLatin1().constData()), filesOf(folder));
        if (weights) plan.weights = *weights;
    }
    judge(plan, selection->form, flaw);
    if (runsCode) {
        plan.decoder.reset();
        plan.requiresRemoteCode = true;
    }
    return plan;
}

Result<ModelPreview> preview::ofFolder(const QString &folder, const DeviceMemory &memory) {
    const QDir absolute(QDir(folder).absolutePath());
    const auto plan = planOfFolder(absolute.path());
    if (!plan) return plan.error();
    ModelPreview preview = common(*plan, memory);
    preview.source = ModelSource::Local;
    preview.localPath = absolute.path();
    preview.name = absolute.dirName();
    preview.cachedBytes = preview.downloadBytes;
    return preview;
}

std::optional<Error> refusal(const RepositoryPlan &plan, bool trustRemoteCode) {
    const auto naming = [&](Error error) {
        if (!plan.unsupportedField.isEmpty()) error.details.insert(QStringLiteral("field"), plan.unsupportedField);
        return error;
    };
    if (plan.requiresRemoteCode && !plan.decoder && !trustRemoteCode)
        return naming(errors::remoteCodeRequired(QStringLiteral("'%1' needs code from its repository (trust_remote_code). %2")
                                                     .arg(plan.repoId, plan.unsupportedReason)
                                                     .trimmed()));
    if (!plan.decoder || !plan.unsupportedReason.isEmpty())
        return naming(errors::unsupported(plan.unsupportedReason.isEmpty()
                                              ? QStringLiteral("'%1' is of a kind that is not supported.").arg(plan.repoId)
                                              : plan.unsupportedReason));
    return {};
}

}  // namespace millm
