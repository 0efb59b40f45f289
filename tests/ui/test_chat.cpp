#include "core/base/errors.h"
#include "tests/ui/recorded_actions.h"
#include "ui/chat.h"

#include <QAbstractItemModelTester>
#include <QJsonObject>
#include <QSignalSpy>
#include <QTest>

using namespace millm;

class TestChat : public QObject {
    Q_OBJECT

    struct Parts {
        RecordedChat backend;
        Chat chat{backend};
        QAbstractItemModelTester tester{chat.messages(), QAbstractItemModelTester::FailureReportingMode::Fatal};
        explicit Parts(ModelUse use = ModelUse::Chat) { chat.setModel(QStringLiteral("gemma-2-2b"), use); }
        const ChatMessages::Message &message(qsizetype row) { return chat.messages()->all()[row]; }
        const GenerationRequest &request() { return backend.requests.last().second; }
        QJsonArray sent() { return std::get<ChatInput>(request().input).messages; }
    };

private Q_SLOTS:
    void sendsNothingWithoutAModel() {
        RecordedChat backend;
        Chat chat(backend);
        QVERIFY(!chat.send(QStringLiteral("Hello")));
        QVERIFY(backend.requests.isEmpty());
        chat.setModel(QStringLiteral("m"), ModelUse::Chat);
        QVERIFY(!chat.send(QStringLiteral("  \n")));
    }
    void conversationOfSeveralTurns() {
        Parts p;
        p.chat.setTemperature(0.2);
        p.chat.setMaxTokens(33);
        QVERIFY(p.chat.send(QStringLiteral("Hello")));
        QVERIFY(p.chat.busy());
        QVERIFY(!p.chat.send(QStringLiteral("too early")));
        QCOMPARE(p.request().sampling.temperature, 0.2);
        QCOMPARE(p.request().stop.max_new_tokens, 33);
        p.backend.say(QStringLiteral("Hi "));
        p.backend.say(QStringLiteral("there"));
        QVERIFY(p.message(1).streaming);
        QSignalSpy answered(&p.chat, &Chat::answered);
        p.backend.end(engine::FinishReason::Stop, 4, 2);
        QCOMPARE(answered.first().first().toString(), QStringLiteral("Hi there"));
        QVERIFY(!p.chat.busy());
        QVERIFY(p.message(1).note.contains(QStringLiteral("2.0 tokens/s")));
        p.chat.send(QStringLiteral("And?"));
        QCOMPARE(p.sent().size(), 3);
        QCOMPARE(p.sent()[1][QLatin1StringView("role")].toString(), QStringLiteral("assistant"));
        QCOMPARE(p.sent()[1][QLatin1StringView("content")].toString(), QStringLiteral("Hi there"));
    }
    void reasoningIsApart() {
        Parts p;
        p.chat.send(QStringLiteral("Hello"));
        QVERIFY(p.request().showsMarks);
        p.backend.begin(false);
        p.backend.say(QStringLiteral("<think>Who is"));
        p.backend.say(QStringLiteral(" that?</think>\n\nHi"));
        p.backend.end(engine::FinishReason::Stop, 4, 2);
        QCOMPARE(p.message(1).reasoning, QStringLiteral("Who is that?"));
        QCOMPARE(p.message(1).text, QStringLiteral("Hi"));
        p.chat.send(QStringLiteral("And?"));
        QCOMPARE(p.sent()[1][QLatin1StringView("content")].toString(), QStringLiteral("Hi"));
        p.backend.begin(true);
        p.backend.say(QStringLiteral("Hm"));
        p.chat.stop();
        p.backend.end(engine::FinishReason::Cancelled, 1, 0);
        QCOMPARE(p.message(3).reasoning, QStringLiteral("Hm"));
        QVERIFY(p.message(3).text.isEmpty());
    }
    void stop() {
        Parts p;
        p.chat.send(QStringLiteral("Hello"));
        p.backend.say(QStringLiteral("Once"));
        p.chat.stop();
        QCOMPARE(p.backend.cancelled.size(), 1);
        QVERIFY(p.chat.busy());  // until the backend says so
        p.backend.end(engine::FinishReason::Cancelled, 1, 0);
        QVERIFY(!p.chat.busy());
        QVERIFY(p.message(1).note.contains(QStringLiteral("stopped")));
        QCOMPARE(p.message(1).text, QStringLiteral("Once"));
    }
    void failureIsInline() {
        Parts p;
        p.chat.send(QStringLiteral("Hello"));
        p.backend.fail(errors::notLoaded(3));
        QCOMPARE(p.message(1).failure, errors::notLoaded(3).message);
        p.chat.send(QStringLiteral("Again"));
        QCOMPARE(p.sent().size(), 1);  // the turn that failed is left out
        QCOMPARE(p.sent()[0][QLatin1StringView("content")].toString(), QStringLiteral("Again"));
    }
    void clearForgetsTheAnswerUnderWay() {
        Parts p;
        p.chat.send(QStringLiteral("Hello"));
        p.chat.clear();
        QVERIFY(!p.chat.busy());
        QCOMPARE(p.backend.cancelled.size(), 1);
        p.backend.say(QStringLiteral("late"));
        p.backend.end(engine::FinishReason::Cancelled, 1, 0);
        QCOMPARE(p.chat.messages()->rowCount(), 0);
    }
    void completionWithoutTemplate() {
        Parts p(ModelUse::Completion);
        p.chat.send(QStringLiteral("Once upon a time "));
        QCOMPARE(std::get<TextInput>(p.request().input).text, QStringLiteral("Once upon a time "));
    }
    void anEncoderHasNothingToSay() {
        Parts p(ModelUse::Embeddings);
        QVERIFY(p.chat.embeds());
        QVERIFY(!p.chat.ready());
        QVERIFY(!p.chat.send(QStringLiteral("Hello")));
        p.chat.setModel({}, ModelUse::Chat);
        QVERIFY(!p.chat.embeds());
    }
    void anotherModelBeginsAnew() {
        Parts p;
        p.chat.send(QStringLiteral("Hello"));
        p.backend.end(engine::FinishReason::Length, 4, 2);
        p.chat.setModel({}, ModelUse::Completion);
        QCOMPARE(p.chat.messages()->rowCount(), 2);  // still to be read
        QVERIFY(!p.chat.ready());
        p.chat.setModel(QStringLiteral("other"), ModelUse::Chat);
        QCOMPARE(p.chat.messages()->rowCount(), 0);
    }
    void limits() {
        Parts p;
        p.chat.setTemperature(7);
        QCOMPARE(p.chat.temperature(), 2.0);
        p.chat.setMaxTokens(0);
        QCOMPARE(p.chat.maxTokens(), 1);
    }
};

QTEST_MAIN(TestChat)
#include "test_chat.moc"
