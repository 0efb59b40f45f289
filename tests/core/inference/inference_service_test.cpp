#include "core/inference/inference_service.h"

#include "core/base/errors.h"
#include "core/base/futures.h"
#include "core/base/settings.h"
#include "core/inference/memory_guard.h"
#include "tests/support/patience.h"
#include "tests/support/stall_watch.h"
#include "tests/support/waiting.h"

#include <QElapsedTimer>
#include <QFile>
#include <QJsonDocument>
#include <QPointer>
#include <QSignalSpy>

#include <algorithm>
#include <atomic>
#include <memory>

namespace millm {

using testing::answer;

namespace {

/// What a request said, kept after its handle is gone.
struct Heard {
    QList<qint32> prompt, ids;
    QString text;
    int chunks = 0, ends = 0;
    std::optional<GenerationSummary> summary;
    std::optional<Error> error;
};

std::shared_ptr<Heard> listen(Generation *generation) {
    auto heard = std::make_shared<Heard>();
    QObject::connect(generation, &Generation::started, generation,
                     [heard](const QList<qint32> &prompt) { heard->prompt = prompt; });
    QObject::connect(generation, &Generation::chunk, generation, [heard](const TokenChunk &chunk) {
        ++heard->chunks;
        heard->text += chunk.text;
        for (const auto &token : chunk.tokens) heard->ids << token.id;
    });
    QObject::connect(generation, &Generation::finished, generation, [heard](const GenerationSummary &summary) {
        ++heard->ends;
        heard->summary = summary;
    });
    QObject::connect(generation, &Generation::failed, generation, [heard](const Error &error) {
        ++heard->ends;
        heard->error = error;
    });
    return heard;
}

GenerationRequest greedy(PromptInput input, qint64 tokens) {
    GenerationRequest request;
    request.input = std::move(input);
    request.sampling.temperature = 0;
    request.stop.max_new_tokens = tokens;
    return request;
}

GenerationRequest endless(const QString &text) {
    auto request = greedy(TextInput{text}, 0);
    request.stop.ignore_eos = true;
    return request;
}

QJsonObject json(const QString &path) {
    QFile file(path);
    if (!file.open(QIODevice::ReadOnly)) qFatal("%s is missing", qPrintable(path));
    return QJsonDocument::fromJson(file.readAll()).object();
}

QList<qint32> ids(const QJsonArray &array) {
    QList<qint32> list;
    for (const auto &value : array) list << value.toInt();
    return list;
}

const QString fixtures = QStringLiteral(MILLM_FIXTURES "/models/");

}  // namespace

class InferenceServiceTest : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void initTestCase();
    void cleanup();

    void tellsTheEngineAndTheMemory();
    void answersWithoutAModel();
    void goldenGreedyTokens_data();
    void goldenGreedyTokens();
    void loadTellsProgressAndTheModel();
    void othersSettingsFromTheNextLoad();
    void quantizesWhileLoading();
    void brokenFoldersAreErrors();
    void memoryThatRunsShortEndsALoad();
    void aLoadCanBeCancelled();
    void oneModelAtATime();
    void chatTemplateStreamsText();
    void textIsTokenizedAndBack();
    void logprobsOfPromptAndAnswer();
    void badRequestsFail();
    void contextLengthComesWithNumbers();
    void manyAtOnceEqualEachAlone();
    void cancelStopsWithinOneToken();
    void deletingCancels();
    void everyHandleEndsOnceAndDeletesItself();
    void unloadWaitsForPendingRequests();
    void unloadWaitsForReservedPlaces();
    void unloadCutsAfterItsGrace();
    void queueHasAnEnd();
    void theEventLoopTurnsMeanwhile();
    void promptsDoNotWaitForOthersIds();
    void givesUpWaitingTexts();
    void endsWithWorkInFlight();

private:
    Model folder(const QString &path) const;
    void load(const QString &path);
    std::unique_ptr<InferenceService> make() const;
    const QString m_sample = QStringLiteral(MILLM_SAMPLE_MODEL);
    std::unique_ptr<InferenceService> m_service;
    QObject m_parent;
};

