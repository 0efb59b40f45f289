#pragma once

#include "tests/core/models/service_rig.h"
#include "tests/support/hub_emulator.h"
#include "tests/support/temporary_database.h"

#include <QObject>

#include <memory>

namespace millm::testing {

/// A Hub with three models and all services on an empty folder and an empty database, new for every test.
class ServiceTestCase : public QObject {
    Q_OBJECT
protected:
    inline static const QString fixtures = QStringLiteral(MILLM_FIXTURES "/models/");
    inline static const QString sample = QStringLiteral(MILLM_SAMPLE_MODEL);
    inline static const QString llama = QStringLiteral("tiny/llama"), chat = QStringLiteral("tiny/chat"),
                                big = QStringLiteral("tiny/sample");

    TemporaryDatabase m_databases;
    std::unique_ptr<HubEmulator> m_hub;
    std::unique_ptr<ServiceRig> m_rig;

    ModelService &service() { return m_rig->service(); }
    /// From now on the sample model would take most of a minute.
    void slowDown() { m_hub->setThrottle(200'000); }
    static DownloadRequest request(const QString &repoId, engine::Scheme scheme = engine::Scheme::Plain);

private Q_SLOTS:
    void initTestCase();
    void init();
    void cleanup();
};

/// Copies the files of a folder, without the folders in it.
bool copyFolder(const QString &from, const QString &to);

}  // namespace millm::testing
