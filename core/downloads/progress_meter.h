#pragma once

#include "core/models/model.h"

#include <QElapsedTimer>
#include <QList>
#include <QObject>
#include <QTimer>

namespace millm {

/// Turns bytes into a model's download progress: at most ten times a second, never backwards, the last one always; the speed is
/// the mean of the last seconds. Services thread.
class ProgressMeter : public QObject {
    Q_OBJECT
public:
    /// `conversionShare`: the part of the bar (0 to 1) that quantizing takes.
    ProgressMeter(qint64 modelId, qint64 totalBytes, double conversionShare, QObject *parent);

    void setPhase(DownloadPhase phase, qint64 waitMs = 0);
    void setBytes(qint64 bytes);
    void setConverted(double part);  ///< 0 to 1
    void finish();                   ///< 100 %, at once

Q_SIGNALS:
    void progressed(const millm::DownloadProgress &progress);

private:
    struct Sample {
        qint64 ms = 0, bytes = 0;
    };
    void changed();
    void send();
    double bytesPerSecond() const;

    DownloadProgress m_progress;
    double m_conversionShare, m_converted = 0;
    qint64 m_bytes = 0;  ///< may fall when a file is fetched anew; what is shown does not
    QElapsedTimer m_clock;
    QList<Sample> m_samples;
    QTimer m_timer;
};

}  // namespace millm
