#include "server_rig.h"

#include <QTest>

using namespace millm;
using namespace millm::testing;
using namespace Qt::StringLiterals;

namespace {

QJsonArray choices(const JsonAnswer &answer) {
    return answer.json.value("choices"_L1).toArray();
}
QJsonObject choice(const JsonAnswer &answer, qsizetype index = 0) {
    return choices(answer).at(index).toObject();
}
QString content(const QJsonObject &choice) {
    return choice.value("message"_L1).toObject().value("content"_L1).toString();
}

/// The JSON of a stream's events; its last event must be [DONE].
QList<QJsonObject> events(const RawAnswer &answer) {
    QList<QJsonObject> list;
    QByteArray last;
    for (const QByteArray &part : answer.body.split('\n')) {
        if (!part.startsWith("data: ")) continue;
        last = part.sliced(6);
        if (last != "[DONE]") list.append(QJsonDocument::fromJson(last).object());
    }
    if (last != "[DONE]") qWarning("the stream does not end in [DONE]: %s", last.constData());
    return list;
}

}  // namespace

/// /v1 with a real model: one server for all, the sample model in it.
class OpenAiTest : public QObject {
    Q_OBJECT
private:
    std::unique_ptr<ServerRig> rig;
    qint64 id = 0;
    const QJsonObject chat{
        {u"model"_s, u"sample"_s},
        {u"messages"_s, QJsonArray{QJsonObject{{u"role"_s, u"user"_s}, {u"content"_s, u"Tell me about the sea."_s}}}},
        {u"temperature"_s, 0},
        {u"max_tokens"_s, 12}};
    const QJsonObject completion{
        {u"model"_s, u"sample"_s}, {u"prompt"_s, u"The little dog"_s}, {u"temperature"_s, 0}, {u"max_tokens"_s, 8}};

    JsonAnswer askChat(const QJsonObject &more = {}) const {
        return rig->ask("POST", "/v1/chat/completions", with(chat, more));
    }
    JsonAnswer complete(const QJsonObject &more = {}) const {
        return rig->ask("POST", "/v1/completions", with(completion, more));
    }

private Q_SLOTS:
    void initTestCase() {
        rig = std::make_unique<ServerRig>();
        QCOMPARE(rig->ask("GET", "/v1/models").json.value("data"_L1), QJsonArray());
        const JsonAnswer none = askChat();
        QCOMPARE(none.status, 503);
        QCOMPARE(none.code(), u"model_not_loaded"_s);
        QCOMPARE(rig->ask("POST", "/tokenize", {{u"prompt"_s, u"x"_s}}).code(), u"model_not_loaded"_s);
        id = rig->load(QStringLiteral(MILLM_SAMPLE_MODEL), u"sample"_s);
    }
    void cleanupTestCase() { rig.reset(); }

