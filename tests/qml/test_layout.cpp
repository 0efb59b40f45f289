#include "tests/qml/faces.h"
#include "tests/qml/faults.h"
#include "tests/qml/hands.h"

#include <QAccessible>

using namespace millm;

/// From 320 to 3840 wide, in every state, nothing is cut or sticks out, and no QML warning is heard.
class TestLayout : public Hands {
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
    /// A name as long as a file's may be leaves its card as it is; the whole is in a tip.
    void longNames() {
        Scene scene;
        QVERIFY(show(scene));
        scene.window->resize(700, 800);
        QTRY_COMPARE(scene.window->contentItem()->width(), 700.0);
        scene.app.models()->setModels({samples::gemma9b()});
        QTRY_VERIFY(scene.one(s("model-card")));
        QVERIFY(QQuickTest::qWaitForPolish(scene.window, patience()));
        const double usual = scene.one(s("model-card"))->height();
        Model model = samples::gemma9b();
        model.name = s("a-model-") + QString(247, u'n');
        model.repoId = s("somebody/") + model.name;
        scene.app.models()->setModels({model});
        QTRY_VERIFY(scene.text(s("model-name")) == model.name);
        QVERIFY(QQuickTest::qWaitForPolish(scene.window, patience()));
        QCOMPARE(scene.one(s("model-name"))->property("lineCount").toInt(), 2);
        QCOMPARE(scene.one(s("model-location"))->property("lineCount").toInt(), 3);
        QVERIFY(scene.one(s("model-card"))->height() < usual + 60);
        const auto tip = [&] {
            const auto shown = scene.visible(
                [](QQuickItem *item) { return QByteArrayView(item->metaObject()->className()).startsWith("QQuickPopupItem"); });
            for (const QQuickItem *popup : shown)
                if (QQuickItem *words = popup->property("contentItem").value<QQuickItem *>())
                    return words->property("text").toString();
            return QString();
        };
        for (const auto &[name, whole] : {std::pair("model-name", model.name), std::pair("model-location", model.repoId)}) {
            QTest::mouseMove(scene.window, middle(scene.one(s(name))));
            QTRY_COMPARE(tip(), whole);
            QTest::mouseMove(scene.window, {2, 2});
            QTRY_VERIFY(tip().isEmpty());
        }
        scene.one(s("model-card"))->forceActiveFocus(Qt::TabFocusReason);
        QTRY_COMPARE(tip(), model.name);
        for (const char *name : {"model-card", "model-name"}) {
            QAccessibleInterface *spoken = QAccessible::queryAccessibleInterface(scene.one(s(name)));
            QVERIFY(spoken && spoken->text(QAccessible::Name).contains(model.name));
        }
    }
};

QTEST_MAIN(TestLayout)
#include "test_layout.moc"
