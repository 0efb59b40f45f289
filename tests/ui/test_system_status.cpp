#include "tests/ui/samples.h"
#include "ui/server_state.h"
#include "ui/system_status.h"

#include <QSignalSpy>
#include <QTest>

using namespace millm;
using Heat = SystemStatus::Heat;

class TestSystemStatus : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void texts() {
        SystemStatus status;
        QVERIFY(!status.known());
        status.setSample(samples::machine());
        QVERIFY(status.known());
        QCOMPARE(status.cpuText(), QStringLiteral("12%"));
        QCOMPARE(status.memoryText(), QStringLiteral("8.2/32 GB"));
        QCOMPARE(status.gpuText(), QStringLiteral("45%"));
        QCOMPARE(status.gpuMemoryText(), QStringLiteral("4.2/24 GB"));
        QCOMPARE(status.temperatureText(), QStringLiteral("52°C"));
    }
    void heat_data() {
        QTest::addColumn<int>("celsius");
        QTest::addColumn<int>("heat");
        const std::initializer_list<std::pair<int, Heat>> rows{{-1, Heat::Normal}, {64, Heat::Normal}, {65, Heat::Warm},
                                                               {79, Heat::Warm},   {80, Heat::Hot},    {99, Heat::Hot}};
        for (const auto &[celsius, heat] : rows) QTest::addRow("%d", celsius) << celsius << int(heat);
    }
    void heat() {
        QFETCH(int, celsius);
        QFETCH(int, heat);
        SystemSample sample = samples::machine();
        sample.gpus[0].temperature = celsius;
        SystemStatus status;
        status.setSample(sample);
        QCOMPARE(int(status.heat()), heat);
        QCOMPARE(status.temperatureText().isEmpty(), celsius < 0);
    }
    void noGpu() {
        SystemSample sample = samples::machine();
        sample.gpus.clear();
        SystemStatus status;
        status.setSample(sample);
        QVERIFY(!status.hasGpu());
        QVERIFY(status.gpuMemoryText().isEmpty());
        QCOMPARE(status.heat(), Heat::Normal);
    }
    void server() {
        ServerState server;
        QSignalSpy changed(&server, &ServerState::changed);
        QCOMPARE(server.label(), QStringLiteral("Stopped"));
        server.setStarting();
        QCOMPARE(server.label(), QStringLiteral("Starting"));
        server.setServing(QUrl(QStringLiteral("http://127.0.0.1:8000")));
        QVERIFY(server.detail().contains(QStringLiteral("127.0.0.1:8000")));
        server.setError(QStringLiteral("Port 8000 is in use"));
        QCOMPARE(server.detail(), QStringLiteral("Port 8000 is in use"));
        QVERIFY(server.url().isEmpty());
        QCOMPARE(changed.size(), 3);
    }
};

QTEST_MAIN(TestSystemStatus)
#include "test_system_status.moc"
