#include "ui/desktop_preferences.h"

#include <QDBusConnection>
#include <QDBusMessage>
#include <QDBusPendingCallWatcher>
#include <QDBusPendingReply>
#include <QDBusVariant>

#include <algorithm>

namespace millm {

namespace {

constexpr auto service = QLatin1StringView("org.freedesktop.portal.Desktop");
constexpr auto path = QLatin1StringView("/org/freedesktop/portal/desktop");
constexpr auto interface = QLatin1StringView("org.freedesktop.portal.Settings");
constexpr auto appearance = QLatin1StringView("org.freedesktop.appearance");
constexpr auto gnome = QLatin1StringView("org.gnome.desktop.interface");

/// Older portals wrap the value twice.
QVariant unwrapped(QVariant value) {
    while (value.canConvert<QDBusVariant>()) value = value.value<QDBusVariant>().variant();
    return value;
}

}  // namespace

DesktopPreferences::DesktopPreferences(QObject *parent) : QObject(parent) {
    QDBusConnection bus = QDBusConnection::sessionBus();
    if (!bus.isConnected()) return;
    bus.connect(service, path, interface, QStringLiteral("SettingChanged"), this,
                SLOT(onSettingChanged(QString, QString, QDBusVariant)));
    ask(appearance, QStringLiteral("color-scheme"));
    ask(appearance, QStringLiteral("contrast"));
    ask(appearance, QStringLiteral("reduced-motion"));
    ask(gnome, QStringLiteral("enable-animations"));
    ask(gnome, QStringLiteral("text-scaling-factor"));
}

void DesktopPreferences::ask(const QString &group, const QString &key) {
    QDBusMessage call = QDBusMessage::createMethodCall(service, path, interface, QStringLiteral("Read"));
    call << group << key;
    auto *watcher = new QDBusPendingCallWatcher(QDBusConnection::sessionBus().asyncCall(call), this);
    connect(watcher, &QDBusPendingCallWatcher::finished, this, [this, group, key, watcher] {
        const QDBusPendingReply<QDBusVariant> reply = *watcher;
        if (reply.isValid()) take(group, key, reply.value().variant());
        watcher->deleteLater();
    });
}

void DesktopPreferences::onSettingChanged(const QString &group, const QString &key, const QDBusVariant &value) {
    take(group, key, value.variant());
}

void DesktopPreferences::take(const QString &group, const QString &key, const QVariant &wrapped) {
    const QVariant value = unwrapped(wrapped);
    if (group == appearance && key == QLatin1StringView("color-scheme"))
        m_light = value.toUInt() == 2;
    else if (group == appearance && key == QLatin1StringView("contrast"))
        m_highContrast = value.toUInt() == 1;
    else if (group == appearance && key == QLatin1StringView("reduced-motion"))
        m_reducedMotion = value.toUInt() == 1;
    else if (group == gnome && key == QLatin1StringView("enable-animations"))
        m_reducedMotion = !value.toBool();
    else if (group == gnome && key == QLatin1StringView("text-scaling-factor"))
        m_textScale = value.toDouble() > 0 ? std::clamp(value.toDouble(), 0.75, 2.0) : 1;
    else
        return;
    Q_EMIT changed();
}

}  // namespace millm
