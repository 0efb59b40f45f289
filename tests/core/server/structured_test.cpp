#include "server_rig.h"

#include <QRegularExpression>
#include <QTest>

using namespace millm;
using namespace millm::testing;
using namespace Qt::StringLiterals;

namespace {

QString textOf(const JsonAnswer &answer) {
    const QJsonObject choice = answer.json.value("choices"_L1).toArray().at(0).toObject();
    return choice.contains("text"_L1) ? choice.value("text"_L1).toString()
                                      : choice.value("message"_L1).toObject().value("content"_L1).toString();
}

QJsonObject parsed(const char *json) {
    const QJsonObject object = QJsonDocument::fromJson(json).object();
    if (object.isEmpty()) qFatal("no JSON: %s", json);
    return object;
}

/// Bounded, so that a model which knows nothing of JSON comes to its end; "zeta" in front of "alpha", as no alphabet has it.
constexpr auto schemaText =
    "{\"type\":\"object\",\"properties\":{\"zeta\":{\"enum\":[\"red\",\"green\"]},\"alpha\":{\"type\":\"integer\",\"minimum\":"
    "1,\"maximum\":99}},"
    "\"required\":[\"zeta\",\"alpha\"],\"additionalProperties\":false}";

}  // namespace

/// Answers of a form that the request asks for, over each interface that has a way to ask.
class StructuredTest : public QObject {
    Q_OBJECT
private:
    std::unique_ptr<ServerRig> rig;
    const QJsonObject schema = parsed(schemaText);
    const QRegularExpression expected{
        u"\\A\\s*\\{\\s*\"zeta\"\\s*:\\s*\"(?:red|green)\"\\s*,\\s*\"alpha\"\\s*:\\s*[1-9][0-9]?\\s*\\}\\s*\\z"_s};

    /// The body as it is written: QJsonObject would sort the members.
    JsonAnswer post(const QByteArray &path, const QByteArray &body) const {
        RawClient client(rig->port);
        client.send(jsonRequest("POST", path, body));
        const auto answer = client.readAnswer(false, 120000);
        return {.status = answer.status, .json = QJsonDocument::fromJson(answer.body).object(), .raw = answer};
    }
    JsonAnswer chat(const QByteArray &more) const {
        return post(
            "/v1/chat/completions",
            "{\"model\":\"sample\",\"messages\":[{\"role\":\"user\",\"content\":\"Hello\"}],\"max_tokens\":120,\"seed\":3," +
                more + '}');
    }

private Q_SLOTS:
    void initTestCase() {
        rig = std::make_unique<ServerRig>();
        rig->load(QStringLiteral(MILLM_SAMPLE_MODEL), u"sample"_s);
    }
    void cleanupTestCase() { rig.reset(); }

    void everyWayToAskForASchema() {
        const QByteArray text(schemaText);
        for (const QByteArray &more :
             {"\"response_format\":{\"type\":\"json_schema\",\"json_schema\":{\"name\":\"n\",\"strict\":true,\"schema\":" +
                  text + "}}",
              "\"guided_json\":" + text, "\"json_schema\":" + text, "\"structured_outputs\":{\"json\":" + text + '}'}) {
            const JsonAnswer answer = chat(more);
            QCOMPARE(answer.status, 200);
            QVERIFY2(expected.match(textOf(answer)).hasMatch(), qPrintable(textOf(answer)));
        }
        const JsonAnswer completion = post(
            "/v1/completions", "{\"model\":\"sample\",\"prompt\":\"It is\",\"max_tokens\":120,\"guided_json\":" + text + '}');
        QVERIFY2(expected.match(textOf(completion)).hasMatch(), qPrintable(textOf(completion)));
        const JsonAnswer responses = post("/v1/responses",
                                          "{\"model\":\"sample\",\"input\":\"Hello\",\"max_output_tokens\":120,\"text\":{"
                                          "\"format\":{\"type\":\"json_schema\",\"name\":\"n\",\"schema\":" +
                                              text + "}}}");
        const QString output =
            responses.json.value("output"_L1).toArray().last()["content"_L1].toArray().at(0)["text"_L1].toString();
        QVERIFY2(expected.match(output).hasMatch(), qPrintable(output));
        const JsonAnswer messages = post("/v1/messages",
                                         "{\"model\":\"sample\",\"messages\":[{\"role\":\"user\",\"content\":\"Hello\"}],\"max_"
                                         "tokens\":120,\"output_config\":{\"format\":{\"type\":\"json_schema\",\"schema\":" +
                                             text + "}}}");
        const QString block = messages.json.value("content"_L1).toArray().at(0)["text"_L1].toString();
        QVERIFY2(expected.match(block).hasMatch(), qPrintable(block));
        const JsonAnswer ollama =
            post("/api/chat",
                 "{\"model\":\"sample\",\"messages\":[{\"role\":\"user\",\"content\":\"Hello\"}],\"stream\":false,\"format\":" +
                     text + '}');
        const QString said = ollama.json.value("message"_L1).toObject().value("content"_L1).toString();
        QVERIFY2(expected.match(said).hasMatch(), qPrintable(said));
        const JsonAnswer generated =
            post("/api/generate", "{\"model\":\"sample\",\"prompt\":\"Hello\",\"stream\":false,\"format\":" + text + '}');
        const QString response = generated.json.value("response"_L1).toString();
        QVERIFY2(expected.match(response).hasMatch(), qPrintable(response));
    }

