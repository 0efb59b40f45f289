#include "core/system/system_monitor.h"

#include "core/base/worker_thread.h"
#include "core/system/gpu_reader.h"
#include "core/system/machine.h"

#include <QDir>
#include <QFileInfo>
#include <QStorageInfo>
#include <QTimer>

#include <optional>

namespace millm {

namespace {

constexpr int intervalMs = 2000;

/// The next folder upwards that is there already.
QString existing(const QString &path) {
    QString folder = QDir::cleanPath(QFileInfo(path).absoluteFilePath());
    while (!QFileInfo::exists(folder) && folder != QStringLiteral("/")) folder = QFileInfo(folder).path();
    return folder;
}

}  // namespace

class SystemMonitor::Private {
public:
    explicit Private(const QString &folder) : cacheFolder(folder) {}

    SystemSample take();

    const QString cacheFolder;
    SystemSample last;
    bool started = false;
    // Made and used in the thread "system" only.
    std::optional<GpuReader> gpus;
    std::optional<machine::CpuTimes> before;
    QString cpuName;
    WorkerThread thread{QStringLiteral("system")};
};

SystemSample SystemMonitor::Private::take() {
    if (!gpus) {
        gpus.emplace();
        cpuName = machine::cpuName();
    }
    SystemSample sample;
    const auto now = machine::cpuTimes();
    if (before) sample.cpuPercent = machine::cpuPercent(*before, now);
    before = now;
    sample.cpuName = cpuName;
    const auto memory = machine::memory();
    sample.memoryTotal = memory.total;
    sample.memoryUsed = memory.total - memory.available;
    sample.processMemory = machine::processMemory();
    sample.gpus = gpus->read();
    const QStorageInfo disk(existing(cacheFolder));
    sample.diskFree = disk.bytesAvailable();
    sample.diskTotal = disk.bytesTotal();
    return sample;
}

SystemMonitor::SystemMonitor(const QString &modelCacheDir, QObject *parent)
    : QObject(parent), d(std::make_unique<Private>(modelCacheDir)) {}

SystemMonitor::~SystemMonitor() = default;

void SystemMonitor::start() {
    if (std::exchange(d->started, true)) return;
    d->thread.run([this, p = d.get()] {
        const auto sample = [this, p] {
            QMetaObject::invokeMethod(
                this,
                [this, taken = p->take()] {
                    d->last = taken;
                    Q_EMIT sampled(taken);
                },
                Qt::QueuedConnection);
        };
        auto *timer = new QTimer(p->thread.context());
        QObject::connect(timer, &QTimer::timeout, p->thread.context(), sample);
        timer->start(intervalMs);
        sample();
    });
}

SystemSample SystemMonitor::last() const {
    return d->last;
}

qint64 SystemMonitor::diskFree(const QString &path) {
    return QStorageInfo(existing(path)).bytesAvailable();
}

}  // namespace millm
