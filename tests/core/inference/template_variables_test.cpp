#include "core/inference/template_variables.h"

#include <QJsonDocument>
#include <QTest>

using namespace millm;

/// What of a request reaches the chat template, and in which order.
class TemplateVariablesTest : public QObject {
    Q_OBJECT

    /// As the server reads it: checked values beside the text that they came in.
    static QByteArray told(const QByteArray &body) {
        const QJsonObject read = QJsonDocument::fromJson(body).object();
        ChatInput input{.messages = read.value("messages").toArray(),
                        .variables = read.value("chat_template_kwargs").toObject(),
                        .written = body};
        return QByteArray::fromStdString(templateVariables(input));
    }

private Q_SLOTS:
    void membersKeepTheirOrder() {
        // A tool as models are trained on it: type, function, name, description, parameters; no alphabet would say so.
        const QByteArray tool = R"({"type":"function","function":{"name":"weather","description":"of a place","parameters":)"
                                R"({"type":"object","properties":{"place":{"type":"string"},"day":{"type":"string"}},)"
                                R"("required":["place"]}}})";
        const QByteArray messages = R"([{"role":"user","name":"z","content":"a"},{"content":"b","role":"assistant"}])";
        const QByteArray body = R"({"messages":)" + messages + R"(,"model":"m","chat_template_kwargs":{"tools":[)" + tool +
                                R"(],"documents":[{"title":"t","text":"x"}]}})";
        QCOMPARE(told(body), R"({"tools":[)" + tool + R"(],"documents":[{"title":"t","text":"x"}],)" +
                                 R"("add_generation_prompt":true,"messages":)" + messages + '}');
    }

    void numbersKeepTheirSpelling() {
        QCOMPARE(told(R"({"messages":[],"chat_template_kwargs":{"b":[1.0,1,0.10,1e3,9007199254740993,-0.5],"a":null}})"),
                 R"({"b":[1.0,1,0.10,1e3,9007199254740993,-0.5],"a":null,"add_generation_prompt":true,"messages":[]})");
    }

    /// What was checked has the last word: the text only tells the order.
    void theTextAddsNothing() {
        ChatInput input;
        input.messages = {QJsonObject{{"role", "system"}, {"content", "c"}}, QJsonObject{{"role", "user"}, {"content", "d"}}};
        input.variables = {{"reasoning_effort", "low"}, {"n", 2}};
        input.addGenerationPrompt = false;
        const QByteArray expected =
            R"({"add_generation_prompt":false,"n":2,"reasoning_effort":"low","messages":[{"role":"system","content":"c"},{"content":"d","role":"user"}]})";
        input.written = R"({"messages":[{"tool_calls":[],"role":"developer","content":"c"}],"more":1})";
        QCOMPARE(QByteArray::fromStdString(templateVariables(input)), expected);
        // Texts that say nothing of it.
        const QByteArray sorted =
            R"({"add_generation_prompt":false,"n":2,"reasoning_effort":"low","messages":[{"content":"c","role":"system"},{"content":"d","role":"user"}]})";
        for (const QByteArray &odd : {QByteArray(), QByteArray("[1]"), QByteArray("{\"messages\": 5}"), QByteArray("no json"),
                                      QByteArray("{\"messages\": [7, \"x\"], \"chat_template_kwargs\": [1]}")}) {
            input.written = odd;
            QCOMPARE(QByteArray::fromStdString(templateVariables(input)), sorted);
        }
    }

    void doubledNamesCountOnce() {
        QCOMPARE(told(R"({"messages":[],"chat_template_kwargs":{"a":1,"b":2,"a":3}})"),
                 R"({"a":3,"b":2,"add_generation_prompt":true,"messages":[]})");
    }

    void messagesAreTheMessages() {
        const QByteArray odd = "\"\xc3\xa9\\\"\\n\"", messages = R"([{"role":"user","content":"x"}])";
        const QByteArray body = R"({"messages":)" + messages + R"(,"chat_template_kwargs":{"messages":[],"a":)" + odd + "}}";
        const QByteArray expected = R"({"a":)" + odd + R"(,"add_generation_prompt":true,"messages":)" + messages + '}';
        QCOMPARE(told(body), expected);
    }

    void deepOnesComeThrough() {
        const int depth = 900;
        const QByteArray deep = QByteArray("[").repeated(depth) + QByteArray("]").repeated(depth);
        QCOMPARE(told(R"({"messages":[],"chat_template_kwargs":{"a":)" + deep + "}}"),
                 R"({"a":)" + deep + R"(,"add_generation_prompt":true,"messages":[]})");
    }
};

QTEST_GUILESS_MAIN(TemplateVariablesTest)
#include "template_variables_test.moc"
