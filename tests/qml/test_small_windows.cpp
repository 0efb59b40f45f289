#include "core/base/errors.h"
#include "tests/qml/faces.h"
#include "tests/qml/faults.h"
#include "tests/qml/hands.h"

#include <algorithm>

using namespace millm;

/// A window of 533 by 333: what a screen of 1600 by 1000 has room for at 300 %. With texts of twice the size besides.
class TestSmallWindows : public Hands {
    Q_OBJECT

    static constexpr QSize small{533, 333};

    static bool shrink(Scene &scene, double texts) {
        scene.app.appearance()->desktop().take(s("org.gnome.desktop.interface"), s("text-scaling-factor"), texts);
        scene.window->setMinimumSize({1, 1});  // a larger screen would not let it
        scene.window->resize(small);
        return QTest::qWaitFor(
                   [&] { return scene.window->size() == small && scene.window->contentItem()->width() == small.width(); },
                   patience()) &&
               QQuickTest::qWaitForPolish(scene.window, patience());
    }
    /// What is seen of it, in the window.
    static QRectF seen(const QQuickItem *item) {
        QRectF at = item->mapRectToScene(QRectF(0, 0, item->width(), item->height()));
        at &= QRectF(QPointF(), QSizeF(small));
        for (const QQuickItem *around = item->parentItem(); around; around = around->parentItem())
            if (around->clip()) at &= around->mapRectToScene(QRectF(0, 0, around->width(), around->height()));
        return at;
    }
    /// What has the keyboard, where it is out of sight or cut; empty: all is well. Of what is higher than the window much is
    /// seen.
    static QString flaw(const Scene &scene) {
        const QQuickItem *item = scene.window->activeFocusItem();
        if (!item || item == scene.window->contentItem()) return s("nothing has the focus");
        const double wanted = std::min(item->height(), small.height() * 0.3);
        const QRectF at = seen(item);
        if (at.height() >= wanted - 1 && at.width() >= std::min(item->width(), small.width() * 0.3) - 1) return {};
        return s("%1 %2: %3 of %4 high, %5 of %6 wide")
            .arg(describe(item), item->objectName())
            .arg(at.height())
            .arg(item->height())
            .arg(at.width())
            .arg(item->width());
    }

private Q_SLOTS:
    void everyFocusIsSeen_data() {
        QTest::addColumn<int>("face");
        QTest::addColumn<double>("texts");
        for (int face = 0; face < faces().size(); ++face)
            for (const double texts : {1.0, 2.0})
                // Of so small a window messages take most, for seconds.
                if (texts == 1 || !faces()[face].name.startsWith(u"toasts"))
                    QTest::addRow("%s, %g", qPrintable(faces()[face].name), texts) << face << texts;
    }
    void everyFocusIsSeen() {
        QFETCH(int, face);
        QFETCH(double, texts);
        Scene scene;
        QVERIFY(show(scene) && shrink(scene, texts));
        faces()[face].arrange(scene);
        QVERIFY(QQuickTest::qWaitForPolish(scene.window, patience()));
        for (int steps = 0; steps < 36; ++steps) {
            if (steps < 26)
                QTest::keyClick(scene.window, Qt::Key_Tab);
            else
                QTest::keyClick(scene.window, Qt::Key_Backtab, Qt::ShiftModifier);
            QTRY_VERIFY2(flaw(scene).isEmpty(), qPrintable(flaw(scene)));
        }
    }
    /// A message takes its room from the page, not from what has the keyboard.
    void messagesLeaveTheFocusInSight() {
        Scene scene;
        QVERIFY(showSearch(scene) && shrink(scene, 1));
        QTRY_VERIFY2(flaw(scene).isEmpty(), qPrintable(flaw(scene)));
        scene.app.toasts()->show(ToastList::Kind::Success, s("gemma-2-9b is downloaded and ready to load"));
        QTRY_VERIFY(scene.one(s("toast")));
        QTRY_VERIFY2(flaw(scene).isEmpty(), qPrintable(flaw(scene)));
    }
    /// A menu stands above the messages, and is scrolled where it is higher than the window.
    void menusAreWholly() {
        Scene scene;
        QVERIFY(show(scene) && shrink(scene, 1));
        scene.app.models()->setModels({samples::gemma9b()});
        scene.app.toasts()->hold(true);
        scene.app.toasts()->show(ToastList::Kind::Success, s("gemma-2-9b is downloaded and ready to load"));
        QTRY_VERIFY(scene.one(s("toast")) && scene.one(s("more-btn")));
        scene.one(s("more-btn"))->forceActiveFocus(Qt::TabFocusReason);
        QTest::keyClick(scene.window, Qt::Key_Return);
        QTRY_VERIFY(scene.one(s("menu-rename")));
        const double messages = scene.one(s("toast"))->mapToScene({}).y();
        const auto marked = [&] {
            return scene.visible([](QQuickItem *item) { return item->property("highlighted").toBool(); }).value(0);
        };
        QTRY_VERIFY2(marked(), "who opens it by the keyboard sees where it is");
        QStringList met;
        while (!met.contains(s("menu-rename")) && met.size() < 9) {
            QTRY_VERIFY(marked() && !met.contains(marked()->objectName()));
            met << marked()->objectName();
            QTRY_VERIFY2(seen(marked()).height() > marked()->height() - 1 && seen(marked()).bottom() <= messages,
                         qPrintable(met.last()));
            QTest::keyClick(scene.window, Qt::Key_Down);
        }
        QCOMPARE(met.first(), s("menu-folder"));
        QCOMPARE(met.last(), s("menu-rename"));
    }
    /// The header leaves out what it has no room for, rather than laying it over the rest.
    void nothingLiesOverTheTabs() {
        Scene scene;
        QVERIFY(show(scene) && shrink(scene, 2));
        const auto pill = [&] {
            return scene
                .visible(
                    [](QQuickItem *item) { return QByteArrayView(item->metaObject()->className()).startsWith("ServerPill_"); })
                .value(0);
        };
        QTRY_VERIFY(pill() && scene.one(s("page-tab-3")));
        const QQuickItem *tab = scene.one(s("page-tab-3"));
        QTRY_VERIFY(tab->mapToScene(QPointF(tab->width(), 0)).x() <= pill()->mapToScene({}).x());
        QVERIFY(pill()->mapToScene(QPointF(pill()->width(), 0)).x() <= small.width());
    }
    /// Buttons that have no room beside each other stand one below the other, all as wide.
    void buttonsBelowEachOther() {
        Scene scene;
        QVERIFY(show(scene));
        scene.window->resize(390, 844);
        scene.app.downloadForm()->setRepository(s("google/gemma-2-2b"));
        scene.app.downloadForm()->download();
        scene.actions.models.last().answer(errors::gatedNoToken(s("google/gemma-2-2b")));
        QTRY_VERIFY(scene.one(s("token-continue-btn")));
        QTRY_COMPARE(scene.window->contentItem()->width(), 390.0);
        QVERIFY(QQuickTest::qWaitForPolish(scene.window, patience()));
        const auto place = [&](const char *name) {
            const QQuickItem *item = scene.one(s(name));
            return item->mapRectToScene(QRectF(0, 0, item->width(), item->height()));
        };
        const QRectF cancel = place("dialog-cancel-btn"), goOn = place("token-continue-btn"),
                     input = place("token-dialog-input");
        QVERIFY(goOn.top() > cancel.bottom());
        QCOMPARE(goOn.left(), cancel.left());
        QCOMPARE(goOn.right(), cancel.right());
        QCOMPARE(goOn.left(), input.left());
        QCOMPARE(goOn.right(), input.right());
    }
    /// What is safe has the focus at first, as in a large window, where it is in sight.
    void beginsWithCancel() {
        Scene scene;
        QVERIFY(show(scene) && shrink(scene, 1));
        scene.app.models()->setModels({samples::gemma9b()});
        QTRY_VERIFY(scene.one(s("model-card")));
        QMetaObject::invokeMethod(scene.one(s("model-card")), "deleteAsked");
        QTRY_VERIFY(scene.one(s("delete-sentence")));
        QTRY_COMPARE(scene.window->activeFocusItem()->objectName(), s("dialog-cancel-btn"));
        QTest::keyClick(scene.window, Qt::Key_Escape);
        Model loading = samples::gemma9b();
        loading.state = ModelState::Downloading;
        scene.app.models()->upsert(loading);
        scene.window->close();
        QTRY_VERIFY(scene.one(s("close-work")));
        QTRY_COMPARE(scene.window->activeFocusItem()->objectName(), s("dialog-cancel-btn"));
    }
    /// What a dialog says and nothing in it takes the keyboard for is read by the keys that scroll.
    void dialogsScrollByKeys() {
        Scene scene;
        QVERIFY(show(scene) && shrink(scene, 1));
        QTest::keyClick(scene.window, Qt::Key_F1);
        QTRY_VERIFY(scene.one(s("theme-choice")));
        const auto line = [&](const char *words) {
            return scene.visible([&](QQuickItem *item) { return item->property("text").toString() == s(words); }).value(0);
        };
        QTRY_VERIFY(line("F1") && seen(line("F1")).isEmpty());
        QTest::keyClick(scene.window, Qt::Key_PageDown);
        QTRY_VERIFY(!seen(line("F1")).isEmpty());
        QTest::keyClick(scene.window, Qt::Key_Home);
        QTRY_VERIFY(seen(line("F1")).isEmpty());
    }
};

QTEST_MAIN(TestSmallWindows)
#include "test_small_windows.moc"
