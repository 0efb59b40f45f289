#include "core/base/file_watch.h"

#include <QFile>

#include <utility>

#include <sys/stat.h>

namespace millm {
namespace {

/// What tells files from their next versions, links followed.
QByteArray stateOf(const QStringList &files) {
    QByteArray state;
    for (const QString &file : files) {
        struct stat facts{};
        if (::stat(QFile::encodeName(file).constData(), &facts) == 0)
            state += QByteArray::number(quint64(facts.st_ino)) + ' ' + QByteArray::number(qint64(facts.st_size)) + ' ' +
                     QByteArray::number(qint64(facts.st_mtim.tv_sec)) + '.' + QByteArray::number(qint64(facts.st_mtim.tv_nsec));
        state += '\n';
    }
    return state;
}

}  // namespace

FileWatch::FileWatch(QStringList files, std::chrono::milliseconds glance, std::function<Then()> changed, QObject *parent)
    : QObject(parent), m_files(std::move(files)), m_changed(std::move(changed)) {
    m_clock.setInterval(glance);
    connect(&m_clock, &QTimer::timeout, this, &FileWatch::look);
}

void FileWatch::start() {
    m_state = stateOf(m_files);
    m_clock.start();
}

void FileWatch::look() {
    if (std::exchange(m_looking, true)) return;
    struct Seen {
        QByteArray state;
        Then then;
    };
    m_reader
        .run([files = m_files, before = m_state, changed = m_changed] {
            Seen seen{stateOf(files), {}};
            if (seen.state != before) seen.then = changed();
            return seen;
        })
        .then(this, [this](const Seen &seen) {
            m_looking = false;
            m_state = seen.state;
            if (seen.then) seen.then();
        });
}

}  // namespace millm
