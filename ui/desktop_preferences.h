#pragma once

#include <QObject>
#include <QVariant>

class QDBusVariant;

namespace millm {

/// What the desktop says of colours, contrast and motion, through its settings portal. Qt asks for the colour scheme only where
/// a platform theme is installed. Where there is no portal the defaults stay. GUI thread.
class DesktopPreferences : public QObject {
    Q_OBJECT
public:
    explicit DesktopPreferences(QObject *parent = nullptr);

    bool highContrast() const { return m_highContrast; }
    bool light() const { return m_light; }  ///< the system prefers light; false: dark, or it does not say
    bool reducedMotion() const { return m_reducedMotion; }
    double textScale() const { return m_textScale; }  ///< 0.75 to 2

    /// A setting of the portal: the value that came with its namespace and key.
    void take(const QString &group, const QString &key, const QVariant &value);

Q_SIGNALS:
    void changed();

private Q_SLOTS:
    void onSettingChanged(const QString &group, const QString &key, const QDBusVariant &value);

private:
    void ask(const QString &group, const QString &key);

    bool m_highContrast = false, m_reducedMotion = false, m_light = false;
    double m_textScale = 1;
};

}  // namespace millm