std::unique_ptr<InferenceService> InferenceServiceTest::make() const {
    Settings settings;
    settings.device = QStringLiteral("cpu");
    settings.dtype = QStringLiteral("float32");
    settings.threads = 2;
    settings.engineDirs = {QStringLiteral(MILLM_ENGINE_DIR)};
    return std::make_unique<InferenceService>(settings);
}

void InferenceServiceTest::initTestCase() {
    m_service = make();
}

void InferenceServiceTest::cleanup() {
    QVERIFY(testing::wait(m_service->unload(0)));
}

Model InferenceServiceTest::folder(const QString &path) const {
    Model model;
    model.id = 7;
    model.name = QStringLiteral("test");
    model.cachePath = path;
    return model;
}

void InferenceServiceTest::load(const QString &path) {
    const auto loaded = answer(m_service->load(folder(path), {}), 300000);
    QVERIFY2(loaded.ok(), loaded ? "" : qPrintable(loaded.error().message));
}

void InferenceServiceTest::tellsTheEngineAndTheMemory() {
    const auto memory = answer(m_service->deviceMemory());
    QCOMPARE(memory.device, QStringLiteral("cpu"));
    QVERIFY(!memory.gpu);
    QVERIFY(memory.freeBytes > 0 && memory.freeBytes <= memory.totalBytes);
    const auto description = answer(m_service->engineDescription());
    QVERIFY2(description.contains(QStringLiteral("libtorch")), qPrintable(description));
}

void InferenceServiceTest::answersWithoutAModel() {
    QVERIFY(!m_service->loaded());
    auto heard = listen(m_service->submit(greedy(TextInput{QStringLiteral("x")}, 1), &m_parent));
    QCOMPARE(heard->ends, 0);  // queued
    QTRY_COMPARE(heard->ends, 1);
    QCOMPARE(heard->error->code, ErrorCode::ModelNotLoaded);
    QCOMPARE(answer(m_service->tokenize(TextInput{QStringLiteral("x")})).error().code, ErrorCode::ModelNotLoaded);
    QCOMPARE(answer(m_service->detokenize({1})).error().code, ErrorCode::ModelNotLoaded);
    QVERIFY(testing::wait(m_service->unload(1)));
}

void InferenceServiceTest::goldenGreedyTokens_data() {
    QTest::addColumn<QString>("name");
    for (const auto *name : {"llama", "gpt2", "mistral", "qwen2", "qwen3", "llama_bin", "llama_chat_tiny"}) {
        if (QFile::exists(fixtures + QString::fromLatin1(name))) QTest::newRow(name) << QString::fromLatin1(name);
    }
}

void InferenceServiceTest::goldenGreedyTokens() {
    QFETCH(QString, name);
    const auto expected = json(fixtures + name + QStringLiteral("/expected.json"));
    load(fixtures + name);
    auto request = greedy(TokenInput{ids(expected.value(QStringLiteral("input_ids")).toArray().first().toArray())}, 32);
    request.stop.ignore_eos = true;
    auto heard = listen(m_service->submit(request, &m_parent));
    QTRY_COMPARE_WITH_TIMEOUT(heard->ends, 1, 120000);
    QVERIFY2(heard->summary, heard->error ? qPrintable(heard->error->message) : "");
    QCOMPARE(heard->ids, ids(expected.value(QStringLiteral("greedy_32")).toArray()));
    QCOMPARE(heard->summary->reason, engine::FinishReason::Length);
    QCOMPARE(heard->summary->promptTokens, 24);
    QCOMPARE(heard->summary->completionTokens, 32);
    QVERIFY(heard->summary->prefillSeconds > 0);
    QVERIFY(heard->summary->decodeSeconds > 0);
}

