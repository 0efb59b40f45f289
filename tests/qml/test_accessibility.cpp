#include "tests/qml/faces.h"
#include "tests/support/patience.h"

#include <QtQuickTest/quicktest.h>
#include <QAccessible>
#include <QTest>

using namespace millm;

/// What a screen reader is told, in every state of the window.
class TestAccessibility : public QObject {
    Q_OBJECT

    static QString s(const char *text) { return QString::fromUtf8(text); }
    static QAccessibleInterface *spoken(QQuickItem *item) { return QAccessible::queryAccessibleInterface(item); }

    static QList<QQuickItem *> focusable(const Scene &scene) {
        return scene.visible([](QQuickItem *item) { return item->activeFocusOnTab(); });
    }
    static QStringList nameless(const Scene &scene) {
        QStringList found;
        for (QQuickItem *item : focusable(scene)) {
            QAccessibleInterface *interface = spoken(item);
            const bool told = interface && !interface->text(QAccessible::Name).isEmpty() &&
                              interface->role() != QAccessible::NoRole && interface->role() != QAccessible::Client;
            if (!told) found << QString::fromLatin1(item->metaObject()->className()) + QLatin1Char(' ') + item->objectName();
        }
        return found;
    }

private Q_SLOTS:
    void initTestCase() { QAccessible::setActive(true); }

    /// What takes the focus has a name and a role.
    void everythingHasAName_data() {
        QTest::addColumn<int>("face");
        for (int face = 0; face < faces().size(); ++face) QTest::addRow("%s", qPrintable(faces()[face].name)) << face;
    }
    void everythingHasAName() {
        QFETCH(int, face);
        Scene scene;
        QVERIFY(scene.loaded && QTest::qWaitForWindowExposed(scene.window, 60000));
        faces()[face].arrange(scene);
        QVERIFY(QQuickTest::qWaitForPolish(scene.window, 60000));
        QTRY_VERIFY(focusable(scene).size() > 2);
        QTRY_COMPARE_WITH_TIMEOUT(nameless(scene), QStringList(), 20000);
    }
    void progressHasAValue() {
        Scene scene;
        Model model = samples::gemma2b();
        model.state = ModelState::Downloading;
        scene.app.models()->setModels({model});
        scene.app.models()->setDownloadProgress({3, DownloadPhase::Downloading, 42, 1, 2, 0, -1, 0});
        QTRY_VERIFY(scene.one(s("model-progress")));
        QAccessibleInterface *bar = spoken(scene.one(s("model-progress")));
        QVERIFY(bar);
        QCOMPARE(bar->role(), QAccessible::ProgressBar);
        QAccessibleValueInterface *value = bar->valueInterface();
        QVERIFY(value);
        QCOMPARE(value->currentValue(), 42.0);
        const QString told = bar->text(QAccessible::Description);
        QVERIFY2(told.contains(s("42")), qPrintable(told));
        // A number where nobody knows one as well.
        model.state = ModelState::Unloading;
        scene.app.models()->upsert(model);
        QTRY_VERIFY(scene.one(s("model-progress")) && scene.one(s("model-progress"))->property("indeterminate").toBool());
        value = spoken(scene.one(s("model-progress")))->valueInterface();
        QVERIFY(value);
        QVERIFY(value->currentValue().canConvert<double>());
        QCOMPARE(value->currentValue(), value->minimumValue());
    }
    /// The badge is upper-case to the eye only.
    void badgeIsSpokenAsWritten() {
        Scene scene;
        scene.app.models()->setModels({samples::llama()});
        QTRY_VERIFY(scene.one(s("model-status")));
        QCOMPARE(spoken(scene.one(s("model-status")))->text(QAccessible::Name), s("Ready"));
        QCOMPARE(scene.one(s("model-status"))->property("text").toString(), s("Ready"));
        const QString card = spoken(scene.one(s("model-card")))->text(QAccessible::Name);
        QVERIFY(card.contains(s("llama-3.2-3b")) && card.contains(s("Ready")));
    }
    void secretsAreMarked() {
        Scene scene;
        QTRY_VERIFY(scene.one(s("token-input")));
        QVERIFY(spoken(scene.one(s("token-input")))->state().passwordEdit);
    }
};

QTEST_MAIN(TestAccessibility)
#include "test_accessibility.moc"
