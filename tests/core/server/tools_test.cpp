#include "server_rig.h"

#include <QTest>

using namespace millm;
using namespace millm::testing;
using namespace Qt::StringLiterals;

namespace {

QJsonObject messageOf(const JsonAnswer &answer) {
    return answer.json.value("choices"_L1).toArray().at(0).toObject().value("message"_L1).toObject();
}
QString finishOf(const JsonAnswer &answer) {
    return answer.json.value("choices"_L1).toArray().at(0).toObject().value("finish_reason"_L1).toString();
}

}  // namespace

/// Tools and reasoning over /v1/chat/completions, with a model that always does the same (tests/fixtures/make_tool_caller.py).
class ToolsTest : public QObject {
    Q_OBJECT
private:
    std::unique_ptr<ServerRig> rig;
    const QJsonArray tools{QJsonObject{
        {u"type"_s, u"function"_s},
        {u"function"_s,
         QJsonObject{{u"name"_s, u"get_weather"_s},
                     {u"parameters"_s,
                      QJsonObject{{u"type"_s, u"object"_s},
                                  {u"properties"_s, QJsonObject{{u"city"_s, QJsonObject{{u"type"_s, u"string"_s}}}}}}}}}}};
    const QJsonObject user{{u"role"_s, u"user"_s}, {u"content"_s, u"Weather?"_s}};
    const QJsonObject chat{{u"model"_s, u"caller"_s}, {u"messages"_s, QJsonArray{user}}, {u"temperature"_s, 0}};
    const QString arguments = u"{\"city\":\"Zürich\",\"days\":2}"_s;

    JsonAnswer ask(const QJsonObject &more) const { return rig->ask("POST", "/v1/chat/completions", with(chat, more)); }

private Q_SLOTS:
    void initTestCase() {
        rig = std::make_unique<ServerRig>();
        rig->load(QStringLiteral(MILLM_FIXTURES "/tool-caller"), u"caller"_s);
    }
    void cleanupTestCase() { rig.reset(); }

    void calls() {
        const JsonAnswer answer = ask({{u"tools"_s, tools}});
        QCOMPARE(answer.status, 200);
        QCOMPARE(finishOf(answer), u"tool_calls"_s);
        const QJsonObject message = messageOf(answer);
        QCOMPARE(message.value("content"_L1), QJsonValue(QJsonValue::Null));
        QCOMPARE(message.value("reasoning_content"_L1), u"I need the weather."_s);
        const QJsonArray calls = message.value("tool_calls"_L1).toArray();
        QCOMPARE(calls.size(), 1);
        const QJsonObject call = calls.at(0).toObject();
        QCOMPARE(call.value("type"_L1), u"function"_s);
        QCOMPARE(call.value("id"_L1).toString().size(), 9);
        QCOMPARE(call.value("function"_L1).toObject().value("name"_L1), u"get_weather"_s);
        QCOMPARE(call.value("function"_L1).toObject().value("arguments"_L1), arguments);
    }

    void streams() {
        RawClient client(rig->port);
        const QByteArray body =
            QJsonDocument(with(chat, {{u"tools"_s, tools}, {u"stream"_s, true}})).toJson(QJsonDocument::Compact);
        client.send(jsonRequest("POST", "/v1/chat/completions", body));
        QString reasoning, name, given, finish, content;
        for (const QByteArray &line : client.readAnswer(false, 60000).body.split('\n')) {
            if (!line.startsWith("data: {")) continue;
            const QJsonObject choice =
                QJsonDocument::fromJson(line.sliced(6)).object().value("choices"_L1).toArray().at(0).toObject();
            const QJsonObject delta = choice.value("delta"_L1).toObject();
            reasoning += delta.value("reasoning_content"_L1).toString();
            content += delta.value("content"_L1).toString();
            for (const QJsonValue &call : delta.value("tool_calls"_L1).toArray()) {
                QCOMPARE(call["index"_L1].toInt(-1), 0);
                name += call["function"_L1]["name"_L1].toString();
                given += call["function"_L1]["arguments"_L1].toString();
            }
            finish = choice.value("finish_reason"_L1).toString(finish);
        }
        QCOMPARE(reasoning, u"I need the weather."_s);
        QCOMPARE(content, QString());
        QCOMPARE(name, u"get_weather"_s);
        QCOMPARE(given, arguments);
        QCOMPARE(finish, u"tool_calls"_s);
    }