void InferenceServiceTest::loadTellsProgressAndTheModel() {
    QSignalSpy progressed(m_service.get(), &InferenceService::loadProgressed);
    QSignalSpy changed(m_service.get(), &InferenceService::loadedChanged);
    QElapsedTimer clock;
    clock.start();
    load(m_sample);
    QVERIFY(!progressed.isEmpty());
    QVERIFY2(progressed.size() <= clock.elapsed() / 100 + 8, qPrintable(QString::number(progressed.size())));
    QCOMPARE(progressed.last().first().value<LoadProgress>().modelId, 7);
    QCOMPARE(progressed.last().first().value<LoadProgress>().progress, 100.0);
    QCOMPARE(changed.size(), 1);
    const auto loaded = m_service->loaded();
    QCOMPARE(loaded->modelId, 7);
    QCOMPARE(loaded->name, QStringLiteral("test"));
    QCOMPARE(loaded->architecture, QStringLiteral("LlamaForCausalLM"));
    QCOMPARE(loaded->device, QStringLiteral("cpu"));
    QCOMPARE(loaded->computeType, QStringLiteral("float32"));
    QVERIFY(loaded->hasChatTemplate);
    QVERIFY(loaded->contextLength > 0);
    QVERIFY(loaded->memory.weightBytes >= loaded->weightBytes && loaded->weightBytes > 1'000'000);
    QVERIFY(loaded->memory.kvCacheBytes > 0 && loaded->memory.contextLength == loaded->contextLength);
    QVERIFY(loaded->loadedAt.isValid());
}

void InferenceServiceTest::othersSettingsFromTheNextLoad() {
    load(m_sample);
    const auto before = *m_service->loaded();
    Settings settings;
    settings.dtype = QStringLiteral("bfloat16");
    settings.kvCacheMb = 16;
    settings.threads = 1;
    m_service->reconfigure(settings);
    QCOMPARE(m_service->loaded()->computeType, before.computeType);
    QVERIFY(testing::wait(m_service->unload(0)));
    load(m_sample);
    QCOMPARE(m_service->loaded()->computeType, QStringLiteral("bfloat16"));
    QVERIFY(m_service->loaded()->kvCacheBytes <= 16 << 20 && m_service->loaded()->kvCacheBytes > 8 << 20);
    m_service = make();  // as the other tests have it
}

void InferenceServiceTest::quantizesWhileLoading() {
    load(m_sample);
    const auto full = m_service->loaded()->weightBytes;
    QVERIFY(testing::wait(m_service->unload(0)));
    const auto loaded = answer(m_service->load(folder(m_sample), {.quantize = engine::Scheme::NF4}), 300000);
    QVERIFY2(loaded.ok(), loaded ? "" : qPrintable(loaded.error().message));
    QVERIFY2(loaded->weightBytes < full * 3 / 4, qPrintable(QStringLiteral("%1 of %2").arg(loaded->weightBytes).arg(full)));
    auto heard = listen(m_service->submit(greedy(TextInput{QStringLiteral("The")}, 4), &m_parent));
    QTRY_COMPARE_WITH_TIMEOUT(heard->ends, 1, 120000);
    QVERIFY(heard->summary && !heard->ids.isEmpty());
}

void InferenceServiceTest::brokenFoldersAreErrors() {
    const auto missing = answer(m_service->load(folder(QStringLiteral("/nowhere/at/all")), {}));
    QCOMPARE(missing.error().code, ErrorCode::ModelLoadFailed);
    QCOMPARE(missing.error().details.value(QStringLiteral("model_id")).toInteger(), 7);
    QVERIFY(!m_service->loaded());
    load(fixtures + QStringLiteral("llama"));  // goes on after it
}

void InferenceServiceTest::memoryThatRunsShortEndsALoad() {
    // A machine of 2 GiB that has less and less free, as others take it while the model is read.
    std::atomic<qint64> free = 0, eachTime = 0;
    Settings settings;
    settings.device = QStringLiteral("cpu");
    settings.engineDirs = {QStringLiteral(MILLM_ENGINE_DIR)};
    m_service = std::make_unique<InferenceService>(settings, nullptr, [&] {
        free -= eachTime;
        return machine::Memory{qint64(2) << 30, free};
    });
    for (const qint64 step : {qint64(0), qint64(1) << 20}) {
        free = step == 0 ? MemoryGuard::reserve(qint64(2) << 30) : (qint64(60) << 20);
        eachTime = step;
        const auto failed = answer(m_service->load(folder(m_sample), {}), 300000);
        QCOMPARE(failed.error().code, ErrorCode::ModelLoadFailed);
        QCOMPARE(failed.error().message, errors::outOfMemory(7).message);
        QVERIFY(!m_service->loaded());
        QCOMPARE(m_service->memoryUse(), MemoryUse());
    }
    // The state is clean: with memory it loads.
    eachTime = 0;
    free = qint64(1) << 30;
    load(m_sample);
    m_service = make();
}

