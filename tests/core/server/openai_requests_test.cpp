#include "core/server/ollama/ollama_request.h"
#include "core/server/openai/chat_request.h"
#include "core/server/openai/choice_tokens.h"
#include "core/server/openai/completion_request.h"
#include "core/server/openai/logprobs_json.h"

#include <QJsonDocument>
#include <QTest>

using namespace millm;
using namespace millm::openai;

namespace {

QJsonObject object(const QByteArray &text) {
    return QJsonDocument::fromJson(text).object();
}

/// The field that a chat request is refused for; empty where it is taken.
QString chatField(const QByteArray &fields) {
    const auto request = readChatRequest(object("{\"model\":\"m\",\"messages\":[{\"role\":\"user\",\"content\":\"hi\"}]" +
                                                (fields.isEmpty() ? QByteArray() : "," + fields) + "}"));
    return request ? QString() : request.error().details.value("field").toString();
}

QString completionField(const QByteArray &fields) {
    const auto request = readCompletionRequest(object("{\"model\":\"m\"," + fields + "}"));
    return request ? QString() : request.error().details.value("field").toString();
}

ScoredToken token(const QByteArray &bytes, float logprob = -1, qint32 id = 1) {
    ScoredToken token;
    token.id = id;
    token.bytes = bytes;
    token.logprob = logprob;
    return token;
}

}  // namespace