    void otherForms() {
        const auto said = [this](const QByteArray &more) { return textOf(chat(more)); };
        const QString only = said("\"choice\":[\"the only one\"]"), quoted = said("\"guided_choice\":[\"a \\\"b\\\"\",\"ü\"]");
        const QString code = said("\"regex\":\"[ab]{2}/\\\\d\""),
                      ruled = said("\"grammar\":\"start: \\\"x\\\" \\\"y\\\" \\\"y\\\"?\"");
        QCOMPARE(only, u"the only one"_s);
        QVERIFY(QStringList({u"a \"b\""_s, u"ü"_s}).contains(quoted));
        QVERIFY(QRegularExpression(u"\\A[ab]{2}/\\d\\z"_s).match(code).hasMatch());
        QVERIFY(QStringList({u"xy"_s, u"xyy"_s}).contains(ruled));
        const QString object = said("\"response_format\":{\"type\":\"json_object\"}"),
                      free = said("\"response_format\":{\"type\":\"text\"}");
        QVERIFY(object.trimmed().startsWith(u'{'));
        QVERIFY(!free.isEmpty());
    }

    void asManyChoicesAsMayBe() {
        QStringList all;
        for (int i = 0; i < 4096; ++i) all += u"choice %1"_s.arg(i);
        const QByteArray list = QJsonDocument(QJsonArray::fromStringList(all)).toJson(QJsonDocument::Compact);
        const JsonAnswer answer = chat("\"choice\":" + list);
        QVERIFY2(answer.status == 200 && all.contains(textOf(answer)), answer.raw.body.left(400));
    }

    void aGrammarPastItsLimitsIsTheClients() {
        QByteArray wide("start: ");
        for (int i = 0; i < 4096; ++i) wide += (i == 0 ? "" : " | ") + ("\\\"choice " + QByteArray::number(i) + "\\\"");
        const JsonAnswer answer = chat("\"grammar\":\"" + wide + '"');
        QVERIFY2(answer.status == 400, answer.raw.body.left(400));
    }

    void eachOfSeveralChoices() {
        const JsonAnswer answer =
            chat("\"n\":3,\"temperature\":1.5,\"logprobs\":true,\"guided_json\":" + QByteArray(schemaText));
        const QJsonArray choices = answer.json.value("choices"_L1).toArray();
        QCOMPARE(choices.size(), 3);
        for (const QJsonValue &choice : choices) {
            QVERIFY(expected.match(choice["message"_L1]["content"_L1].toString()).hasMatch());
            QVERIFY(!choice["logprobs"_L1]["content"_L1].toArray().isEmpty());
        }
    }

    void countsWhatItCosts() {
        const auto metric = [&](const char *name) {
            RawClient client(rig->port);
            client.send("GET /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n");
            const QString text = QString::fromUtf8(client.readAnswer(false, 60000).body);
            return QRegularExpression(u"^%1 (\\S+)$"_s.arg(QLatin1StringView(name)), QRegularExpression::MultilineOption)
                .match(text)
                .captured(1)
                .toDouble();
        };
        const double before = metric("millm_grammar_tokens_total");
        const JsonAnswer answer = chat("\"choice\":[\"abc\"]");
        QCOMPARE(answer.status, 200);
        QVERIFY(metric("millm_grammar_tokens_total") > before);
        QVERIFY(metric("millm_grammar_seconds_total") > 0);
    }

