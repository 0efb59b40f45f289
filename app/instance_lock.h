#pragma once

#include <QLocalServer>
#include <QObject>
#include <QString>

namespace millm {

/// One running program a data directory, whose folder it locks: that needs no room and no right to write. The first one answers
/// others' knocks by raising its window. Main thread.
class InstanceLock : public QObject {
    Q_OBJECT
public:
    explicit InstanceLock(const QString &dataDir, QObject *parent = nullptr);
    ~InstanceLock() override;

    /// Makes the folder and takes the lock; the sentence about the program that has it, or an empty string. A folder that
    /// cannot be made or read is nobody's.
    QString acquire();
    /// Asks the instance that holds the lock to show its window.
    void knock() const;

Q_SIGNALS:
    void knocked();

private:
    QString m_dataDir;
    QString m_socketName;
    QLocalServer m_server;
    int m_folder = -1;
};

}  // namespace millm
