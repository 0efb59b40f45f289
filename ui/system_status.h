#pragma once

#include "core/system/system_monitor.h"

#include <QObject>
#include <QString>
#include <QtQmlIntegration>

namespace millm {

/// The header's numbers of this machine, in words. GUI thread.
class SystemStatus : public QObject {
    Q_OBJECT
    QML_ELEMENT
    QML_UNCREATABLE("made by the program")
    Q_PROPERTY(bool known READ known NOTIFY changed FINAL)
    Q_PROPERTY(QString cpuText READ cpuText NOTIFY changed FINAL)
    Q_PROPERTY(QString cpuName READ cpuName NOTIFY changed FINAL)
    Q_PROPERTY(QString memoryText READ memoryText NOTIFY changed FINAL)
    Q_PROPERTY(bool hasGpu READ hasGpu NOTIFY changed FINAL)
    Q_PROPERTY(QString gpuText READ gpuText NOTIFY changed FINAL)
    Q_PROPERTY(QString gpuName READ gpuName NOTIFY changed FINAL)
    Q_PROPERTY(QString gpuMemoryText READ gpuMemoryText NOTIFY changed FINAL)
    Q_PROPERTY(QString temperatureText READ temperatureText NOTIFY changed FINAL)
    Q_PROPERTY(Heat heat READ heat NOTIFY changed FINAL)
public:
    enum class Heat { Normal, Warm, Hot };
    Q_ENUM(Heat)

    using QObject::QObject;

    bool known() const { return m_known; }
    QString cpuText() const;  ///< "12%"
    QString cpuName() const { return m_sample.cpuName; }
    QString memoryText() const;  ///< "8.2/32 GB"
    bool hasGpu() const { return !m_sample.gpus.isEmpty(); }
    QString gpuText() const;  ///< of the first one, as all below
    QString gpuName() const;
    QString gpuMemoryText() const;
    QString temperatureText() const;  ///< "52°C"; empty where unknown
    Heat heat() const;                ///< Warm from 65 °C, Hot from 80

public Q_SLOTS:
    void setSample(const millm::SystemSample &sample);

Q_SIGNALS:
    void changed();

private:
    bool m_known = false;
    SystemSample m_sample;
};

}  // namespace millm
