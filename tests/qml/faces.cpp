#include "tests/qml/faces.h"

#include "core/base/errors.h"

#include <QMetaObject>
#include <QTest>

namespace millm {

namespace {

using S = ModelState;
using engine::Scheme;

QString s(const char *text) {
    return QString::fromUtf8(text);
}

void serve(Scene &scene) {
    scene.server.setServing(QUrl(s("http://127.0.0.1:8000")));
    scene.app.system()->setSample(samples::machine());
    scene.app.models()->setCacheBytes(12'400'000'000);
}

void mockup(Scene &scene) {
    serve(scene);
    scene.app.models()->setModels(samples::mockup());
}

void everyState(Scene &scene) {
    serve(scene);
    SystemSample hot = samples::machine();
    hot.gpus[0].temperature = 83;
    scene.app.system()->setSample(hot);
    ModelList &models = *scene.app.models();
    const auto add = [&](qint64 id, const char *name, S state) {
        Model model = samples::model(id, s(name), s("sample-org/") + s(name), s("3B"), Scheme::NF4, 2400, state);
        models.upsert(model);
        return model;
    };
    models.setModels({samples::gemma2b(), samples::local(4)});
    add(5, "unloading-model", S::Unloading);
    models.setUnloadProgress(5, 3);
    add(6, "switching-model", S::Loading);
    models.setLoadProgress({.modelId = 6, .stage = LoadStage::UnloadingPrevious, .pendingRequests = 2});
    add(7, "loading-model", S::Loading);
    models.setLoadProgress({.modelId = 7, .stage = LoadStage::MovingToGpu, .progress = 63});
    Model failed = add(8, "failed-load", S::LoadFailed);
    failed.errorMessage = errors::outOfMemory(8).message;
    models.upsert(failed);
    failed = add(9, "failed-download", S::DownloadFailed);
    failed.errorMessage = errors::networkFailed().message;
    models.upsert(failed);
    add(10, "queued-model", S::Queued);
    add(11, "waiting-model", S::Downloading);
    models.setDownloadProgress({11, DownloadPhase::Waiting, 31, 1'500'000'000, 4'900'000'000, 0, -1, 4});
    add(12, "quantizing-model", S::Downloading);
    models.setDownloadProgress({12, DownloadPhase::Quantizing, 92, 4'900'000'000, 4'900'000'000, 0, -1, 0});
    add(13, "verifying-model", S::Downloading);
    models.setDownloadProgress({13, DownloadPhase::Verifying, 88, 4'900'000'000, 4'900'000'000, 0, -1, 0});
    add(14, "downloading-model", S::Downloading);
    models.setDownloadProgress({14, DownloadPhase::Downloading, 42, 2'060'000'000, 4'900'000'000, 99.2, 229, 0});
}

void form(Scene &scene, const char *repository) {
    scene.app.downloadForm()->setRepository(s(repository));
}

void found(Scene &scene) {
    mockup(scene);
    FoundModel gemma;
    gemma.repository.id = s("google/gemma-2-2b-it");
    gemma.repository.downloads = 412'345;
    gemma.repository.likes = 1'234;
    gemma.repository.license = s("gemma");
    gemma.repository.gated = true;
    gemma.params = s("2.6B");
    gemma.weightBytes = {{Scheme::NF4, 1'307'000'000}};
    gemma.supported = true;
    gemma.fits = true;
    FoundModel large = gemma;
    large.repository.id = s("somebody/gemma-2-27b-of-a-rather-long-name-that-goes-on-and-on");
    large.repository.gated = false;
    large.params = s("27B");
    large.weightBytes = {{Scheme::NF4, 13'600'000'000}};
    large.fits = false;
    FoundModel packed;
    packed.repository.id = s("somebody/gemma-2-2b-GGUF");
    packed.repository.downloads = 99;
    packed.supported = false;
    packed.unsupportedReason = s("it has weights only as GGUF, which this program does not read");
    FoundModel unknown;
    unknown.repository.id = s("somebody/gemma-2-2b-unknown");
    QQuickItem *box = scene.one(s("repo-input"));
    box->forceActiveFocus(Qt::TabFocusReason);
    form(scene, "gemma-2");
    scene.app.downloadForm()->search()->ask(s("gemma-2"), {});
    HubSearch &search = *scene.app.downloadForm()->search();
    (void)QTest::qWaitFor([&] { return !scene.actions.searches.isEmpty(); }, 30000);
    scene.actions.searches.last().answer(QList{gemma, large, packed, unknown});
    (void)QTest::qWaitFor([&] { return search.rowCount() == 4; }, 30000);
    search.move(1);
}

void preview(Scene &scene) {
    mockup(scene);
    form(scene, "google/gemma-2-2b");
    scene.app.downloadForm()->askPreview();
    ModelPreview seen = samples::preview();
    seen.isGated = true;
    seen.quantizedForm = s("gptq");
    scene.actions.previews.last().answer(seen);
}

/// Messages that stay: whoever looks at them takes longer than they are there.
void messages(Scene &scene) {
    scene.app.toasts()->hold(true);
    scene.app.onDownloadCompleted(samples::gemma9b());
    scene.app.onLoadFailed(2, errors::outOfMemory(2));
}

void press(Scene &scene, const char *button) {
    if (QQuickItem *item = scene.one(s(button))) QMetaObject::invokeMethod(item, "click");
}

void conversation(Scene &scene) {
    mockup(scene);
    scene.window->setProperty("page", 1);
    Chat &chat = *scene.app.chat();
    chat.setModel(s("gemma-2-2b"), ModelUse::Chat);
    chat.send(s("Why does the sky look blue, and why red in the evening? Two sentences, please."));
    scene.chat.say(
        s("Air scatters short wavelengths far more than long ones, so blue light reaches your eye from every "
          "direction of the sky. In the evening sunlight crosses much more air; the blue is scattered away on the "
          "path and mostly red remains."));
    scene.chat.end(engine::FinishReason::Stop, 58, 4.1);
    chat.send(s("Thanks! And on Mars?"));
    scene.chat.begin(true);
    scene.chat.say(s("They ask of another sky. Dust is red there, and its grains are of the size of the light's waves…"));
    scene.chat.fail(
        Error{ErrorCode::ContextLengthExceeded, s("The prompt has 9120 tokens, the model takes at most 8192."), {}});
    chat.send(s("And on Mars, shortly?"));
    scene.chat.say(s("Dust there scatters red light"));
}

/// What an answer may hold besides plain words.
void document(Scene &scene) {
    mockup(scene);
    scene.window->setProperty("page", 1);
    Chat &chat = *scene.app.chat();
    chat.setModel(s("gemma-2-2b"), ModelUse::Chat, 8192);
    chat.options()->setSystem(s("You are a patient teacher."));
    chat.send(s("How do I sum a list in Python?"));
    scene.chat.say(s(
        "## Three ways\n\nUse **`sum`**, which is *built in*; see [the "
        "docs](https://docs.python.org/3/library/functions.html#sum).\n\n"
        "1. for numbers: `sum(x)`\n2. with a start:\n   - `sum(x, 10)`\n3. by hand\n\n```python\ndef total(numbers):\n    "
        "result = 0\n"
        "    for number in numbers:  # one by one, which is slower than the built-in function by an order of magnitude or so\n"
        "        result += number\n    return result\n```\n\n| way | time |\n|---|--:|\n| `sum` | 1.0 |\n| by hand | 9.7 |\n\n"
        "> It is $O(n)$ in both cases.\n\n- [x] done\n- [ ] to do\n\n日本語 😀 and \\(a^2 + b^2\\)."));
    scene.chat.end(engine::FinishReason::Length, 158, 4.1);
    chat.regenerate(2);
    scene.chat.say(s("Call `sum`."));
    scene.chat.end(engine::FinishReason::Stop, 5, 0.4);
    chat.showSibling(3, -1);
}

void page(Scene &scene, int index) {
    mockup(scene);
    scene.window->setProperty("page", index);
}

void serverPage(Scene &scene) {
    scene.program.server.fares = {.connections = 3,
                                  .pending = 1,
                                  .upSeconds = 4211,
                                  .database = true,
                                  .hubRestSeconds = 23,
                                  .model = s("gemma-2-2b"),
                                  .device = s("cpu"),
                                  .computeType = s("bfloat16"),
                                  .kvLimitBytes = 4'000'000'000,
                                  .kvUsedBytes = 210'000'000,
                                  .kvKeptBytes = 1'100'000'000,
                                  .computing = 1};
    page(scene, 2);
    RequestJournal &journal = scene.program.requests;
    const auto begin = [&](const char *client, const char *program, const char *call) {
        return journal.begin({.client = s(client), .program = s(program), .call = s(call)});
    };
    const auto end = [&](quint64 id, const char *model, int tokens, int status) {
        journal.nameModel(id, s(model));
        journal.addTokens(id, tokens);
        journal.end(id, status);
    };
    end(begin("127.0.0.1", "openai-python/1.99", "POST /v1/chat/completions"), "gemma-2-2b", 812, 200);
    end(begin("192.168.1.40", "curl/8.14.1", "GET /v1/models"), "", 0, 401);
    end(begin("192.168.1.40", "Mozilla/5.0 (X11; Linux x86_64)", "POST /v1/embeddings"), "nothing-of-that-name", 0, 404);
    end(begin("fe80::1c2a:63ff:fe5b:7a01", "", "POST /api/chat"), "gemma-2-2b", 12, 0);
    const quint64 going = begin("127.0.0.1", "openai-python/1.99", "POST /v1/chat/completions");
    journal.nameModel(going, s("a-model-with-a-rather-long-name-that-somebody-chose-instruct"));
    journal.addTokens(going, 57);
    const auto tell = [&](LogLevel level, const char *category, const char *words) {
        scene.program.log.add({0, QDateTime::currentDateTimeUtc(), level, s(category), s(words)});
    };
    tell(LogLevel::Info, "millm.storage", "Database: migration 1, models");
    tell(LogLevel::Info, "millm.access", "POST /v1/chat/completions 200 4211B 3120ms req-1f0a9c22d1b3");
    tell(LogLevel::Warning, "millm.inference", "The engine with CUDA finds no usable device. Models are computed on the CPU.");
    tell(LogLevel::Error, "millm.models",
         "/a/folder/with/a/name/that/has/no/place/to/break/anywhere/in/its/whole/length/and/goes/on/and/on/and/on cannot be "
         "read");
}

void occupied(Scene &scene) {
    page(scene, 2);
    scene.server.setError(s("Cannot listen on 127.0.0.1 port 8000: The bound address is already in use."));
    ServerControls &controls = *scene.app.serverPanel()->controls();
    controls.setLocalNetwork(true);
    controls.setPort(s("80000"));
}

void settingsPage(Scene &scene) {
    RecordedSettings &settings = scene.program.settings;
    settings.keeps = false;
    settings.entries[s("device")] = {s("cpu"), {}, s("MILLM_DEVICE")};
    settings.entries[s("threads")] = {s("4"), {}, s("--threads")};
    settings.entries[s("model-cache-dir")].fallback = s("/home/somebody/.local/share/millm/models");
    page(scene, 3);
    SettingsGroup *group = scene.app.settings()->groups().first();
    group->enter(0, settings.wrong);
}

}  // namespace

QList<Face> faces() {
    return {
        {s("models"), mockup},
        {s("states"), everyState},
        {s("loading"), [](Scene &scene) { scene.server.setStarting(); }},
        {s("empty"),
         [](Scene &scene) {
             serve(scene);
             SystemSample bare = samples::machine();
             bare.gpus.clear();
             scene.app.system()->setSample(bare);
             scene.app.models()->setModels({});
         }},
        {s("failed"),
         [](Scene &scene) {
             scene.server.setError(s("Port 8000 of 127.0.0.1 is in use."));
             scene.app.onStartFailed(errors::internal(s("The database cannot be opened: disk I/O error.")));
         }},
        {s("invalid"),
         [](Scene &scene) {
             mockup(scene);
             form(scene, "google gemma");
         }},
        {s("found"), found},
        {s("preview"), preview},
        {s("token"),
         [](Scene &scene) {
             mockup(scene);
             form(scene, "meta-llama/Llama-3.2-3B");
             scene.app.downloadForm()->download();
             scene.actions.models.last().answer(errors::gatedNoToken(s("meta-llama/Llama-3.2-3B")));
         }},
        {s("memory"),
         [](Scene &scene) {
             mockup(scene);
             scene.app.loadForm()->load(2);
             scene.actions.checks.last().answer(QList{samples::check(3'100'000'000)});
         }},
        {s("load"),
         [](Scene &scene) {
             mockup(scene);
             scene.app.loadForm()->choose(2);
             scene.actions.checks.last().answer(
                 QList{samples::check(9'000'000'000, s("cuda:0"), 1'900'000'000), samples::check(14'000'000'000, s("cpu"))});
         }},
        {s("menu"),
         [](Scene &scene) {
             everyState(scene);
             if (QQuickItem *button = scene.all(s("more-btn")).value(3)) QMetaObject::invokeMethod(button, "click");
         }},
        {s("rename"),
         [](Scene &scene) {
             mockup(scene);
             if (QQuickItem *button = scene.all(s("more-btn")).value(1)) QMetaObject::invokeMethod(button, "click");
             (void)QTest::qWaitFor([&] { return scene.one(s("menu-rename")) != nullptr; }, 30000);
             if (QQuickItem *item = scene.one(s("menu-rename"))) QMetaObject::invokeMethod(item, "click");
         }},
        {s("delete"),
         [](Scene &scene) {
             mockup(scene);
             if (QQuickItem *card = scene.all(s("model-card")).value(1)) QMetaObject::invokeMethod(card, "deleteAsked");
         }},
        {s("local"),
         [](Scene &scene) {
             mockup(scene);
             scene.app.localForm()->setPath(s("/no/such/folder"));
             press(scene, "add-local-btn");
         }},
        {s("shortcuts"),
         [](Scene &scene) {
             mockup(scene);
             press(scene, "help-btn");
         }},
        {s("toasts"),
         [](Scene &scene) {
             mockup(scene);
             messages(scene);
             scene.app.toasts()->show(ToastList::Kind::Warning, s("The HTTP server does not run."));
             scene.app.models()->copyEndpoint(3);
         }},
        {s("toasts-chat"),
         [](Scene &scene) {
             conversation(scene);
             messages(scene);
         }},
        {s("toasts-dialog"),
         [](Scene &scene) {
             preview(scene);
             messages(scene);
         }},
        {s("search"),
         [](Scene &scene) {
             everyState(scene);
             scene.app.shownModels()->setSearch(s("load"));
         }},
        {s("server"), serverPage},
        {s("server-occupied"), occupied},
        {s("settings"), settingsPage},
        {s("gathering"),
         [](Scene &scene) {
             settingsPage(scene);
             scene.actions.lying = {2, 8'400'000'000};
             scene.app.gathering()->refresh();
         }},
        {s("chat"), conversation},
        {s("chat-document"), document},
        {s("chat-options"),
         [](Scene &scene) {
             document(scene);
             press(scene, "chat-options-btn");
         }},
        {s("chat-conversations"),
         [](Scene &scene) {
             document(scene);
             press(scene, "conversations-btn");
         }},
        {s("chat-rename"),
         [](Scene &scene) {
             document(scene);
             press(scene, "conversations-btn");
             (void)QTest::qWaitFor([&] { return scene.one(s("conversation-row")) != nullptr; }, 30000);
             if (QQuickItem *row = scene.one(s("conversation-row"))) QMetaObject::invokeMethod(row, "renameAsked");
         }},
        {s("chat-delete"),
         [](Scene &scene) {
             document(scene);
             press(scene, "conversations-btn");
             (void)QTest::qWaitFor([&] { return scene.one(s("conversation-row")) != nullptr; }, 30000);
             if (QQuickItem *row = scene.one(s("conversation-row"))) QMetaObject::invokeMethod(row, "removeAsked");
         }},
        {s("close"),
         [](Scene &scene) {
             everyState(scene);
             scene.app.closing()->setPendingAnswers(2);
             scene.window->close();
         }},
        {s("chat-empty"),
         [](Scene &scene) {
             serve(scene);
             scene.app.models()->setModels({samples::llama()});
             scene.window->setProperty("page", 1);
         }},
    };
}

}  // namespace millm
