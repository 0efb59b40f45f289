#pragma once

#include "core/base/error.h"
#include "core/base/worker_thread.h"
#include "core/models/model.h"

#include <QFuture>
#include <QObject>
#include <QString>

#include <stop_token>

namespace millm {

/// Quantizes the folder of a linked model into the cache (files::weightsOf) when it is first loaded, so that later loads find
/// it there. Services thread; the work is in a thread of its own, which the destructor stops and joins.
class KeptWeights : public QObject {
    Q_OBJECT
public:
    struct Place {
        QString folder;    ///< to be loaded; empty: the model's own, quantized by the load
        qint64 bytes = 0;  ///< that it takes in the cache
    };

    explicit KeptWeights(QObject *parent = nullptr);
    ~KeptWeights() override;

    /// Is there something to be kept of such a model?
    static bool concerns(const Model &model) { return model.linked() && model.quantization != engine::Scheme::Plain; }
    /// Where its weights are, made now where they are not there or its files are others since; one call after the other.
    /// Cancelled is the only error: where nothing can be kept, the log says why. Whatever ends it leaves nothing half.
    QFuture<Result<Place>> provide(const Model &model);
    void cancel() { m_stop.request_stop(); }

Q_SIGNALS:
    void progressed(const millm::LoadProgress &progress);

private:
    std::stop_source m_stop;
    WorkerThread m_thread{QStringLiteral("keeper"), WorkerThread::Work::Computing};
};

}  // namespace millm
