#include "app/instance_lock.h"

#include <QCryptographicHash>
#include <QDir>
#include <QFile>
#include <QLocalSocket>

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cerrno>

namespace millm {
namespace {

/// The process that holds the lock, as the system lists it; 0 where it does not.
qint64 holderOf(int folder) {
    struct stat info{};
    QFile locks(QStringLiteral("/proc/locks"));
    if (::fstat(folder, &info) != 0 || !locks.open(QIODevice::ReadOnly)) return 0;
    // "1: FLOCK  ADVISORY  WRITE 1234 08:01:131075 0 EOF"
    for (const QByteArray &line : locks.readAll().split('\n')) {
        const QList<QByteArray> parts = line.simplified().split(' ');
        if (parts.value(1) == "FLOCK" && parts.value(5).endsWith(':' + QByteArray::number(qulonglong(info.st_ino))))
            return parts[4].toLongLong();
    }
    return 0;
}

}  // namespace

// The socket's name is a hash: paths of data directories may be longer than a socket's name can be.
InstanceLock::InstanceLock(const QString &dataDir, QObject *parent)
    : QObject(parent),
      m_dataDir(dataDir),
      m_socketName(
          QStringLiteral("millm-") +
          QString::fromLatin1(QCryptographicHash::hash(dataDir.toUtf8(), QCryptographicHash::Sha256).toHex().left(24))) {}

InstanceLock::~InstanceLock() {
    if (m_folder >= 0) ::close(m_folder);
}

QString InstanceLock::acquire() {
    QDir().mkpath(m_dataDir);
    m_folder = ::open(QFile::encodeName(m_dataDir).constData(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    // Some file systems know no locks: their users must see to it themselves.
    if (m_folder >= 0 && ::flock(m_folder, LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK) {
        return tr("miLLM is already running with the data directory %1 (process %2).").arg(m_dataDir).arg(holderOf(m_folder));
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
