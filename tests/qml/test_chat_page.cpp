#include "tests/qml/hands.h"

#include <QClipboard>

using namespace millm;

/// The chat page by mouse and keyboard, over view models that the test feeds.
class TestChatPage : public Hands {
    Q_OBJECT

    /// Conversations of those names.
    static void haveTwo(Scene &scene) {
        for (const char *question : {"apples", "pears"}) {
            scene.app.chat()->startNew();
            scene.app.chat()->send(s(question));
            scene.chat.say(s("Yes."));
            scene.chat.end(engine::FinishReason::Stop, 1, 1);
        }
    }

private Q_SLOTS:
    void chatStreams() {
        Scene scene;
        QVERIFY(show(scene));
        scene.app.chat()->setModel(s("gemma-2-2b"), ModelUse::Chat);
        click(scene, "page-tab-1");
        QTRY_VERIFY2(scene.one(s("chat-input")) && scene.one(s("chat-input"))->hasActiveFocus(),
                     "who goes to the chat can write at once");
        type(scene, "Hello");
        QTest::keyClick(scene.window, Qt::Key_Return);
        QTRY_COMPARE(scene.chat.requests.size(), 1);
        QVERIFY(scene.text(s("chat-input")).isEmpty());
        scene.chat.say(s("Hi"));
        QTRY_VERIFY(scene.one(s("chat-stop-btn")));
        QTest::keyClick(scene.window, Qt::Key_Escape);
        QTRY_COMPARE(scene.chat.cancelled.size(), 1);
        scene.chat.end(engine::FinishReason::Cancelled, 1, 1);
        QTRY_VERIFY(scene.one(s("chat-send-btn")));
        type(scene, "Again");
        click(scene, "chat-send-btn");
        QTRY_COMPARE(scene.chat.requests.size(), 2);
        QVERIFY(scene.one(s("chat-input"))->hasActiveFocus());
    }
    /// A long answer: the end stays in sight while it grows, unless somebody has scrolled away.
    void chatFollowsItsEnd() {
        Scene scene;
        QVERIFY(showChat(scene));
        Chat &chat = *scene.app.chat();
        QQuickItem *view = scene.one(s("chat-messages"));
        const auto fromEnd = [view] { return view->property("fromEnd").toReal(); };
        const auto grow = [&] {
            for (int i = 0; i < 40; ++i) scene.chat.say(s("A line of words.\n\n"));
        };
        chat.send(s("Much, please."));
        grow();
        QTRY_VERIFY(view->property("contentHeight").toReal() > view->height() * 1.5);
        QTRY_VERIFY(fromEnd() < 5);
        QTest::keyClick(scene.window, Qt::Key_PageUp);  // from where one writes
        QTRY_VERIFY(fromEnd() > view->height() / 2);
        const double away = view->property("contentY").toReal();
        const auto growInSight = [&] {  // all of it is laid out when this ends
            const int rows = view->property("count").toInt();
            grow();
            QTRY_VERIFY(view->property("count").toInt() >= rows + 39);
            QVERIFY(QQuickTest::qWaitForPolish(scene.window, patience()));
        };
        growInSight();
        QCOMPARE(view->property("contentY").toReal(), away);
        // The same by the wheel.
        const auto wheel = [&](int degrees) {
            const QPoint place = view->mapToScene(QPointF(view->width() / 2, view->height() / 2)).toPoint();
            QTest::wheelEvent(scene.window, place, QPoint(0, degrees * 8));
        };
        const auto toTheEnd = [&] {
            wheel(-720);
            // A movement ends when the wheel rests.
            return QTest::qWaitFor([&] { return !view->property("moving").toBool(); }, patience()) &&
                   view->property("following").toBool();
        };
        QVERIFY(QTest::qWaitFor(toTheEnd, patience()));
        grow();
        QTRY_VERIFY(fromEnd() < 5);
        wheel(180);
        QTRY_VERIFY(fromEnd() > 50);
        growInSight();
        QVERIFY(fromEnd() > 50);
        const auto pageDown = [&] {
            QTest::keyClick(scene.window, Qt::Key_PageDown);
            return QQuickTest::qWaitForPolish(scene.window, patience()) && fromEnd() < 24;
        };
        QVERIFY(QTest::qWaitFor(pageDown, patience()));
        grow();
        QTRY_VERIFY(fromEnd() < 5);
        scene.chat.end(engine::FinishReason::Stop, 4, 2);
        // A long conversation is many rows, of which few are items.
        for (int i = 0; i < 60; ++i) {
            chat.send(s("More."));
            grow();
            scene.chat.end(engine::FinishReason::Stop, 4, 2);
        }
        QVERIFY(view->property("count").toInt() > 2000);
        QTRY_VERIFY(fromEnd() < 5);
        QVERIFY(view->property("contentItem").value<QQuickItem *>()->childItems().size() < 200);
    }
    /// What was thought is folded away; unfolded it is many rows as an answer is, and what is looked at stays.
    void longReasoning() {
        Scene scene;
        QVERIFY(showChat(scene));
        Chat &chat = *scene.app.chat();
        QQuickItem *view = scene.one(s("chat-messages"));
        chat.send(s("Think."));
        scene.chat.begin(true);
        QString thought;
        while (thought.size() < 300'000)
            thought += s("First this is thought of, then that, and then what follows from both.\n");
        scene.chat.say(thought + s("</think>So it is."));
        scene.chat.end(engine::FinishReason::Stop, 4, 2);
        QTRY_VERIFY(scene.one(s("reasoning-btn")));
        QVERIFY(scene.all(s("reasoning")).isEmpty());
        const int folded = view->property("count").toInt();
        click(scene, "reasoning-btn");
        QTRY_VERIFY(!scene.all(s("reasoning")).isEmpty());
        QVERIFY(view->property("count").toInt() > folded + 50);
        QVERIFY(scene.all(s("reasoning")).size() < 8);
        for (const QQuickItem *part : scene.all(s("reasoning"))) QVERIFY(part->property("text").toString().size() < 9000);
        QVERIFY2(scene.one(s("reasoning-btn")), "it begins where it was unfolded");
        click(scene, "reasoning-btn");
        QTRY_COMPARE(view->property("count").toInt(), folded);
        QTRY_VERIFY(scene.all(s("reasoning")).isEmpty());
    }
    /// The buttons of a conversation in the list are met on the way back as on the way there.
    void conversationButtonsBothWays() {
        Scene scene;
        QVERIFY(showChat(scene));
        haveTwo(scene);
        QTRY_COMPARE(scene.all(s("conversation-row")).size(), 2);
        QTRY_VERIFY(scene.one(s("conversation-search")));
        scene.one(s("conversation-search"))->forceActiveFocus(Qt::TabFocusReason);
        const auto at = [&] {
            return scene.window->activeFocusItem() ? scene.window->activeFocusItem()->objectName() : QString();
        };
        QStringList there;
        for (int steps = 0; steps < 3; ++steps) {
            QTest::keyClick(scene.window, Qt::Key_Tab);
            there << at();
        }
        QCOMPARE(there, (QStringList{s("conversation-row"), s("conversation-rename-btn"), s("conversation-delete-btn")}));
        QTest::keyClick(scene.window, Qt::Key_Tab);
        QVERIFY2(!at().startsWith(u"conversation"), qPrintable(at()));  // the arrows lead to the other rows
        for (qsizetype step = there.size() - 1; step >= 0; --step) {
            QTest::keyClick(scene.window, Qt::Key_Backtab, Qt::ShiftModifier);
            QCOMPARE(at(), there[step]);
        }
        QTest::keyClick(scene.window, Qt::Key_Down);
        QTRY_COMPARE(scene.window->activeFocusItem()->property("title").toString(), s("apples"));
        QTest::keyClick(scene.window, Qt::Key_Tab);
        QCOMPARE(at(), s("conversation-rename-btn"));
    }
    /// Everything of a conversation is reached by the keyboard, and is in sight when it is.
    void chatByKeyboard() {
        Scene scene;
        QVERIFY(showChat(scene));
        Chat &chat = *scene.app.chat();
        for (int i = 0; i < 8; ++i) {
            chat.send(s("A question"));
            scene.chat.say(s("An answer\n\n```c\nint a;\n```\nof several blocks.\n\nSo."));
            scene.chat.end(engine::FinishReason::Stop, 4, 2);
        }
        QQuickItem *view = scene.one(s("chat-messages"));
        QTest::keyClick(scene.window, Qt::Key_Backtab, Qt::ShiftModifier);
        QTRY_VERIFY2(view->hasActiveFocus(), "one step back from where one writes");
        const auto current = [&]() -> QQuickItem * {
            return scene
                .visible(
                    [](QQuickItem *item) { return item->property("current").toBool() && item->property("turn").isValid(); })
                .value(0);
        };
        const auto inSight = [&] {
            const QRectF place = current()->mapRectToItem(view, QRectF(0, 0, current()->width(), current()->height()));
            return place.top() > -1 && place.bottom() < view->height() + 1;
        };
        const int rows = view->property("count").toInt();
        QCOMPARE(view->property("at").toInt(), rows - 1);
        for (int row = rows - 2; row >= 0; --row) {
            QTest::keyClick(scene.window, Qt::Key_Up);
            QCOMPARE(view->property("at").toInt(), row);
            QTRY_VERIFY2(current() && inSight(), qPrintable(QString::number(row)));
        }
        for (int down = 0; down < 3; ++down) QTest::keyClick(scene.window, Qt::Key_Down);  // question, its end, words, code
        QTRY_COMPARE(view->property("at").toInt(), 3);
        QTest::keyClick(scene.window, Qt::Key_Return);
        QTRY_COMPARE(scene.window->activeFocusItem()->objectName(), s("code"));
        QVERIFY2(scene.one(s("code-ring")), "what has the focus is seen to have it");
        QTest::keyClick(scene.window, Qt::Key_Escape);
        QTest::keyClick(scene.window, Qt::Key_Home);
        QTRY_COMPARE(view->property("at").toInt(), 0);
        QTest::keyClick(scene.window, Qt::Key_Return);  // into its text
        QTRY_COMPARE(scene.window->activeFocusItem()->property("text").toString(), s("A question"));
        QTest::keyClick(scene.window, Qt::Key_A, Qt::ControlModifier);
        QTest::keyClick(scene.window, Qt::Key_C, Qt::ControlModifier);
        QTRY_COMPARE(QGuiApplication::clipboard()->text(), s("A question"));
        QTest::keyClick(scene.window, Qt::Key_Escape);
        QTRY_VERIFY(scene.window->activeFocusItem() == view);
        // The end of a turn has its buttons behind it.
        QTest::keyClick(scene.window, Qt::Key_Down);
        QTest::keyClick(scene.window, Qt::Key_Tab);
        QTRY_COMPARE(scene.window->activeFocusItem()->objectName(), s("turn-copy-btn"));
        QTest::keyClick(scene.window, Qt::Key_Tab);
        QTRY_COMPARE(scene.window->activeFocusItem()->objectName(), s("turn-edit-btn"));
        QTest::keyClick(scene.window, Qt::Key_Return);
        QTRY_VERIFY(scene.one(s("editing-note")));
        QTRY_VERIFY(scene.one(s("chat-input"))->hasActiveFocus());
        QCOMPARE(scene.text(s("chat-input")), s("A question"));
        QTest::keyClick(scene.window, Qt::Key_Escape);
        QTRY_VERIFY(!scene.one(s("editing-note")));
        QVERIFY(scene.text(s("chat-input")).isEmpty());
        QCOMPARE(scene.chat.requests.size(), 8);
    }
    /// The button of a block of code stands between its row and what follows, on the way there and back.
    void copiesCodeByKeyboard() {
        Scene scene;
        QVERIFY(showChat(scene));
        Chat &chat = *scene.app.chat();
        chat.send(s("A question"));
        scene.chat.say(s("Two:\n\n```c\nint a;\n```\n\n```python\nb = 1\n```\n"));
        scene.chat.end(engine::FinishReason::Stop, 4, 2);
        QQuickItem *view = scene.one(s("chat-messages"));
        const auto focused = [&] { return scene.window->activeFocusItem(); };
        const auto isCopy = [&] { return focused() && focused()->objectName() == s("copy-code-btn"); };
        const auto step = [&](bool back) {
            if (back)
                QTest::keyClick(scene.window, Qt::Key_Backtab, Qt::ShiftModifier);
            else
                QTest::keyClick(scene.window, Qt::Key_Tab);
        };
        const QList<std::pair<int, QString>> blocks{{3, s("int a;")}, {4, s("b = 1")}};  // question, its end, words, code
        for (const auto &[row, code] : blocks) {
            QTRY_VERIFY(view->property("count").toInt() > row);
            view->forceActiveFocus(Qt::BacktabFocusReason);
            QTest::keyClick(scene.window, Qt::Key_Home);
            for (int down = 0; down < row; ++down) QTest::keyClick(scene.window, Qt::Key_Down);
            QTRY_COMPARE(view->property("at").toInt(), row);
            for (const Qt::Key key : {Qt::Key_Return, Qt::Key_Space}) {
                step(false);
                QTRY_VERIFY2(isCopy(), qPrintable(code));
                QVERIFY2(focused()->property("visualFocus").toBool(), "it is seen to have it");
                QGuiApplication::clipboard()->clear();
                QTest::keyClick(scene.window, key);
                QTRY_COMPARE(QGuiApplication::clipboard()->text().trimmed(), code);
                QCOMPARE(view->property("at").toInt(), row);
                step(true);
                QTRY_VERIFY2(focused() == view, "back at the row");
            }
            step(false);
            step(false);
            QVERIFY2(!view->isAncestorOf(focused()), "that of one row alone");
            step(true);
            QTRY_VERIFY(isCopy());
            // From within the code as well, which leads back to its row.
            step(true);
            QTRY_VERIFY(focused() == view);
            QCOMPARE(view->property("at").toInt(), row);
            QTest::keyClick(scene.window, Qt::Key_Return);
            QTRY_COMPARE(focused()->objectName(), s("code"));
            step(false);
            QTRY_VERIFY(isCopy());
            step(true);
            QTRY_VERIFY(focused() == view);
            QTest::keyClick(scene.window, Qt::Key_Return);
            QTRY_COMPARE(focused()->objectName(), s("code"));
            step(true);
            QTRY_VERIFY(focused() == view);
        }
    }
    void conversationsBesideTheChat() {
        Scene scene;
        QVERIFY(showChat(scene));
        Chat &chat = *scene.app.chat();
        QTRY_VERIFY(scene.one(s("conversations-face")));
        for (const char *question : {"apples", "pears"}) {
            chat.startNew();
            chat.send(s(question));
            scene.chat.say(s("Yes."));
            scene.chat.end(engine::FinishReason::Stop, 1, 1);
        }
        const auto rows = [&] {
            const QQuickItem *list = scene.one(s("conversations"));
            return list ? list->property("count").toInt() : -1;
        };
        QTRY_COMPARE(rows(), 2);
        QQuickItem *older = nullptr;
        const auto found = [&] {
            older = scene
                        .visible([&](QQuickItem *item) {
                            return item->property("conversationId").toLongLong() > 0 && item->property("title") == s("apples");
                        })
                        .value(0);
            return older != nullptr;
        };
        QTRY_VERIFY(found());
        click(scene, older);
        QTRY_COMPARE(chat.title(), s("apples"));
        older->forceActiveFocus(Qt::TabFocusReason);
        QTest::keyClick(scene.window, Qt::Key_F2);
        QTRY_VERIFY(scene.one(s("rename-input")) && scene.one(s("rename-input"))->hasActiveFocus());
        type(scene, "fruit");
        QTest::keyClick(scene.window, Qt::Key_Return);
        QTRY_COMPARE(chat.title(), s("fruit"));
        QTRY_VERIFY(older->hasActiveFocus());
        QTest::keyClick(scene.window, Qt::Key_Delete);
        QTRY_VERIFY(scene.one(s("delete-sentence")));
        QVERIFY(scene.text(s("delete-sentence")).contains(s("fruit")));
        click(scene, "confirm-delete-btn");
        QTRY_COMPARE(rows(), 1);
        QTRY_VERIFY(!scene.one(s("delete-sentence")));
        QVERIFY(chat.title().isEmpty());
        // Narrow, they are a drawer.
        scene.window->resize(400, 800);
        QTRY_VERIFY(scene.one(s("conversations-btn")));
        QTRY_COMPARE(rows(), -1);
        click(scene, "conversations-btn");
        QTRY_COMPARE(rows(), 1);
        QTRY_VERIFY(scene.one(s("new-chat-btn"))->hasActiveFocus());
        QTest::keyClick(scene.window, Qt::Key_Escape);
        QTRY_COMPARE(rows(), -1);
        QTRY_VERIFY(scene.one(s("chat-input"))->hasActiveFocus());
    }
    /// Who deletes by the mouse is at another conversation then, not at a button that has gone, whose tip would stay.
    void focusAfterDeleting() {
        Scene scene;
        QVERIFY(showChat(scene));
        haveTwo(scene);
        QTRY_COMPARE(scene.all(s("conversation-row")).size(), 2);
        QVERIFY(QQuickTest::qWaitForPolish(scene.window, patience()));
        const QList<QQuickItem *> rows = scene.all(s("conversation-row"));
        QQuickItem *older = rows[0]->property("title") == s("apples") ? rows[0] : rows[1];
        older->setProperty("hoverEnabled", true);  // as on a desktop with a mouse
        QTest::mouseMove(scene.window, middle(older));
        QTRY_COMPARE(scene.all(s("conversation-delete-btn")).size(), 2);
        for (QQuickItem *button : scene.all(s("conversation-delete-btn")))
            if (older->isAncestorOf(button)) click(scene, button);
        click(scene, "confirm-delete-btn");
        const auto focused = [&] { return scene.window->activeFocusItem()->property("title").toString(); };
        QTRY_COMPARE(focused(), s("pears"));
        QTest::qWait(800);  // longer than it takes a tip to come
        QCOMPARE(focused(), s("pears"));
        const auto tips = scene.visible(
            [](QQuickItem *item) { return QByteArrayView(item->metaObject()->className()).startsWith("QQuickPopupItem"); });
        QVERIFY(tips.isEmpty());
    }
    /// The dialog that Qt brings where the desktop has none is dark where the window is.
    void exportsInTheThemesColours() {
        Scene scene;
        QVERIFY(showChat(scene));
        scene.app.chat()->send(s("A question"));
        scene.chat.say(s("An answer"));
        scene.chat.end(engine::FinishReason::Stop, 1, 1);
        click(scene, "chat-export-btn");
        // In a window of its own, or above the page.
        const auto bar = [] {
            QList<QQuickItem *> left;
            for (QWindow *window : QGuiApplication::allWindows())
                if (auto *each = qobject_cast<QQuickWindow *>(window)) left << each->contentItem();
            while (!left.isEmpty()) {
                QQuickItem *item = left.takeLast();
                if (QByteArrayView(item->metaObject()->className()).contains("FolderBreadcrumbBar")) return item;
                left << item->childItems();
            }
            return static_cast<QQuickItem *>(nullptr);
        };
        QTRY_VERIFY(bar());
        QList<QQuickItem *> grounds = bar()->property("contentItem").value<QQuickItem *>()->childItems() << bar()->childItems();
        grounds.removeIf([](const QQuickItem *item) { return !item->inherits("QQuickRectangle"); });
        QVERIFY(!grounds.isEmpty());
        for (const QQuickItem *ground : std::as_const(grounds))
            QVERIFY(ground->property("color").value<QColor>().lightness() < 64);
    }
    void aModelFromTheChat() {
        Scene scene;
        QVERIFY(show(scene));
        scene.app.models()->setModels({samples::llama()});
        QTest::keyClick(scene.window, Qt::Key_2, Qt::ControlModifier);
        QTRY_VERIFY(scene.one(s("chat-model-box")));
        QCOMPARE(scene.one(s("chat-model-box"))->property("displayText").toString(), s("Load a model…"));
        QVERIFY(!scene.one(s("chat-input"))->isEnabled());
        scene.one(s("chat-model-box"))->forceActiveFocus(Qt::TabFocusReason);
        QTest::keyClick(scene.window, Qt::Key_Down);
        QTRY_COMPARE(scene.actions.calls.last(), s("checkMemory 1"));
        Model loading = samples::llama();
        loading.state = ModelState::Loading;
        scene.app.models()->upsert(loading);
        QTRY_VERIFY(scene.one(s("chat-model-box"))->property("displayText").toString().contains(s("Loading")));
        loading.state = ModelState::Loaded;
        scene.app.models()->upsert(loading);
        scene.app.chat()->setModel(loading.name, ModelUse::Chat);
        QTRY_COMPARE(scene.one(s("chat-model-box"))->property("displayText").toString(), loading.name);
        scene.app.chat()->send(s("Hello"));
        scene.chat.say(s("Hi"));
        scene.app.chat()->setModel({}, ModelUse::Chat);
        scene.chat.end(engine::FinishReason::Cancelled, 1, 1);
        QTRY_VERIFY(scene.one(s("chat-no-model")));
        QTRY_VERIFY(!scene.all(s("turn-note")).isEmpty());
        QVERIFY(scene.all(s("turn-note")).last()->property("text").toString().contains(s("the model was unloaded")));
        click(scene, "chat-models-btn");
        QTRY_VERIFY(scene.one(s("repo-input")));
    }
    /// Who comes while the model is loaded writes when it is there, without another key.
    void whoWaitsForTheModelWrites() {
        Scene scene;
        QVERIFY(show(scene));
        Model model = samples::llama();
        model.state = ModelState::Loading;
        scene.app.models()->setModels({model});
        QTest::keyClick(scene.window, Qt::Key_2, Qt::ControlModifier);
        QTRY_VERIFY(scene.one(s("chat-input")));
        QTest::qWait(500);  // until the focus is where it stays
        QVERIFY(!scene.one(s("chat-input"))->hasActiveFocus());
        scene.app.chat()->setModel(model.name, ModelUse::Chat);
        QTRY_VERIFY(scene.one(s("chat-input"))->hasActiveFocus());
        // Who is at something else meanwhile stays there.
        scene.app.chat()->setModel({}, ModelUse::Chat);
        scene.one(s("conversation-search"))->forceActiveFocus(Qt::TabFocusReason);
        scene.app.chat()->setModel(model.name, ModelUse::Chat);
        QTest::qWait(500);
        QVERIFY(scene.one(s("conversation-search"))->hasActiveFocus());
    }
};

QTEST_MAIN(TestChatPage)
#include "test_chat_page.moc"