void InferenceServiceTest::aLoadCanBeCancelled() {
    auto future = m_service->load(folder(m_sample), {});
    m_service->cancelLoad();
    const auto result = answer(future, 120000);
    QVERIFY(!result);
    QCOMPARE(result.error().code, ErrorCode::Cancelled);
    QVERIFY(!m_service->loaded());
}

void InferenceServiceTest::oneModelAtATime() {
    auto first = m_service->load(folder(fixtures + QStringLiteral("llama")), {});
    QCOMPARE(answer(m_service->load(folder(m_sample), {})).error().code, ErrorCode::ModelBusy);
    QVERIFY(answer(first, 120000).ok());
    QCOMPARE(answer(m_service->load(folder(m_sample), {})).error().code, ErrorCode::ModelBusy);
}

void InferenceServiceTest::chatTemplateStreamsText() {
    load(m_sample);
    ChatInput chat;
    chat.messages = QJsonArray{
        QJsonObject{{QStringLiteral("role"), QStringLiteral("user")}, {QStringLiteral("content"), QStringLiteral("Hello")}}};
    const auto prompt = answer(m_service->tokenize(chat));
    QVERIFY2(prompt.ok(), prompt ? "" : qPrintable(prompt.error().message));
    auto heard = listen(m_service->submit(greedy(chat, 16), &m_parent));
    QTRY_COMPARE_WITH_TIMEOUT(heard->ends, 1, 120000);
    QVERIFY2(heard->summary, heard->error ? qPrintable(heard->error->message) : "");
    QCOMPARE(heard->prompt, *prompt);
    QCOMPARE(heard->summary->promptTokens, prompt->size());
    QVERIFY(heard->chunks > 1);
    QVERIFY(!heard->text.isEmpty());
    QVERIFY(!heard->text.contains(QStringLiteral("Hello")) || heard->ids.size() > 1);  // the prompt is not handed back
}

void InferenceServiceTest::textIsTokenizedAndBack() {
    load(m_sample);
    const QString text = QStringLiteral("The quick brown fox, 12 naïve 日本 🦊.");
    const auto tokens = answer(m_service->tokenize(TextInput{text, false}));
    QVERIFY(tokens.ok());
    QVERIFY(tokens->size() > 3);
    QCOMPARE(*answer(m_service->detokenize(*tokens)), text);
    const auto outside = answer(m_service->detokenize({1, 1 << 30}));
    QCOMPARE(outside.error().code, ErrorCode::InvalidRequest);
    QVERIFY(outside.error().message.contains(QString::number(1 << 30)));
}

void InferenceServiceTest::logprobsOfPromptAndAnswer() {
    load(m_sample);
    auto request = greedy(TextInput{QStringLiteral("The cat")}, 3);
    request.topLogprobs = 2;
    request.promptLogprobs = true;
    QList<ScoredToken> tokens;
    auto *generation = m_service->submit(request, &m_parent);
    connect(generation, &Generation::chunk, this, [&](const TokenChunk &chunk) { tokens << chunk.tokens; });
    auto heard = listen(generation);
    QTRY_COMPARE_WITH_TIMEOUT(heard->ends, 1, 120000);
    QVERIFY(heard->summary);
    QVERIFY(!tokens.isEmpty());
    for (const auto &token : std::as_const(tokens)) {
        QVERIFY(token.logprob <= 0);
        QCOMPARE(token.top.size(), 2);
        QCOMPARE(token.top.first().id, token.id);  // greedy takes the best one
        QVERIFY(token.top[0].logprob >= token.top[1].logprob);
    }
    QCOMPARE(heard->summary->prompt.size(), heard->prompt.size());
    QCOMPARE(heard->summary->prompt.first().logprob, 0.0F);
    QVERIFY(heard->summary->prompt.last().logprob < 0);
    QVERIFY(!heard->summary->prompt.last().bytes.isEmpty());
}

