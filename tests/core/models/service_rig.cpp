#include "tests/core/models/service_rig.h"

#include "tests/support/test_settings.h"

#include <QDir>
#include <QTest>

namespace millm::testing {

ServiceRig::ServiceRig(const QString &databaseUrl, const QUrl &hub) {
    settings = settingsIn(m_folder.path(), hub);
    settings.databaseUrl = databaseUrl;
    start();
}

ServiceRig::~ServiceRig() {
    if (m_service) stop();
}

void ServiceRig::start() {
    m_database = std::make_unique<Database>(settings.databaseUrl);
    m_hub = std::make_unique<HubClient>(settings);
    HubTiming timing = m_hub->timing();
    timing.pauses = {std::chrono::milliseconds(1), std::chrono::milliseconds(1), std::chrono::milliseconds(1)};
    m_hub->setTiming(timing);
    m_inspector = std::make_unique<RepositoryInspector>(*m_hub);
    m_queue = std::make_unique<DownloadQueue>(*m_hub);
    m_inference = std::make_unique<InferenceService>(settings);
    m_system = std::make_unique<SystemMonitor>(settings.modelCacheDir);
    m_service = std::make_unique<ModelService>(settings, *m_database, *m_inspector, *m_queue, *m_inference, *m_system);
    const auto opened = answer(m_database->open());
    if (!opened) qFatal("%s", qPrintable(opened.error().message));
    const auto started = answer(m_service->start());
    if (!started) qFatal("%s", qPrintable(started.error().message));
}

void ServiceRig::stop() {
    if (!wait(m_service->shutDown())) qFatal("the service does not end");
    kill();
}

void ServiceRig::kill() {
    m_service.reset();
    m_system.reset();
    m_inference.reset();
    m_queue.reset();
    m_inspector.reset();
    m_hub.reset();
    m_database.reset();
}

QStringList ServiceRig::downloads() const {
    return QDir(cacheDir() + QStringLiteral("/huggingface"))
        .entryList(QDir::AllEntries | QDir::Hidden | QDir::NoDotAndDotDot, QDir::Name);
}

Model ServiceRig::downloaded(const QString &repoId, engine::Scheme scheme) {
    DownloadRequest request;
    request.repoId = repoId;
    request.quantization = scheme;
    const auto model = answer(service().download(request));
    if (!model) qFatal("%s", qPrintable(model.error().message));
    if (!QTest::qWaitFor([&] { return state(model->id) == ModelState::Ready; }, 120000))
        qFatal("the download does not end: %s", qPrintable(service().model(model->id)->errorMessage));
    return *service().model(model->id);
}

Model ServiceRig::loaded(qint64 id) {
    const auto begun = answer(service().load(id, {.force = true}));
    if (!begun) qFatal("%s", qPrintable(begun.error().message));
    const auto ended = answer(service().loadFinished(id), 300000);
    if (!ended) qFatal("%s", qPrintable(ended.error().message));
    return *ended;
}

}  // namespace millm::testing
