#pragma once

#include <QList>
#include <QMetaType>
#include <QObject>
#include <QString>

#include <memory>

namespace millm {

struct GpuSample {
    int index = 0;
    QString name;
    double utilisation = 0;                  ///< percent
    qint64 memoryUsed = 0, memoryTotal = 0;  ///< bytes
    int temperature = -1;                    ///< °C, -1 unknown
};

struct SystemSample {
    double cpuPercent = 0;
    QString cpuName;
    qint64 memoryUsed = 0, memoryTotal = 0;  ///< bytes of RAM
    qint64 processMemory = 0;                ///< this process's resident bytes
    QList<GpuSample> gpus;
    qint64 diskFree = 0, diskTotal = 0;  ///< of the model cache's file system
};

/// Samples the machine every 2 s on a thread of its own ("system"); NVML is loaded at run time where it is. Services thread.
class SystemMonitor : public QObject {
    Q_OBJECT
public:
    explicit SystemMonitor(const QString &modelCacheDir, QObject *parent = nullptr);
    ~SystemMonitor() override;
    void start();
    SystemSample last() const;
    /// Free bytes of the file system that holds `path` (or will hold it), now.
    static qint64 diskFree(const QString &path);

Q_SIGNALS:
    void sampled(const millm::SystemSample &sample);

private:
    class Private;
    std::unique_ptr<Private> d;
};

}  // namespace millm

Q_DECLARE_METATYPE(millm::SystemSample)
