#include "core/inference/open_requests.h"

#include "core/base/errors.h"

#include <algorithm>

namespace millm {

namespace {

constexpr int mostPlaces = 256;

}  // namespace

OpenRequests::OpenRequests(std::shared_ptr<TaskQueue> engine, std::function<void()> ended, std::function<void()> emptied)
    : m_engine(std::move(engine)), m_ended(std::move(ended)), m_emptied(std::move(emptied)) {
    m_places->freed = [this] { lookIfEmpty(); };
}

OpenRequests::~OpenRequests() {
    m_places->freed = nullptr;
}

Result<QueuePlaces> OpenRequests::take(int count) {
    if (count > mostPlaces - m_places->taken) return errors::queueFull(m_places->taken);
    m_places->taken += count;
    return QueuePlaces(m_places.get(), [places = m_places, count](const void *) {
        places->taken -= count;
        if (places->freed) places->freed();
    });
}

Generation *OpenRequests::open(QueuePlaces places, QObject *parent) {
    const quint64 id = ++m_last;
    auto shared = std::make_shared<Generation::Shared>(m_engine);
    auto *generation = new Generation(id, shared, parent);
    m_open.insert(id, {generation, std::move(shared), std::move(places)});
    return generation;
}

const std::shared_ptr<Generation::Shared> &OpenRequests::sharedOf(const Generation &generation) const {
    return m_open.constFind(generation.id())->shared;
}

void OpenRequests::deliver(const QList<GenerationEvent> &events) {
    for (const auto &event : events) {
        const auto found = m_open.constFind(event.request);
        if (found == m_open.cend()) continue;
        time(event, *found->shared);
        // A slot may delete the handle.
        const QPointer<Generation> handle = found->handle;
        if (const auto *started = std::get_if<GenerationEvent::Started>(&event.what)) {
            if (handle) Q_EMIT handle->started(started->prompt);
        } else if (const auto *chunk = std::get_if<TokenChunk>(&event.what)) {
            if (handle) Q_EMIT handle->chunk(*chunk);
        } else {
            end(event.request);
            if (handle) {
                if (const auto *summary = std::get_if<GenerationSummary>(&event.what))
                    Q_EMIT handle->finished(*summary);
                else if (const auto *embeddings = std::get_if<Embeddings>(&event.what))
                    Q_EMIT handle->embedded(*embeddings);
                else
                    Q_EMIT handle->failed(std::get<Error>(event.what));
                if (handle) handle->deleteLater();
            }
        }
    }
}

void OpenRequests::time(const GenerationEvent &event, Generation::Shared &shared) {
    const auto *chunk = std::get_if<TokenChunk>(&event.what);
    if (chunk && !chunk->tokens.isEmpty()) {
        const double seconds = double(shared.sinceToken.nsecsElapsed()) / 1e9;
        shared.sinceToken.start();
        (std::exchange(shared.hasTokens, true) ? m_times.betweenTokens : m_times.firstToken).observe(seconds);
    } else if (const auto *summary = std::get_if<GenerationSummary>(&event.what); summary && shared.hasTokens) {
        m_times.queue.observe(summary->queueSeconds);
        m_times.prefill.observe(std::max(0.0, summary->prefillSeconds - summary->queueSeconds));
    }
}

void OpenRequests::end(quint64 request) {
    Open gone = m_open.take(request);
    gone.shared->ended = true;
    m_lastEnd = QDateTime::currentDateTimeUtc();
    m_ended();
    if (!gone.places) lookIfEmpty();  // else its places look when they go with it, unless others share them
}

void OpenRequests::lookIfEmpty() {
    if (isEmpty()) m_emptied();
}

void OpenRequests::failAll(const Error &error) {
    for (const Open &open : std::as_const(m_open)) {
        open.shared->cancelled = true;
        open.shared->ended = true;
        if (!open.handle) continue;
        QMetaObject::invokeMethod(
            open.handle.data(),
            [handle = open.handle.data(), error] {
                Q_EMIT handle->failed(error);
                handle->deleteLater();
            },
            Qt::QueuedConnection);
    }
}

void OpenRequests::cancelAll() {
    for (auto it = m_open.cbegin(); it != m_open.cend(); ++it) {
        if (!it->shared->cancelled.exchange(true)) m_engine->post([id = it.key()](EngineWorker &worker) { worker.cancel(id); });
    }
}

}  // namespace millm
