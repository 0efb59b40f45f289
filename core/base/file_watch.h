#pragma once

#include "core/base/worker_thread.h"

#include <QByteArray>
#include <QObject>
#include <QStringList>
#include <QTimer>

#include <chrono>
#include <functional>

namespace millm {

/// Notices that files are others than before: by looking at them now and then, which sees through links and on every file
/// system. Belongs to the thread that made it; looks in one of its own.
class FileWatch : public QObject {
    Q_OBJECT
public:
    /// What is left to do in the thread of the watch.
    using Then = std::function<void()>;
    /// `changed` runs in the watch's own thread, and may block; what it returns runs here.
    FileWatch(QStringList files, std::chrono::milliseconds glance, std::function<Then()> changed, QObject *parent = nullptr);

    /// What the files are now is what they are compared with. Before whoever made this reads them; blocks a little.
    void start();

private:
    void look();

    const QStringList m_files;
    const std::function<Then()> m_changed;
    QByteArray m_state;
    bool m_looking = false;
    QTimer m_clock;
    WorkerThread m_reader{QStringLiteral("files")};
};

}  // namespace millm
