#include "app/window_placement.h"

#include "tests/support/patience.h"

#include <QFile>
#include <QGuiApplication>
#include <QScreen>
#include <QSignalSpy>
#include <QTemporaryDir>
#include <QTest>
#include <QWindow>

using namespace millm;

class TestWindowPlacement : public QObject {
    Q_OBJECT

    QTemporaryDir m_folder;
    QString file(const char *name) const { return m_folder.filePath(QString::fromUtf8(name)); }
    static QSize sizeOf(const QVariantMap &properties) {
        return {properties.value(QStringLiteral("width")).toInt(), properties.value(QStringLiteral("height")).toInt()};
    }
    static void show(QWindow &window, const QSize &size) {
        window.resize(size);
        window.show();
        QVERIFY(QTest::qWaitForWindowExposed(&window, 60000));
    }

private Q_SLOTS:
    void sizeComesBack() {
        const QVariantMap first = WindowPlacement::remembered(file("a"));
        QCOMPARE(sizeOf(first), QSize(1280, 800).boundedTo(QGuiApplication::primaryScreen()->availableSize()));
        QVERIFY(!first.contains(QStringLiteral("visibility")));
        {
            QWindow window;
            show(window, {640, 500});
            const WindowPlacement placement(window, file("a"));
            QSignalSpy resized(&window, &QWindow::heightChanged);
            window.resize(700, 480);
            QTRY_VERIFY(!resized.isEmpty());
            window.close();  // the size of what is closed counts
        }
        const QVariantMap properties = WindowPlacement::remembered(file("a"));
        QCOMPARE(properties.value(QStringLiteral("width")).toInt(), 700);
        QCOMPARE(properties.value(QStringLiteral("height")).toInt(), 480);
        QVERIFY(!properties.contains(QStringLiteral("visibility")));
    }
    /// A window as large as the screen has no room for its title bar.
    void theFrameHasRoomToo() {
        QWindow window;
        const QRect screen = window.screen()->availableGeometry();
        window.resize(screen.size());
        const WindowPlacement placement(window, {});
        window.show();
        QVERIFY(QTest::qWaitForWindowExposed(&window, 60000));
        QVERIFY2(!window.frameMargins().isNull(), "there is a frame");
        QTRY_COMPARE(window.frameGeometry().size(), screen.size());
        window.resize(screen.size());  // what a person does holds
        QTest::qWait(500);
        QCOMPARE(window.size(), screen.size());
    }
    void maximizedComesBackWithTheSizeBefore() {
        {
            QWindow window;
            show(window, {640, 500});
            const WindowPlacement placement(window, file("b"));
            window.showMaximized();
            QTRY_COMPARE(window.visibility(), QWindow::Maximized);
        }
        const QVariantMap properties = WindowPlacement::remembered(file("b"));
        QCOMPARE(properties.value(QStringLiteral("width")).toInt(), 640);
        QCOMPARE(properties.value(QStringLiteral("visibility")).toInt(), int(QWindow::Maximized));
    }
    void largerThanTheScreenIsCut() {
        QFile stored(file("c"));
        QVERIFY(stored.open(QIODevice::WriteOnly));
        stored.write("[window]\nsize=@Size(100000 100)\n");
        stored.close();
        const int width = WindowPlacement::remembered(file("c")).value(QStringLiteral("width")).toInt();
        QVERIFY(width > 0 && width <= QGuiApplication::primaryScreen()->availableSize().width());
    }
    void nonsenseIsIgnored() {
        QFile stored(file("d"));
        QVERIFY(stored.open(QIODevice::WriteOnly));
        stored.write("[window]\nsize=wide\nmaximized=perhaps\n");
        stored.close();
        QCOMPARE(sizeOf(WindowPlacement::remembered(file("d"))), sizeOf(WindowPlacement::remembered(file("none"))));
    }
    void withoutAFileNothingIsKept() {
        QWindow window;
        show(window, {640, 500});
        {
            const WindowPlacement placement(window, {});
        }
        QCOMPARE(sizeOf(WindowPlacement::remembered({})), sizeOf(WindowPlacement::remembered(file("none"))));
    }
};

QTEST_MAIN(TestWindowPlacement)
#include "test_window_placement.moc"
