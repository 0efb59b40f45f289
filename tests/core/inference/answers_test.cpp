#include "tests/core/inference/inference_rig.h"
#include "tests/support/stall_watch.h"

#include <QElapsedTimer>
#include <QFile>
#include <QJsonDocument>

#include <algorithm>

namespace millm {

using testing::answer;
using testing::fixtures;
using testing::greedy;
using testing::Heard;
using testing::listen;

namespace {

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

}  // namespace

class AnswersTest : public testing::InferenceTest {
    Q_OBJECT
private Q_SLOTS:
    void answersWithoutAModel();
    void goldenGreedyTokens_data();
    void goldenGreedyTokens();
    void chatTemplateStreamsText();
    void textIsTokenizedAndBack();
    void logprobsOfPromptAndAnswer();
    void badRequestsFail();
    void contextLengthComesWithNumbers();
    void manyAtOnceEqualEachAlone();
    void theEventLoopTurnsMeanwhile();
    void promptsDoNotWaitForOthersIds();
};

void AnswersTest::answersWithoutAModel() {
    QVERIFY(!m_service->loaded());
    auto heard = listen(m_service->submit(greedy(TextInput{QStringLiteral("x")}, 1), &m_parent));
    QCOMPARE(heard->ends, 0);  // queued
    QTRY_COMPARE(heard->ends, 1);
    QCOMPARE(heard->error->code, ErrorCode::ModelNotLoaded);
    QCOMPARE(answer(m_service->tokenize(TextInput{QStringLiteral("x")})).error().code, ErrorCode::ModelNotLoaded);
    QCOMPARE(answer(m_service->detokenize({1})).error().code, ErrorCode::ModelNotLoaded);
    QVERIFY(testing::wait(m_service->unload(1)));
}

void AnswersTest::goldenGreedyTokens_data() {
    QTest::addColumn<QString>("name");
    for (const auto *name : {"llama", "gpt2", "mistral", "qwen2", "qwen3", "llama_bin", "llama_chat_tiny"}) {
        if (QFile::exists(fixtures + QString::fromLatin1(name))) QTest::newRow(name) << QString::fromLatin1(name);
    }
}

void AnswersTest::goldenGreedyTokens() {
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

void AnswersTest::chatTemplateStreamsText() {
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

void AnswersTest::textIsTokenizedAndBack() {
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

void AnswersTest::logprobsOfPromptAndAnswer() {
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

void AnswersTest::badRequestsFail() {
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

void AnswersTest::contextLengthComesWithNumbers() {
    load(fixtures + QStringLiteral("llama"));
    const auto limit = m_service->loaded()->contextLength;
    auto heard = listen(m_service->submit(greedy(TokenInput{QList<qint32>(limit + 5, 3)}, 1), &m_parent));
    QTRY_COMPARE_WITH_TIMEOUT(heard->ends, 1, 60000);
    QCOMPARE(heard->error->code, ErrorCode::ContextLengthExceeded);
    QCOMPARE(heard->error->details.value(QStringLiteral("prompt_tokens")).toInteger(), limit + 5);
    QCOMPARE(heard->error->details.value(QStringLiteral("max_tokens")).toInteger(), limit);
}

void AnswersTest::manyAtOnceEqualEachAlone() {
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

void AnswersTest::theEventLoopTurnsMeanwhile() {
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

void AnswersTest::promptsDoNotWaitForOthersIds() {
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

}  // namespace millm

QTEST_GUILESS_MAIN(millm::AnswersTest)
#include "answers_test.moc"
