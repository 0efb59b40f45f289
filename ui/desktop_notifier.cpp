#include "ui/desktop_notifier.h"

#include <QDBusConnection>
#include <QDBusMessage>
#include <QDBusPendingCall>
#include <QGuiApplication>
#include <QVariantMap>

namespace millm {

void DesktopNotifier::begun(qint64 id) {
    if (!m_since.contains(id)) m_since[id].start();
}

bool DesktopNotifier::ended(qint64 id, const QString &text) {
    const QElapsedTimer since = m_since.take(id);
    if (!since.isValid() || since.elapsed() < longSeconds * 1000 || QGuiApplication::focusWindow()) return false;
    notify(text);
    return true;
}

void DesktopNotifier::notify(const QString &text) {
    QDBusConnection bus = QDBusConnection::sessionBus();
    if (!bus.isConnected()) return;
    QDBusMessage call = QDBusMessage::createMethodCall(
        QStringLiteral("org.freedesktop.Notifications"), QStringLiteral("/org/freedesktop/Notifications"),
        QStringLiteral("org.freedesktop.Notifications"), QStringLiteral("Notify"));
    call << QStringLiteral("miLLM") << 0u << QStringLiteral("millm") << QStringLiteral("miLLM") << text.toHtmlEscaped()
         << QStringList() << QVariantMap{{QStringLiteral("desktop-entry"), QGuiApplication::desktopFileName()}} << -1;
    bus.asyncCall(call);
}

}  // namespace millm
