#include "tests/qml/faces.h"
#include "tests/qml/faults.h"
#include "tests/support/patience.h"

#include <QtQuickTest/quicktest.h>
#include <QTest>

using namespace millm;

/// From 320 to 3840 wide, in every state, nothing is cut or sticks out, and no QML warning is heard.
class TestLayout : public QObject {
    Q_OBJECT

    /// What can be pressed or filled in, where it is seen, and lies below a message.
    static QStringList covered(const Scene &scene) {
        QStringList found;
        const auto seen = [&](const QQuickItem *item) {
            QRectF at = item->mapRectToScene(QRectF(0, 0, item->width(), item->height()));
            for (const QQuickItem *around = item->parentItem(); around; around = around->parentItem())
                if (around->clip() || !around->parentItem())
                    at &= around->mapRectToScene(QRectF(0, 0, around->width(), around->height()));
            return at;
        };
        const auto controls = scene.visible([](QQuickItem *item) { return item->activeFocusOnTab() && item->isEnabled(); });
        for (const QQuickItem *toast : scene.all(QStringLiteral("toast")))
            for (const QQuickItem *control : controls)
                if (!toast->isAncestorOf(control) && seen(control).intersects(seen(toast)))
                    found << describe(control) + QStringLiteral(" is covered");
        return found;
    }

private Q_SLOTS:
    void nothingIsCut_data() {
        QTest::addColumn<int>("face");
        for (int face = 0; face < faces().size(); ++face) QTest::addRow("%s", qPrintable(faces()[face].name)) << face;
    }
    void nothingIsCut() {
        QFETCH(int, face);
        QTest::failOnWarning();
        Scene scene;
        QVERIFY(scene.loaded);
        QVERIFY(QTest::qWaitForWindowExposed(scene.window, 60000));
        faces()[face].arrange(scene);
        for (const int width : {1280, 320, 390, 640, 768, 1024, 1600, 2560, 3840}) {
            scene.window->resize(width, 900);
            QTRY_COMPARE(scene.window->contentItem()->width(), qreal(width));
            QVERIFY(QQuickTest::qWaitForPolish(scene.window, 60000));
            QTRY_VERIFY2_WITH_TIMEOUT(covered(scene).isEmpty(),
                                      qPrintable(QStringLiteral("at %1:\n").arg(width) + covered(scene).join(u'\n')), 20000);
            QTRY_VERIFY2_WITH_TIMEOUT(cutTexts(scene).isEmpty(),
                                      qPrintable(QStringLiteral("at %1:\n").arg(width) + cutTexts(scene).join(u'\n')), 20000);
        }
    }
};

QTEST_MAIN(TestLayout)
#include "test_layout.moc"