void InferenceServiceTest::badRequestsFail() {
    load(fixtures + QStringLiteral("llama"));
    auto outside = listen(m_service->submit(greedy(TokenInput{{1, 999999}}, 1), &m_parent));
    auto empty = listen(m_service->submit(greedy(TokenInput{}, 1), &m_parent));
    // This model has no chat template.
    auto chat = listen(m_service->submit(
        greedy(ChatInput{QJsonArray{QJsonObject{{QStringLiteral("role"), QStringLiteral("user")}}}, {}}, 1), &m_parent));
    for (const auto &heard : {outside, empty, chat}) {
        QTRY_COMPARE_WITH_TIMEOUT(heard->ends, 1, 60000);
        QVERIFY(heard->error);
        QCOMPARE(heard->error->code, ErrorCode::InvalidRequest);
        QVERIFY(!heard->error->message.isEmpty());
    }
    QCOMPARE(chat->error->details.value(QStringLiteral("field")).toString(), QStringLiteral("messages"));
    QCOMPARE(m_service->pendingRequests(), 0);
}

void InferenceServiceTest::contextLengthComesWithNumbers() {
    load(fixtures + QStringLiteral("llama"));
    const auto limit = m_service->loaded()->contextLength;
    auto heard = listen(m_service->submit(greedy(TokenInput{QList<qint32>(limit + 5, 3)}, 1), &m_parent));
    QTRY_COMPARE_WITH_TIMEOUT(heard->ends, 1, 60000);
    QCOMPARE(heard->error->code, ErrorCode::ContextLengthExceeded);
    QCOMPARE(heard->error->details.value(QStringLiteral("prompt_tokens")).toInteger(), limit + 5);
    QCOMPARE(heard->error->details.value(QStringLiteral("max_tokens")).toInteger(), limit);
}

void InferenceServiceTest::manyAtOnceEqualEachAlone() {
    load(m_sample);
    const QStringList prompts{QStringLiteral("The"), QStringLiteral("Once upon a time there was"),
                              QStringLiteral("Hello, how are"), QStringLiteral("1 2 3")};
    QStringList alone;
    for (const auto &prompt : prompts) {
        auto heard = listen(m_service->submit(greedy(TextInput{prompt}, 12), &m_parent));
        QTRY_COMPARE_WITH_TIMEOUT(heard->ends, 1, 120000);
        alone << heard->text;
    }
    QList<std::shared_ptr<Heard>> together;
    for (int round = 0; round < 3; ++round)
        for (const auto &prompt : prompts) together << listen(m_service->submit(greedy(TextInput{prompt}, 12), &m_parent));
    QCOMPARE(m_service->pendingRequests(), 12);
    for (qsizetype i = 0; i < together.size(); ++i) {
        QTRY_COMPARE_WITH_TIMEOUT(together[i]->ends, 1, 240000);
        QCOMPARE(together[i]->text, alone[i % prompts.size()]);
    }
    QCOMPARE(m_service->pendingRequests(), 0);
}

void InferenceServiceTest::cancelStopsWithinOneToken() {
    load(m_sample);
    auto *generation = m_service->submit(endless(QStringLiteral("The")), &m_parent);
    auto heard = listen(generation);
    QTRY_VERIFY_WITH_TIMEOUT(heard->ids.size() >= 3, 120000);
    // What the engine had made before it learns of the cancel is on its way; after it at most the step under way.
    generation->cancel();
    generation->cancel();
    QTRY_COMPARE_WITH_TIMEOUT(heard->ends, 1, 120000);
    QCOMPARE(heard->summary->reason, engine::FinishReason::Cancelled);
    QCOMPARE(heard->summary->completionTokens, heard->ids.size());
    const auto before = heard->ids.size();
    QTest::qWait(100);
    QCOMPARE(heard->ids.size(), before);
    // Also while it waits for its turn.
    auto *early = m_service->submit(endless(QStringLiteral("The")), &m_parent);
    auto earlyHeard = listen(early);
    early->cancel();
    QTRY_COMPARE_WITH_TIMEOUT(earlyHeard->ends, 1, 120000);
    QCOMPARE(earlyHeard->summary->reason, engine::FinishReason::Cancelled);
    // How many steps were made before the engine heard of it, a loaded machine decides; behind its end comes nothing.
    QCOMPARE(earlyHeard->summary->completionTokens, earlyHeard->ids.size());
}

