#include "core/base/errors.h"
#include "tests/qml/scene.h"
#include "tests/support/patience.h"

#include <QtQuickTest/quicktest.h>
#include <QClipboard>
#include <QDropEvent>
#include <QMimeData>
#include <QQmlProperty>
#include <QQuickStyle>
#include <QSignalSpy>
#include <QTemporaryDir>
#include <QTest>

using namespace millm;

/// The window as a person meets it: mouse and keyboard on the real QML, facts fed to the real view models.
class TestWindow : public QObject {
    Q_OBJECT

    static QString s(const char *text) { return QString::fromUtf8(text); }
    static bool show(Scene &scene) {
        if (!scene.loaded || !QTest::qWaitForWindowExposed(scene.window, 60000)) return false;
        scene.window->requestActivate();
        return QTest::qWaitForWindowActive(scene.window, 60000);
    }
    static void click(const Scene &scene, QQuickItem *item) {
        QVERIFY(item);
        QTRY_VERIFY(item->isEnabled());
        QVERIFY(QQuickTest::qWaitForPolish(scene.window, 60000));  // layouts move their items only then
        QTest::mouseClick(scene.window, Qt::LeftButton, {},
                          item->mapToScene(QPointF(item->width() / 2, item->height() / 2)).toPoint());
    }
    static void click(const Scene &scene, const char *name) {
        QTRY_VERIFY2(scene.one(s(name)), name);
        click(scene, scene.one(s(name)));
    }
    static void type(const Scene &scene, const char *text) {
        for (const char *letter = text; *letter; ++letter) QTest::keyClick(scene.window, *letter);
    }
private Q_SLOTS:
    void downloadByKeyboard() {
        Scene scene;
        QVERIFY(show(scene));
        scene.app.models()->setModels({});
        QTest::keyClick(scene.window, Qt::Key_L, Qt::ControlModifier);
        QTRY_VERIFY(scene.one(s("repo-input"))->hasActiveFocus());
        QVERIFY(!scene.one(s("download-btn"))->isEnabled());
        type(scene, "google gemma");
        QVERIFY(!scene.app.downloadForm()->repositoryError().isEmpty());
        QVERIFY(!scene.one(s("download-btn"))->isEnabled());
        QTest::keyClick(scene.window, Qt::Key_A, Qt::ControlModifier);
        type(scene, "google/gemma-2-2b");
        QVERIFY(scene.one(s("download-btn"))->isEnabled());
        QTest::keyClick(scene.window, Qt::Key_Return);
        QCOMPARE(scene.actions.calls.last(), s("download google/gemma-2-2b"));
        QVERIFY(scene.one(s("download-btn"))->property("busy").toBool());
        Model queued = samples::gemma2b();
        queued.state = ModelState::Queued;
        scene.app.models()->upsert(queued);
        scene.actions.models[0].answer(queued);
        QTRY_COMPARE(scene.text(s("model-status")), s("Queued"));
        QTRY_COMPARE(scene.text(s("repo-input")), QString());
    }
    void lifeOfAModel() {
        Scene scene;
        QVERIFY(show(scene));
        Model model = samples::gemma2b();
        model.state = ModelState::Downloading;
        scene.app.models()->setModels({model});
        scene.app.models()->setDownloadProgress(
            {3, DownloadPhase::Downloading, 42, 2'060'000'000, 4'900'000'000, 99.2, 229, 0});
        QTRY_COMPARE(scene.text(s("model-status")), s("Downloading"));
        QCOMPARE(scene.one(s("model-progress"))->property("value").toDouble(), 42.0);
        QVERIFY(scene.text(s("model-progress-text")).contains(s("3 min 49 s left")));
        click(scene, "cancel-btn");
        QCOMPARE(scene.actions.calls.last(), s("cancel 3"));

        model.state = ModelState::Ready;
        scene.app.models()->upsert(model);
        QTRY_COMPARE(scene.text(s("model-status")), s("Ready"));
        click(scene, "load-btn");
        QTRY_COMPARE(scene.actions.calls.last(), s("checkMemory 3"));
        MemoryCheck fits;
        scene.actions.checks[0].answer(fits);
        QTRY_COMPARE(scene.actions.calls.last(), s("load 3"));

        model.state = ModelState::Loaded;
        scene.app.models()->upsert(model);
        QTRY_COMPARE(scene.text(s("model-status")), s("Loaded"));
        QCOMPARE(scene.text(s("status-bar-model")), s("gemma-2-2b"));
        QVERIFY(scene.text(s("model-memory")).contains(s("1.9 GB used")));
        QVERIFY(!scene.one(s("delete-btn"))->isEnabled());
        scene.server.setServing(QUrl(s("http://127.0.0.1:8000")));
        click(scene, "copy-endpoint-btn");
        QCOMPARE(QGuiApplication::clipboard()->text(), s("http://127.0.0.1:8000/v1"));
        click(scene, "unload-btn");
        QCOMPARE(scene.actions.calls.last(), s("unload 3"));

        model.state = ModelState::Ready;
        scene.app.models()->upsert(model);
        click(scene, "delete-btn");
        QTRY_VERIFY(scene.one(s("delete-sentence")));
        QVERIFY(scene.text(s("delete-sentence")).contains(s("1.6 GB")));
        click(scene, "confirm-delete-btn");
        QCOMPARE(scene.actions.calls.last(), s("remove 3"));
        scene.app.models()->drop(3);
        QTRY_COMPARE(scene.all(s("model-card")).size(), 0);
        QCOMPARE(scene.text(s("status-bar-model")), s("No model"));
    }
    void cardByKeyboard() {
        Scene scene;
        QVERIFY(show(scene));
        scene.app.models()->setModels({samples::llama()});
        QTRY_VERIFY(scene.one(s("model-card")));
        QQuickItem *card = scene.one(s("model-card"));
        card->forceActiveFocus(Qt::TabFocusReason);
        QTest::keyClick(scene.window, Qt::Key_Return);
        QCOMPARE(scene.actions.calls.last(), s("checkMemory 1"));
        QTest::keyClick(scene.window, Qt::Key_Delete);
        QTRY_VERIFY(scene.one(s("delete-sentence")));
        QTest::keyClick(scene.window, Qt::Key_Escape);
        QTRY_VERIFY(!scene.one(s("delete-sentence")));
        QTRY_VERIFY2(card->hasActiveFocus(), "the focus goes back to the card");
        QCOMPARE(scene.actions.calls.size(), 1);
    }
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
    /// The reason why nothing happens, where Delete is pressed in vain.
    void deleteThatCannotBe() {
        Scene scene;
        QVERIFY(show(scene));
        scene.app.models()->setModels({samples::gemma2b()});
        QTRY_VERIFY(scene.one(s("model-card")));
        scene.one(s("model-card"))->forceActiveFocus(Qt::TabFocusReason);
        QTest::keyClick(scene.window, Qt::Key_Delete);
        QCOMPARE(scene.app.toasts()->rowCount(), 1);
        const QString said = scene.app.toasts()->index(0).data().toString();
        QVERIFY2(said.startsWith(s("gemma-2-2b: ")) && said.contains(s("Unload")), qPrintable(said));
        QVERIFY(scene.actions.calls.isEmpty());
    }
    void failuresNameTheModel() {
        Scene scene;
        scene.app.models()->setModels({samples::gemma9b()});
        scene.app.onLoadFailed(2, errors::outOfMemory(2));
        scene.app.onDownloadFailed(2, errors::networkFailed());
        scene.app.models()->cancel(2);
        scene.actions.voids[0].answer(errors::notDownloading(2));
        QTRY_COMPARE(scene.app.toasts()->rowCount(), 3);
        for (int row = 0; row < 3; ++row)
            QVERIFY(scene.app.toasts()->index(row).data().toString().startsWith(s("gemma-2-9b: ")));
    }
    /// A card's menu by its button, by the keyboard and by the right button; the focus goes back to where it was.
    void cardMenu() {
        Scene scene;
        QVERIFY(show(scene));
        scene.app.models()->setModels({samples::llama(), samples::gemma9b()});
        QTRY_COMPARE(scene.all(s("model-card")).size(), 2);
        const auto key = [&](Qt::Key key, Qt::KeyboardModifiers modifiers = {}) {
            QTest::keyClick(scene.window, key, modifiers);
        };
        QQuickItem *card = scene.all(s("model-card")).last();  // in the order they were made: llama
        QCOMPARE(card->property("name").toString(), s("llama-3.2-3b"));
        card->forceActiveFocus(Qt::TabFocusReason);
        key(Qt::Key_F10, Qt::ShiftModifier);
        QTRY_VERIFY(scene.one(s("menu-rename")));
        QVERIFY(!scene.one(s("menu-up")));
        QVERIFY(scene.one(s("menu-q4")));  // its files are there as they are
        key(Qt::Key_Escape);
        QTRY_VERIFY(!scene.one(s("menu-rename")));
        QTRY_VERIFY(card->hasActiveFocus());

        key(Qt::Key_Menu);
        QTRY_VERIFY(scene.one(s("menu-copy-name")));
        while (!scene.one(s("menu-copy-name"))->property("highlighted").toBool()) key(Qt::Key_Down);
        key(Qt::Key_Return);
        QTRY_COMPARE(QGuiApplication::clipboard()->text(), s("llama-3.2-3b"));
        QTRY_VERIFY(card->hasActiveFocus());

        QTest::mouseClick(scene.window, Qt::RightButton, {}, card->mapToScene(QPointF(20, 20)).toPoint());
        QTRY_VERIFY(scene.one(s("menu-q8")));
        click(scene, "menu-q8");
        QTRY_COMPARE(scene.actions.calls.last(), s("download meta-llama/Llama-3.2-3B"));
        QCOMPARE(scene.actions.lastDownload.quantization, engine::Scheme::Int8);

        QTRY_VERIFY(!scene.one(s("menu-rename")));
        click(scene, "more-btn");
        QTRY_VERIFY(scene.one(s("menu-rename")));
        click(scene, "menu-rename");
        QTRY_VERIFY(scene.one(s("rename-input")) && scene.one(s("rename-input"))->hasActiveFocus());
        const QString old = scene.text(s("rename-input"));
        type(scene, "other name");
        key(Qt::Key_Return);
        QTRY_VERIFY(scene.actions.calls.last().endsWith(s(" other name")));
        scene.actions.models.last().answer(errors::invalidRequest(s("name"), s("No spaces.")));
        QTRY_VERIFY(scene.one(s("rename-input"))->property("faulty").toBool());
        key(Qt::Key_A, Qt::ControlModifier);
        type(scene, "other");
        key(Qt::Key_Return);
        QTRY_VERIFY(scene.actions.calls.last().endsWith(s(" other")));
        scene.actions.models.last().answer(samples::llama());
        QTRY_VERIFY(!scene.one(s("rename-input")));
    }
    /// Sorting and choosing are there once there is something to choose from.
    void choosesAndSorts() {
        Scene scene;
        QVERIFY(show(scene));
        QList<Model> many;
        for (qint64 id = 1; id <= 5; ++id) {
            many << samples::llama();
            many.last().id = id;
        }
        scene.app.models()->setModels(many);
        QTRY_COMPARE(scene.all(s("model-card")).size(), 5);
        QVERIFY(!scene.one(s("state-choice")));
        scene.app.models()->upsert(samples::local(6));
        QTRY_VERIFY(scene.one(s("state-choice")));
        scene.one(s("source-choice"))->forceActiveFocus(Qt::TabFocusReason);
        QTest::keyClick(scene.window, Qt::Key_Down);
        QTest::keyClick(scene.window, Qt::Key_Down);
        QTRY_COMPARE(scene.all(s("model-card")).size(), 1);
        scene.one(s("state-choice"))->forceActiveFocus(Qt::TabFocusReason);
        QTest::keyClick(scene.window, Qt::Key_Down);
        QTRY_VERIFY(scene.one(s("show-all-btn")));
        click(scene, "show-all-btn");
        QTRY_COMPARE(scene.all(s("model-card")).size(), 6);
        QCOMPARE(scene.one(s("state-choice"))->property("currentIndex").toInt(), 0);
    }
    /// A folder opens its form filled, a link of the Hub fills the box, anything else is refused in words.
    void dropsAreTaken() {
        Scene scene;
        QVERIFY(show(scene));
        QTemporaryDir folder;
        QFile config(folder.filePath(s("config.json")));
        QVERIFY(config.open(QIODevice::WriteOnly));
        const auto drop = [&](const QList<QUrl> &urls, const QString &text) {
            QMimeData data;
            if (!urls.isEmpty()) data.setUrls(urls);
            if (!text.isEmpty()) data.setText(text);
            const QPoint place(600, 400);
            QDragEnterEvent enter(place, Qt::CopyAction, &data, Qt::LeftButton, {});
            QCoreApplication::sendEvent(scene.window, &enter);
            QDragMoveEvent over(place, Qt::CopyAction, &data, Qt::LeftButton, {});
            QCoreApplication::sendEvent(scene.window, &over);
            QDropEvent dropped(place, Qt::CopyAction, &data, Qt::LeftButton, {});
            QCoreApplication::sendEvent(scene.window, &dropped);
        };
        QTest::keyClick(scene.window, Qt::Key_2, Qt::ControlModifier);
        drop({QUrl(s("https://huggingface.co/google/gemma-2-2b/tree/main"))}, {});
        QTRY_COMPARE(scene.text(s("repo-input")), s("google/gemma-2-2b"));
        QVERIFY(scene.one(s("repo-input"))->hasActiveFocus());
        drop({}, s("https://hub.example/acme/mirrored?x=1"));
        QTRY_COMPARE(scene.text(s("repo-input")), s("acme/mirrored"));
        drop({QUrl(s("https://example.org/somewhere/else"))}, {});
        QTRY_COMPARE(scene.app.toasts()->rowCount(), 1);
        QCOMPARE(scene.text(s("repo-input")), s("acme/mirrored"));
        drop({QUrl::fromLocalFile(folder.path())}, {});
        QTRY_VERIFY(scene.one(s("local-path-input")));
        QCOMPARE(scene.text(s("local-path-input")), folder.path());
        QVERIFY(scene.one(s("local-add-btn"))->isEnabled());
    }
    void memoryWarning() {
        Scene scene;
        QVERIFY(show(scene));
        scene.app.models()->setModels({samples::gemma9b()});
        click(scene, "load-btn");
        QTRY_COMPARE(scene.actions.checks.size(), 1);
        MemoryCheck check;
        check.need.memoryBytes = 5'200'000'000;
        check.availableBytes = 3'100'000'000;
        check.gpu = true;
        check.fits = false;
        scene.actions.checks[0].answer(check);
        QTRY_VERIFY(scene.one(s("memory-sentence")));
        QCOMPARE(scene.text(s("memory-sentence")), errors::insufficientMemory(2, 5'200'000'000, 3'100'000'000, true).message);
        click(scene, "load-anyway-btn");
        QTRY_COMPARE(scene.actions.calls.last(), s("load 2 force"));
    }
    void previewThenDownload() {
        Scene scene;
        QVERIFY(show(scene));
        scene.app.models()->setModels({});
        scene.app.downloadForm()->setRepository(s("google/gemma-2-2b"));
        click(scene, "preview-btn");
        scene.actions.previews[0].answer(samples::preview());
        QTRY_VERIFY(scene.one(s("preview-name")));
        QCOMPARE(scene.text(s("preview-name")), s("gemma-2-2b"));
        scene.app.downloadForm()->setScheme(1);
        QTRY_COMPARE(scene.text(s("preview-download-btn")), s("Download with Q8"));
        click(scene, "preview-download-btn");
        QTRY_COMPARE(scene.actions.calls.last(), s("download google/gemma-2-2b"));
        QCOMPARE(scene.actions.lastDownload.quantization, engine::Scheme::Int8);
    }
    /// Words find repositories: arrows and Enter take one into the form, Escape leaves what is typed, Enter on a whole name
    /// downloads as ever.
    void findsAModel() {
        Scene scene;
        QVERIFY(show(scene));
        FoundModel one, two;
        one.repository.id = s("google/gemma-2-2b");
        two.repository.id = s("google/gemma-2-9b");
        const auto search = [&](const char *words) {
            const qsizetype before = scene.actions.searches.size();
            type(scene, words);
            if (!QTest::qWaitFor([&] { return scene.actions.searches.size() > before; }, 30000)) qFatal("nothing was searched");
            scene.actions.searches.last().answer(QList{one, two});
        };
        click(scene, "repo-input");
        search("gemma");
        QTRY_COMPARE(scene.all(s("found-row")).size(), 2);
        QVERIFY2(!scene.one(s("repo-input"))->property("faulty").toBool(), "words to search for are no fault");
        QVERIFY(scene.one(s("repo-input"))->hasActiveFocus());
        QTest::keyClick(scene.window, Qt::Key_Down);
        QTest::keyClick(scene.window, Qt::Key_Down);
        QTest::keyClick(scene.window, Qt::Key_Return);
        QTRY_COMPARE(scene.text(s("repo-input")), s("google/gemma-2-9b"));
        QTRY_VERIFY(!scene.one(s("found-row")));
        QVERIFY(scene.one(s("download-btn"))->isEnabled());
        QVERIFY(!scene.actions.calls.contains(s("download google/gemma-2-9b")));

        QTest::keyClick(scene.window, Qt::Key_A, Qt::ControlModifier);
        search("gemma");
        QTRY_VERIFY(scene.one(s("found-row")));
        QTest::keyClick(scene.window, Qt::Key_Escape);
        QTRY_VERIFY(!scene.one(s("found-row")));
        QCOMPARE(scene.text(s("repo-input")), s("gemma"));
        QVERIFY(scene.one(s("repo-input"))->property("faulty").toBool());

        // By the pointer.
        QTest::keyClick(scene.window, Qt::Key_A, Qt::ControlModifier);
        search("gemma 2");
        QTRY_VERIFY(scene.one(s("found-row")));
        click(scene, "found-row");
        QTRY_COMPARE(scene.text(s("repo-input")), s("google/gemma-2-2b"));

        QTest::keyClick(scene.window, Qt::Key_A, Qt::ControlModifier);
        search("acme/own-model");
        QTRY_VERIFY(scene.one(s("found-row")));
        QTest::keyClick(scene.window, Qt::Key_Return);
        QTRY_COMPARE(scene.actions.calls.last(), s("download acme/own-model"));

        // It goes with the focus.
        QTest::keyClick(scene.window, Qt::Key_A, Qt::ControlModifier);
        search("gemma");
        QTRY_VERIFY(scene.one(s("found-row")));
        QTest::keyClick(scene.window, Qt::Key_Tab);
        QTRY_VERIFY(!scene.one(s("found-row")));
    }
    void gatedModelAsksForAToken() {
        Scene scene;
        QVERIFY(show(scene));
        scene.app.downloadForm()->setRepository(s("meta-llama/Llama-3.2-3B"));
        scene.app.downloadForm()->download();
        scene.actions.models[0].answer(errors::gatedNoToken(s("meta-llama/Llama-3.2-3B")));
        QTRY_VERIFY(scene.one(s("token-dialog-input")));
        QTRY_VERIFY(scene.one(s("token-dialog-input"))->hasActiveFocus());
        type(scene, "hf_new");
        QTest::keyClick(scene.window, Qt::Key_Return);
        QTRY_COMPARE(scene.actions.models.size(), 2);
        QCOMPARE(scene.actions.lastDownload.token, s("hf_new"));
    }
    void localFolder() {
        Scene scene;
        QVERIFY(show(scene));
        click(scene, "add-local-btn");
        QTRY_VERIFY(scene.one(s("local-path-input")));
        QTRY_VERIFY(scene.one(s("local-path-input"))->hasActiveFocus());
        type(scene, "/no/such");
        QCOMPARE(scene.app.localForm()->pathError(), errors::invalidLocalPath(s("/no/such")).message);
        QVERIFY(!scene.one(s("local-add-btn"))->isEnabled());
    }
    /// The dialog for folders that Qt brings where the desktop has none: of a style that goes by the palette, which is the
    /// theme's.
    void browsesInTheThemesColours() {
        Scene scene;
        QVERIFY(show(scene));
        QCOMPARE(QQuickStyle::name(), s("Fusion"));
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
    void settingsAreKept() {
        Scene scene;
        scene.program.settings.entries[s("threads")] = {s("4"), {}, s("--threads")};
        QVERIFY(show(scene));
        QTest::keyClick(scene.window, Qt::Key_4, Qt::ControlModifier);
        QTRY_VERIFY(scene.one(s("setting-kv-cache")));
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
                                     s("download-btn"), s("model-card"), s("load-btn"), s("delete-btn"), s("more-btn")}));
    }
    void emptyListFillsTheForm() {
        AppOptions options = Scene::defaults();
        options.demo = true;
        options.sampleRepo = s("millm/sample-llama");
        Scene scene(options);
        QVERIFY(show(scene));
        scene.app.models()->setModels({});
        click(scene, "sample-btn");
        QCOMPARE(scene.text(s("repo-input")), s("millm/sample-llama"));
        QVERIFY(scene.one(s("download-btn"))->isEnabled());
        QVERIFY(scene.one(s("download-btn"))->hasActiveFocus());
    }
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
        QVERIFY(show(scene));
        Chat &chat = *scene.app.chat();
        chat.setModel(s("gemma-2-2b"), ModelUse::Chat);
        QTest::keyClick(scene.window, Qt::Key_2, Qt::ControlModifier);
        QTRY_VERIFY(scene.one(s("chat-messages")));
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
        grow();
        QTest::qWait(200);
        QCOMPARE(view->property("contentY").toReal(), away);
        // The same by the wheel.
        const auto wheel = [&](int degrees) {
            const QPoint place = view->mapToScene(QPointF(view->width() / 2, view->height() / 2)).toPoint();
            QTest::wheelEvent(scene.window, place, QPoint(0, degrees * 8));
        };
        const auto toTheEnd = [&] {
            wheel(-720);
            QTest::qWait(300);  // a movement ends when the wheel rests
            return view->property("following").toBool();
        };
        QVERIFY(QTest::qWaitFor(toTheEnd, patience()));
        grow();
        QTRY_VERIFY(fromEnd() < 5);
        wheel(180);
        QTRY_VERIFY(fromEnd() > 50);
        grow();
        QTest::qWait(200);
        QVERIFY(fromEnd() > 50);
        const auto pageDown = [&] {
            QTest::keyClick(scene.window, Qt::Key_PageDown);
            QTest::qWait(20);
            return fromEnd() < 24;
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
    /// Everything of a conversation is reached by the keyboard, and is in sight when it is.
    void chatByKeyboard() {
        Scene scene;
        QVERIFY(show(scene));
        Chat &chat = *scene.app.chat();
        chat.setModel(s("gemma-2-2b"), ModelUse::Chat);
        QTest::keyClick(scene.window, Qt::Key_2, Qt::ControlModifier);
        QTRY_VERIFY(scene.one(s("chat-input")) && scene.one(s("chat-input"))->hasActiveFocus());
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
    void conversationsBesideTheChat() {
        Scene scene;
        QVERIFY(show(scene));
        Chat &chat = *scene.app.chat();
        chat.setModel(s("gemma-2-2b"), ModelUse::Chat);
        QTest::keyClick(scene.window, Qt::Key_2, Qt::ControlModifier);
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
        QTRY_VERIFY(scene.one(s("title-input")) && scene.one(s("title-input"))->hasActiveFocus());
        type(scene, "fruit");
        QTest::keyClick(scene.window, Qt::Key_Return);
        QTRY_COMPARE(chat.title(), s("fruit"));
        QTRY_VERIFY(older->hasActiveFocus());
        QTest::keyClick(scene.window, Qt::Key_Delete);
        QTRY_VERIFY(scene.one(s("confirm-sentence")));
        QVERIFY(scene.text(s("confirm-sentence")).contains(s("fruit")));
        click(scene, "confirm-btn");
        QTRY_COMPARE(rows(), 1);
        QTRY_VERIFY(!scene.one(s("confirm-sentence")));
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
        Scene fine;
        QVERIFY(show(fine));
        QVERIFY(!fine.one(s("start-trouble")));
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