    void listsTheLoadedModel() {
        const QJsonArray data = rig->ask("GET", "/v1/models").json.value("data"_L1).toArray();
        QCOMPARE(data.size(), 1);
        const QJsonObject model = data.first().toObject();
        QCOMPARE(model.value("id"_L1), u"sample"_s);
        QCOMPARE(model.value("object"_L1), u"model"_s);
        QCOMPARE(model.value("owned_by"_L1), u"miLLM"_s);
        QVERIFY(model.value("created"_L1).toInteger() > 1'600'000'000);
        QCOMPARE(rig->ask("GET", "/v1/models/sample").json.value("id"_L1), u"sample"_s);
        const JsonAnswer other = rig->ask("GET", "/v1/models/other");
        QCOMPARE(other.status, 404);
        QCOMPARE(other.code(), u"model_not_found"_s);
        QCOMPARE(askChat({{u"model"_s, u"other"_s}}).code(), u"model_not_found"_s);
    }

    void chats() {
        const JsonAnswer answer = askChat();
        QCOMPARE(answer.status, 200);
        QCOMPARE(answer.json.value("object"_L1), u"chat.completion"_s);
        QVERIFY(answer.json.value("id"_L1).toString().startsWith(u"chatcmpl-"_s));
        QCOMPARE(choices(answer).size(), 1);
        QVERIFY(!content(choice(answer)).isEmpty());
        const QJsonObject usage = answer.json.value("usage"_L1).toObject();
        QVERIFY(usage.value("prompt_tokens"_L1).toInt() > 5);
        QVERIFY(usage.value("completion_tokens"_L1).toInt() <= 12);
        QCOMPARE(usage.value("total_tokens"_L1).toInt(),
                 usage.value("prompt_tokens"_L1).toInt() + usage.value("completion_tokens"_L1).toInt());
    }

    void streamsTheSame() {
        const JsonAnswer whole = askChat();
        const JsonAnswer stream =
            askChat({{u"stream"_s, true}, {u"stream_options"_s, QJsonObject{{u"include_usage"_s, true}}}});
        QCOMPARE(stream.raw.header("content-type"), "text/event-stream; charset=utf-8");
        const QList<QJsonObject> pieces = events(stream.raw);
        QString text, finish;
        for (qsizetype i = 0; i + 1 < pieces.size(); ++i) {
            QCOMPARE(pieces[i].value("id"_L1), pieces[0].value("id"_L1));
            QCOMPARE(pieces[i].value("created"_L1), pieces[0].value("created"_L1));
            QCOMPARE(pieces[i].value("object"_L1), u"chat.completion.chunk"_s);
            QVERIFY(pieces[i].value("usage"_L1).isNull());
            const QJsonObject only = pieces[i].value("choices"_L1).toArray().first().toObject();
            QVERIFY(finish.isEmpty());
            QCOMPARE(only.value("delta"_L1).toObject().contains("role"_L1), i == 0);
            text += only.value("delta"_L1).toObject().value("content"_L1).toString();
            finish = only.value("finish_reason"_L1).toString();
        }
        QCOMPARE(text, content(choice(whole)));
        QCOMPARE(finish, choice(whole).value("finish_reason"_L1).toString());
        QCOMPARE(pieces.last().value("choices"_L1), QJsonArray());
        QCOMPARE(pieces.last().value("usage"_L1), whole.json.value("usage"_L1));
        for (const QJsonObject &piece : events(askChat({{u"stream"_s, true}}).raw)) QVERIFY(!piece.contains("usage"_L1));
    }

    void makesChoicesAndSeeds() {
        const QJsonObject seeded{{u"n"_s, 3}, {u"seed"_s, 11}, {u"temperature"_s, 1.5}, {u"ignore_eos"_s, true}};
        const JsonAnswer first = askChat(seeded), second = askChat(seeded);
        QCOMPARE(choices(first).size(), 3);
        QSet<QString> texts;
        for (int i = 0; i < 3; ++i) {
            QCOMPARE(choice(first, i).value("index"_L1).toInt(), i);
            QCOMPARE(content(choice(first, i)), content(choice(second, i)));
            texts.insert(content(choice(first, i)));
            QCOMPARE(choice(first, i).value("finish_reason"_L1), u"length"_s);
        }
        QVERIFY(texts.size() > 1);
        QCOMPARE(first.json.value("usage"_L1).toObject().value("completion_tokens"_L1).toInt(), 36);
        QMap<int, QString> streamed;
        for (const QJsonObject &piece : events(askChat(with(seeded, {{u"stream"_s, true}})).raw)) {
            const QJsonObject only = piece.value("choices"_L1).toArray().first().toObject();
            streamed[only.value("index"_L1).toInt()] += only.value("delta"_L1).toObject().value("content"_L1).toString();
        }
        for (int i = 0; i < 3; ++i) QCOMPARE(streamed[i], content(choice(first, i)));
    }

    void scoresChatTokens() {
        const JsonAnswer answer = askChat({{u"logprobs"_s, true}, {u"top_logprobs"_s, 3}, {u"return_token_ids"_s, true}});
        const QJsonArray scores = choice(answer).value("logprobs"_L1).toObject().value("content"_L1).toArray();
        QByteArray bytes;
        for (const QJsonValue &score : scores) {
            const QJsonObject token = score.toObject();
            QVERIFY(token.value("logprob"_L1).toDouble() <= 0);
            const QJsonArray top = token.value("top_logprobs"_L1).toArray();
            QCOMPARE(top.size(), 3);
            QCOMPARE(top.first().toObject().value("token"_L1), token.value("token"_L1));  // greedy
            for (const QJsonValue &byte : token.value("bytes"_L1).toArray()) bytes += static_cast<char>(byte.toInt());
        }
        QCOMPARE(QString::fromUtf8(bytes).trimmed(), content(choice(answer)).trimmed());
        QCOMPARE(answer.json.value("prompt_token_ids"_L1).toArray().size(),
                 answer.json.value("usage"_L1).toObject().value("prompt_tokens"_L1).toInt());
        QCOMPARE(choice(answer).value("token_ids"_L1).toArray().size(),
                 answer.json.value("usage"_L1).toObject().value("completion_tokens"_L1).toInt());
        QJsonArray streamed;
        for (const QJsonObject &piece :
             events(askChat({{u"logprobs"_s, true}, {u"top_logprobs"_s, 3}, {u"stream"_s, true}}).raw)) {
            const QJsonArray part = piece.value("choices"_L1)
                                        .toArray()
                                        .first()
                                        .toObject()
                                        .value("logprobs"_L1)
                                        .toObject()
                                        .value("content"_L1)
                                        .toArray();
            for (const QJsonValue &score : part) streamed.append(score);
        }
        QCOMPARE(streamed.size(), scores.size());
    }

    void completesTextsAndIds() {
        const JsonAnswer text = complete();
        QCOMPARE(text.status, 200);
        QCOMPARE(text.json.value("object"_L1), u"text_completion"_s);
        const QJsonArray ids =
            rig->ask("POST", "/tokenize", {{u"prompt"_s, u"The little dog"_s}}).json.value("tokens"_L1).toArray();
        QVERIFY(!ids.isEmpty());
        QCOMPARE(choice(complete({{u"prompt"_s, ids}})).value("text"_L1), choice(text).value("text"_L1));
        const JsonAnswer many = complete({{u"prompt"_s, QJsonArray{u"The little dog"_s, u"Once upon a time"_s}}, {u"n"_s, 2}});
        QCOMPARE(choices(many).size(), 4);
        for (int i = 0; i < 4; ++i) QCOMPARE(choice(many, i).value("index"_L1).toInt(), i);
        QCOMPARE(choice(many, 1).value("text"_L1), choice(text).value("text"_L1));
        QVERIFY(choice(many, 2).value("text"_L1) != choice(text).value("text"_L1));
        QCOMPARE(choices(complete({{u"prompt"_s, QJsonArray{ids, ids}}})).size(), 2);
        QString streamed;
        for (const QJsonObject &piece : events(complete({{u"stream"_s, true}, {u"echo"_s, true}}).raw)) {
            streamed += piece.value("choices"_L1).toArray().first().toObject().value("text"_L1).toString();
        }
        QCOMPARE(streamed, u"The little dog"_s + choice(text).value("text"_L1).toString());
    }

    /// vLLM's scores of a prompt are those that echo shows, with the likeliest besides.
    void scoresPromptsApart() {
        const auto firstOf = [](const JsonAnswer &answer) { return answer.json["choices"_L1][0]; };
        const JsonAnswer apart = complete({{u"prompt_logprobs"_s, 2}, {u"max_tokens"_s, 1}, {u"return_token_ids"_s, true}});
        QCOMPARE(apart.status, 200);
        QVERIFY(!firstOf(apart)["text"_L1].toString().isEmpty());
        QVERIFY(firstOf(apart)["logprobs"_L1].isNull());
        const QJsonArray scores = firstOf(apart)["prompt_logprobs"_L1].toArray();
        const QJsonArray ids = apart.json["prompt_token_ids"_L1].toArray();
        const JsonAnswer echoed = complete({{u"echo"_s, true}, {u"logprobs"_s, 0}, {u"max_tokens"_s, 0}});
        const QJsonArray expected = firstOf(echoed)["logprobs"_L1]["token_logprobs"_L1].toArray();
        QCOMPARE(scores.size(), ids.size());
        QVERIFY(scores.size() > 2 && scores.size() <= expected.size());
        QVERIFY(scores[0].isNull());
        for (qsizetype i = 1; i < scores.size(); ++i) {
            const QJsonObject token = scores[i].toObject();
            QVERIFY(token.size() == 2 || token.size() == 3);
            const QJsonValue own = token.value(QString::number(ids[i].toInteger()));
            QVERIFY(std::abs(own["logprob"_L1].toDouble() - expected[i].toDouble()) < 1e-4);
            QSet<qint64> ranks;
            for (const QJsonValue score : token) {
                QVERIFY(score["decoded_token"_L1].isString());
                if (!score["rank"_L1].isNull()) ranks.insert(score["rank"_L1].toInteger());
            }
            QVERIFY(ranks.contains(1) && ranks.contains(2));
        }
        // Beside the answer's own, of which fewer are wanted.
        const QJsonValue both = firstOf(complete({{u"prompt_logprobs"_s, 3}, {u"logprobs"_s, 1}, {u"max_tokens"_s, 2}}));
        for (const QJsonValue top : both["logprobs"_L1]["top_logprobs"_L1].toArray()) QVERIFY(top.toObject().size() <= 2);
        for (const QJsonObject &wrong : {QJsonObject{{u"prompt_logprobs"_s, 21}}, QJsonObject{{u"prompt_logprobs"_s, -1}},
                                         QJsonObject{{u"prompt_logprobs"_s, 1}, {u"stream"_s, true}}}) {
            const JsonAnswer refused = complete(wrong);
            QCOMPARE(refused.status, 400);
            QCOMPARE(refused.error()["param"_L1], u"prompt_logprobs"_s);
        }
    }

    void scoresPrompts() {
        const JsonAnswer answer = complete({{u"echo"_s, true}, {u"logprobs"_s, 1}, {u"max_tokens"_s, 0}});
        QCOMPARE(answer.status, 200);
        QCOMPARE(choice(answer).value("text"_L1), u"The little dog"_s);
        QCOMPARE(choice(answer).value("finish_reason"_L1), u"length"_s);
        QCOMPARE(answer.json.value("usage"_L1).toObject().value("completion_tokens"_L1).toInt(), 0);
        const QJsonObject scores = choice(answer).value("logprobs"_L1).toObject();
        const qsizetype count = scores.value("tokens"_L1).toArray().size();
        QCOMPARE(count, answer.json.value("usage"_L1).toObject().value("prompt_tokens"_L1).toInt());
        QCOMPARE(scores.value("token_logprobs"_L1).toArray().size(), count);
        QCOMPARE(scores.value("text_offset"_L1).toArray().size(), count);
        QVERIFY(scores.value("token_logprobs"_L1).toArray().first().isNull());
        QVERIFY(scores.value("token_logprobs"_L1).toArray().last().toDouble() < 0);
        // The scores of a continuation are the same as when it is part of the prompt: what evaluation harnesses count on.
        const QJsonArray ids =
            rig->ask("POST", "/tokenize", {{u"prompt"_s, u"The little dog"_s}}).json.value("tokens"_L1).toArray();
        const JsonAnswer made = complete({{u"prompt"_s, ids},
                                          {u"logprobs"_s, 1},
                                          {u"max_tokens"_s, 4},
                                          {u"ignore_eos"_s, true},
                                          {u"return_token_ids"_s, true}});
        QJsonArray all = ids;
        for (const QJsonValue &token : choice(made).value("token_ids"_L1).toArray()) all.append(token);
        const JsonAnswer again = complete({{u"prompt"_s, all}, {u"logprobs"_s, 1}, {u"echo"_s, true}, {u"max_tokens"_s, 0}});
        const QJsonArray first = choice(made).value("logprobs"_L1).toObject().value("token_logprobs"_L1).toArray();
        const QJsonArray second = choice(again).value("logprobs"_L1).toObject().value("token_logprobs"_L1).toArray();
        QCOMPARE(first.size(), 4);
        for (qsizetype i = 0; i < 4; ++i) QVERIFY(std::abs(first[i].toDouble() - second[ids.size() + i].toDouble()) < 0.05);
    }

    void scoresTheEndTokenToo_data() {
        QTest::addColumn<bool>("ends");
        QTest::addColumn<bool>("echo");
        QTest::addColumn<bool>("stream");
        for (const bool ends : {true, false})
            for (const bool echo : {true, false})
                for (const bool stream : {true, false})
                    QTest::addRow("%s%s%s", ends ? "end" : "no end", echo ? ", echo" : "", stream ? ", stream" : "")
                        << ends << echo << stream;
    }
    /// Harnesses ask for one token behind a scored prompt and cut the last score off, whatever token it was.
    void scoresTheEndTokenToo() {
        QFETCH(const bool, ends);
        QFETCH(const bool, echo);
        QFETCH(const bool, stream);
        const JsonAnswer answer =
            complete({{u"echo"_s, echo},
                      {u"stream"_s, stream},
                      {u"stream_options"_s, stream ? QJsonValue(QJsonObject{{u"include_usage"_s, true}}) : QJsonValue()},
                      {u"logprobs"_s, 1},
                      {u"max_tokens"_s, 1},
                      {u"logit_bias"_s, ends ? QJsonObject{{u"4"_s, 100}} : QJsonObject{{u"2"_s, -100}, {u"4"_s, -100}}}});
        QCOMPARE(answer.status, 200);
        QString finish;
        QJsonObject usage;
        QHash<QLatin1StringView, QJsonArray> rows;
        for (const QJsonObject &piece : stream ? events(answer.raw) : QList<QJsonObject>{answer.json}) {
            if (piece["usage"_L1].isObject()) usage = piece["usage"_L1].toObject();
            const QJsonValue one = piece["choices"_L1][0];
            finish += one["finish_reason"_L1].toString();
            for (const auto list : {"tokens"_L1, "token_logprobs"_L1, "top_logprobs"_L1, "text_offset"_L1})
                for (const QJsonValue row : one["logprobs"_L1][list].toArray()) rows[list].append(row);
        }
        QCOMPARE(finish, ends ? u"stop"_s : u"length"_s);
        QCOMPARE(usage["completion_tokens"_L1].toInt(), 1);
        const int expected = (echo ? usage["prompt_tokens"_L1].toInt() : 0) + 1;
        for (const auto &list : std::as_const(rows)) QCOMPARE(list.size(), expected);
        QVERIFY(rows["token_logprobs"_L1].last().toDouble() < 0);
    }

    void stops() {
        const QString text = choice(complete()).value("text"_L1).toString();
        const QString word = text.mid(text.size() / 2, 3);
        const JsonAnswer stopped = complete({{u"stop"_s, QJsonArray{word}}});
        QCOMPARE(choice(stopped).value("finish_reason"_L1), u"stop"_s);
        QCOMPARE(choice(stopped).value("text"_L1).toString(), text.left(text.indexOf(word)));
        QCOMPARE(choice(complete({{u"max_tokens"_s, 1}, {u"ignore_eos"_s, true}})).value("finish_reason"_L1), u"length"_s);
    }

    void letsChoicesInTogether() {
        QueuePlaces others = *rig->parts->inference.reserve(250);
        // Six are free.
        for (const bool stream : {false, true}) {
            const JsonAnswer refused = askChat({{u"n"_s, 7}, {u"stream"_s, stream}});
            QCOMPARE(refused.status, 429);
            QCOMPARE(refused.code(), u"queue_full"_s);
            QVERIFY(!refused.raw.header("retry-after").isEmpty());
        }
        QCOMPARE(rig->parts->inference.pendingRequests(), 0);
        QCOMPARE(choices(askChat({{u"n"_s, 6}})).size(), 6);
    }

    /// Who was let in is not turned away later, when its next choice comes and others stand in the queue.
    void keepsPlacesForAllChoices() {
        QueuePlaces others = *rig->parts->inference.reserve(240);
        QJsonArray prompts;
        for (int i = 0; i < 20; ++i) prompts.append(u"The little dog"_s);  // four more than run at once
        RawClient client(rig->port);
        client.send(jsonRequest(
            "POST", "/v1/completions",
            QJsonDocument(with(completion,
                               {{u"prompt"_s, prompts}, {u"stream"_s, true}, {u"max_tokens"_s, 100}, {u"ignore_eos"_s, true}}))
                .toJson()));
        QVERIFY(RawClient::wait([&] { return rig->parts->inference.pendingRequests() == 16; }));
        QCOMPARE(askChat().status, 429);
        const QList<QJsonObject> pieces = events(client.readAnswer(false, 240'000));
        QSet<int> ended;
        for (const QJsonObject &piece : pieces) {
            QVERIFY(!piece.contains("error"_L1));
            const QJsonValue one = piece["choices"_L1][0];
            if (one["finish_reason"_L1].isString()) ended.insert(one["index"_L1].toInt());
        }
        QCOMPARE(ended.size(), 20);
        others.reset();
        QVERIFY(RawClient::wait([&] { return askChat().status == 200; }));
    }

    /// From the request's body to the chat template, past two kinds of JSON objects that sort.
    void templatesSeeTheClientsOrder() {
        const QTemporaryDir folder;
        for (const QString &name : QDir(QStringLiteral(MILLM_SAMPLE_MODEL)).entryList(QDir::Files))
            QVERIFY(QFile::copy(QStringLiteral(MILLM_SAMPLE_MODEL "/") + name, folder.filePath(name)));
        QFile chatTemplate(folder.filePath(u"chat_template.jinja"_s));
        QVERIFY(chatTemplate.open(QIODevice::WriteOnly));
        chatTemplate.write("{{ tools | tojson }}{{ messages | tojson }}");
        chatTemplate.close();
        ServerRig own;
        own.load(folder.path(), u"ordered"_s);
        const QByteArray tools = R"([{"type": "function", "function": {"name": "n", "description": "d", "limit": 1.0}}])",
                         messages = R"([{"role": "user", "content": "c"}])";
        RawClient client(own.port);
        client.send(jsonRequest("POST", "/tokenize",
                                "{\"messages\": " + messages + ", \"chat_template_kwargs\": {\"tools\": " + tools + "}}"));
        const QJsonArray ids =
            QJsonDocument::fromJson(client.readAnswer(false, 240000).body).object().value("tokens"_L1).toArray();
        QCOMPARE(own.ask("POST", "/detokenize", {{u"tokens"_s, ids}}).json.value("prompt"_L1).toString().toUtf8(),
                 tools + messages);
    }

    void tokenizesBothWays() {
        const JsonAnswer tokens =
            rig->ask("POST", "/tokenize", {{u"prompt"_s, u"The sea, ünd €"_s}, {u"add_special_tokens"_s, false}});
        QCOMPARE(tokens.json.value("count"_L1).toInt(), tokens.json.value("tokens"_L1).toArray().size());
        QVERIFY(tokens.json.value("max_model_len"_L1).toInt() > 0);
        QCOMPARE(rig->ask("POST", "/detokenize", {{u"tokens"_s, tokens.json.value("tokens"_L1)}}).json.value("prompt"_L1),
                 u"The sea, ünd €"_s);
        const JsonAnswer messages = rig->ask("POST", "/tokenize", {{u"messages"_s, chat.value("messages"_L1)}});
        QCOMPARE(messages.json.value("count"_L1).toInt(),
                 askChat().json.value("usage"_L1).toObject().value("prompt_tokens"_L1).toInt());
        QCOMPARE(rig->ask("POST", "/tokenize").status, 400);
        QCOMPARE(rig->ask("POST", "/detokenize", {{u"tokens"_s, QJsonArray{u"a"_s}}}).status, 400);
        QCOMPARE(rig->ask("POST", "/detokenize", {{u"tokens"_s, QJsonArray{100000000}}}).status, 400);
    }

    void refusesWhatCannotBe() {
        const JsonAnswer wrong = askChat({{u"temperature"_s, 3}});
        QCOMPARE(wrong.status, 400);
        QCOMPARE(wrong.error().value("param"_L1), u"temperature"_s);
        QCOMPARE(wrong.error().value("type"_L1), u"invalid_request_error"_s);
        QCOMPARE(askChat({{u"tools"_s, QJsonArray{QJsonObject{}}}}).error().value("param"_L1), u"tools[0].type"_s);
        const JsonAnswer much = complete({{u"prompt"_s, QString(u"word "_s).repeated(20000)}});
        QCOMPARE(much.status, 400);
        QCOMPARE(much.code(), u"context_length_exceeded"_s);
        QCOMPARE(
            complete({{u"prompt"_s, u"x"_s}, {u"stream"_s, true}, {u"logit_bias"_s, QJsonObject{{u"999999999"_s, 1}}}}).status,
            400);
        QCOMPARE(complete({{u"prompt"_s, QJsonArray{999999999}}}).status, 400);
    }

    void stopsForClientsThatLeave() {
        const QJsonObject endless = with(completion, {{u"max_tokens"_s, 100000}, {u"ignore_eos"_s, true}, {u"stream"_s, true}});
        {
            RawClient client(rig->port);
            client.send(jsonRequest("POST", "/v1/completions", QJsonDocument(endless).toJson()));
            QVERIFY(RawClient::wait([&] { return client.rest(5).count("data: ") >= 3; }, 60000));
            QCOMPARE(rig->parts->inference.pendingRequests(), 1);
            QCOMPARE(rig->parts->server.activeStreams(), 1);
        }
        QVERIFY(RawClient::wait([&] { return rig->parts->inference.pendingRequests() == 0; }));
        QCOMPARE(rig->parts->server.activeStreams(), 0);
        // Also where nothing was streamed yet.
        {
            RawClient client(rig->port);
            client.send(jsonRequest("POST", "/v1/completions", QJsonDocument(with(endless, {{u"stream"_s, false}})).toJson()));
            QVERIFY(RawClient::wait([&] { return rig->parts->inference.pendingRequests() == 1; }));
        }
        QVERIFY(RawClient::wait([&] { return rig->parts->inference.pendingRequests() == 0; }));
    }

    void servesManyAtOnce() {
        std::vector<std::unique_ptr<RawClient>> clients;
        const QString expected = choice(complete()).value("text"_L1).toString();
        for (int i = 0; i < 8; ++i) {
            clients.push_back(std::make_unique<RawClient>(rig->port));
            clients.back()->send(jsonRequest("POST", "/v1/completions", QJsonDocument(completion).toJson()));
        }
        for (const auto &client : clients) {
            const QJsonObject answer = QJsonDocument::fromJson(client->readAnswer(false, 120000).body).object();
            QCOMPARE(answer.value("choices"_L1).toArray().first().toObject().value("text"_L1).toString(), expected);
        }
    }

    void refusesWhatNoQueueHolds() {
        std::vector<std::unique_ptr<RawClient>> clients;
        const QByteArray bytes =
            jsonRequest("POST", "/v1/completions",
                        QJsonDocument(with(completion, {{u"max_tokens"_s, 1000}, {u"ignore_eos"_s, true}})).toJson());
        for (int i = 0; i < 256; ++i) {
            clients.push_back(std::make_unique<RawClient>(rig->port));
            clients.back()->send(bytes);
        }
        QVERIFY(RawClient::wait([&] { return rig->parts->inference.pendingRequests() == 256; }, 60000));
        const JsonAnswer refused = complete();
        QCOMPARE(refused.status, 429);
        QCOMPARE(refused.error().value("type"_L1), u"rate_limit_error"_s);
        QVERIFY(refused.raw.header("retry-after").toInt() >= 1);
        clients.clear();
        QVERIFY(RawClient::wait([&] { return rig->parts->inference.pendingRequests() == 0; }, 60000));
        QCOMPARE(complete().status, 200);
    }

    /// Last: afterwards no model is loaded.
    void endsStreamsWhenTheModelGoes() {
        RawClient client(rig->port);
        const QJsonObject shortOne = with(completion, {{u"max_tokens"_s, 60}, {u"ignore_eos"_s, true}, {u"stream"_s, true}});
        client.send(jsonRequest("POST", "/v1/completions", QJsonDocument(shortOne).toJson()));
        QVERIFY(RawClient::wait([&] { return client.rest(5).count("data: ") >= 2; }, 60000));
        RawClient unloading(rig->port);
        unloading.send(jsonRequest("POST", "/api/models/" + QByteArray::number(id) + "/unload", "{}"));
        QVERIFY(RawClient::wait([&] { return !rig->parts->inference.accepting() || !rig->parts->inference.loaded(); }));
        const JsonAnswer refused = complete();
        QCOMPARE(refused.status, 503);
        if (refused.code() == "model_busy"_L1) QVERIFY(!refused.raw.header("retry-after").isEmpty());
        const QList<QJsonObject> pieces = events(client.readAnswer(false, 60000));
        QCOMPARE(pieces.last().value("choices"_L1).toArray().first().toObject().value("finish_reason"_L1), u"length"_s);
        QCOMPARE(unloading.readAnswer(false, 60000).status, 200);
        QCOMPARE(complete().code(), u"model_not_loaded"_s);
    }

    void saysThatTimeWasUp() {
        ServerRig other;
        other.load(QStringLiteral(MILLM_SAMPLE_MODEL), u"sample"_s);
        const QJsonObject endless = with(completion, {{u"max_tokens"_s, 100000}, {u"ignore_eos"_s, true}, {u"stream"_s, true}});
        RawClient client(other.port);
        client.send(jsonRequest("POST", "/v1/completions", QJsonDocument(endless).toJson()));
        QVERIFY(RawClient::wait([&] { return client.rest(5).count("data: ") >= 3; }, 60000));
        const QFuture<void> unloaded = other.parts->inference.unload(0);  // as when the 30 s are over
        const QList<QJsonObject> pieces = events(client.readAnswer(false, 60000));
        QCOMPARE(pieces.last().value("choices"_L1).toArray().first().toObject().value("finish_reason"_L1), u"timeout"_s);
        QVERIFY(wait(unloaded));
    }
};

QTEST_GUILESS_MAIN(OpenAiTest)
#include "openai_test.moc"