void InferenceServiceTest::deletingCancels() {
    load(m_sample);
    auto *generation = m_service->submit(endless(QStringLiteral("The")), &m_parent);
    auto heard = listen(generation);
    QTRY_VERIFY_WITH_TIMEOUT(heard->ids.size() >= 1, 120000);
    delete generation;
    QTRY_COMPARE_WITH_TIMEOUT(m_service->pendingRequests(), 0, 120000);
    QCOMPARE(heard->ends, 0);
}

void InferenceServiceTest::everyHandleEndsOnceAndDeletesItself() {
    load(m_sample);
    QList<QPointer<Generation>> handles;
    QList<std::shared_ptr<Heard>> heard;
    for (int i = 0; i < 20; ++i) {
        handles << m_service->submit(greedy(TextInput{QStringLiteral("The")}, i % 5 + 1), &m_parent);
        heard << listen(handles.last());
        if (i % 3 == 0) handles.last()->cancel();
    }
    for (qsizetype i = 0; i < handles.size(); ++i) {
        QTRY_VERIFY_WITH_TIMEOUT(handles[i].isNull(), 240000);
        QCOMPARE(heard[i]->ends, 1);
    }
    QVERIFY(m_parent.children().isEmpty());
}

void InferenceServiceTest::unloadWaitsForPendingRequests() {
    load(m_sample);
    auto heard = listen(m_service->submit(greedy(TextInput{QStringLiteral("The")}, 20), &m_parent));
    QSignalSpy progress(m_service.get(), &InferenceService::unloadProgressed);
    auto unloaded = m_service->unload(600);
    QVERIFY(!m_service->accepting());
    QVERIFY(m_service->loaded());
    QCOMPARE(progress.first().at(1).toInt(), 1);
    auto refused = listen(m_service->submit(greedy(TextInput{QStringLiteral("The")}, 1), &m_parent));
    QVERIFY(testing::wait(unloaded, 240000));
    QVERIFY(heard->summary);
    QVERIFY(heard->summary->reason != engine::FinishReason::Cancelled);
    QCOMPARE(refused->error->code, ErrorCode::ModelBusy);
    QVERIFY(!m_service->loaded());
    QVERIFY(m_service->accepting());
    QCOMPARE(progress.last().at(1).toInt(), 0);
}

void InferenceServiceTest::unloadWaitsForReservedPlaces() {
    load(m_sample);
    QCOMPARE(m_service->reserve(257).error().code, ErrorCode::QueueFull);
    auto places = m_service->reserve(2);
    QVERIFY(places.ok());
    QCOMPARE(m_service->reserve(255).error().code, ErrorCode::QueueFull);
    auto first = listen(m_service->submit(greedy(TextInput{QStringLiteral("The")}, 2), &m_parent, *places));
    auto unloaded = m_service->unload(600);
    QTRY_COMPARE_WITH_TIMEOUT(first->ends, 1, 120000);
    // One that belongs to those that were let in before.
    auto second = listen(m_service->submit(greedy(TextInput{QStringLiteral("The")}, 2), &m_parent, *places));
    QCOMPARE(m_service->reserve(1).error().code, ErrorCode::ModelBusy);
    QTRY_COMPARE_WITH_TIMEOUT(second->ends, 1, 120000);
    QVERIFY(second->summary);
    QVERIFY(!unloaded.isFinished());
    *places = {};
    QVERIFY(testing::wait(unloaded, 120000));
    QCOMPARE(m_service->reserve(1).error().code, ErrorCode::ModelNotLoaded);
}

void InferenceServiceTest::unloadCutsAfterItsGrace() {
    load(m_sample);
    auto heard = listen(m_service->submit(endless(QStringLiteral("The")), &m_parent));
    QTRY_VERIFY_WITH_TIMEOUT(heard->ids.size() >= 1, 120000);
    auto patient = m_service->unload(3600);
    auto hasty = m_service->unload(0);  // a shorter grace wins
    QVERIFY(testing::wait(patient, 120000));
    QVERIFY(testing::wait(hasty));
    QCOMPARE(heard->ends, 1);
    QCOMPARE(heard->summary->reason, engine::FinishReason::Cancelled);
}

