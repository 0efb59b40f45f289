#pragma once

#include <QElapsedTimer>
#include <QHash>
#include <QObject>
#include <QString>

namespace millm {

/// Tells the desktop of what took long and ends while nobody looks at the window; over D-Bus, where there is who shows it.
/// GUI thread.
class DesktopNotifier : public QObject {
    Q_OBJECT
public:
    /// What took less than `longMilliseconds` is not told.
    explicit DesktopNotifier(int longMilliseconds = 10'000, QObject *parent = nullptr);

    void begun(qint64 id);  ///< the first time counts
    void forget(qint64 id) { m_since.remove(id); }
    /// Tells `text` where it was long enough and no window of this program is in front.
    void ended(qint64 id, const QString &text);

private:
    const int m_long;
    QHash<qint64, QElapsedTimer> m_since;
};

}  // namespace millm