    void answersBehindAResult() {
        const QJsonObject call{{u"id"_s, u"abcdefghi"_s},
                               {u"type"_s, u"function"_s},
                               {u"function"_s, QJsonObject{{u"name"_s, u"get_weather"_s}, {u"arguments"_s, arguments}}}};
        const QJsonArray messages{
            user,
            QJsonObject{{u"role"_s, u"assistant"_s}, {u"content"_s, QJsonValue::Null}, {u"tool_calls"_s, QJsonArray{call}}},
            QJsonObject{{u"role"_s, u"tool"_s}, {u"tool_call_id"_s, u"abcdefghi"_s}, {u"content"_s, u"sunny"_s}}};
        const JsonAnswer answer = ask({{u"tools"_s, tools}, {u"messages"_s, messages}});
        QCOMPARE(answer.status, 200);
        QCOMPARE(messageOf(answer).value("content"_L1), u"It is sunny in Zürich."_s);
        QCOMPARE(finishOf(answer), u"stop"_s);
        // The template gets arguments as the object that they are, members in order.
        const JsonAnswer ids = rig->ask("POST", "/tokenize", {{u"messages"_s, messages}, {u"tools"_s, tools}});
        const QJsonObject text = rig->ask("POST", "/detokenize", {{u"tokens"_s, ids.json.value("tokens"_L1)}}).json;
        QVERIFY(text.value("prompt"_L1).toString().contains(u"\"arguments\": {\"city\": \"Zürich\", \"days\": 2}"_s));
    }

    /// This model has no thought of its own behind the marks, so that the grammar alone decides.
    void forcesACall() {
        const auto tool = [](const QString &name, const QJsonObject &parameters) {
            return QJsonObject{{u"type"_s, u"function"_s},
                               {u"function"_s, QJsonObject{{u"name"_s, name}, {u"parameters"_s, parameters}}}};
        };
        const QJsonObject city{{u"type"_s, u"object"_s},
                               {u"properties"_s, QJsonObject{{u"city"_s, QJsonObject{{u"enum"_s, QJsonArray{u"Bonn"_s}}}}}},
                               {u"required"_s, QJsonArray{u"city"_s}},
                               {u"additionalProperties"_s, false}};
        const QJsonObject nothing{{u"type"_s, u"object"_s}, {u"additionalProperties"_s, false}};
        const QJsonArray both{tool(u"get_weather"_s, city), tool(u"get_time"_s, nothing)};
        const QJsonObject named{{u"type"_s, u"function"_s}, {u"function"_s, QJsonObject{{u"name"_s, u"get_weather"_s}}}};
        const auto callsOf = [&](const QJsonObject &more) {
            const JsonAnswer answer = ask(with(QJsonObject{{u"tools"_s, both}, {u"max_tokens"_s, 400}}, more));
            if (answer.status != 200 || finishOf(answer) != u"tool_calls"_s) return QJsonArray();
            return messageOf(answer).value("tool_calls"_L1).toArray();
        };
        const QJsonArray calls = callsOf({{u"tool_choice"_s, named}, {u"parallel_tool_calls"_s, false}});
        QCOMPARE(calls.size(), 1);
        QCOMPARE(calls.at(0)["function"_L1]["name"_L1], u"get_weather"_s);
        QCOMPARE(calls.at(0)["function"_L1]["arguments"_L1], u"{\"city\":\"Bonn\"}"_s);
        const QJsonArray any = callsOf({{u"tool_choice"_s, u"required"_s}, {u"parallel_tool_calls"_s, false}});
        QCOMPARE(any.size(), 1);
        QVERIFY(QStringList({u"get_weather"_s, u"get_time"_s}).contains(any.at(0)["function"_L1]["name"_L1].toString()));
    }

    void leavesToolsAloneWhereTheyAreNotWanted() {
        QCOMPARE(messageOf(ask({{u"tools"_s, tools}, {u"tool_choice"_s, u"none"_s}})).value("content"_L1), u"Hello there."_s);
        QCOMPARE(messageOf(ask({})).value("content"_L1), u"Hello there."_s);
        QVERIFY(!messageOf(ask({})).contains("tool_calls"_L1));
    }

    /// "Hello" is what the assistant has begun to say: the prompt ends there, without what ends a turn or begins one.
    void goesOnWithTheLastMessage() {
        const QJsonArray begun{user, QJsonObject{{u"role"_s, u"assistant"_s}, {u"content"_s, u"It is "_s}}};
        const JsonAnswer whole = ask({{u"messages"_s, begun}, {u"max_tokens"_s, 1}});
        const JsonAnswer open = ask(
            {{u"messages"_s, begun}, {u"continue_final_message"_s, true}, {u"max_tokens"_s, 1}, {u"return_token_ids"_s, true}});
        QCOMPARE(open.status, 200);
        QVERIFY(open.json.value("usage"_L1)["prompt_tokens"_L1].toInt() <
                whole.json.value("usage"_L1)["prompt_tokens"_L1].toInt());
        const QJsonObject text = rig->ask("POST", "/detokenize", {{u"tokens"_s, open.json.value("prompt_token_ids"_L1)}}).json;
        QCOMPARE(text.value("prompt"_L1), u"<|user|>Weather?<|assistant|>It is "_s);
        QCOMPARE(ask({{u"messages"_s, begun}, {u"continue_final_message"_s, true}, {u"add_generation_prompt"_s, true}}).status,
                 400);
        // Anthropic's clients say so by the message alone.
        const JsonAnswer counted =
            rig->ask("POST", "/v1/messages/count_tokens", {{u"model"_s, u"caller"_s}, {u"messages"_s, begun}});
        QCOMPARE(counted.json.value("input_tokens"_L1), open.json.value("usage"_L1)["prompt_tokens"_L1]);
    }

