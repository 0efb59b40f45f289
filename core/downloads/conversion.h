#pragma once

#include "core/base/error.h"
#include "core/base/worker_thread.h"
#include "core/engine/quantization/scheme.h"

#include <QByteArray>
#include <QObject>
#include <QString>

#include <functional>
#include <memory>
#include <stop_token>

namespace millm {

/// Quantizes weight files while they arrive, in a thread of its own, so that a large tensor does not hold up the line. Services
/// thread; destroying it tells the work under way to stop.
class Conversion : public QObject {
    Q_OBJECT
public:
    struct Order {
        QByteArray config;  ///< the repository's config.json
        QString target;     ///< folder of the quantized files
        engine::Scheme scheme = engine::Scheme::NF4;
        qint64 required = 0;  ///< bytes of the whole model, for the words of a full disk
    };
    Conversion(WorkerThread &thread, const Order &order, QObject *parent);
    ~Conversion() override;

    /// `available` bytes of the weight file `name` lie at `source` now, of `size` in all.
    void offer(const QString &source, const QString &name, qint64 available, qint64 size);
    /// Forgets what came from `name`; `then` runs when its file is not read any more.
    void restart(const QString &name, std::function<void()> then);
    /// Writes index and config.json.
    void finish(std::function<void(Result<void>)> then);
    /// Stops and lets go of all files; `then` runs after that.
    void stop(std::function<void()> then);

Q_SIGNALS:
    void progressed(const QString &name, qint64 consumed);
    void converted(const QString &name);  ///< all of this file
    void failed(const QString &name, const millm::Error &error);

private:
    struct Work;
    struct Offer {
        QString source, name;
        qint64 available = 0, size = 0;
    };
    void next();
    Error asClient(const engine::Error &error) const;

    WorkerThread &m_thread;
    std::shared_ptr<Work> m_work;  ///< used in the thread only, but for its stop source
    QString m_target;
    qint64 m_required;
    Offer m_offer;
    qint64 m_asked = 0;  ///< bytes of the present file already asked for
    int m_generation = 0;
    bool m_busy = false, m_failed = false;
};

}  // namespace millm
