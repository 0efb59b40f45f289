#pragma once

#include <QLocalServer>
#include <QLockFile>
#include <QObject>
#include <QString>

namespace millm {

/// One running program a data directory. The first one answers others' knocks by raising its window. Main thread.
class InstanceLock : public QObject {
    Q_OBJECT
public:
    explicit InstanceLock(const QString &dataDir, QObject *parent = nullptr);

    /// Makes the folder and takes the lock; the sentence why not, or an empty string.
    QString acquire();
    /// Asks the instance that holds the lock to show its window.
    void knock() const;

Q_SIGNALS:
    void knocked();

private:
    QString m_dataDir;
    QString m_socketName;
    QLockFile m_lock;
    QLocalServer m_server;
};

}  // namespace millm
