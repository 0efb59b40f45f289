#pragma once

#include "tests/qml/scene.h"
#include "tests/support/patience.h"

#include <QtQuickTest/quicktest.h>
#include <QTest>

namespace millm {

/// Mouse and keyboard on the real window, for tests of it.
class Hands : public QObject {
protected:
    static QString s(const char *text) { return QString::fromUtf8(text); }
    static bool show(Scene &scene) {
        if (!scene.loaded || !QTest::qWaitForWindowExposed(scene.window, 60000)) return false;
        scene.window->requestActivate();
        return QTest::qWaitForWindowActive(scene.window, 60000);
    }
    /// With a loaded model that chats, on the chat's page: one can write.
    static bool showChat(Scene &scene) {
        if (!show(scene)) return false;
        scene.app.chat()->setModel(s("gemma-2-2b"), ModelUse::Chat);
        return goTo(scene, Qt::Key_2, "chat-input");
    }
    /// In the box for a repository's name, or words of it.
    static bool showSearch(Scene &scene) { return show(scene) && goTo(scene, Qt::Key_L, "repo-input"); }
    static QPoint middle(const QQuickItem *item) {
        return item->mapToScene(QPointF(item->width() / 2, item->height() / 2)).toPoint();
    }
    static void click(const Scene &scene, QQuickItem *item) {
        QVERIFY(item);
        QTRY_VERIFY(item->isEnabled());
        QVERIFY(QQuickTest::qWaitForPolish(scene.window, 60000));  // layouts move their items only then
        QTest::mouseClick(scene.window, Qt::LeftButton, {}, middle(item));
    }
    static void click(const Scene &scene, const char *name) {
        QTRY_VERIFY2(scene.one(s(name)), name);
        click(scene, scene.one(s(name)));
    }
    static void type(const Scene &scene, const char *text) {
        for (const char *letter = text; *letter; ++letter) QTest::keyClick(scene.window, *letter);
    }

private:
    /// With Ctrl; the focus goes there.
    static bool goTo(const Scene &scene, Qt::Key key, const char *focused) {
        QTest::keyClick(scene.window, key, Qt::ControlModifier);
        return QTest::qWaitFor([&] { return scene.one(s(focused)) && scene.one(s(focused))->hasActiveFocus(); }, patience());
    }
};

}  // namespace millm