    void keepsReasoningInTheContentOnRequest() {
        const QString content =
            messageOf(ask({{u"tools"_s, tools}, {u"reasoning_format"_s, u"none"_s}})).value("content"_L1).toString();
        QCOMPARE(content, u"<think>I need the weather.</think>"_s);
    }

    void refusesWhatItCannotKeep() {
        const QJsonObject named{{u"type"_s, u"function"_s}, {u"function"_s, QJsonObject{{u"name"_s, u"get_time"_s}}}};
        const QJsonArray twice{tools.at(0), tools.at(0)};
        const QJsonObject lost{{u"role"_s, u"tool"_s}, {u"content"_s, u"x"_s}};
        const QJsonObject garbled{
            {u"role"_s, u"assistant"_s},
            {u"tool_calls"_s, QJsonArray{QJsonObject{{u"function"_s, QJsonObject{{u"name"_s, u"f"_s}}}}}}};
        for (const auto &[more, param] : QList<std::pair<QJsonObject, QString>>{
                 {{{u"tool_choice"_s, u"required"_s}}, u"tool_choice"_s},
                 {{{u"tools"_s, tools}, {u"tool_choice"_s, u"sometimes"_s}}, u"tool_choice"_s},
                 {{{u"tools"_s, tools}, {u"tool_choice"_s, named}}, u"tool_choice"_s},
                 {{{u"tools"_s, twice}}, u"tools[1].function.name"_s},
                 {{{u"messages"_s, QJsonArray{user, lost}}}, u"messages[1].tool_call_id"_s},
                 {{{u"messages"_s, QJsonArray{user, garbled}}}, u"messages[1].tool_calls[0].function.arguments"_s},
                 {{{u"reasoning_format"_s, u"xml"_s}}, u"reasoning_format"_s}}) {
            const JsonAnswer answer = ask(more);
            QCOMPARE(answer.status, 400);
            QCOMPARE(answer.error().value("param"_L1), param);
        }
    }

    void loadsWhatARequestNames() {
        ServerRig other([](Settings &settings) { settings.loadOnDemand = true; });
        other.add(QStringLiteral(MILLM_FIXTURES "/tool-caller"), u"caller"_s);
        other.add(QStringLiteral(MILLM_FIXTURES "/sentence-model"), u"sentences"_s);
        const auto listed = [&] { return other.ask("GET", "/v1/models").json.value("data"_L1).toArray().size(); };
        QCOMPARE(listed(), 2);
        QCOMPARE(messageOf(other.ask("POST", "/v1/chat/completions", chat)).value("content"_L1), u"Hello there."_s);
        const JsonAnswer vectors =
            other.ask("POST", "/v1/embeddings", {{u"model"_s, u"sentences"_s}, {u"input"_s, u"A dog!"_s}});
        QCOMPARE(vectors.status, 200);
        QCOMPARE(other.ask("GET", "/api/ps").json.value("models"_L1).toArray().at(0)["name"_L1], u"sentences"_s);
        QCOMPARE(messageOf(other.ask("POST", "/v1/chat/completions", chat)).value("content"_L1), u"Hello there."_s);
        QCOMPARE(other.ask("POST", "/v1/chat/completions", with(chat, {{u"model"_s, u"neither"_s}})).status, 404);
        QCOMPARE(listed(), 2);
    }

    /// A template that knows nothing of tools: they are told in words, and calls are read from plain JSON.
    void tellsTemplatesThatKnowNoTools() {
        ServerRig other;
        other.load(QStringLiteral(MILLM_SAMPLE_MODEL), u"sample"_s);
        const auto promptOf = [&](const QJsonArray &messages) {
            const JsonAnswer ids = other.ask("POST", "/tokenize", {{u"messages"_s, messages}, {u"tools"_s, tools}});
            return other.ask("POST", "/detokenize", {{u"tokens"_s, ids.json.value("tokens"_L1)}})
                .json.value("prompt"_L1)
                .toString();
        };
        QVERIFY(promptOf({user}).contains(u"get_weather"_s));
        const QJsonObject call{{u"id"_s, u"1"_s},
                               {u"type"_s, u"function"_s},
                               {u"function"_s, QJsonObject{{u"name"_s, u"get_weather"_s}, {u"arguments"_s, u"{}"_s}}}};
        const QString second =
            promptOf({user, QJsonObject{{u"role"_s, u"assistant"_s}, {u"tool_calls"_s, QJsonArray{call}}},
                      QJsonObject{{u"role"_s, u"tool"_s}, {u"tool_call_id"_s, u"1"_s}, {u"content"_s, u"rain"_s}}});
        QVERIFY(second.contains(u"rain"_s));
        QVERIFY(second.contains(u"get_weather"_s));
    }
};

QTEST_GUILESS_MAIN(ToolsTest)
#include "tools_test.moc"
