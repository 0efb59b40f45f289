#pragma once

#include "core/base/error.h"
#include "core/base/futures.h"
#include "core/engine/quantization/scheme.h"
#include "core/hub/search_results.h"

#include <QFuture>
#include <QList>
#include <QMap>
#include <QObject>

#include <optional>
#include <stop_token>

namespace millm {

class HubClient;
class InferenceService;

struct SearchRequest {
    static constexpr qsizetype longest = 200;  ///< characters of `words`
    static constexpr int most = 100;           ///< the largest `limit`
    QString words;
    int limit = 20;
    QString token = {};  ///< empty: the settings'
};

/// A repository of the Hub, and what its few facts say about this program and this machine. Only a preview, which reads the
/// files' headers, knows all of it: nothing here means that it cannot be told yet.
struct FoundModel {
    FoundRepository repository;
    std::optional<bool> supported;
    QString unsupportedReason;                 ///< where not supported
    QString params;                            ///< "2.6B"; empty where not told
    QMap<engine::Scheme, qint64> weightBytes;  ///< the least that its weights take in memory; empty where not told
    /// Whether there is memory for it, at the smallest of them: no where not even the weights have room, yes where a quarter
    /// more than they take is free.
    std::optional<bool> fits;
};

/// What the Hub told, judged; `availableBytes` of memory, 0 where unknown. Pure.
FoundModel judgeFound(const FoundRepository &repository, qint64 availableBytes);

/// Finds models by words of their names. Services thread.
class ModelSearch : public QObject {
    Q_OBJECT
public:
    ModelSearch(HubClient &hub, InferenceService &inference, QObject *parent = nullptr);

    /// InvalidRequest where there are no words, too many, or a limit out of bounds; Cancelled once `stop` is requested, from
    /// any thread.
    QFuture<Result<QList<FoundModel>>> find(const SearchRequest &request, std::stop_token stop = {});

private:
    HubClient &m_hub;
    InferenceService &m_inference;
};

}  // namespace millm
