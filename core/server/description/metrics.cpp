#include "core/server/description/metrics.h"

#include "core/hub/hub_client.h"
#include "core/inference/inference_service.h"
#include "core/models/model_service.h"
#include "core/server/http/exchange.h"
#include "core/server/http/front.h"
#include "core/server/openai/token_totals.h"
#include "core/server/socketio/event_server.h"
#include "core/system/system_monitor.h"

#include <QStringList>

namespace millm::description {
namespace {

/// Metrics in Prometheus' text form, one family after the other.
class Writer {
public:
    void family(const char *name, const char *type, const char *help) {
        m_name = name;
        m_text += "# HELP " + m_name + ' ' + help + "\n# TYPE " + m_name + ' ' + type + '\n';
    }
    void sample(double value, const QList<std::pair<QByteArray, QByteArray>> &labels = {}, const char *suffix = "") {
        QList<QByteArray> parts;
        for (auto [label, text] : labels)
            parts += label + "=\"" + text.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n") + '"';
        m_text += m_name + suffix + (parts.isEmpty() ? QByteArray() : '{' + parts.join(',') + '}') + ' ' +
                  QByteArray::number(value, 'g', 17) + '\n';
    }
    void histogram(const Histogram &values, const QList<std::pair<QByteArray, QByteArray>> &labels = {}) {
        qint64 below = 0;
        for (std::size_t i = 0; i < values.counts().size(); ++i) {
            below += values.counts()[i];
            const bool last = i == values.bounds().size();
            auto withBound = labels;
            withBound.emplaceBack("le", last ? QByteArray("+Inf") : QByteArray::number(values.bounds()[i]));
            sample(double(below), withBound, "_bucket");
        }
        sample(values.sum(), labels, "_sum");
        sample(double(below), labels, "_count");
    }
    QByteArray take() { return std::move(m_text); }

private:
    QByteArray m_name, m_text;
};

}  // namespace

Metrics::Metrics(Sources sources) : m_sources(sources) {
    const ModelService *models = &sources.models;
    connect(models, &ModelService::downloadProgressed, this, &Metrics::countBytes);
    connect(models, &ModelService::downloadCompleted, this, [this](const Model &model) {
        ++m_downloadsDone;
        m_downloading.remove(model.id);
    });
    connect(models, &ModelService::downloadFailed, this, [this](qint64 id) {
        ++m_downloadsFailed;
        m_downloading.remove(id);
    });
    connect(models, &ModelService::modelDeleted, this, [this](qint64 id) { m_downloading.remove(id); });
}

void Metrics::countBytes(const DownloadProgress &progress) {
    qint64 &told = m_downloading[progress.modelId];
    m_downloadedBytes += std::max<qint64>(0, progress.bytesDownloaded - told);
    told = progress.bytesDownloaded;
}

void Metrics::count(const http::Answered &what) {
    // Labels of strangers' making would grow without end.
    const bool known = !what.route.isEmpty();
    ++m_requests[{known ? what.method : QByteArray("other"), known ? what.route : QByteArray("other"), what.status}];
    if (!known) return;
    auto duration = m_durations.find(what.route);
    if (duration == m_durations.end())
        duration = m_durations.insert(what.route, Histogram({0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 10, 60}));
    duration->observe(double(what.milliseconds) / 1000);
}

QByteArray Metrics::text() const {
    Writer out;
    out.family("millm_http_requests_total", "counter", "Answered requests; status 0: the client left first.");
    for (auto it = m_requests.begin(); it != m_requests.end(); ++it) {
        const auto &[method, route, status] = it.key();
        out.sample(double(it.value()), {{"method", method}, {"route", route}, {"status", QByteArray::number(status)}});
    }
    out.family("millm_http_request_duration_seconds", "histogram", "Time from a whole request to its whole answer.");
    for (auto it = m_durations.begin(); it != m_durations.end(); ++it) out.histogram(it.value(), {{"route", it.key()}});
    out.family("millm_http_connections", "gauge", "Open sockets.");
    out.sample(m_front ? m_front->connections() : 0);
    out.family("millm_http_streams", "gauge", "Answers that arrive piece by piece.");
    out.sample(m_front ? m_front->streams() : 0);
    out.family("millm_event_listeners", "gauge", "Socket.IO clients in a namespace.");
    out.sample(m_sources.events.listeners());
    out.family("millm_prompt_tokens_total", "counter", "Tokens of prompts that were answered.");
    out.sample(double(m_sources.tokens.prompt));
    out.family("millm_completion_tokens_total", "counter", "Tokens generated.");
    out.sample(double(m_sources.tokens.completion));
    out.family("millm_prompt_tokens_reused_total", "counter", "Tokens of prompts that another request had computed.");
    out.sample(double(m_sources.tokens.reused));
    const engine::StateUse states = m_sources.inference.stateUse();
    out.family("millm_kv_cache_bytes", "gauge",
               "What requests may remember, what they do, and what ended ones left to others.");
    out.sample(double(states.limit), {{"kind", "limit"}});
    out.sample(double(states.live), {{"kind", "live"}});
    out.sample(double(states.kept), {{"kind", "kept"}});
    out.family("millm_sequences", "gauge", "Sequences that are computed, and that wait for memory.");
    out.sample(double(states.running), {{"state", "running"}});
    out.sample(double(states.waiting), {{"state", "waiting"}});
    out.family("millm_preemptions_total", "counter", "How often a sequence gave its memory to an older one, since the load.");
    out.sample(double(states.preempted));
    const InferenceTimes &times = m_sources.inference.times();
    out.family("millm_time_to_first_token_seconds", "histogram",
               "From a generation's start, its reading included, to its first token.");
    out.histogram(times.firstToken);
    out.family("millm_time_between_tokens_seconds", "histogram", "From one token of a generation to the next.");
    out.histogram(times.betweenTokens);
    out.family("millm_queue_seconds", "histogram", "How long generations waited for their prompts to be begun.");
    out.histogram(times.queue);
    out.family("millm_prefill_seconds", "histogram", "From the beginning of a prompt to the first token.");
    out.histogram(times.prefill);
    out.family("millm_grammar_tokens_total", "counter", "Tokens generated that a grammar had a say in.");
    out.sample(double(m_sources.tokens.masks));
    out.family("millm_grammar_seconds_total", "counter", "Time that grammars took to say which tokens may come.");
    out.sample(m_sources.tokens.maskSeconds);
    out.family("millm_pending_requests", "gauge", "Generations that wait or run.");
    out.sample(m_sources.inference.pendingRequests());

    int active = 0, queued = 0;
    for (const Model &model : m_sources.models.models()) {
        active += model.state == ModelState::Downloading ? 1 : 0;
        queued += model.state == ModelState::Queued ? 1 : 0;
    }
    out.family("millm_downloads", "gauge", "Downloads that are under way, and that wait for their turn.");
    out.sample(active, {{"state", "active"}});
    out.sample(queued, {{"state", "queued"}});
    out.family("millm_downloads_total", "counter", "Downloads that ended.");
    out.sample(double(m_downloadsDone), {{"result", "completed"}});
    out.sample(double(m_downloadsFailed), {{"result", "failed"}});
    out.family("millm_download_bytes_total", "counter", "Bytes of models that were fetched.");
    out.sample(double(m_downloadedBytes));
    out.family("millm_hub_circuit_open_seconds", "gauge", "How long the Hub, found down too often, is not asked; 0: it is.");
    out.sample(double(m_sources.hub.resting().count()) / 1000);

    QMap<QByteArray, int> byStatus{{"downloading", 0}, {"ready", 0}, {"loading", 0}, {"loaded", 0}, {"error", 0}};
    for (const Model &model : m_sources.models.models()) ++byStatus[QByteArray(apiStatus(model.state))];
    out.family("millm_models", "gauge", "Models by status.");
    for (auto it = byStatus.begin(); it != byStatus.end(); ++it) out.sample(it.value(), {{"status", it.key()}});
    out.family("millm_model_loaded", "gauge", "1 for the model in memory.");
    const auto loaded = m_sources.inference.loaded();
    if (loaded) out.sample(1, {{"name", loaded->name.toUtf8()}, {"device", loaded->device.toUtf8()}});
    out.family("millm_model_memory_bytes", "gauge", "Memory of the loaded model.");
    out.sample(loaded ? double(m_sources.inference.memoryUse().totalBytes()) : 0);
    out.family("millm_cache_bytes", "gauge", "Disk space of the files that the model cache has.");
    out.sample(double(m_sources.models.cacheBytes()));
    out.family("process_resident_memory_bytes", "gauge", "Resident memory of the process.");
    out.sample(double(m_sources.system.last().processMemory));
    return out.take();
}

void Metrics::show(http::Exchange &exchange) {
    exchange.send({.contentType = "text/plain; version=0.0.4; charset=utf-8", .body = text()});
}

}  // namespace millm::description
