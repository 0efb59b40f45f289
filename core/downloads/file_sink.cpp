#include "core/downloads/file_sink.h"

#include <QDir>
#include <QFile>
#include <QFileInfo>

#include <fcntl.h>
#include <unistd.h>
#include <cerrno>

namespace millm {

FileSink::FileSink(const QString &path, const HubFile &file, bool durable) : m_path(path), m_sum(file), m_durable(durable) {}

FileSink::~FileSink() {
    if (m_file >= 0) ::close(m_file);
}

void FileSink::open() {
    QDir().mkpath(QFileInfo(m_path).path());
    const QByteArray path = QFile::encodeName(m_path);
    // A new file, not a truncated one: whoever still has the old one mapped keeps it whole.
    ::unlink(path.constData());
    m_file = ::open(path.constData(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0644);
    if (m_file < 0) fail();
}

void FileSink::append(const QByteArray &bytes) {
    if (m_file < 0) return;
    for (qsizetype done = 0; done < bytes.size();) {
        const ssize_t count = ::write(m_file, bytes.constData() + done, std::size_t(bytes.size() - done));
        if (count < 0 && errno == EINTR) continue;
        if (count <= 0) return fail();
        done += count;
    }
    m_sum.add(bytes.constData(), bytes.size());
    Q_EMIT written(bytes.size());
}

void FileSink::finish() {
    if (m_file < 0) return;
    if (m_durable && ::fsync(m_file) != 0) return fail();
    const bool closed = ::close(m_file) == 0;
    m_file = -1;
    if (!closed) return fail();
    Q_EMIT finished(m_sum.matches());
}

void FileSink::fail() {
    const int error = errno;
    if (m_file >= 0) ::close(m_file);
    m_file = -1;
    Q_EMIT failed(error);
}

}  // namespace millm
