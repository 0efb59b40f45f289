#include "core/base/errors.h"
#include "tests/qml/hands.h"

#include <QAccessible>

using namespace millm;

/// What the window says aloud by itself, as assistive technology is told: once each, what failed at once.
class TestAnnouncements : public Hands {
    Q_OBJECT

    struct Said {
        QString text;
        bool atOnce;
        bool operator==(const Said &) const = default;
    };
    static inline QList<Said> said;

    static void hear(QAccessibleEvent *event) {
        if (event->type() != QAccessible::Announcement) return;
        const auto *announcement = static_cast<QAccessibleAnnouncementEvent *>(event);
        said << Said{announcement->message(), announcement->politeness() == QAccessible::AnnouncementPoliteness::Assertive};
    }
    static QString told() {
        QStringList lines;
        for (const Said &each : said) lines << each.text + (each.atOnce ? s(" (at once)") : QString());
        return lines.join(u'\n');
    }
    /// Waits until just this was said, and as long again whether there is more.
    static void hears(const QList<Said> &wanted) {
        QTRY_VERIFY2_WITH_TIMEOUT(said == wanted, qPrintable(told()), 20000);
        QTest::qWait(900);  // longer than whatever is said after a rest
        QVERIFY2(said == wanted, qPrintable(told()));
        said.clear();
    }

private Q_SLOTS:
    void initTestCase() {
        QAccessible::setActive(true);
        QAccessible::installUpdateHandler(hear);
    }
    void init() { said.clear(); }
    void cleanupTestCase() { QAccessible::installUpdateHandler(nullptr); }

    void messages() {
        Scene scene;
        QVERIFY(show(scene));
        scene.app.models()->setModels(samples::mockup());
        said.clear();
        scene.app.onDownloadCompleted(samples::gemma9b());
        hears({{s("gemma-2-9b is downloaded and ready to load"), false}});
        scene.app.onLoadFailed(2, errors::outOfMemory(2));
        QTRY_COMPARE(said.size(), 1);
        hears({{said.first().text, true}});
        scene.app.onUnloadCompleted(samples::gemma2b());
        hears({{s("gemma-2-2b is unloaded"), false}});
    }
    /// What is wrong with a field is said when its writing rests, not at each letter.
    void faults() {
        Scene scene;
        QVERIFY(showSearch(scene));
        said.clear();
        type(scene, "google gemma");
        scene.app.downloadForm()->search()->close();
        const QString fault = scene.app.downloadForm()->repositoryError();
        QVERIFY(!fault.isEmpty());
        hears({{fault, true}});
    }
    void answers() {
        Scene scene;
        QVERIFY(showChat(scene));
        Chat &chat = *scene.app.chat();
        said.clear();
        chat.send(s("How is it?"));
        scene.chat.say(s("It is so. And"));
        hears({{s("It is so."), false}});
        scene.chat.say(s(" more. Yet"));
        hears({{s("And more."), false}});
        scene.chat.end(engine::FinishReason::Stop, 9, 1.0);
        hears({{s("Yet"), false}});
        chat.send(s("And now?"));
        scene.chat.fail(Error{ErrorCode::ContextLengthExceeded, s("The prompt is too long."), {}});
        hears({{s("The prompt is too long."), true}});
    }
    void results() {
        Scene scene;
        QVERIFY(showSearch(scene));
        said.clear();
        type(scene, "gemma");
        QTRY_COMPARE(scene.actions.searches.size(), 1);
        FoundModel one, two;
        one.repository.id = s("acme/gemma");
        two.repository.id = s("other/gemma");
        scene.actions.searches.last().answer(QList{one, two});
        hears({{s("2 models found"), false}});
        QTest::keyClick(scene.window, Qt::Key_Down);
        QTRY_COMPARE(said.size(), 1);
        QVERIFY2(said.first().text.startsWith(s("acme/gemma, ")) && !said.first().atOnce, qPrintable(told()));
    }
    void choices() {
        Scene scene;
        QVERIFY(show(scene));
        QTRY_VERIFY(scene.one(s("quantization-box")));
        QQuickItem *box = scene.one(s("quantization-box"));
        box->forceActiveFocus(Qt::TabFocusReason);
        said.clear();
        QTest::keyClick(scene.window, Qt::Key_Down);
        hears({{box->property("displayText").toString(), false}});
    }
};

QTEST_MAIN(TestAnnouncements)
#include "test_announcements.moc"
