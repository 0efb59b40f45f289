#include "ui/desktop_notifier.h"

#include <QDBusConnection>
#include <QDBusMessage>
#include <QDBusPendingCall>
#include <QGuiApplication>
#include <QVariantMap>

namespace millm {

DesktopNotifier::DesktopNotifier(int longMilliseconds, QObject *parent) : QObject(parent), m_long(longMilliseconds) {}

void DesktopNotifier::begun(qint64 id) {
    if (!m_since.contains(id)) m_since[id].start();
}

void DesktopNotifier::ended(qint64 id, const QString &text) {
    const QElapsedTimer since = m_since.take(id);
    if (!since.isValid() || since.elapsed() < m_long || QGuiApplication::focusWindow()) return;
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
