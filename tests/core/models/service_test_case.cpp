#include "tests/core/models/service_test_case.h"

#include <QDir>
#include <QFile>
#include <QTest>

#include <algorithm>

namespace millm::testing {

void ServiceTestCase::initTestCase() {
    QVERIFY(QFile::exists(QStringLiteral(MILLM_ENGINE_DIR "/libmillm_engine_cpu.so")));
}

void ServiceTestCase::init() {
    m_hub = std::make_unique<HubEmulator>();
    m_hub->addRepository(llama, fixtures + QStringLiteral("llama"));
    m_hub->addRepository(chat, fixtures + QStringLiteral("llama_chat_tiny"));
    m_hub->addRepository(big, sample);
    m_rig = std::make_unique<ServiceRig>(m_databases.url(), m_hub->endpoint());
}

void ServiceTestCase::cleanup() {
    m_rig.reset();
    m_hub.reset();
}

DownloadRequest ServiceTestCase::request(const QString &repoId, engine::Scheme scheme) {
    DownloadRequest request;
    request.repoId = repoId;
    request.quantization = scheme;
    return request;
}

bool copyFolder(const QString &from, const QString &to) {
    QDir().mkpath(to);
    const auto entries = QDir(from).entryList(QDir::Files);
    return std::ranges::all_of(entries, [&](const QString &name) {
        return QFile::copy(from + QLatin1Char('/') + name, to + QLatin1Char('/') + name);
    });
}

}  // namespace millm::testing
