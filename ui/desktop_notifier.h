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
    using QObject::QObject;

    static constexpr int longSeconds = 10;

    void begun(qint64 id);  ///< the first time counts
    void forget(qint64 id) { m_since.remove(id); }
    /// True where it was long enough and no window of this program is in front.
    bool ended(qint64 id, const QString &text);
    /// Without a question.
    void notify(const QString &text);

private:
    QHash<qint64, QElapsedTimer> m_since;
};

}  // namespace millm
