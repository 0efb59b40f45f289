#include "app/inspect.h"

#include "core/base/errors.h"
#include "core/base/pasted_text.h"
#include "core/hub/hub_client.h"
#include "core/hub/repository_inspector.h"
#include "core/inference/engine_host.h"
#include "core/inference/inference_service.h"
#include "core/models/preview.h"
#include "core/server/management/model_json.h"

#include <QDir>
#include <QEventLoop>
#include <QFileInfo>
#include <QFutureWatcher>
#include <QJsonDocument>
#include <QLocale>
#include <QTextStream>

#include <algorithm>
#include <array>
#include <optional>

namespace millm {

namespace {

using namespace Qt::StringLiterals;

/// A stranger's words, fit for a terminal: nothing of them is obeyed.
QString harmless(QString text) {
    for (QChar &c : text)
        if (!c.isPrint() && !c.isSurrogate()) c = u'?';
    return text;
}

QString count(qint64 number) {
    return QLocale(QLocale::English).toString(number);
}

/// "1.8 GB", decimal.
QString size(qint64 bytes) {
    struct Unit {
        double bytes;
        const char *name;
    };
    constexpr std::array units{Unit{1e12, "TB"}, Unit{1e9, "GB"}, Unit{1e6, "MB"}, Unit{1e3, "KB"}};
    for (const Unit &unit : units) {
        if (double(bytes) < unit.bytes * 0.9995) continue;
        const double value = double(bytes) / unit.bytes;
        return u"%1 %2"_s.arg(QLocale::c().toString(value, 'f', value < 99.95 ? 1 : 0), QLatin1StringView(unit.name));
    }
    return u"%1 bytes"_s.arg(bytes);
}

QString tokens(qint64 number) {
    return u"%1 tokens"_s.arg(count(number));
}

QString tokenizerText(const ModelPreview &preview) {
    if (preview.tokenizer == engine::TokenizerKind::None) return u"none"_s;
    const QString files = preview.tokenizerFiles.join(u", "_s);
    return preview.tokenizerClass.isEmpty() ? files : u"%1 (%2)"_s.arg(files, preview.tokenizerClass);
}

QString templateText(const ModelPreview &preview) {
    if (!preview.chatTemplates) return u"unknown"_s;
    if (preview.chatTemplates->isEmpty()) return u"none"_s;
    if (*preview.chatTemplates == QStringList{u"default"_s}) return u"yes"_s;
    return u"yes: %1"_s.arg(preview.chatTemplates->join(u", "_s));
}

QString verdictText(const ModelPreview &preview) {
    if (preview.supported) return u"yes"_s;
    QString code = errorId(preview.unsupportedCode);
    if (!preview.unsupportedField.isEmpty()) code += u", field \"%1\""_s.arg(preview.unsupportedField);
    return u"no: %1 (%2)"_s.arg(preview.unsupportedReason, code);
}

QString filesText(const ModelPreview &preview) {
    if (preview.downloadBytes == 0) return u"none"_s;
    const QString all = size(preview.downloadBytes);
    if (preview.source == ModelSource::Local) return all;
    const qint64 fetched = preview.downloadBytes - preview.cachedBytes;
    return fetched == 0 ? u"%1, all of it on this machine"_s.arg(all) : u"%1, %2 of it to download"_s.arg(all, size(fetched));
}

/// Of what bitsandbytes quantized the files stay as they are.
QString quantizedText(const ModelPreview &preview) {
    if (!preview.supported || preview.quantizedWith.isEmpty() || preview.quantizedWith == u"bitsandbytes"_s)
        return preview.quantizedWith;
    return u"%1; its values are restored, and kept in 16 bits or quantized anew"_s.arg(preview.quantizedWith);
}

using Line = std::array<QString, 2>;

/// What is known, line by line.
QList<Line> facts(const ModelPreview &preview) {
    const bool local = preview.source == ModelSource::Local;
    QList<Line> lines{{local ? u"Folder"_s : u"Repository"_s, local ? preview.localPath : preview.repoId}};
    const auto add = [&](const QString &name, const QString &value) {
        if (!value.isEmpty()) lines << Line{name, value};
    };
    add(u"Commit"_s, preview.commit);
    add(u"Model type"_s, preview.modelType);
    add(u"Architecture"_s, preview.architecture);
    if (preview.supported) add(u"Makes"_s, preview.generates ? u"text"_s : u"embeddings"_s);
    if (preview.parameters > 0) add(u"Parameters"_s, u"%1 (%2)"_s.arg(count(preview.parameters), preview.params));
    QStringList types;
    for (const StoredType &type : preview.storedTypes)
        types << u"%1 (%2 tensors, %3)"_s.arg(type.dtype, count(type.tensors), size(type.bytes));
    add(u"Stored as"_s, types.isEmpty() ? u"unknown"_s : types.join(u", "_s));
    add(u"Quantized with"_s, quantizedText(preview));
    add(u"Files"_s, filesText(preview));
    if (preview.contextLength > 0) add(u"Context"_s, tokens(preview.contextLength));
    add(u"Tokenizer"_s, tokenizerText(preview));
    add(u"Chat template"_s, templateText(preview));
    if (!local) {
        add(u"License"_s, preview.license.isEmpty() ? u"not given"_s : preview.license);
        add(u"Access"_s, !preview.isGated        ? u"open"_s
                         : preview.filesReadable ? u"gated, the token opens it"_s
                                                 : u"gated, the files cannot be read"_s);
    }
    add(u"Supported"_s, verdictText(preview));
    return lines;
}

/// One row a quantization under their heads.
QList<QStringList> sizeRows(const ModelPreview &preview) {
    if (preview.sizes.isEmpty()) return {};
    const SizeEstimate &any = preview.sizes.first();
    const bool longer = preview.contextLength > any.memory.contextLength;
    QList<QStringList> rows{{u"Quantization"_s, u"Disk"_s, u"Memory"_s, u"Weights"_s, u"KV cache"_s}};
    if (longer) rows.first() << u"Memory at %1"_s.arg(tokens(preview.contextLength));
    for (const SizeEstimate &estimate : preview.sizes) {
        const std::string_view id = engine::scheme_info(estimate.scheme).id;
        QStringList row{QString::fromLatin1(id.data(), qsizetype(id.size())), size(estimate.diskBytes),
                        size(estimate.memory.totalBytes()), size(estimate.memory.weightBytes),
                        size(estimate.memory.kvCacheBytes)};
        if (longer) row << size(estimate.fullMemoryBytes);
        rows << row;
    }
    return rows;
}

QString memoryNote(const ModelPreview &preview, bool gpu) {
    const SizeEstimate &any = preview.sizes.first();
    QString note = u"Memory: loaded to the %1, with one conversation of %2.\n"_s.arg(gpu ? u"GPU"_s : u"CPU"_s,
                                                                                     tokens(any.memory.contextLength));
    QStringList parts;
    if (any.kvBytesPerToken > 0) parts << u"%1 bytes a token"_s.arg(count(any.kvBytesPerToken));
    if (any.fixedStateBytes > 0) parts << u"%1 whatever the length"_s.arg(size(any.fixedStateBytes));
    if (parts.isEmpty()) return note;
    note += u"KV cache: %1, %2 at %3.\n"_s.arg(parts.join(u" and "_s), size(any.fullKvCacheBytes),
                                               tokens(std::max(preview.contextLength, any.memory.contextLength)));
    return note;
}

/// What models would be computed on, told without loading the engine.
DeviceMemory expectedDevice(const Settings &settings) {
    DeviceMemory memory;
    memory.gpu = !EngineHost(settings).expectsCpu();
    memory.device = memory.gpu ? u"cuda"_s : u"cpu"_s;
    if (const auto compute = computeTypeFrom(settings.dtype)) memory.compute = *compute;
    if (const auto products = productsFrom(settings.products)) memory.products = *products;
    return memory;
}

/// Turns the event loop until the answer is there.
template <class T>
Result<T> waitFor(const QFuture<Result<T>> &future) {
    QEventLoop loop;
    QFutureWatcher<Result<T>> watcher;
    QObject::connect(&watcher, &QFutureWatcherBase::finished, &loop, &QEventLoop::quit, Qt::QueuedConnection);
    watcher.setFuture(future);
    loop.exec();
    if (future.resultCount() == 0) return errors::internal(u"The work was given up."_s);
    return future.result();
}

/// The folder that is meant, if one is: what looks like a path, and what is there.
std::optional<QString> folderOf(const QString &target) {
    const bool isPath = target.startsWith(u'/') || target.startsWith(u'.') || target.startsWith(u"~/"_s) || target == u"~"_s;
    if (!isPath && !QFileInfo(target).isDir()) return {};
    return target.startsWith(u'~') ? QDir::homePath() + target.sliced(1) : target;
}

int fail(const Error &error) {
    QTextStream(stderr) << "millm: " << harmless(error.message) << " (" << errorId(error.code) << ')' << Qt::endl;
    return InspectFailed;
}

void show(const ModelPreview &preview, const InspectRequest &request, bool gpu) {
    QTextStream out(stdout);
    if (request.json)
        out << QJsonDocument(management::toJson(preview)).toJson(QJsonDocument::Indented);
    else
        out << inspectTable(preview, gpu);
}

}  // namespace

QString inspectTable(const ModelPreview &preview, bool gpu) {
    QString text;
    constexpr qsizetype nameWidth = 16;
    for (const auto &[name, value] : facts(preview)) text += name.leftJustified(nameWidth) + harmless(value) + u'\n';
    const QList<QStringList> rows = sizeRows(preview);
    if (rows.isEmpty()) return text;
    text += u'\n';
    QList<qsizetype> widths(rows.first().size(), 0);
    for (const QStringList &row : rows)
        for (qsizetype i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], row[i].size());
    for (const QStringList &row : rows) {
        text += row.first().leftJustified(nameWidth - 2);
        for (qsizetype i = 1; i < row.size(); ++i) text += u"  "_s + row[i].rightJustified(widths[i]);
        text += u'\n';
    }
    return text + u'\n' + memoryNote(preview, gpu);
}

int inspect(const Settings &settings, const InspectRequest &request) {
    const DeviceMemory memory = expectedDevice(settings);
    const auto verdict = [](const ModelPreview &preview) { return preview.supported ? InspectSupported : InspectUnsupported; };
    if (const auto folder = folderOf(request.target)) {
        const auto preview = preview::ofFolder(*folder, memory);
        if (!preview) return fail(preview.error());
        show(*preview, request, memory.gpu);
        return verdict(*preview);
    }
    HubClient hub(settings);
    RepositoryInspector inspector(hub);
    const auto plan = waitFor(inspector.inspect(pasted(request.target), {}));
    if (!plan) return fail(plan.error());
    const ModelPreview preview = preview::ofRepository(*plan, memory, hub.cache());
    show(preview, request, memory.gpu);
    if (preview.filesReadable || !preview.supported) return verdict(preview);
    // Why they are not: no token, or one that does not open them.
    const auto access = waitFor(inspector.checkAccess(*plan, {}));
    return fail(access ? errors::gatedNoToken(plan->repoId) : access.error());
}

}  // namespace millm
