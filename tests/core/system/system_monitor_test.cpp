#include "core/system/system_monitor.h"
#include "core/system/gpu_reader.h"
#include "core/system/machine.h"

#include <QDir>
#include <QFile>
#include <QFileInfo>
#include <QSignalSpy>
#include <QTemporaryDir>
#include <QTest>
#include <QThread>

namespace millm {

class SystemMonitorTest : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void readsMemoryFromText();
    void readsCpuTimesFromText();
    void groupsLimitTheMemory();
    void countsThePercentBetweenTwoReadings();
    void knowsThisMachine();
    void samplesOnItsOwnThread();
    void findsTheDiskOfAFolderThatIsNotThereYet();
    void gpusAreWhatTheDriverSays();
};

void SystemMonitorTest::readsMemoryFromText() {
    const auto memory =
        machine::parseMemory("MemTotal:       16303428 kB\nMemFree:          211000 kB\nMemAvailable:    9000000 kB\n");
    QCOMPARE(memory.total, qint64(16303428) * 1024);
    QCOMPARE(memory.available, qint64(9000000) * 1024);
    QCOMPARE(machine::parseMemory("nothing").total, 0);
}

void SystemMonitorTest::readsCpuTimesFromText() {
    const auto times = machine::parseCpuTimes("cpu  100 5 20 800 60 1 4 10 3 2\ncpu0 1 2 3 4\n");
    QVERIFY(times.has_value());
    QCOMPARE(times->total, quint64(1000));
    QCOMPARE(times->busy, quint64(140));
    QVERIFY(!machine::parseCpuTimes("intr 5"));
    QVERIFY(!machine::parseCpuTimes("cpu 1 2"));
}

void SystemMonitorTest::groupsLimitTheMemory() {
    QTemporaryDir folder;
    const machine::Accounts accounts{folder.filePath(QStringLiteral("proc")), folder.filePath(QStringLiteral("groups"))};
    const auto write = [&](const QString &path, const QByteArray &text) {
        const QString name = folder.filePath(path);
        QDir().mkpath(QFileInfo(name).path());
        QFile file(name);
        QVERIFY(file.open(QIODevice::WriteOnly));
        QCOMPARE(file.write(text), text.size());
    };
    constexpr qint64 MiB = 1 << 20;
    write(QStringLiteral("proc/meminfo"), "MemTotal: 8388608 kB\nMemAvailable: 4194304 kB\n");
    write(QStringLiteral("proc/self/cgroup"), "0::/user.slice/millm.service\n");
    QCOMPARE(machine::memory(accounts).available, 4096 * MiB);
    // A service's own limit, less what is used but for the page cache.
    write(QStringLiteral("groups/user.slice/millm.service/memory.max"), QByteArray::number(2048 * MiB) + "\n");
    write(QStringLiteral("groups/user.slice/millm.service/memory.current"), QByteArray::number(1000 * MiB) + "\n");
    write(QStringLiteral("groups/user.slice/millm.service/memory.stat"),
          "anon 1\ninactive_file " + QByteArray::number(300 * MiB) + "\nactive_file " + QByteArray::number(200 * MiB) + "\n");
    QCOMPARE(machine::memory(accounts).total, 2048 * MiB);
    QCOMPARE(machine::memory(accounts).available, 1548 * MiB);
    // Of a group around it a lower one; "max" is none, and one above what is free changes nothing.
    write(QStringLiteral("groups/user.slice/memory.max"), "max\n");
    write(QStringLiteral("groups/user.slice/memory.high"), QByteArray::number(1500 * MiB) + "\n");
    write(QStringLiteral("groups/user.slice/memory.current"), QByteArray::number(1400 * MiB) + "\n");
    QCOMPARE(machine::memory(accounts).available, 100 * MiB);
    write(QStringLiteral("groups/memory.max"), QByteArray::number(1000 * MiB) + "\n");
    write(QStringLiteral("groups/memory.current"), QByteArray::number(2000 * MiB) + "\n");
    QCOMPARE(machine::memory(accounts).available, 0);
    // The first version of control groups, and a container whose tree begins at its own group.
    QVERIFY(QDir(accounts.groups).removeRecursively());
    write(QStringLiteral("proc/self/cgroup"), "5:cpu,memory:/docker/abc\n0::/\n");
    write(QStringLiteral("groups/memory/memory.limit_in_bytes"), QByteArray::number(512 * MiB) + "\n");
    write(QStringLiteral("groups/memory/memory.usage_in_bytes"), QByteArray::number(100 * MiB) + "\n");
    QCOMPARE(machine::memory(accounts).available, 412 * MiB);
}

void SystemMonitorTest::countsThePercentBetweenTwoReadings() {
    QCOMPARE(machine::cpuPercent({100, 1000}, {150, 1100}), 50.0);
    QCOMPARE(machine::cpuPercent({100, 1000}, {100, 1000}), 0.0);
    QCOMPARE(machine::cpuPercent({100, 1000}, {90, 1010}), 0.0);  // counters of a core that went offline may fall
}

void SystemMonitorTest::knowsThisMachine() {
    const auto memory = machine::memory();
    QVERIFY(memory.total > 0);
    QVERIFY(memory.available > 0);
    QVERIFY(memory.available <= memory.total);
    QVERIFY(machine::processMemory() > 1'000'000);
    QVERIFY(machine::processMemory() < memory.total);
    QVERIFY(machine::cpuTimes().total > 0);
    QVERIFY(!machine::cpuName().isEmpty());
}

void SystemMonitorTest::samplesOnItsOwnThread() {
    QTemporaryDir folder;
    SystemMonitor monitor(folder.path());
    QCOMPARE(monitor.last().memoryTotal, 0);
    QSignalSpy sampled(&monitor, &SystemMonitor::sampled);
    monitor.start();
    monitor.start();  // once is enough
    QTRY_VERIFY_WITH_TIMEOUT(sampled.size() >= 2, 60000);
    const auto sample = sampled.last().first().value<SystemSample>();
    QVERIFY(sample.memoryTotal > 0);
    QVERIFY(sample.memoryUsed > 0);
    QVERIFY(sample.cpuPercent >= 0 && sample.cpuPercent <= 100);
    QVERIFY(sample.diskTotal >= sample.diskFree);
    QVERIFY(sample.diskFree > 0);
    QCOMPARE(monitor.last().memoryTotal, sample.memoryTotal);
}

void SystemMonitorTest::findsTheDiskOfAFolderThatIsNotThereYet() {
    QTemporaryDir folder;
    QVERIFY(SystemMonitor::diskFree(folder.filePath(QStringLiteral("not/there/yet"))) > 0);
}

void SystemMonitorTest::gpusAreWhatTheDriverSays() {
    const auto gpus = GpuReader().read();
    if (!QFile::exists(QStringLiteral("/proc/driver/nvidia/version"))) {
        QVERIFY(gpus.isEmpty());
        return;
    }
    for (const auto &gpu : gpus) {
        QVERIFY(!gpu.name.isEmpty());
        QVERIFY(gpu.memoryTotal > 0);
        QVERIFY(gpu.memoryUsed <= gpu.memoryTotal);
        QVERIFY(gpu.utilisation >= 0 && gpu.utilisation <= 100);
    }
}

}  // namespace millm

QTEST_GUILESS_MAIN(millm::SystemMonitorTest)
#include "system_monitor_test.moc"