/// What OpenAI's requests may say, and how scores are written.
class OpenAiRequestsTest : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void chatFields_data() {
        QTest::addColumn<QByteArray>("fields");
        QTest::addColumn<QString>("refused");
        const auto fine = [](const char *fields) { QTest::newRow(fields) << QByteArray(fields) << QString(); };
        const auto wrong = [](const char *fields, const char *field) {
            QTest::newRow(fields) << QByteArray(fields) << QString::fromLatin1(field);
        };
        fine("");
        fine("\"temperature\":0,\"top_p\":1,\"n\":3,\"seed\":-5,\"stop\":\"x\",\"max_tokens\":1");
        fine("\"stop\":[\"a\",\"b\"],\"stream\":true,\"stream_options\":{\"include_usage\":true}");
        fine("\"temperature\":null,\"stop\":null,\"tools\":null,\"response_format\":{\"type\":\"text\"},\"tools\":[]");
        fine("\"logprobs\":true,\"top_logprobs\":20,\"logit_bias\":{\"5\":-100}");
        fine("\"unknown\":{\"a\":1},\"user\":\"me\",\"metadata\":{}");
        wrong("\"temperature\":2.1", "temperature");
        wrong("\"temperature\":\"1\"", "temperature");
        wrong("\"temperature\":-0.1", "temperature");
        wrong("\"top_p\":1.5", "top_p");
        wrong("\"top_k\":1.5", "top_k");
        wrong("\"min_p\":-1", "min_p");
        wrong("\"n\":0", "n");
        wrong("\"n\":129", "n");
        wrong("\"n\":1.5", "n");
        wrong("\"max_tokens\":0", "max_tokens");
        wrong("\"max_completion_tokens\":-2", "max_completion_tokens");
        wrong("\"presence_penalty\":2.5", "presence_penalty");
        wrong("\"frequency_penalty\":-3", "frequency_penalty");
        wrong("\"seed\":\"a\"", "seed");
        wrong("\"stop\":[1]", "stop");
        wrong("\"stop\":\"\"", "stop");
        fine("\"stop\":[\"a\",\"b\",\"c\",\"d\",\"e\"],\"max_tokens\":-1");
        QTest::newRow("65 stops") << "\"stop\":[" + QByteArray("\"a\",").repeated(64) + "\"a\"]" << QStringLiteral("stop");
        wrong("\"max_tokens\":-2", "max_tokens");
        wrong("\"continue_final_message\":true", "continue_final_message");
        // Every choice carries its own copy: what has no sane size is refused before.
        const QByteArray ids = "\"stop_token_ids\":[" + QByteArray("1,").repeated(4095) + "1";
        QTest::newRow("as many stop tokens as may be") << ids + "]" << QString();
        QTest::newRow("one more") << ids + ",1]" << QStringLiteral("stop_token_ids");
        QTest::newRow("a long stop string") << "\"stop\":[\"" + QByteArray(4096, 'x') + "\"]" << QString();
        QTest::newRow("a longer one") << "\"stop\":[\"" + QByteArray(4097, 'x') + "\"]" << QStringLiteral("stop");
        wrong("\"stream\":\"yes\"", "stream");
        wrong("\"stream_options\":{\"include_usage\":true}", "stream_options");
        wrong("\"stream\":true,\"stream_options\":{\"include_usage\":1}", "stream_options.include_usage");
        wrong("\"top_logprobs\":5", "top_logprobs");
        wrong("\"logprobs\":true,\"top_logprobs\":21", "top_logprobs");
        wrong("\"logit_bias\":{\"x\":1}", "logit_bias");
        wrong("\"logit_bias\":{\"1\":101}", "logit_bias");
        wrong("\"tools\":[{\"type\":\"function\"}]", "tools[0].function");
        wrong("\"tools\":[{\"type\":\"web_search\"}]", "tools[0].type");
        fine("\"tools\":[{\"type\":\"function\",\"function\":{\"name\":\"f\"}}],\"parallel_tool_calls\":false");
        wrong("\"tool_choice\":\"required\"", "tool_choice");
        wrong("\"tools\":[],\"tool_choice\":{\"type\":\"function\"}", "tool_choice");
        fine("\"tools\":[],\"tool_choice\":\"auto\"");
        fine("\"tool_choice\":\"auto\"");
        fine("\"tools\":[],\"tool_choice\":\"none\"");
        fine("\"functions\":[],\"function_call\":\"auto\"");
        wrong("\"response_format\":{\"type\":\"yaml\"}", "response_format.type");
        fine("\"response_format\":{\"type\":\"json_object\"}");
        wrong("\"audio\":{}", "audio");
        wrong("\"modalities\":[\"text\",\"audio\"]", "modalities");
        wrong("\"functions\":[{}]", "functions");
    }
    void chatFields() {
        QFETCH(QByteArray, fields);
        QFETCH(QString, refused);
        QCOMPARE(chatField(fields), refused);
    }

    void messages() {
        const auto field = [](const QByteArray &messages) {
            const auto request = readChatRequest(object("{\"model\":\"m\",\"messages\":" + messages + "}"));
            return request ? QString() : request.error().details.value("field").toString();
        };
        QCOMPARE(field("[]"), "messages");
        QCOMPARE(field("{}"), "messages");
        QCOMPARE(field("[1]"), "messages[0]");
        QCOMPARE(field(R"([{"role":"king","content":"x"}])"), "messages[0].role");
        QCOMPARE(field(R"([{"role":"user","content":"x"},{"role":"tool","content":"x"}])"), "messages[1].tool_call_id");
        QCOMPARE(field(R"([{"role":"user","content":"x"},{"role":"function","content":"x"}])"), "messages[1].role");
        QCOMPARE(field(R"([{"role":"user"}])"), "messages[0].content");
        QCOMPARE(field(R"([{"role":"user","content":[{"type":"image_url","image_url":{}}]}])"), "messages[0].content[0].type");
        QCOMPARE(field(R"([{"role":"user","content":[{"type":"text","text":"a"},{"type":"input_audio"}]}])"),
                 "messages[0].content[1].type");
        QCOMPARE(field(R"([{"role":"assistant","content":"","tool_calls":[{}]}])"), "messages[0].tool_calls[0].function.name");
        const auto request = readChatRequest(object(
            R"({"model":"m","messages":[{"role":"developer","content":"d"},{"role":"user","content":[{"type":"text","text":"a"},{"type":"text","text":"b"}]}]})"));
        QVERIFY(request.ok());
        QCOMPARE(request->input.messages[0].toObject().value("role").toString(), "system");
        QCOMPARE(request->input.messages[1].toObject().value("content").toArray().size(), 2);
        QVERIFY(!readChatRequest(object(R"({"messages":[{"role":"user","content":"x"}]})")).ok());
    }

    void prompts() {
        const auto read = [](const QByteArray &prompt) {
            return readCompletionRequest(object("{\"model\":\"m\",\"prompt\":" + prompt + "}"));
        };
        QCOMPARE(read("\"a\"")->prompts.size(), 1);
        QCOMPARE(read("[\"a\",\"b\"]")->prompts.size(), 2);
        QCOMPARE(std::get<TokenInput>(read("[1,2,3]")->prompts[0]).ids, (QList<qint32>{1, 2, 3}));
        QCOMPARE(std::get<TokenInput>(read("[[1],[2,3]]")->prompts[1]).ids, (QList<qint32>{2, 3}));
        for (const QByteArray &wrong : QList<QByteArray>{"[]", "1", "{}", "[1,\"a\"]", "[\"a\",1]", "[[]]", "[[1],\"a\"]",
                                                         "[-1]", "[1.5]", "[4294967296]", "null"}) {
            QVERIFY2(!read(wrong).ok(), wrong);
            QCOMPARE(read(wrong).error().details.value("field").toString(), "prompt");
        }
        QCOMPARE(completionField("\"prompt\":\"a\",\"logprobs\":6"), "logprobs");
        QCOMPARE(completionField("\"prompt\":\"a\",\"suffix\":\"x\""), "suffix");
        QCOMPARE(completionField("\"prompt\":\"a\",\"best_of\":2"), "best_of");
        QCOMPARE(completionField("\"prompt\":\"a\",\"best_of\":2,\"n\":2"), "");
        QVERIFY(readCompletionRequest(object(R"({"model":"m","prompt":"a","max_tokens":0,"echo":true})"))->noTokens);
    }

    void seedsDifferByChoice() {
        CommonFields fields;
        fields.sampling.seed = 7;
        QCOMPARE(*generationFor(fields, TextInput{}, 0).sampling.seed, 7u);
        QCOMPARE(*generationFor(fields, TextInput{}, 2).sampling.seed, 9u);
    }

    void sortsTokensByWhatIsShown() {
        ChoiceTokens tokens;
        tokens.add({.text = QStringLiteral("a"), .tokens = {token("a", -1, 1)}});
        tokens.add({.text = {}, .tokens = {token("\xe2", -1, 2)}});
        tokens.add({.text = QStringLiteral("€"), .tokens = {token("\x82\xac", -1, 3)}});
        tokens.add({.text = {}, .tokens = {token("<eos>", -1, 4)}});
        ChoiceTokens cut = tokens;
        tokens.end(false);
        QCOMPARE(tokens.takeShown().size(), 3);
        QCOMPARE(tokens.takeIds(), (QList<qint32>{1, 2, 3, 4}));
        cut.end(true);
        QCOMPARE(cut.takeShown().size(), 4);
    }

    void ollamasStopsAreWords() {
        const auto field = [](const QByteArray &stop) {
            const QByteArray body =
                "{\"model\":\"m\",\"messages\":[{\"role\":\"user\",\"content\":\"hi\"}],\"options\":{\"stop\":" + stop + "}}";
            const auto request = ollama::readChatRequest(object(body), body);
            return request ? QString() : request.error().details.value("field").toString();
        };
        for (const char *fine : {"null", "\"x\"", "[]", "[\"a\",\"b\"]"}) QCOMPARE(field(fine), QString());
        for (const char *wrong : {"5", "true", "{}", "[5]", "\"\"", "[\"\"]"}) QCOMPARE(field(wrong), "options.stop");
    }

    void writesChatScores() {
        ScoredToken first = token("\xe2\x82", -INFINITY);
        first.top = {token("ü", -0.5f)};
        const QJsonObject entry = chatScores({first}).first().toObject();
        QCOMPARE(entry.value("logprob").toDouble(), -9999.0);
        QCOMPARE(entry.value("bytes").toArray(), (QJsonArray{0xe2, 0x82}));
        const QJsonObject top = entry.value("top_logprobs").toArray().first().toObject();
        QCOMPARE(top.value("token").toString(), "ü");
        QCOMPARE(top.value("bytes").toArray(), (QJsonArray{0xc3, 0xbc}));
    }

    void writesCompletionScores() {
        CompletionLogprobs scores(1);
        scores.append({token("<s>"), token(" H\xc3\xbc", -2), token("t", -3)}, "Hüt", 1);
        scores.append({token("\xe2"), token("\x82\xac")}, "€");
        const QJsonObject object = scores.take();
        QCOMPARE(object.value("tokens").toArray(), (QJsonArray{"<s>", " Hü", "t", "bytes:\\xe2", "bytes:\\x82\\xac"}));
        QCOMPARE(object.value("text_offset").toArray(), (QJsonArray{0, 0, 2, 3, 4}));
        QVERIFY(object.value("token_logprobs").toArray().first().isNull());
        QVERIFY(object.value("top_logprobs").toArray().first().isNull());
        QCOMPARE(object.value("top_logprobs").toArray()[1].toObject().value(" Hü").toDouble(), -2.0);
    }
};

QTEST_GUILESS_MAIN(OpenAiRequestsTest)
#include "openai_requests_test.moc"
