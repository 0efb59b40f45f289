#include "core/base/errors.h"
#include "tests/qml/hands.h"

#include <QClipboard>
#include <QDropEvent>
#include <QMimeData>
#include <QTemporaryDir>

using namespace millm;

/// The models page by mouse and keyboard, over view models that the test feeds.
class TestModelsPage : public Hands {
    Q_OBJECT

private Q_SLOTS:
    /// Downloads that wait are put in another order by dragging their cards; others cannot be dragged there.
    void queueIsReorderedByDragging() {
        Scene scene;
        QVERIFY(show(scene));
        QList<Model> models;
        for (int place = 0; place < 4; ++place) {
            Model model = samples::gemma2b();
            model.id = 20 + place;
            model.name = QStringLiteral("model-%1").arg(place);
            model.state = place == 0 ? ModelState::Downloading : ModelState::Queued;
            model.queuePlace = place;
            models << model;
        }
        scene.app.models()->setModels(models);
        QTRY_COMPARE(scene.all(s("model-card")).size(), 4);
        QVERIFY(QQuickTest::qWaitForPolish(scene.window, 60000));
        const auto head = [&](int at) {  // of a card: the words at its left
            const QQuickItem *card = scene.all(s("model-card"))[at];
            return card->mapToScene(QPointF(120, 30)).toPoint();
        };
        const auto drag = [&](QPoint from, QPoint to) {
            QTest::mousePress(scene.window, Qt::LeftButton, {}, from);
            for (int step = 1; step <= 10; ++step) QTest::mouseMove(scene.window, from + (to - from) * step / 10);
            for (const QQuickItem *card : scene.all(s("model-card")))
                if (card->z() > 0) QCOMPARE(card->property("color").value<QColor>().alpha(), 255);
            QTest::mouseRelease(scene.window, Qt::LeftButton, {}, to);
        };
        drag(head(3), head(1));
        QTRY_COMPARE(scene.actions.calls, QStringList{s("move 23 -2")});
        drag(head(1), head(2));
        QTRY_COMPARE(scene.actions.calls.last(), s("move 21 1"));
        drag(head(0), head(2));  // does not wait
        drag(head(2), head(0));
        QCOMPARE(scene.actions.calls.size(), 2);
    }
    /// Beside each other, in the window as it is at first, cards say on one line what a model is.
    void factsOnOneLine() {
        Scene scene;
        QVERIFY(show(scene));
        scene.window->resize(1280, 800);
        scene.app.models()->setModels(samples::mockup());
        QTRY_COMPARE(scene.all(s("model-card")).size(), 3);
        QTRY_COMPARE(scene.window->contentItem()->width(), 1280.0);
        QVERIFY(QQuickTest::qWaitForPolish(scene.window, 60000));
        const QList<QQuickItem *> cards = scene.all(s("model-card"));
        QCOMPARE(cards[0]->mapToScene({}).y(), cards[1]->mapToScene({}).y());
        const auto facts = scene.visible([](QQuickItem *item) {
            return item->inherits("QQuickText") && item->property("text").toString().endsWith(u" memory");
        });
        QCOMPARE(facts.size(), 3);
        for (const QQuickItem *line : facts)
            QVERIFY2(line->property("lineCount").toInt() == 1, qPrintable(line->property("text").toString()));
    }
    /// Of many models the first frame has a few cards, the rest of the page follows by itself; the next page takes the
    /// keyboard.
    void manyModels() {
        Scene scene;
        QVERIFY(show(scene));
        QList<Model> models;
        for (qint64 id = 1; id <= 100; ++id) {
            models << samples::gemma2b();
            models.last().id = id;
        }
        scene.app.models()->setModels(models);
        const auto cards = [&] { return scene.all(s("model-card")).size(); };
        QVERIFY2(cards() > 0 && cards() < 20, qPrintable(QString::number(cards())));
        QTRY_COMPARE_WITH_TIMEOUT(cards(), 60, 60000);
        QQuickItem *more = scene.one(s("show-more-btn"));
        QVERIFY(more);
        more->forceActiveFocus(Qt::TabFocusReason);
        QTest::keyClick(scene.window, Qt::Key_Return);
        QTRY_COMPARE_WITH_TIMEOUT(cards(), 100, 60000);
        QVERIFY(scene.all(s("model-card"))[60]->hasActiveFocus());
        QVERIFY(!scene.one(s("show-more-btn")));
    }
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
        scene.actions.checks[0].answer(QList{samples::check(20'000'000'000)});
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
        QTRY_COMPARE(scene.actions.calls.last(), s("quantize 1 as %1").arg(int(engine::Scheme::Int8)));

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
    void loadForm() {
        Scene scene;
        QVERIFY(show(scene));
        scene.app.models()->setModels({samples::gemma9b()});
        click(scene, "load-btn");
        QTRY_COMPARE(scene.actions.checks.size(), 1);
        const MemoryCheck check = samples::check(3'100'000'000);
        scene.actions.checks[0].answer(QList{check});
        QTRY_VERIFY(scene.one(s("memory-sentence")));
        QCOMPARE(scene.text(s("memory-sentence")),
                 errors::insufficientMemory(2, check.need.totalBytes(), 3'100'000'000, true).message);
        QVERIFY(!scene.one(s("load-now-btn")));
        click(scene, "load-anyway-btn");
        QTRY_COMPARE(scene.actions.calls.last(), s("load 2 force context 0"));
    }
    /// By the keyboard alone: the slider's steps and ends, a number typed, back to what fits.
    void loadOptions() {
        Scene scene;
        QVERIFY(show(scene));
        scene.app.models()->setModels({samples::gemma9b()});
        click(scene, "load-options-btn");
        QTRY_COMPARE(scene.actions.checks.size(), 1);
        const MemoryCheck check = samples::check(20'000'000'000);
        scene.actions.checks[0].answer(QList{check, samples::check(14'000'000'000, s("cpu"))});
        QTRY_VERIFY(scene.one(s("context-slider")));
        QTRY_VERIFY(scene.one(s("dialog-cancel-btn"))->hasActiveFocus());
        QVERIFY(scene.one(s("load-now-btn")) && !scene.one(s("load-anyway-btn")));
        const auto context = [&] { return scene.app.loadForm()->contextLength(); };
        QCOMPARE(context(), 4096);
        scene.one(s("context-slider"))->forceActiveFocus(Qt::TabFocusReason);
        QTest::keyClick(scene.window, Qt::Key_Right);
        QTRY_COMPARE(context(), 4096 + 8192 / 64);
        QTest::keyClick(scene.window, Qt::Key_End);
        QTRY_COMPARE(context(), 8192);
        QTRY_COMPARE(scene.text(s("context-input")), s("8192"));
        QTest::keyClick(scene.window, Qt::Key_PageDown);
        QTRY_COMPARE(context(), 8192 - 1024);
        QTest::keyClick(scene.window, Qt::Key_Home);
        QTRY_COMPARE(context(), 64);
        click(scene, "usual-context-btn");
        QTRY_COMPARE(context(), 4096);
        QQuickItem *input = scene.one(s("context-input"));
        input->forceActiveFocus(Qt::TabFocusReason);
        QMetaObject::invokeMethod(input, "selectAll");
        for (const char digit : {'2', '0', '0', '0'}) QTest::keyClick(scene.window, digit);
        QTest::keyClick(scene.window, Qt::Key_Return);
        QTRY_COMPARE(context(), 2000);
        QTRY_COMPARE(scene.one(s("context-slider"))->property("value").toInt(), 2000);
        scene.app.loadForm()->setDevice(1);
        click(scene, "load-now-btn");
        QTRY_COMPARE(scene.actions.calls.last(), s("load 2 context 2000 device cpu"));
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
};

QTEST_MAIN(TestModelsPage)
#include "test_models_page.moc"
