#include "core/models/model_search.h"

#include "core/base/errors.h"
#include "core/engine/architectures/description.h"
#include "core/engine/memory_footprint.h"
#include "core/hub/hub_client.h"
#include "core/inference/inference_service.h"

#include <QStringList>
#include <QTimer>

#include <algorithm>
#include <chrono>
#include <functional>

namespace millm {
namespace {

using namespace std::chrono_literals;

/// The engine may be busy with a load that takes its time: the Hub's answer is worth more than whether it fits.
constexpr auto patienceForMemory = 500ms;

bool isKnown(const QString &modelType) {
    static const auto known = engine::supported_model_types();
    return std::ranges::find(known, modelType.toStdString()) != known.end();
}

/// Repositories of several parts say the whole's type, while the part that writes text may well be a known one.
bool mayHoldAText(const QString &task) {
    static const QStringList tasks = {QStringLiteral("image-text-to-text"), QStringLiteral("audio-text-to-text"),
                                      QStringLiteral("video-text-to-text"), QStringLiteral("any-to-any"),
                                      QStringLiteral("image-to-text")};
    return tasks.contains(task);
}

void judgeSupport(FoundModel &found) {
    const FoundRepository &repository = found.repository;
    const auto refuse = [&](const QString &why) {
        found.supported = false;
        found.unsupportedReason = why;
    };
    if (repository.gguf && !repository.safetensors && !repository.pytorch)
        return refuse(QStringLiteral("it has weights only as GGUF, which this program does not read"));
    if (repository.modelType.isEmpty()) return;
    if (isKnown(repository.modelType)) {
        // Of weights that are quantized already another way, only their headers tell.
        if (repository.quantization.isEmpty() || repository.quantization == QLatin1StringView("bitsandbytes"))
            found.supported = true;
    } else if (!mayHoldAText(repository.task)) {
        refuse(QStringLiteral("models of type \"%1\" are not supported").arg(repository.modelType));
    }
}

void measure(FoundModel &found) {
    const FoundRepository &repository = found.repository;
    // Of packed weights the number of elements says nothing about the model's, and what others packed becomes smaller or larger
    // here, which the stored bytes do not tell.
    if (!repository.quantization.isEmpty()) {
        if (repository.storedBytes && repository.quantization == QLatin1StringView("bitsandbytes"))
            for (const auto &row : engine::schemes()) found.weightBytes.insert(row.scheme, *repository.storedBytes);
        return;
    }
    if (!repository.elements || *repository.elements == 0) return;
    found.params = QString::fromStdString(engine::parameters_as_text(std::uint64_t(*repository.elements)));
    for (const auto &row : engine::schemes()) found.weightBytes.insert(row.scheme, *repository.elements * row.bits / 8);
}

}  // namespace

FoundModel judgeFound(const FoundRepository &repository, qint64 availableBytes) {
    FoundModel found;
    found.repository = repository;
    judgeSupport(found);
    measure(found);
    if (availableBytes > 0 && !found.weightBytes.isEmpty()) {
        const qint64 least = std::ranges::min(found.weightBytes);
        if (least > availableBytes)
            found.fits = false;
        else if (least + least / 4 <= availableBytes)
            found.fits = true;
    }
    return found;
}

namespace {

/// One search under way; goes with its answer.
class Finding : public QObject {
public:
    using Answer = Result<QList<FoundModel>>;

    Finding(std::stop_token stop, QObject *parent)
        : QObject(parent), m_stop(std::move(stop), [this] {
              QMetaObject::invokeMethod(
                  this, [this] { end(Error{ErrorCode::Cancelled, QStringLiteral("Cancelled."), {}}); }, Qt::QueuedConnection);
          }) {}

    QFuture<Answer> start(HubClient &hub, InferenceService &inference, const SearchRequest &request) {
        inference.deviceMemory().then(this, [this](const DeviceMemory &memory) {
            m_available = memory.freeBytes;
            answer();
        });
        hub.search(this, request.words, request.limit, request.token, [this](HubResult<QList<FoundRepository>> found) {
            if (!found) return end(errors::searchFailed(found.error().error));
            m_found = *found;
            QTimer::singleShot(patienceForMemory, this, [this] {
                if (!m_available) m_available = 0;
                answer();
            });
            answer();
        });
        return m_answer.future();
    }

private:
    void answer() {
        if (!m_found || !m_available) return;
        QList<FoundModel> judged;
        for (const FoundRepository &repository : *m_found) judged << judgeFound(repository, *m_available);
        end(judged);
    }
    void end(const Answer &answer) {
        if (m_ended) return;
        m_ended = true;
        m_answer.finish(answer);
        deleteLater();  // with the question to the Hub, where it is still under way
    }

    Deferred<Answer> m_answer;
    std::optional<QList<FoundRepository>> m_found;
    std::optional<qint64> m_available;
    bool m_ended = false;
    std::stop_callback<std::function<void()>> m_stop;  ///< last: it may call while this is made
};

}  // namespace

ModelSearch::ModelSearch(HubClient &hub, InferenceService &inference, QObject *parent)
    : QObject(parent), m_hub(hub), m_inference(inference) {}

QFuture<Result<QList<FoundModel>>> ModelSearch::find(const SearchRequest &request, std::stop_token stop) {
    using Answer = Result<QList<FoundModel>>;
    SearchRequest trimmed = request;
    trimmed.words = request.words.simplified();
    if (trimmed.words.isEmpty() || trimmed.words.size() > SearchRequest::longest)
        return resolved(Answer(
            errors::invalidRequest(QStringLiteral("query"), QStringLiteral("'query' must be 1 to %1 characters; it has %2.")
                                                                .arg(SearchRequest::longest)
                                                                .arg(trimmed.words.size()))));
    if (trimmed.limit < 1 || trimmed.limit > SearchRequest::most)
        return resolved(Answer(errors::invalidRequest(QStringLiteral("limit"),
                                                      QStringLiteral("'limit' must be 1 to %1.").arg(SearchRequest::most))));
    return (new Finding(std::move(stop), this))->start(m_hub, m_inference, trimmed);
}

}  // namespace millm