void InferenceServiceTest::queueHasAnEnd() {
    load(m_sample);
    QList<std::shared_ptr<Heard>> heard;
    QList<QPointer<Generation>> handles;
    for (int i = 0; i < 257; ++i) {
        handles << m_service->submit(endless(QStringLiteral("The")), &m_parent);
        heard << listen(handles.last());
    }
    QTRY_COMPARE_WITH_TIMEOUT(heard.last()->ends, 1, 60000);
    QCOMPARE(heard.last()->error->code, ErrorCode::QueueFull);
    for (const auto &handle : handles)
        if (handle) handle->cancel();
    QTRY_COMPARE_WITH_TIMEOUT(m_service->pendingRequests(), 0, 240000);
    for (qsizetype i = 0; i + 1 < heard.size(); ++i) QVERIFY(heard[i]->summary);
}

void InferenceServiceTest::theEventLoopTurnsMeanwhile() {
    testing::StallWatch watch;
    QTest::qWait(50);
    watch.restart();
    QElapsedTimer clock;
    clock.start();
    load(m_sample);
    // Long enough to tokenize that the loop would be seen to stand.
    const QString text = QString(QStringLiteral("The quick brown fox jumps over the lazy dog. ")).repeated(20000);
    auto tokens = m_service->tokenize(TextInput{text});
    auto heard = listen(m_service->submit(greedy(TextInput{text.left(4000)}, 30), &m_parent));
    QVERIFY(answer(tokens, 240000)->size() > 100000);
    QTRY_COMPARE_WITH_TIMEOUT(heard->ends, 1, 240000);
    const auto took = clock.elapsed();
    QVERIFY(watch.ticks() > 3);
    // A blocked loop would show the work's own length; a loaded machine shows some milliseconds here and there.
    QVERIFY2(watch.longestGapMs() < std::max<qint64>(500, took / 3),
             qPrintable(QStringLiteral("%1 of %2 ms").arg(watch.longestGapMs()).arg(took)));
}

void InferenceServiceTest::promptsDoNotWaitForOthersIds() {
    load(m_sample);
    const QString text = QString(QStringLiteral("The quick brown fox jumps over the lazy dog. ")).repeated(20000);
    QList<QFuture<Result<QList<qint32>>>> wanted;
    for (int i = 0; i < 20; ++i) wanted << m_service->tokenize(TextInput{text});
    auto heard = listen(m_service->submit(greedy(TextInput{QStringLiteral("The")}, 1), &m_parent));
    QTRY_COMPARE_WITH_TIMEOUT(heard->ends, 1, 240000);
    const auto ended = std::ranges::count_if(wanted, [](const auto &future) { return future.isFinished(); });
    QVERIFY2(ended < wanted.size(), qPrintable(QString::number(ended)));
    // And a model goes only behind the last of them.
    QVERIFY(testing::wait(m_service->unload(30), 240000));
    for (const auto &future : std::as_const(wanted)) QVERIFY(future.isFinished() && future.result().ok());
}

void InferenceServiceTest::givesUpWaitingTexts() {
    auto service = make();
    QVERIFY(answer(service->load(folder(m_sample), {}), 300000).ok());
    const QString text = QString(QStringLiteral("The quick brown fox jumps over the lazy dog. ")).repeated(20000);
    QList<QFuture<Result<QList<qint32>>>> wanted;
    for (int i = 0; i < 20; ++i) wanted << service->tokenize(TextInput{text});
    service->giveUpTexts();
    QCOMPARE(answer(wanted.last(), 240000).error().code, ErrorCode::ShuttingDown);
}

void InferenceServiceTest::endsWithWorkInFlight() {
    // Its own service: taken down while it generates. The handle still hears its end.
    auto service = make();
    QVERIFY(answer(service->load(folder(m_sample), {}), 300000).ok());
    auto heard = listen(service->submit(endless(QStringLiteral("The")), &m_parent));
    QTRY_VERIFY_WITH_TIMEOUT(heard->ids.size() >= 1, 120000);
    service.reset();
    QTRY_COMPARE(heard->ends, 1);
    QCOMPARE(heard->error->code, ErrorCode::ShuttingDown);
    auto loading = make();
    auto future = loading->load(folder(m_sample), {});
    loading.reset();
    QTRY_VERIFY(future.isFinished());
    QVERIFY(future.isCanceled());
}

}  // namespace millm

QTEST_GUILESS_MAIN(millm::InferenceServiceTest)
#include "inference_service_test.moc"
