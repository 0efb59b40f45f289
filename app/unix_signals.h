#pragma once

#include <QObject>
#include <QSocketNotifier>

namespace millm {

/// SIGTERM and SIGINT as a signal of the event loop. One a process, main thread.
class UnixSignals : public QObject {
    Q_OBJECT
public:
    explicit UnixSignals(QObject *parent = nullptr);
    ~UnixSignals() override;

Q_SIGNALS:
    void terminate();

private:
    int m_read = -1;
    QSocketNotifier *m_notifier = nullptr;
};

}  // namespace millm