    void refusesWhatIsNoForm() {
        for (const auto &[more, param] : QList<std::pair<QByteArray, QString>>{
                 {"\"response_format\":{\"type\":\"json_schema\"}", u"response_format.json_schema.schema"_s},
                 {"\"response_format\":{\"type\":\"xml\"}", u"response_format.type"_s},
                 {"\"response_format\":{\"type\":\"json_schema\",\"json_schema\":{\"schema\":{\"type\":\"nothing\"}}}",
                  u"response_format"_s},
                 {"\"response_format\":{\"type\":\"json_schema\",\"json_schema\":{\"strict\":true,\"schema\":{\"type\":"
                  "\"array\",\"uniqueItems\":true}}}",
                  u"response_format"_s},
                 {"\"guided_json\":5", u"guided_json"_s},
                 {"\"guided_json\":\"no json\"", u"guided_json"_s},
                 {"\"regex\":\"(\"", u"regex"_s},
                 {"\"regex\":\"\"", u"regex"_s},
                 {"\"choice\":[]", u"choice"_s},
                 {"\"choice\":[1]", u"choice"_s},
                 {"\"grammar\":\"root ::= x\"", u"grammar"_s},
                 {"\"grammar\":\"start: unknown\"", u"grammar"_s},
                 {"\"structured_outputs\":{\"regex\":\"a\",\"choice\":[\"b\"]}", u"structured_outputs"_s},
                 {"\"regex\":\"a\",\"choice\":[\"b\"]", u"choice"_s},
                 {"\"min_tokens\":200", u"min_tokens"_s}}) {
            const JsonAnswer answer = chat(more);
            QVERIFY2(answer.status == 400, more.constData());
            QCOMPARE(answer.error().value("param"_L1), param);
        }
        // What a grammar cannot hold is left out where nobody insists.
        const JsonAnswer loose = chat("\"guided_json\":{\"type\":\"array\",\"uniqueItems\":true}");
        QCOMPARE(loose.status, 200);
    }

    /// Not of forms, but of usage: a second turn goes on from the first one's keys and values.
    void tellsWhatWasReused() {
        const QString story = u"word "_s.repeated(60);
        const auto cached = [&](const QString &more) {
            const JsonAnswer answer = rig->ask("POST", "/v1/completions",
                                               {{u"model"_s, u"sample"_s}, {u"prompt"_s, story + more}, {u"max_tokens"_s, 2}});
            return answer.json.value("usage"_L1)["prompt_tokens_details"_L1]["cached_tokens"_L1].toInt(-1);
        };
        QCOMPARE(cached(u"one"_s), 0);
        QVERIFY(cached(u"two"_s) >= 60);
        const QJsonObject use =
            rig->ask("GET", "/api/system").json.value("data"_L1)["loaded_model"_L1]["kv_cache"_L1].toObject();
        QVERIFY(use.value("limit_mb"_L1).toInt() > 0);
        QCOMPARE(use.value("running"_L1).toInt(-1), 0);
    }

    /// Of load: what would take gigabytes is refused before it is begun, with the numbers.
    void refusesWhatWouldTakeTooMuch() {
        const JsonAnswer many = chat("\"n\":128,\"logprobs\":true,\"top_logprobs\":20");
        QCOMPARE(many.status, 400);
        QCOMPARE(many.error().value("param"_L1), u"logprobs"_s);
        const QByteArray text = QByteArray("a ").repeated(2 << 20);
        for (const char *path : {"/tokenize", "/v1/completions"}) {
            const JsonAnswer tooLong = post(path, "{\"model\":\"sample\",\"prompt\":\"" + text + "\"}");
            QCOMPARE(tooLong.status, 400);
            QVERIFY(tooLong.error().value("message"_L1).toString().contains(QString::number(text.size())));
        }
        // As many prompts as a request may have are made one by one.
        QJsonArray prompts;
        for (int i = 0; i < 64; ++i) prompts.append(u"It"_s);
        const JsonAnswer several =
            rig->ask("POST", "/v1/completions", {{u"model"_s, u"sample"_s}, {u"prompt"_s, prompts}, {u"max_tokens"_s, 1}});
        QCOMPARE(several.json.value("choices"_L1).toArray().size(), 64);
    }

    void waitsForTheLeastTokens() {
        const JsonAnswer answer = chat("\"min_tokens\":60,\"temperature\":0");
        QVERIFY(answer.json.value("usage"_L1).toObject().value("completion_tokens"_L1).toInt() >= 60);
    }
};

QTEST_GUILESS_MAIN(StructuredTest)
#include "structured_test.moc"
