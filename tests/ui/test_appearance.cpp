#include "ui/appearance.h"

#include <QSignalSpy>
#include <QTemporaryDir>
#include <QTest>

using namespace millm;
using Choice = Appearance::Choice;

class TestAppearance : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void choiceIsKept() {
        QTemporaryDir folder;
        const QString file = folder.filePath(QStringLiteral("window.conf"));
        {
            Appearance appearance(file);
            QCOMPARE(appearance.choice(), Choice::System);
            appearance.setChoice(Choice::HighContrast);
        }
        Appearance appearance(file);
        QCOMPARE(appearance.choice(), Choice::HighContrast);
        QCOMPARE(appearance.shown(), Choice::HighContrast);
    }
    void systemIsNeverShown() {
        Appearance appearance({});
        QVERIFY(appearance.shown() != Choice::System);
    }
    void portalSettings() {
        Appearance appearance({});
        QSignalSpy changed(&appearance, &Appearance::changed);
        DesktopPreferences &desktop = appearance.desktop();
        const QString group = QStringLiteral("org.freedesktop.appearance");
        QVERIFY(appearance.motion());
        desktop.take(group, QStringLiteral("contrast"), 1u);
        QCOMPARE(appearance.shown(), Choice::HighContrast);
        desktop.take(group, QStringLiteral("contrast"), 0u);
        QVERIFY(appearance.shown() != Choice::HighContrast);
        desktop.take(group, QStringLiteral("color-scheme"), 2u);
        QCOMPARE(appearance.shown(), Choice::Light);
        desktop.take(group, QStringLiteral("color-scheme"), 1u);
        QCOMPARE(appearance.shown(), Choice::Dark);
        desktop.take(QStringLiteral("org.gnome.desktop.interface"), QStringLiteral("enable-animations"), false);
        QVERIFY(!appearance.motion());
        desktop.take(group, QStringLiteral("something-else"), 1u);
        QCOMPARE(changed.size(), 5);
        const auto wish = [&](const QVariant &factor) {
            desktop.take(QStringLiteral("org.gnome.desktop.interface"), QStringLiteral("text-scaling-factor"), factor);
            return appearance.textScale();
        };
        QCOMPARE(appearance.textScale(), 1.0);
        QCOMPARE(wish(1.25), 1.25);
        QCOMPARE(wish(9.0), 2.0);
        QCOMPARE(wish(0.0), 1.0);
        QCOMPARE(wish(QStringLiteral("nonsense")), 1.0);
    }
};

QTEST_MAIN(TestAppearance)
#include "test_appearance.moc"
