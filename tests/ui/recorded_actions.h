#pragma once

#include "core/base/errors.h"
#include "core/base/futures.h"
#include "core/hub/repository_name.h"
#include "ui/chat_backend.h"
#include "ui/model_actions.h"

#include <QList>
#include <QPromise>
#include <QString>

#include <memory>
#include <utility>

namespace millm {

/// An answer that the test gives when it wants to.
template <class T>
class Later {
public:
    Later() { m_promise->start(); }
    QFuture<T> future() const { return m_promise->future(); }
    void answer(const T &value) const {
        m_promise->addResult(value);
        m_promise->finish();
    }

private:
    std::shared_ptr<QPromise<T>> m_promise = std::make_shared<QPromise<T>>();
};

/// Writes down what the window asks for and lets the test answer. Repository names are judged as the Hub client does.
class RecordedActions : public ModelActions {
public:
    QStringList calls;  ///< "load 3 force", in order
    QList<Later<Result<ModelPreview>>> previews;
    QList<Later<Result<QList<FoundModel>>>> searches;
    QList<std::stop_token> stops;        ///< of the searches
    QList<Later<Result<Model>>> models;  ///< download, addLocal, retry, load, unload
    QList<Later<Result<QList<MemoryCheck>>>> checks;
    QList<Later<Result<int>>> gathered;
    Elsewhere lying;                   ///< what is in other folders
    QList<Later<Result<void>>> voids;  ///< cancel, remove
    DownloadRequest lastDownload;
    LocalRequest lastLocal;
    LoadRequest lastLoad;
    SearchRequest lastSearch;
    QString lastToken;

    Result<QString> normaliseRepoId(const QString &text) const override { return normaliseRepositoryName(text); }
    QFuture<Result<QList<FoundModel>>> search(const SearchRequest &request, std::stop_token stop) override {
        lastSearch = request;
        stops << stop;
        return note(searches, QStringLiteral("search ") + request.words);
    }
    QFuture<Result<ModelPreview>> preview(const QString &repoId, const QString &token) override {
        lastToken = token;
        return note(previews, QStringLiteral("preview ") + repoId);
    }
    QFuture<Result<Model>> download(const DownloadRequest &request) override {
        lastDownload = request;
        return note(models, QStringLiteral("download ") + request.repoId);
    }
    QFuture<Result<Model>> quantize(qint64 id, engine::Scheme scheme) override {
        return note(models, QStringLiteral("quantize %1 as %2").arg(id).arg(int(scheme)));
    }
    QFuture<Result<Model>> addLocal(const LocalRequest &request) override {
        lastLocal = request;
        return note(models, QStringLiteral("addLocal ") + request.path);
    }
    QFuture<Result<void>> cancel(qint64 id) override { return note(voids, QStringLiteral("cancel %1").arg(id)); }
    QFuture<Result<void>> moveInQueue(qint64 id, int by) override {
        return note(voids, QStringLiteral("move %1 %2").arg(id).arg(by));
    }
    QFuture<Result<Model>> retry(qint64 id) override { return note(models, QStringLiteral("retry %1").arg(id)); }
    QFuture<Result<QList<MemoryCheck>>> checkMemory(qint64 id) override {
        return note(checks, QStringLiteral("checkMemory %1").arg(id));
    }
    QFuture<Result<Model>> load(qint64 id, const LoadRequest &request) override {
        lastLoad = request;
        QString call = QStringLiteral("load %1").arg(id);
        if (request.force) call += QStringLiteral(" force");
        if (request.contextLength) call += QStringLiteral(" context %1").arg(*request.contextLength);
        if (request.device && !request.device->isEmpty()) call += QStringLiteral(" device ") + *request.device;
        return note(models, call);
    }
    QFuture<Result<Model>> unload(qint64 id) override { return note(models, QStringLiteral("unload %1").arg(id)); }
    QFuture<Elsewhere> elsewhere() override { return QtFuture::makeReadyValueFuture(lying); }
    QFuture<Result<int>> gather() override { return note(gathered, QStringLiteral("gather")); }
    void stopGathering() override { calls << QStringLiteral("stopGathering"); }
    QFuture<Result<Model>> rename(qint64 id, const QString &name) override {
        return note(models, QStringLiteral("rename %1 %2").arg(id).arg(name));
    }
    QFuture<Result<void>> remove(qint64 id) override { return note(voids, QStringLiteral("remove %1").arg(id)); }

private:
    template <class T>
    QFuture<T> note(QList<Later<T>> &list, const QString &call) {
        calls << call;
        list.emplaceBack();
        return list.last().future();
    }
};

/// A chat partner whose every word comes from the test.
class RecordedChat : public ChatBackend {
public:
    QList<std::pair<quint64, GenerationRequest>> requests;
    QList<quint64> cancelled;

    void submit(quint64 ticket, const GenerationRequest &request) override { requests.append({ticket, request}); }
    void cancel(quint64 ticket) override { cancelled << ticket; }

    void begin(bool opensReasoning) { Q_EMIT started(requests.last().first, opensReasoning); }
    void say(const QString &text) { Q_EMIT chunk(requests.last().first, text); }
    void end(engine::FinishReason reason, qint64 tokens, double seconds) {
        GenerationSummary summary;
        summary.reason = reason;
        summary.completionTokens = tokens;
        summary.decodeSeconds = seconds;
        Q_EMIT finished(requests.last().first, summary);
    }
    void fail(const Error &error) { Q_EMIT failed(requests.last().first, error); }
};

}  // namespace millm
