#include "core/inference/device_choice.h"
#include "core/base/settings.h"
#include "core/inference/engine_host.h"
#include "core/inference/task_queue.h"

#include <QFile>
#include <QTemporaryDir>
#include <QTest>

#include <thread>

namespace millm {

class DeviceChoiceTest : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void readsDevices_data();
    void readsDevices();
    void readsComputeTypes();
    void findsTheFirstPlugin();
    void saysWhatIsMissing();
    void refusesWhatIsNoEngine();
    void tasksRunInOrderAndWakeTheWaiting();
};

void DeviceChoiceTest::readsDevices_data() {
    QTest::addColumn<QString>("text");
    QTest::addColumn<bool>("valid");
    QTest::addColumn<int>("kind");
    QTest::addColumn<int>("index");
    QTest::newRow("auto") << QStringLiteral("auto") << true << int(DeviceWish::Kind::Auto) << 0;
    QTest::newRow("cpu") << QStringLiteral("cpu") << true << int(DeviceWish::Kind::Cpu) << 0;
    QTest::newRow("cuda") << QStringLiteral("cuda") << true << int(DeviceWish::Kind::Cuda) << 0;
    QTest::newRow("cuda:3") << QStringLiteral("cuda:3") << true << int(DeviceWish::Kind::Cuda) << 3;
    for (const auto *wrong : {"", "CPU", "cuda:", "cuda:x", "cuda:-1", "cuda:1.5", "gpu", "cuda:99999999999"})
        QTest::newRow(wrong) << QString::fromLatin1(wrong) << false << 0 << 0;
}

void DeviceChoiceTest::readsDevices() {
    QFETCH(QString, text);
    QFETCH(bool, valid);
    const auto wish = deviceWishFrom(text);
    QCOMPARE(wish.ok(), valid);
    if (!valid) {
        QCOMPARE(wish.error().details.value(QStringLiteral("field")).toString(), QStringLiteral("device"));
        return;
    }
    QTEST(int(wish->kind), "kind");
    QTEST(wish->index, "index");
}

void DeviceChoiceTest::readsComputeTypes() {
    QCOMPARE(*computeTypeFrom(QStringLiteral("bfloat16")), engine::ComputeType::BFloat16);
    QCOMPARE(*computeTypeFrom(QStringLiteral("auto")), engine::ComputeType::Auto);
    QVERIFY(!computeTypeFrom(QStringLiteral("int8")));
}

void DeviceChoiceTest::findsTheFirstPlugin() {
    QTemporaryDir one, two;
    const QString name = QStringLiteral("engine.so");
    QVERIFY(EngineHost::findPlugin({one.path(), two.path()}, name).isEmpty());
    QFile file(two.filePath(name));
    QVERIFY(file.open(QIODevice::WriteOnly));
    QCOMPARE(EngineHost::findPlugin({one.path(), two.path()}, name), two.filePath(name));
}

void DeviceChoiceTest::saysWhatIsMissing() {
    QTemporaryDir empty;
    Settings settings;
    settings.engineDirs = {empty.path()};
    EngineHost none(settings);
    QVERIFY(none.expectsCpu());
    const auto engine = none.engine();
    QVERIFY(!engine);
    QVERIFY(engine.error().message.contains(empty.path()));

    settings.device = QStringLiteral("cuda:1");
    EngineHost cuda(settings);
    const auto device = cuda.device();
    QVERIFY(!device);
    QCOMPARE(device.error().code, ErrorCode::InvalidRequest);
    QVERIFY2(device.error().message.contains(QStringLiteral("cuda:1")), qPrintable(device.error().message));
    QCOMPARE(device.error().details.value(QStringLiteral("field")).toString(), QStringLiteral("device"));
}

void DeviceChoiceTest::refusesWhatIsNoEngine() {
    QTemporaryDir folder;
    QFile file(folder.filePath(QStringLiteral("libmillm_engine_cpu.so")));
    QVERIFY(file.open(QIODevice::WriteOnly));
    file.write("no library");
    file.close();
    Settings settings;
    settings.device = QStringLiteral("cpu");
    settings.engineDirs = {folder.path()};
    EngineHost host(settings);
    const auto engine = host.engine();
    QVERIFY(!engine);
    QVERIFY(engine.error().message.contains(QStringLiteral("cannot be loaded")));
    QCOMPARE(host.engine().error().message, engine.error().message);  // the same answer again
}

void DeviceChoiceTest::tasksRunInOrderAndWakeTheWaiting() {
    TaskQueue queue;
    QVERIFY(queue.take(false).empty());
    std::thread other([&] {
        for (int i = 0; i < 3; ++i) queue.post([](EngineWorker &) {});
    });
    std::size_t seen = 0;
    while (seen < 3) seen += queue.take(true).size();
    other.join();
    queue.close();
    queue.post([](EngineWorker &) {});
    QVERIFY(queue.take(true).empty());  // does not wait any more
    QVERIFY(queue.closed());
}

}  // namespace millm

QTEST_GUILESS_MAIN(millm::DeviceChoiceTest)
#include "device_choice_test.moc"
