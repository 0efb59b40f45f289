#include "app/demo.h"

#include "app/demo/local_hub.h"

#include <QCoreApplication>
#include <QDir>
#include <QFileInfo>

namespace millm {
namespace {

// The sample model arrives in a few seconds: long enough to see it happen.
constexpr qint64 bytesPerSecond = 4'000'000;

}  // namespace

Demo::Demo() = default;
Demo::~Demo() = default;

QString Demo::repository() {
    return QStringLiteral("millm/sample-llama");
}

QString Demo::sampleModelFolder() {
    return QDir::cleanPath(QCoreApplication::applicationDirPath() + QStringLiteral("/../share/millm/sample-model"));
}

std::unique_ptr<Demo> Demo::start(Settings &settings) {
    if (!QFileInfo::exists(sampleModelFolder() + QStringLiteral("/config.json"))) return nullptr;
    std::unique_ptr<Demo> demo(new Demo);
    demo->m_hub = std::make_unique<LocalHub>();
    if (!demo->m_data.isValid() || !demo->m_hub->listening()) return nullptr;
    demo->m_hub->addRepository(repository(), sampleModelFolder());
    demo->m_hub->setThrottle(bytesPerSecond);
    settings.hfEndpoint = demo->m_hub->endpoint();
    settings.hubOffline = false;
    settings.hfToken.clear();  // a person's token is nothing for the demo's Hub
    settings.dataDir = demo->m_data.path();
    settings.modelCacheDir = settings.dataDir + QStringLiteral("/models");
    settings.databaseUrl = QStringLiteral("sqlite://") + settings.dataDir + QStringLiteral("/millm.db");
    settings.hfHubCache = settings.dataDir + QStringLiteral("/no-cache");
    settings.autoLoadModel.clear();
    return demo;
}

}  // namespace millm
