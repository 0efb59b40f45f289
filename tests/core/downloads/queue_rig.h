#pragma once

#include "core/downloads/download_queue.h"
#include "core/hub/hub_client.h"
#include "core/hub/repository_inspector.h"
#include "tests/support/hub_faults.h"
#include "tests/support/hub_fixture.h"
#include "tests/support/waiting.h"

#include <QElapsedTimer>
#include <QTemporaryDir>
#include <QTest>

#include <memory>
#include <optional>

namespace millm::testing {

/// A Hub of its own, a client and a queue on an empty folder for every test, and what the queue said.
class QueueRig : public QObject {
    Q_OBJECT
protected:
    inline static const QString tiny = QStringLiteral("acme/tiny-llama");

    /// What a queue said, in order.
    struct Record {
        QStringList events;  ///< "started 1", "finished 1"…
        QList<DownloadProgress> progress;
        QList<qint64> times;
        std::optional<Error> error;
        DownloadOutcome outcome;
    };

    std::unique_ptr<QTemporaryDir> m_model, m_data;
    std::unique_ptr<HubEmulator> m_hub;
    std::unique_ptr<HubClient> m_client;
    std::unique_ptr<RepositoryInspector> m_inspector;
    std::unique_ptr<DownloadQueue> m_queue;
    Record m_record;
    QElapsedTimer m_clock;

    QString cacheDir() const { return m_data->filePath(QStringLiteral("models")); }
    QString folder(const QString &name) const { return cacheDir() + QStringLiteral("/huggingface/") + name; }
    QByteArray original(const QString &path) const { return readFile(m_model->filePath(path)); }

    /// Writes a model and serves it as `tiny`.
    void serve(const LlamaSpec &spec = {});
    /// A new client and a new queue.
    void connectWith(const Settings &settings);
    DownloadJob job(engine::Scheme scheme, qint64 id = 1, const QString &name = QStringLiteral("acme--tiny-llama--X"));
    bool waitFor(const QString &event);
    /// Downloads `tiny` until it is finished or has failed.
    void run(engine::Scheme scheme);
    void verifyNothingLeft();
    void verifyQuantized(const QString &at, const char *marker);

private Q_SLOTS:
    void init();
    void cleanup();
};

}  // namespace millm::testing
