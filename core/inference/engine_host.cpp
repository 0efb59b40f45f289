#include "core/inference/engine_host.h"

#include "core/base/errors.h"
#include "core/base/log_categories.h"
#include "core/base/settings.h"
#include "core/engine/open_engine.h"
#include "core/system/machine.h"

#include <QDir>
#include <QFile>

#include <algorithm>
#include <utility>

namespace millm {

namespace {

const QString cpuFile = QStringLiteral("libmillm_engine_cpu.so"), cudaFile = QStringLiteral("libmillm_engine_cuda.so");

Error deviceMissing(const QString &why) {
    return errors::invalidRequest(QStringLiteral("device"), why);
}

}  // namespace

EngineHost::EngineHost(const Settings &settings)
    : m_cpuPlugin(findPlugin(settings.engineDirs, cpuFile)),
      m_cudaPlugin(findPlugin(settings.engineDirs, cudaFile)),
      m_folders(settings.engineDirs),
      m_wish(deviceWishFrom(settings.device)),
      m_threads(settings.threads) {
    const bool wanted = m_wish && m_wish->kind != DeviceWish::Kind::Cpu;
    if (wanted && !m_cudaPlugin.isEmpty()) m_cudaDevices = cudaDeviceCount();
    m_expectsCpu = m_cudaDevices == 0;
}

EngineHost::~EngineHost() = default;

QString EngineHost::findPlugin(const QStringList &folders, const QString &fileName) {
    for (const auto &folder : folders) {
        const QString path = QDir(folder).filePath(fileName);
        if (QFile::exists(path)) return path;
    }
    return {};
}

Result<engine::Engine *> EngineHost::engine() {
    if (m_engine) return m_engine.get();
    if (!m_failure) {
        if (auto done = open(); !done) m_failure = done.error();
    }
    if (m_failure) return *m_failure;
    return m_engine.get();
}

void EngineHost::setThreads(int threads) {
    if (std::exchange(m_threads, threads) != threads && m_engine) m_engine->set_threads(threads);
}

Result<engine::DeviceId> EngineHost::device(const QString &name) {
    const auto loaded = engine();
    if (!loaded) return loaded.error();
    if (name.isEmpty()) return m_device;
    QStringList known;
    for (const engine::DeviceInfo &info : (*loaded)->devices()) {
        if (nameOf(info.id) == name) return info.id;
        known << nameOf(info.id);
    }
    return deviceMissing(QStringLiteral("'device' must be one of %1, not '%2'.").arg(known.join(QStringLiteral(", ")), name));
}

Result<void> EngineHost::open() {
    if (!m_wish) return m_wish.error();
    const bool needed = m_wish->kind == DeviceWish::Kind::Cuda;
    if (needed && m_cudaPlugin.isEmpty())
        return deviceMissing(
            QStringLiteral("The device '%1' is asked for, but the engine with CUDA (%2) is not in %3.")
                .arg(nameOf({engine::DeviceKind::Cuda, m_wish->index}), cudaFile, m_folders.join(QStringLiteral(", "))));
    if (needed && m_wish->index >= m_cudaDevices)
        return deviceMissing(QStringLiteral("The device '%1' is asked for, but the CUDA driver sees %2 devices.")
                                 .arg(nameOf({engine::DeviceKind::Cuda, m_wish->index}))
                                 .arg(m_cudaDevices));
    if (m_cudaDevices > 0) {
        auto opened = openPlugin(m_cudaPlugin);
        if (opened && m_engine->has_cuda()) {
            m_device = {engine::DeviceKind::Cuda, m_wish->index};
            return {};
        }
        const QString why = opened ? QStringLiteral("The engine with CUDA finds no usable device.") : opened.error().message;
        if (needed) return deviceMissing(why);
        qCWarning(inferenceLog, "%s Models are computed on the CPU.", qPrintable(why));
        // A second libtorch must not follow the first: an engine with CUDA also computes on the CPU.
        if (opened) return {};
    }
    if (m_cpuPlugin.isEmpty())
        return errors::internal(
            QStringLiteral("The engine (%1) is not in %2.").arg(cpuFile, m_folders.join(QStringLiteral(", "))));
    return openPlugin(m_cpuPlugin);
}

Result<void> EngineHost::openPlugin(const QString &path) {
    const qint64 before = machine::proportionalMemory();
    auto opened = engine::open_engine(QFile::encodeName(path).toStdString());
    if (!opened) return errors::internal(QString::fromStdString(opened.error().message));
    m_engine = *std::move(opened);
    m_engine->set_threads(m_threads);
    m_openedBytes = std::max<qint64>(1, machine::proportionalMemory() - before);
    qCInfo(inferenceLog, "Engine: %s", m_engine->description().c_str());
    return {};
}

}  // namespace millm
