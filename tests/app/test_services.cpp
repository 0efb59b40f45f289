#include "app/services.h"

#include "tests/support/test_settings.h"
#include "tests/support/waiting.h"

#include <QRegularExpression>
#include <QTemporaryDir>
#include <QTest>

using namespace millm;

/// The parts list as the program makes it and takes it down.
class TestServices : public QObject {
    Q_OBJECT

    QTemporaryDir m_folder;
    Settings settings() const { return testing::settingsIn(m_folder.path()); }

private Q_SLOTS:
    void init() { QTest::failOnWarning(QRegularExpression(QStringLiteral("Shutting down took longer"))); }

    void endsAtOnceWhereNothingIsUnderWay() {
        ServiceThread services(settings());
        const auto started = testing::answer(services.start());
        QVERIFY2(!started.error, started.error ? qPrintable(started.error->message) : "");
        QVERIFY(started.url.port() > 0);
    }
    void endsBeforeItHasStarted() {
        ServiceThread services(settings());
        (void)services.start();
    }
    void endsUnstarted() { const ServiceThread services(settings()); }
};

QTEST_GUILESS_MAIN(TestServices)
#include "test_services.moc"
