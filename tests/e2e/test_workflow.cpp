#include "app/services.h"
#include "app/window.h"
#include "tests/e2e/window_driver.h"
#include "tests/support/hub_emulator.h"
#include "tests/support/patience.h"
#include "tests/support/test_settings.h"

#include <QDir>
#include <QSignalSpy>
#include <QTemporaryDir>
#include <QTest>

using namespace millm;

/// The complete model workflow of the requirement, step for step: the real window, real services, a Hub of one's own.
class TestWorkflow : public QObject {
    Q_OBJECT

    QTemporaryDir m_data;
    testing::HubEmulator m_hub;

    Settings settings() const { return testing::settingsIn(m_data.path(), m_hub.endpoint()); }

private Q_SLOTS:
    void completeModelWorkflow() {
        m_hub.addRepository(QStringLiteral("hf-internal-testing/tiny-random-gpt2"), QStringLiteral(MILLM_SAMPLE_MODEL));
        ServiceThread services(settings());
        Window window(settings(), {}, services);
        QVERIFY(window.root());
        QVERIFY(QTest::qWaitForWindowExposed(window.root(), 60000));
        const WindowDriver driver(*window.root());

        QVERIFY(driver.type(QStringLiteral("repo-input"), QStringLiteral("hf-internal-testing/tiny-random-gpt2")));
        QVERIFY(driver.click(QStringLiteral("download-btn")));
        QTRY_COMPARE_WITH_TIMEOUT(driver.text(QStringLiteral("model-status")), QStringLiteral("Ready"), 60000);
        const QString folder = m_data.filePath(QStringLiteral("models/huggingface/hf-internal-testing--tiny-random-gpt2--Q4"));
        QVERIFY(QFile::exists(folder + QStringLiteral("/model.safetensors")));

        QVERIFY(driver.click(QStringLiteral("load-btn")));
        QTRY_COMPARE_WITH_TIMEOUT(driver.text(QStringLiteral("model-status")), QStringLiteral("Loaded"), 60000);
        QTRY_VERIFY_WITH_TIMEOUT(driver.text(QStringLiteral("status-bar-model")).contains(QStringLiteral("tiny-random-gpt2")),
                                 10000);

        QVERIFY(driver.click(QStringLiteral("unload-btn")));
        QTRY_COMPARE_WITH_TIMEOUT(driver.text(QStringLiteral("model-status")), QStringLiteral("Ready"), 60000);

        QVERIFY(driver.click(QStringLiteral("delete-btn")));
        QVERIFY(driver.click(QStringLiteral("confirm-delete-btn")));
        QTRY_COMPARE_WITH_TIMEOUT(driver.all(QStringLiteral("model-card")).size(), 0, 30000);
        QTRY_VERIFY(!QDir(folder).exists());
    }
};

QTEST_MAIN(TestWorkflow)
#include "test_workflow.moc"
