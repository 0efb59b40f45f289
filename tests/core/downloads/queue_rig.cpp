#include "tests/core/downloads/queue_rig.h"

#include "core/engine/checkpoint/checkpoint.h"

#include <QJsonDocument>
#include <QJsonObject>

#include <algorithm>

namespace millm::testing {

void QueueRig::init() {
    m_data = std::make_unique<QTemporaryDir>();
    m_hub = std::make_unique<HubEmulator>();
    connectWith(hubSettings(*m_hub));
}

void QueueRig::cleanup() {
    m_queue.reset();
    m_inspector.reset();
    m_client.reset();
    QCOMPARE(m_hub->leaks(), 0);
}

void QueueRig::serve(const LlamaSpec &spec) {
    m_model = std::make_unique<QTemporaryDir>();
    writeLlama(m_model->path(), spec);
    m_hub->addRepository(tiny, m_model->path());
}

void QueueRig::connectWith(const Settings &settings) {
    m_queue.reset();
    m_inspector.reset();
    m_client = std::make_unique<HubClient>(settings);
    m_client->setTiming(quickTiming());
    m_inspector = std::make_unique<RepositoryInspector>(*m_client);
    m_queue = std::make_unique<DownloadQueue>(*m_client);
    m_record = {};
    m_clock.start();
    const auto note = [this](const char *what, qint64 id) {
        m_record.events.append(QStringLiteral("%1 %2").arg(what).arg(id));
    };
    connect(m_queue.get(), &DownloadQueue::started, this, [=](qint64 id) { note("started", id); });
    connect(m_queue.get(), &DownloadQueue::cancelled, this, [=](qint64 id) { note("cancelled", id); });
    connect(m_queue.get(), &DownloadQueue::finished, this, [=, this](qint64 id, const DownloadOutcome &outcome) {
        m_record.outcome = outcome;
        note("finished", id);
    });
    connect(m_queue.get(), &DownloadQueue::failed, this, [=, this](qint64 id, const Error &error) {
        m_record.error = error;
        note("failed", id);
    });
    connect(m_queue.get(), &DownloadQueue::progressed, this, [this](const DownloadProgress &progress) {
        m_record.progress.append(progress);
        m_record.times.append(m_clock.elapsed());
    });
}

DownloadJob QueueRig::job(engine::Scheme scheme, qint64 id, const QString &name) {
    auto plan = answer(m_inspector->inspect(tiny, {}));
    if (!plan) qFatal("no plan: %s", qPrintable(plan.error().message));
    if (!plan->decoder) qFatal("no decoder: %s", qPrintable(plan->unsupportedReason));
    DownloadJob job;
    job.modelId = id;
    job.plan = *plan;
    job.quantization = scheme;
    job.folder = folder(name);
    return job;
}

bool QueueRig::waitFor(const QString &event) {
    return QTest::qWaitFor([&] { return m_record.events.contains(event); }, 120000);
}

void QueueRig::run(engine::Scheme scheme) {
    m_queue->enqueue(job(scheme));
    QVERIFY(QTest::qWaitFor([&] { return m_record.error || m_record.events.contains(QStringLiteral("finished 1")); }, 120000));
}

void QueueRig::verifyNothingLeft() {
    QCOMPARE(filesBelow(m_data->path()), QStringList());
}

void QueueRig::verifyQuantized(const QString &at, const char *marker) {
    const auto checkpoint = engine::Checkpoint::open(at.toStdString());
    QVERIFY2(checkpoint, checkpoint ? "" : checkpoint.error().message.c_str());
    const bool found = std::any_of((*checkpoint)->tensors().begin(), (*checkpoint)->tensors().end(),
                                   [&](const engine::TensorInfo &t) { return t.name.find(marker) != std::string::npos; });
    QVERIFY2(found, marker);
    const QJsonObject config = QJsonDocument::fromJson(readFile(at + QStringLiteral("/config.json"))).object();
    QCOMPARE(config.value(QStringLiteral("quantization_config")).toObject().value(QStringLiteral("quant_method")).toString(),
             QStringLiteral("bitsandbytes"));
    QCOMPARE(readFile(at + QStringLiteral("/tokenizer.json")), original(QStringLiteral("tokenizer.json")));
}

}  // namespace millm::testing
