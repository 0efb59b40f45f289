#pragma once

#include "core/base/error.h"
#include "core/engine/engine.h"
#include "core/inference/device_choice.h"

#include <QString>
#include <QStringList>

#include <atomic>
#include <memory>
#include <optional>

namespace millm {

struct Settings;

/// Finds the engine plugin and loads it at first use: the one with CUDA where the settings allow it and a device is there, else
/// the CPU's. One plugin a process, never unloaded (libtorch does not survive that). One thread: the engine's.
class EngineHost {
public:
    explicit EngineHost(const Settings &settings);
    ~EngineHost();

    /// Internal where no plugin is found or it does not load, InvalidRequest for a device that is not there.
    Result<engine::Engine *> engine();
    /// For computing, from now on; 0 = the cores that the process may use.
    void setThreads(int threads);
    /// The device that models are loaded to, or the one of that name ("cpu", "cuda:1"); InvalidRequest where it is not there.
    Result<engine::DeviceId> device(const QString &name = {});
    /// By what the process grew when the engine's libraries came. Any thread; 0 before.
    qint64 openedBytes() const { return m_openedBytes; }
    bool isOpen() const { return m_openedBytes > 0; }  ///< any thread

    /// Will models go to the CPU? Known without loading a plugin; constant, so from any thread.
    bool expectsCpu() const { return m_expectsCpu; }
    /// The first folder's file of this name; empty where there is none.
    static QString findPlugin(const QStringList &folders, const QString &fileName);

private:
    Result<void> open();
    Result<void> openPlugin(const QString &path);

    QString m_cpuPlugin, m_cudaPlugin;
    QStringList m_folders;
    Result<DeviceWish> m_wish;
    int m_threads = 0, m_cudaDevices = 0;
    bool m_expectsCpu = true;
    std::unique_ptr<engine::Engine> m_engine;
    std::optional<Error> m_failure;  ///< of the first try: a second would find the same files
    engine::DeviceId m_device;
    std::atomic<qint64> m_openedBytes = 0;
};

}  // namespace millm
