#include "core/base/writable_folder.h"

#include <QDir>
#include <QFile>

#include <fcntl.h>
#include <unistd.h>
#include <cerrno>
#include <cstdlib>
#include <cstring>

namespace millm {
namespace {

constexpr off_t enough = 64 * 1024;  // a database that changes a row needs no more

}  // namespace

QString wordsOf(int systemError) {
    if (systemError == ENOSPC) return QStringLiteral("the disk is full");
    if (systemError == EDQUOT) return QStringLiteral("the disk is full for this user (quota)");
    return QString::fromLocal8Bit(std::strerror(systemError));
}

QString whyNotWritable(const QString &folder) {
    if (!QDir().mkpath(folder)) return wordsOf(errno);
    QByteArray path = QFile::encodeName(folder) + "/.millm-XXXXXX";
    const int file = ::mkostemp(path.data(), O_CLOEXEC);
    if (file < 0) return wordsOf(errno);
    const int wrong = ::posix_fallocate(file, 0, enough);
    ::close(file);
    ::unlink(path.constData());
    return wrong == 0 ? QString() : wordsOf(wrong);
}

}  // namespace millm
