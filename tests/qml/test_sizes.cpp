#include "tests/qml/faces.h"
#include "tests/qml/faults.h"
#include "tests/support/patience.h"

#include <QtQuickTest/quicktest.h>
#include <QPointer>
#include <QTest>

using namespace millm;

/// The window in other sizes of texts and controls, chosen while it is open.
class TestSizes : public QObject {
    Q_OBJECT

    static QString s(const char *text) { return QString::fromUtf8(text); }
    static void everyFace() {
        QTest::addColumn<int>("face");
        for (int face = 0; face < faces().size(); ++face) QTest::addRow("%s", qPrintable(faces()[face].name)) << face;
    }
    /// As its row of the settings does it.
    static bool choose(Scene &scene, const QString &percent) {
        for (SettingsGroup *group : scene.app.settings()->groups())
            for (int row = 0; row < group->rowCount(); ++row) {
                if (group->index(row).data(SettingsGroup::KeyRole) != s("scale")) continue;
                const QStringList titles = group->index(row).data(SettingsGroup::ChoicesRole).toStringList();
                group->choose(row, percent.isEmpty() ? 0 : int(titles.indexOf(percent + s(" %"))));
                return QTest::qWaitFor([&] { return scene.program.settings.entries.value(s("scale")).value == percent; },
                                       20000);
            }
        return false;
    }
    static bool resize(Scene &scene, const QSize &size) {
        scene.window->resize(size);
        return QTest::qWaitFor([&] { return scene.window->contentItem()->size().toSize() == size; }, 20000) &&
               QQuickTest::qWaitForPolish(scene.window, 60000);
    }

    struct Part {
        QPointer<QQuickItem> item;
        int letters = 0;    ///< pixels of a text
        double height = 0;  ///< of what can be pressed or filled in, and of icons
    };
    static int lettersOf(const QQuickItem *item) {
        return item->inherits("QQuickText") ? item->property("font").value<QFont>().pixelSize() : 0;
    }
    static double heightOf(const QQuickItem *item) {
        const bool icon = QByteArrayView(item->metaObject()->className()).startsWith("Icon_");
        return icon || QByteArrayView(item->metaObject()->className()).startsWith("Button_") ? item->height() : 0;
    }
    static QList<Part> parts(const Scene &scene) {
        QList<Part> list;
        for (QQuickItem *item : scene.visible([](QQuickItem *) { return true; }))
            if (lettersOf(item) > 0 || heightOf(item) > 0) list << Part{item, lettersOf(item), heightOf(item)};
        return list;
    }
    /// What is not `times` as large as it was, of what is still there.
    static QStringList others(const QList<Part> &before, double times) {
        QStringList found;
        const auto is = [&](double now, double was) { return std::abs(now - was * times) <= 2; };
        for (const Part &part : before)
            if (part.item && part.item->isVisible() &&
                (!is(lettersOf(part.item), part.letters) || !is(heightOf(part.item), part.height)))
                found << s("%1: letters of %2, was %3; height %4, was %5")
                             .arg(describe(part.item))
                             .arg(lettersOf(part.item))
                             .arg(part.letters)
                             .arg(heightOf(part.item))
                             .arg(part.height);
        return found;
    }

private Q_SLOTS:
    /// Whatever is shown, dialogs among it, has the size that was chosen at once, and the earlier one again after it.
    void followAtOnce_data() { everyFace(); }
    void followAtOnce() {
        QFETCH(int, face);
        Scene scene;
        QVERIFY(scene.loaded && QTest::qWaitForWindowExposed(scene.window, 60000));
        QVERIFY(resize(scene, {1280, 900}));
        faces()[face].arrange(scene);
        scene.app.toasts()->hold(true);
        QVERIFY(QQuickTest::qWaitForPolish(scene.window, 60000));
        const QList<Part> before = parts(scene);
        QVERIFY(before.size() > 20);
        QVERIFY(choose(scene, s("200")));
        QVERIFY(resize(scene, {2560, 1800}));
        QTRY_VERIFY2(others(before, 2).isEmpty(), qPrintable(others(before, 2).join(u'\n')));
        qsizetype left = 0;
        for (const Part &part : before) left += part.item && part.item->isVisible();
        // Of a conversation rows come and go with what is in sight.
        QVERIFY2(left * 2 > before.size(), qPrintable(s("%1 of %2 are left").arg(left).arg(before.size())));
        QVERIFY(choose(scene, {}));
        QVERIFY(resize(scene, {1280, 900}));
        QTRY_VERIFY2(others(before, 1).isEmpty(), qPrintable(others(before, 1).join(u'\n')));
    }
    void nothingIsCut_data() { everyFace(); }
    void nothingIsCut() {
        QFETCH(int, face);
        Scene scene;
        QVERIFY(scene.loaded && QTest::qWaitForWindowExposed(scene.window, 60000));
        faces()[face].arrange(scene);
        for (const auto &[percent, widths] :
             {std::pair(s("125"), QList<int>{400, 800, 1280}), std::pair(s("200"), QList<int>{640, 1280, 1920})}) {
            QVERIFY(choose(scene, percent));
            for (const int width : widths) {
                QVERIFY(resize(scene, {width, 900}));
                QTRY_VERIFY2_WITH_TIMEOUT(cutTexts(scene).isEmpty(),
                                          qPrintable(s("at %1 %, %2:\n").arg(percent).arg(width) + cutTexts(scene).join(u'\n')),
                                          20000);
            }
        }
    }
    /// Who changes it, far down on its page, does not lose it from sight.
    void focusStaysInSight() {
        Scene scene;
        QVERIFY(scene.loaded && QTest::qWaitForWindowExposed(scene.window, 60000));
        QVERIFY(resize(scene, {1280, 800}));
        scene.window->setProperty("page", 3);
        QTRY_VERIFY(scene.one(s("setting-scale")));
        QQuickItem *box = scene.one(s("setting-scale"));
        box->forceActiveFocus(Qt::TabFocusReason);
        const auto seen = [&] {
            const QRectF place = box->mapRectToScene(QRectF(0, 0, box->width(), box->height()));
            return place.top() >= 0 && place.bottom() <= scene.window->height();
        };
        QTRY_VERIFY(seen());
        for (const QString &percent : {s("200"), QString()}) {
            const double height = box->height();
            QVERIFY(choose(scene, percent));
            QTRY_VERIFY(box->height() != height && seen());
            QVERIFY(box->hasActiveFocus());
        }
    }
    /// What the desktop wishes and what a person does go together, and a window cannot be too small for its texts.
    void goTogether() {
        Scene scene;
        QVERIFY(scene.loaded && QTest::qWaitForWindowExposed(scene.window, 60000));
        QVERIFY(resize(scene, {500, 700}));
        scene.app.appearance()->desktop().take(s("org.gnome.desktop.interface"), s("text-scaling-factor"), 1.25);
        QTRY_VERIFY(scene.one(s("repo-input")));
        const auto letters = [&] { return scene.one(s("repo-input"))->property("font").value<QFont>().pixelSize(); };
        QTRY_COMPARE(letters(), 18);  // of 14
        QVERIFY(choose(scene, s("200")));
        QTRY_COMPARE(letters(), 35);
        QTRY_VERIFY(scene.window->width() >= std::min(800, scene.window->screen()->availableSize().width()));
    }
};

QTEST_MAIN(TestSizes)
#include "test_sizes.moc"
