#pragma once

#include <QObject>
#include <QVariant>

class QDBusVariant;

namespace millm {

/// What the desktop says of contrast and motion, through its settings portal (Qt 6.8 asks for the colour scheme only).
/// Where there is no portal the defaults stay. GUI thread.
class DesktopPreferences : public QObject {
    Q_OBJECT
public:
    explicit DesktopPreferences(QObject *parent = nullptr);

    bool highContrast() const { return m_highContrast; }
    bool reducedMotion() const { return m_reducedMotion; }

    /// A setting of the portal: the value that came with its namespace and key.
    void take(const QString &group, const QString &key, const QVariant &value);

Q_SIGNALS:
    void changed();

private Q_SLOTS:
    void onSettingChanged(const QString &group, const QString &key, const QDBusVariant &value);

private:
    void ask(const QString &group, const QString &key);

    bool m_highContrast = false, m_reducedMotion = false;
};

}  // namespace millm
