#include "tests/e2e/desktop.h"

#include <QDBusConnection>
#include <QDBusVariant>
#include <QTest>

#include <X11/Xlib.h>
#include <X11/Xutil.h>
#include <algorithm>
// Macros there, and what moc writes has them as names.
#undef Bool
#undef None

using namespace Qt::StringLiterals;
using millm::testing::Desktop;
using millm::testing::Spoken;

/// The desktop's settings, as far as programs see them.
class Portal : public QObject {
    Q_OBJECT
    Q_CLASSINFO("D-Bus Interface", "org.freedesktop.portal.Settings")
public:
    QHash<QString, QVariant> values;

    void set(const QString &group, const QString &key, const QVariant &value) {
        values[group + u' ' + key] = value;
        Q_EMIT SettingChanged(group, key, QDBusVariant(value));
    }

public Q_SLOTS:
    QDBusVariant Read(const QString &group, const QString &key) {  // twice in a variant, as portals answer
        return QDBusVariant(QVariant::fromValue(QDBusVariant(values.value(group + u' ' + key, 0u))));
    }

Q_SIGNALS:
    void SettingChanged(const QString &group, const QString &key, const QDBusVariant &value);
};

/// The program as it is follows what the desktop says of colours, contrast and the size of texts, at its start and later.
class PortalTest : public QObject {
    Q_OBJECT

    static constexpr int patienceMs = 30000;
    inline static const QString m_colors = u"org.freedesktop.appearance"_s, m_gnome = u"org.gnome.desktop.interface"_s;

    std::unique_ptr<Desktop> m_desktop;

    /// How bright it is beside the page's content, 0 to 255; -1: nothing is seen.
    int ground() const {
        Display *display = XOpenDisplay(m_desktop->environment().value(u"DISPLAY"_s).toLatin1().constData());
        if (display == nullptr) return -1;
        int light = -1;
        if (XImage *image = XGetImage(display, DefaultRootWindow(display), 4, 700, 1, 1, AllPlanes, ZPixmap)) {
            const unsigned long rgb = XGetPixel(image, 0, 0);
            light = int(std::max({rgb >> 16 & 255, rgb >> 8 & 255, rgb & 255}));
            XDestroyImage(image);
        }
        XCloseDisplay(display);
        return light;
    }
    bool becomes(bool (*wanted)(int)) const {
        return QTest::qWaitFor([&] { return wanted(ground()); }, patienceMs);
    }
    int headingHeight() const {
        for (const Spoken &each : m_desktop->all())
            if (each.role == u"heading"_s && each.name == u"Models"_s) return each.place.height();
        return 0;
    }
    static bool light(int ground) { return ground > 200; }
    static bool dark(int ground) { return ground > 20 && ground < 80; }
    static bool black(int ground) { return ground == 0; }

private Q_SLOTS:
    void init() {
        m_desktop = std::make_unique<Desktop>();
        QVERIFY2(m_desktop->trouble().isEmpty(), qPrintable(m_desktop->trouble()));
    }
    void cleanup() { m_desktop.reset(); }

    void follows() {
        Portal portal;
        portal.values[m_colors + u" color-scheme"_s] = 2u;
        portal.values[m_gnome + u" enable-animations"_s] = true;
        portal.values[m_gnome + u" text-scaling-factor"_s] = 1.0;
        QDBusConnection bus = m_desktop->session();
        QVERIFY(bus.registerObject(u"/org/freedesktop/portal/desktop"_s, &portal,
                                   QDBusConnection::ExportAllSlots | QDBusConnection::ExportAllSignals));
        QVERIFY(bus.registerService(u"org.freedesktop.portal.Desktop"_s));
        QVERIFY(m_desktop->start());
        QVERIFY2(becomes(light), qPrintable(QString::number(ground())));
        portal.set(m_colors, u"color-scheme"_s, 1u);
        QVERIFY2(becomes(dark), qPrintable(QString::number(ground())));
        portal.set(m_colors, u"contrast"_s, 1u);
        QVERIFY2(becomes(black), qPrintable(QString::number(ground())));
        portal.set(m_colors, u"contrast"_s, 0u);
        QVERIFY2(becomes(dark), qPrintable(QString::number(ground())));
        const int height = headingHeight();
        QVERIFY(height > 0);
        portal.set(m_gnome, u"text-scaling-factor"_s, 1.5);
        QTRY_VERIFY_WITH_TIMEOUT(headingHeight() > height * 5 / 4, patienceMs);
        portal.set(m_gnome, u"text-scaling-factor"_s, 1.0);
        QTRY_COMPARE_WITH_TIMEOUT(headingHeight(), height, patienceMs);
        QVERIFY(m_desktop->stop());
    }
    void darkWithoutAPortal() {
        QVERIFY(m_desktop->start());
        QVERIFY2(becomes(dark), qPrintable(QString::number(ground())));
        QVERIFY(m_desktop->stop());
    }
};

QTEST_GUILESS_MAIN(PortalTest)
#include "test_portal.moc"
