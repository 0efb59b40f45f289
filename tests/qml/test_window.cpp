#include "tests/qml/hands.h"

#include <QClipboard>
#include <QFileSelector>
#include <QQmlFileSelector>
#include <QQmlProperty>
#include <QQuickStyle>
#include <QSignalSpy>

using namespace millm;

/// The window as a person meets it: mouse and keyboard on the real QML, facts fed to the real view models.
class TestWindow : public Hands {
    Q_OBJECT
private Q_SLOTS:
    /// An occupied port is told with its remedy, where it is seen.
    void serverTrouble() {
        Scene scene;
        QVERIFY(show(scene));
        QVERIFY(!scene.one(s("server-trouble")));
        scene.server.setError(s("Port 8000 is taken."));
        QTRY_VERIFY(scene.one(s("server-trouble")));
        QVERIFY(scene.text(s("server-trouble")).contains(s("Port 8000 is taken.")));
        click(scene, "server-trouble-btn");
        QTRY_VERIFY(scene.one(s("server-failure-btn")));
        click(scene, "server-failure-btn");
        QTRY_COMPARE(scene.program.server.restarts.size(), 1);
        QCOMPARE(scene.program.server.restarts.first().port, quint16(8001));
        scene.server.setServing(QUrl(s("http://127.0.0.1:8001")));
        QTRY_VERIFY(!scene.one(s("server-failure-btn")));
        scene.window->setProperty("page", 0);
        scene.server.setServing(QUrl(s("http://127.0.0.1:8000")));
        QTRY_VERIFY(!scene.one(s("server-trouble")));
    }
    /// A click meant for a button that has just gone does not hit the one that came in its place.
    void buttonsDoNotSwapUnderThePointer() {
        Scene scene;
        QVERIFY(show(scene));
        Model model = samples::gemma2b();
        model.state = ModelState::Downloading;
        scene.app.models()->setModels({model});
        QTRY_VERIFY(scene.one(s("cancel-btn")));
        QQuickItem *cancel = scene.one(s("cancel-btn"));
        QVERIFY(QQuickTest::qWaitForPolish(scene.window, 60000));
        const QPoint place = cancel->mapToScene(QPointF(cancel->width() / 2, cancel->height() / 2)).toPoint();
        QTest::mouseMove(scene.window, place);
        QCoreApplication::processEvents();
        model.state = ModelState::Ready;
        scene.app.models()->upsert(model);
        QTRY_VERIFY(scene.one(s("load-btn")));
        QVERIFY(!scene.one(s("load-btn"))->isEnabled());
        QTest::mouseClick(scene.window, Qt::LeftButton, {}, place);
        QVERIFY(scene.actions.calls.isEmpty());
        QTRY_VERIFY(scene.one(s("load-btn"))->isEnabled());
        click(scene, "load-btn");
        QTRY_COMPARE(scene.actions.calls.last(), s("checkMemory 3"));
    }
    /// Buttons go while they have the focus: it must not be lost with them.
    void focusOutlivesButtons() {
        Scene scene;
        QVERIFY(show(scene));
        Model model = samples::gemma2b();
        model.state = ModelState::Ready;
        scene.app.models()->setModels({samples::llama(), model});
        QTRY_COMPARE(scene.all(s("model-card")).size(), 2);
        const auto press = [&](QQuickItem *button) {
            button->forceActiveFocus(Qt::TabFocusReason);
            QTest::keyClick(scene.window, Qt::Key_Return);
        };
        QQuickItem *card = scene.all(s("model-card")).last();
        const qint64 id = card->property("modelId").toLongLong();
        Model own = id == model.id ? model : samples::llama();
        QQuickItem *load = nullptr;
        for (QQuickItem *each : scene.all(s("load-btn")))
            if (card->isAncestorOf(each)) load = each;
        QVERIFY(load);
        press(load);
        for (const ModelState state : {ModelState::Loading, ModelState::Loaded, ModelState::Unloading}) {
            own.state = state;
            scene.app.models()->upsert(own);
            QTRY_VERIFY2(scene.window->activeFocusItem() == card || card->isAncestorOf(scene.window->activeFocusItem()),
                         "the focus stays with the card");
        }
        // And where a card goes, the next one has it.
        own.state = ModelState::Ready;
        scene.app.models()->upsert(own);
        card->forceActiveFocus(Qt::TabFocusReason);
        QTRY_VERIFY(card->hasActiveFocus());
        scene.app.models()->drop(own.id);
        QTRY_COMPARE(scene.all(s("model-card")).size(), 1);
        QTRY_VERIFY(scene.one(s("model-card"))->hasActiveFocus());
    }
    /// Arrows go from card to card and from tab to tab; what nothing else needs of the keys scrolls the page.
    void arrowsAndPages() {
        Scene scene;
        QVERIFY(show(scene));
        QList<Model> many;
        for (qint64 id = 1; id <= 30; ++id) {
            many << samples::llama();
            many.last().id = id;
        }
        scene.app.models()->setModels(many);
        QTRY_COMPARE(scene.all(s("model-card")).size(), 30);
        QVERIFY(QQuickTest::qWaitForPolish(scene.window, 60000));
        const auto key = [&](Qt::Key key) { QTest::keyClick(scene.window, key); };
        const auto top = [&] { return scene.all(s("model-card")).first()->mapToScene({}).y(); };
        const double start = top();
        key(Qt::Key_PageDown);
        QVERIFY2(top() < start - 300, "before anything has the focus");
        key(Qt::Key_PageUp);
        QCOMPARE(top(), start);
        key(Qt::Key_End);
        const double end = top();
        QVERIFY(end < start - 1000);
        key(Qt::Key_Down);
        QCOMPARE(top(), end);
        key(Qt::Key_Home);
        QCOMPARE(top(), start);
        key(Qt::Key_Down);
        QVERIFY(top() < start);

        const QList<QQuickItem *> cards = scene.all(s("model-card"));
        const auto focused = [&] { return cards.indexOf(scene.window->activeFocusItem()); };
        cards[0]->forceActiveFocus(Qt::TabFocusReason);
        key(Qt::Key_Right);
        QCOMPARE(focused(), 1);
        key(Qt::Key_Down);  // two columns at this width
        QCOMPARE(focused(), 3);
        key(Qt::Key_Left);
        key(Qt::Key_Up);
        QCOMPARE(focused(), 0);
        key(Qt::Key_Left);
        QCOMPARE(focused(), 0);
        for (int i = 0; i < 5; ++i) key(Qt::Key_Down);
        const QQuickItem *far = cards[focused()];
        QVERIFY2(far->mapToScene({}).y() > 0 && far->mapToScene({}).y() + far->height() <= scene.window->height(),
                 "what has the focus is seen");

        const auto *words = scene.one(s("page-tab-0"))->property("contentItem").value<QQuickItem *>()->childItems().last();
        QCOMPARE(words->property("font").value<QFont>().weight(), QFont::Medium);
        scene.one(s("page-tab-0"))->forceActiveFocus(Qt::TabFocusReason);
        key(Qt::Key_Right);
        QVERIFY(scene.one(s("page-tab-1"))->hasActiveFocus());
        QVERIFY(scene.one(s("repo-input")));
        key(Qt::Key_Left);
        QVERIFY(scene.one(s("page-tab-0"))->hasActiveFocus());
        key(Qt::Key_Home);
        QCOMPARE(top(), start);
    }
    /// The dialog for folders that Qt brings where the desktop has none: of a style that goes by the palette, which is the
    /// theme's.
    void browsesInTheThemesColours() {
        Scene scene;
        QVERIFY(show(scene));
        QCOMPARE(QQuickStyle::name(), s("Fusion"));
        const auto *selector = scene.engine.findChild<QQmlFileSelector *>();  // which of its files the first dialog is made of
        QVERIFY(selector && selector->selector()->extraSelectors().contains(s("Fusion")));
        for (const auto choice : {Appearance::Choice::Dark, Appearance::Choice::Light}) {
            scene.app.appearance()->setChoice(choice);
            const auto colour = [&](const char *role) { return QQmlProperty(scene.window, s(role)).read().value<QColor>(); };
            const bool dark = choice == Appearance::Choice::Dark;
            for (const char *ground : {"palette.window", "palette.base", "palette.light", "palette.button"})
                QCOMPARE(colour(ground).lightness() < 64, dark);
            for (const char *ink : {"palette.windowText", "palette.text", "palette.buttonText"})
                QCOMPARE(colour(ink).lightness() > 128, dark);
        }
    }
    /// Opening to the network, by the keyboard alone.
    void networkByKeyboard() {
        Scene scene;
        QVERIFY(show(scene));
        scene.server.setServing(QUrl(s("http://127.0.0.1:8000")));
        QTest::keyClick(scene.window, Qt::Key_3, Qt::ControlModifier);
        QTRY_VERIFY(scene.one(s("network-switch")));
        scene.one(s("port-input"))->forceActiveFocus(Qt::TabFocusReason);
        const auto focused = [&] { return scene.window->activeFocusItem()->objectName(); };
        QTest::keyClick(scene.window, Qt::Key_Tab);
        QCOMPARE(focused(), s("network-switch"));
        QTest::keyClick(scene.window, Qt::Key_Space);
        QVERIFY(scene.app.serverPanel()->controls()->localNetwork());
        QVERIFY2(!scene.one(s("restart-btn"))->isEnabled(), "not without a key");
        for (int i = 0; i < 6 && focused() != s("make-key-btn"); ++i) QTest::keyClick(scene.window, Qt::Key_Tab);
        QTest::keyClick(scene.window, Qt::Key_Return);
        QTRY_VERIFY(scene.one(s("restart-btn"))->isEnabled());
        for (int i = 0; i < 6 && focused() != s("restart-btn"); ++i) QTest::keyClick(scene.window, Qt::Key_Tab);
        QTest::keyClick(scene.window, Qt::Key_Space);
        QCOMPARE(scene.program.server.restarts.size(), 1);
        QCOMPARE(scene.program.server.restarts.first().host, s("0.0.0.0"));
        QVERIFY(!scene.program.server.restarts.first().key->isEmpty());
        QTRY_VERIFY2(!scene.one(s("restart-btn"))->isEnabled(), "all is as it is wanted now");
        QTRY_COMPARE(focused(), s("stop-server-btn"));
    }
    void snippetsAndRequests() {
        Scene scene;
        QVERIFY(show(scene));
        scene.server.setServing(QUrl(s("http://127.0.0.1:8000")));
        scene.window->setProperty("page", 2);
        QTRY_VERIFY(scene.one(s("snippet")));
        QVERIFY(scene.text(s("snippet")).contains(s("OPENAI_BASE_URL='http://127.0.0.1:8000/v1'")));
        const auto isPython = [](QQuickItem *item) {
            return item->property("checkable").toBool() && item->property("text") == s("Python");
        };
        QMetaObject::invokeMethod(scene.visible(isPython).value(0), "click");
        QTRY_VERIFY(scene.text(s("snippet")).contains(s("from openai import OpenAI")));
        QMetaObject::invokeMethod(scene.one(s("copy-snippet-btn")), "click");
        QCOMPARE(QGuiApplication::clipboard()->text(), scene.app.serverPanel()->snippets()->text(2));

        QList<quint64> stopped;
        QObject::connect(&scene.program.requests, &RequestJournal::stopAsked, &scene.app, [&](quint64 id) { stopped << id; });
        const quint64 id = scene.program.requests.begin({.client = s("10.0.0.2"), .call = s("POST /v1/chat/completions")});
        QTRY_VERIFY(scene.one(s("stop-request-btn")));
        scene.one(s("stop-request-btn"))->forceActiveFocus(Qt::TabFocusReason);
        QTest::keyClick(scene.window, Qt::Key_Return);
        QTRY_COMPARE(stopped, QList<quint64>{id});
        scene.program.requests.end(id, 503);
        QTRY_VERIFY(!scene.one(s("stop-request-btn")));
        QTRY_COMPARE(scene.text(s("request-status")), s("503"));
        QTRY_VERIFY2(scene.one(s("ended"))->hasActiveFocus(), "the focus does not go with the row");
        // Who does not look does not ask.
        scene.window->setProperty("page", 0);
        QTRY_VERIFY(!scene.app.serverPanel()->watched());
    }
    /// Of a log that is longer than what is seen of it, a row in sight has the keyboard.
    void logHasTheFocusInSight() {
        Scene scene;
        QVERIFY(show(scene));
        scene.window->setProperty("page", 2);
        for (int line = 0; line < 80; ++line)
            scene.program.log.add({0, QDateTime::currentDateTimeUtc(), LogLevel::Info, s("millm.storage"), s("A line of it.")});
        QTRY_VERIFY(scene.one(s("log")));
        QQuickItem *log = scene.one(s("log"));
        QTRY_VERIFY(log->property("count").toInt() >= 80);
        QTRY_VERIFY(log->property("contentY").toDouble() > 100);  // it follows its end
        log->forceActiveFocus(Qt::TabFocusReason);
        const auto inSight = [&] {
            const QQuickItem *item = scene.window->activeFocusItem();
            if (!item || item == log || !log->isAncestorOf(item)) return false;
            const QRectF place = item->mapRectToItem(log, QRectF(0, 0, item->width(), item->height()));
            return place.top() > -2 && place.bottom() < log->height() + 2;
        };
        QTRY_VERIFY(inSight());
        for (const Qt::Key key : {Qt::Key_PageUp, Qt::Key_Up, Qt::Key_Home, Qt::Key_Down, Qt::Key_End}) {
            QTest::keyClick(scene.window, key);
            QTRY_VERIFY2(inSight(), qPrintable(QString::number(key)));
        }
    }
    void settingsAreKept() {
        Scene scene;
        scene.program.settings.entries[s("threads")] = {s("4"), {}, s("--threads")};
        QVERIFY(show(scene));
        QTest::keyClick(scene.window, Qt::Key_4, Qt::ControlModifier);
        QTRY_VERIFY(scene.one(s("setting-kv-cache")));
        // One editor each, hidden ones among them.
        QHash<QString, int> editors;
        QList<QQuickItem *> left{scene.window->contentItem()};
        while (!left.isEmpty()) {
            QQuickItem *item = left.takeLast();
            if (item->objectName().startsWith(u"setting-")) ++editors[item->objectName()];
            left << item->childItems();
        }
        QVERIFY(editors.size() > 10);
        for (const auto [name, count] : editors.asKeyValueRange()) QVERIFY2(count == 1, qPrintable(name));
        QQuickItem *field = scene.one(s("setting-kv-cache"));
        field->forceActiveFocus(Qt::TabFocusReason);
        QTest::keyClick(scene.window, Qt::Key_A, Qt::ControlModifier);
        type(scene, "wrong");
        QTest::keyClick(scene.window, Qt::Key_Return);
        QTRY_VERIFY(field->property("faulty").toBool());
        QVERIFY(scene.program.settings.calls.isEmpty());
        QTest::keyClick(scene.window, Qt::Key_A, Qt::ControlModifier);
        type(scene, "2048");
        QTest::keyClick(scene.window, Qt::Key_Return);
        QTRY_COMPARE(scene.program.settings.calls, QStringList{s("kv-cache=2048")});
        QTRY_VERIFY(!field->property("faulty").toBool());
        QVERIFY(!scene.one(s("setting-threads"))->isEnabled());
        QVERIFY(scene.text(s("set-by-threads")).contains(s("--threads")));
        QQuickItem *box = scene.one(s("setting-device"));
        box->forceActiveFocus(Qt::TabFocusReason);
        QTest::keyClick(scene.window, Qt::Key_Down);
        QTRY_COMPARE(scene.program.settings.calls.last(), s("device=cpu"));
        QTRY_COMPARE(box->property("currentIndex").toInt(), 1);
    }
    void pagesAndShortcuts() {
        Scene scene;
        QVERIFY(show(scene));
        QTest::keyClick(scene.window, Qt::Key_2, Qt::ControlModifier);
        QTRY_VERIFY(scene.one(s("chat-input")));
        QVERIFY(!scene.one(s("repo-input")));
        QTest::keyClick(scene.window, Qt::Key_L, Qt::ControlModifier);
        QTRY_VERIFY(scene.one(s("repo-input")) && scene.one(s("repo-input"))->hasActiveFocus());
        QTest::keyClick(scene.window, Qt::Key_F1);
        QTRY_VERIFY(scene.one(s("theme-choice")));
        QTest::keyClick(scene.window, Qt::Key_Escape);
        QTRY_VERIFY(!scene.one(s("theme-choice")));
        QTRY_VERIFY(scene.one(s("repo-input"))->hasActiveFocus());
        // The next key may come at once.
        scene.one(s("download-btn"))->forceActiveFocus(Qt::TabFocusReason);
        QTest::keyClick(scene.window, Qt::Key_F1);
        QTRY_VERIFY(scene.one(s("theme-choice")));
        QTest::keyClick(scene.window, Qt::Key_Escape);
        QTest::keyClick(scene.window, Qt::Key_L, Qt::ControlModifier);
        QVERIFY(scene.one(s("repo-input"))->hasActiveFocus());
        QTest::qWait(500);  // longer than anything moves
        QVERIFY(scene.one(s("repo-input"))->hasActiveFocus());
    }
    void tabOrderIsReadingOrder() {
        Scene scene;
        QVERIFY(show(scene));
        scene.app.models()->setModels({samples::llama()});
        scene.app.downloadForm()->setRepository(s("google/gemma-2-2b"));
        QTRY_VERIFY(scene.one(s("load-btn")));
        scene.one(s("add-local-btn"))->forceActiveFocus(Qt::TabFocusReason);
        QStringList order;
        for (int i = 0; i < 30 && !order.contains(s("more-btn")); ++i) {
            QTest::keyClick(scene.window, Qt::Key_Tab);
            if (const QQuickItem *item = scene.window->activeFocusItem(); item && !item->objectName().isEmpty())
                order << item->objectName();
        }
        QCOMPARE(order, (QStringList{s("repo-input"), s("quantization-box"), s("token-input"), s("trust-box"), s("preview-btn"),
                                     s("download-btn"), s("model-card"), s("load-btn"), s("load-options-btn"), s("delete-btn"),
                                     s("more-btn")}));
    }
    /// The window does not take what is under way along without a question.
    void closingAsks() {
        Scene scene;
        QVERIFY(show(scene));
        QSignalSpy quit(scene.app.closing(), &Closing::quitAsked);
        Model model = samples::gemma2b();
        model.state = ModelState::Downloading;
        scene.app.models()->setModels({model});
        QTest::keyClick(scene.window, Qt::Key_Q, Qt::ControlModifier);
        QTRY_VERIFY(scene.one(s("close-work")));
        QVERIFY(scene.text(s("close-work")).contains(s("1")));
        QVERIFY(scene.window->isVisible());
        QTest::keyClick(scene.window, Qt::Key_Escape);
        QTRY_VERIFY(!scene.one(s("close-work")));
        QCOMPARE(quit.size(), 0);
        scene.window->close();
        QTRY_VERIFY(scene.one(s("close-finish-btn")));
        click(scene, "close-finish-btn");
        QTRY_VERIFY(scene.app.closing()->finishing());
        QCOMPARE(quit.size(), 0);
        model.state = ModelState::Ready;
        scene.app.models()->upsert(model);
        QTRY_COMPARE(quit.size(), 1);
        scene.window->close();  // nothing is under way
        QTRY_COMPARE(quit.size(), 2);
    }
    void troubleOfTheStartStays() {
        AppOptions options = Scene::defaults();
        options.trouble = s("The data directory /data cannot be written: the disk is full.");
        Scene scene(options);
        QVERIFY(show(scene));
        scene.app.models()->setModels({samples::llama()});
        QTRY_COMPARE(scene.text(s("start-trouble")), options.trouble);
        click(scene, "delete-btn");  // what makes room is still possible
        click(scene, "confirm-delete-btn");
        QTRY_COMPARE(scene.actions.calls.value(0), s("remove 1"));
        QTRY_VERIFY(!scene.one(s("delete-sentence")));
        click(scene, "start-trouble-btn");
        QTRY_VERIFY2(scene.one(s("setting-data-dir")), "where another folder is chosen");
        QQuickItem *folder = scene.one(s("setting-data-dir"));
        QTRY_VERIFY(folder->hasActiveFocus());
        QTRY_VERIFY2(folder->mapToScene({}).y() > 0 && folder->mapToScene({}).y() < scene.window->height(), "in sight");
        Scene fine;
        QVERIFY(show(fine));
        QVERIFY(!fine.one(s("start-trouble")));
        // The server does not run for want of the models, and says nothing of its port.
        fine.server.setError(s("The database cannot be opened."));
        QTRY_VERIFY(fine.one(s("server-trouble")));
        fine.app.onStartFailed(errors::internal(s("The database cannot be opened.")));
        QTRY_VERIFY(!fine.one(s("server-trouble")));
    }
    void toastsGoByThemselves() {
        Scene scene;
        QVERIFY(show(scene));
        scene.app.onLoadCompleted(samples::gemma2b());
        QTRY_VERIFY(scene.one(s("toast")));
        QTRY_VERIFY_WITH_TIMEOUT(!scene.one(s("toast")), 60000);
    }
};

QTEST_MAIN(TestWindow)
#include "test_window.moc"
