#include "tests/qml/hands.h"

#include <QTemporaryDir>

using namespace millm;

/// What all dialogs have in common: where the focus is in them, and how they come and go.
class TestDialogs : public Hands {
    Q_OBJECT

    static void showShortcuts(const Scene &scene) {
        QTest::keyClick(scene.window, Qt::Key_F1);
        QTRY_VERIFY(scene.one(s("theme-choice")));
        QTRY_COMPARE(faded(scene), 0.0);
    }
    /// How much of the dialog for shortcuts is gone, from 0 on; 1: all.
    static double faded(const Scene &scene) {
        double seen = 1;
        const QQuickItem *item = scene.one(s("theme-choice"));
        if (!item) return 1;
        for (; item; item = item->parentItem()) seen *= item->opacity();
        return 1 - seen;
    }
    static bool hasFocus(const Scene &scene, const char *name) {
        return scene.one(s(name)) && scene.one(s(name))->hasActiveFocus();
    }

private Q_SLOTS:
    /// It fades, and the next key is for what lies below it all the same.
    void theNextKeyMayComeAtOnce() {
        Scene scene;
        QVERIFY(showSearch(scene));
        showShortcuts(scene);
        // At once: no time goes by between the keys, on a slow machine either.
        const auto press = [&](Qt::Key key, const QString &text) {
            for (const auto type : {QEvent::KeyPress, QEvent::KeyRelease}) {
                QKeyEvent event(type, key, Qt::NoModifier, text);
                QCoreApplication::sendEvent(scene.window, &event);
            }
        };
        press(Qt::Key_Escape, {});
        press(Qt::Key_A, s("a"));
        press(Qt::Key_B, s("b"));
        press(Qt::Key_C, s("c"));
        QVERIFY2(faded(scene) < 1, "it takes its time");
        QCOMPARE(scene.text(s("repo-input")), s("abc"));
        QTRY_COMPARE(faded(scene), 1.0);
        QTest::qWait(500);  // longer than anything moves
        QVERIFY(hasFocus(scene, "repo-input"));
    }
    void theNextClickMayComeAtOnce() {
        Scene scene;
        QVERIFY(showSearch(scene));
        showShortcuts(scene);
        const QPoint closer = middle(scene.one(s("dialog-close-btn"))), tab = middle(scene.one(s("page-tab-3")));
        QTest::mouseClick(scene.window, Qt::LeftButton, {}, tab);
        QCOMPARE(scene.window->property("page").toInt(), 0);
        QTest::mouseClick(scene.window, Qt::LeftButton, {}, closer);
        QVERIFY(hasFocus(scene, "repo-input"));
        QTest::mouseClick(scene.window, Qt::LeftButton, {}, closer);  // of a double click
        QVERIFY(hasFocus(scene, "repo-input"));
        QTest::mouseClick(scene.window, Qt::LeftButton, {}, tab);
        QCOMPARE(scene.window->property("page").toInt(), 3);
    }
    /// One that is asked for again while it fades, and another one, have the keyboard and keep it.
    void oneFollowsTheOther() {
        Scene scene;
        QVERIFY(showSearch(scene));
        showShortcuts(scene);
        QTest::keyClick(scene.window, Qt::Key_Escape);
        QTest::keyClick(scene.window, Qt::Key_F1);
        QTRY_VERIFY(hasFocus(scene, "dialog-close-btn"));
        QTest::qWait(500);
        QVERIFY(hasFocus(scene, "dialog-close-btn"));
        QCOMPARE(faded(scene), 0.0);
        QTest::keyClick(scene.window, Qt::Key_2, Qt::ControlModifier);
        QCOMPARE(scene.window->property("page").toInt(), 0);

        Model model = samples::gemma2b();
        model.state = ModelState::Downloading;
        scene.app.models()->setModels({model});
        QTest::keyClick(scene.window, Qt::Key_Escape);
        QTest::keyClick(scene.window, Qt::Key_Q, Qt::ControlModifier);
        QTRY_VERIFY(hasFocus(scene, "dialog-cancel-btn"));
        QTRY_COMPARE(faded(scene), 1.0);
        QTest::qWait(500);
        QVERIFY(hasFocus(scene, "dialog-cancel-btn"));
        QTest::keyClick(scene.window, Qt::Key_Escape);
        QVERIFY(hasFocus(scene, "repo-input"));
    }
    void goesAtOnceWhereNothingMoves() {
        Scene scene;
        QVERIFY(showSearch(scene));
        scene.app.appearance()->desktop().take(s("org.gnome.desktop.interface"), s("enable-animations"), false);
        showShortcuts(scene);
        QTest::keyClick(scene.window, Qt::Key_Escape);
        QVERIFY(!scene.one(s("theme-choice")));
        QVERIFY(hasFocus(scene, "repo-input"));
    }
    /// Whoever opens a dialog sees where the focus is, and whoever closes it is back where it was.
    void focusIsSeenInDialogs() {
        Scene scene;
        QVERIFY(show(scene));
        Model model = samples::gemma2b();
        model.state = ModelState::Ready;
        scene.app.models()->setModels({model});
        const auto ringed = [&] {
            const QQuickItem *item = scene.window->activeFocusItem();
            return item && item->property("visualFocus").toBool();
        };
        click(scene, "delete-btn");
        QTRY_VERIFY(scene.one(s("delete-sentence")));
        QTRY_VERIFY2(ringed(), "in the delete dialog");
        QTest::keyClick(scene.window, Qt::Key_Escape);
        QTRY_VERIFY(!scene.one(s("delete-sentence")));
        scene.app.downloadForm()->setRepository(s("google/gemma-2-2b"));
        for (int time = 0; time < 2; ++time) {
            click(scene, "preview-btn");
            scene.actions.previews[time].answer(samples::preview());
            QTRY_VERIFY(scene.one(s("preview-name")));
            QTRY_VERIFY2(ringed(), "in the preview");
            QTest::keyClick(scene.window, Qt::Key_Escape);
            QTRY_VERIFY(!scene.one(s("preview-name")));
        }
        QVERIFY(!scene.actions.calls.contains(s("download google/gemma-2-2b")));
    }
    /// Tab goes through a dialog as one reads it: its head, its content, its buttons from left to right.
    void tabOrderInDialogs() {
        Scene scene;
        QVERIFY(show(scene));
        QTemporaryDir folder;
        QFile config(folder.filePath(s("config.json")));
        QVERIFY(config.open(QIODevice::WriteOnly));
        const auto order = [&](const char *last) {
            QStringList names;
            for (int i = 0; i < 30 && !names.contains(s(last)); ++i) {
                QTest::keyClick(scene.window, Qt::Key_Tab);
                if (const QQuickItem *item = scene.window->activeFocusItem(); item && !item->objectName().isEmpty())
                    names << item->objectName();
            }
            return names;
        };
        for (int time = 0; time < 2; ++time) {
            click(scene, "add-local-btn");
            QTRY_VERIFY(scene.one(s("local-path-input")));
            QTRY_VERIFY(scene.one(s("local-path-input"))->hasActiveFocus());
            scene.app.localForm()->setPath(folder.path());
            QTRY_VERIFY(scene.one(s("local-add-btn"))->isEnabled());
            scene.one(s("dialog-close-btn"))->forceActiveFocus(Qt::TabFocusReason);
            QCOMPARE(order("dialog-close-btn"),
                     (QStringList{s("local-path-input"), s("local-browse-btn"), s("local-scheme-box"), s("local-trust-box"),
                                  s("dialog-cancel-btn"), s("local-add-btn"), s("dialog-close-btn")}));
            QVERIFY(scene.one(s("dialog-cancel-btn"))->mapToScene({}).x() < scene.one(s("local-add-btn"))->mapToScene({}).x());
            QTest::keyClick(scene.window, Qt::Key_Escape);
            QTRY_VERIFY(!scene.one(s("local-path-input")));
        }
    }
};

QTEST_MAIN(TestDialogs)
#include "test_dialogs.moc"
