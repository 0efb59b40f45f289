#include "app/instance_lock.h"

#include <QCryptographicHash>
#include <QDir>
#include <QLocalSocket>

namespace millm {

// The socket's name is a hash: paths of data directories may be longer than a socket's name can be.
InstanceLock::InstanceLock(const QString &dataDir, QObject *parent)
    : QObject(parent),
      m_dataDir(dataDir),
      m_socketName(
          QStringLiteral("millm-") +
          QString::fromLatin1(QCryptographicHash::hash(dataDir.toUtf8(), QCryptographicHash::Sha256).toHex().left(24))),
      m_lock(dataDir + QStringLiteral("/millm.lock")) {
    m_lock.setStaleLockTime(0);  // stale only where its process is gone
}

QString InstanceLock::acquire() {
    if (!QDir().mkpath(m_dataDir)) return tr("Cannot make the data directory %1.").arg(m_dataDir);
    if (!m_lock.tryLock()) {
        qint64 pid = 0;
        QString host, program;
        if (m_lock.error() != QLockFile::LockFailedError) return tr("Cannot write to the data directory %1.").arg(m_dataDir);
        m_lock.getLockInfo(&pid, &host, &program);
        return tr("miLLM is already running with the data directory %1 (process %2).").arg(m_dataDir).arg(pid);
    }
    QLocalServer::removeServer(m_socketName);  // of a process that died
    m_server.setSocketOptions(QLocalServer::UserAccessOption);
    connect(&m_server, &QLocalServer::newConnection, this, [this] {
        while (QLocalSocket *socket = m_server.nextPendingConnection()) {
            connect(socket, &QLocalSocket::disconnected, socket, &QObject::deleteLater);
            Q_EMIT knocked();
        }
    });
    m_server.listen(m_socketName);
    return {};
}

void InstanceLock::knock() const {
    QLocalSocket socket;
    socket.connectToServer(m_socketName);
    socket.waitForConnected(1000);
}

}  // namespace millm
