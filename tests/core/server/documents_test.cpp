#include "server_rig.h"

#include "core/server/http/route.h"

#include <QCryptographicHash>
#include <QRegularExpression>
#include <QTest>

using namespace millm;
using namespace millm::testing;
using namespace Qt::StringLiterals;

namespace {

/// Every "$ref" below a value.
QStringList references(const QJsonValue &value) {
    QStringList list;
    if (value.isArray()) {
        for (const QJsonValue &item : value.toArray()) list += references(item);
    }
    const QJsonObject object = value.toObject();
    for (auto it = object.begin(); it != object.end(); ++it) {
        if (it.key() == "$ref"_L1)
            list += it.value().toString();
        else
            list += references(it.value());
    }
    return list;
}

bool mayBeNull(const QJsonValue &schema) {
    if (schema["type"_L1].isArray()) return schema["type"_L1].toArray().contains(u"null"_s);
    for (const auto name : {"oneOf"_L1, "anyOf"_L1})
        for (const QJsonValue &one : schema[name].toArray())
            if (mayBeNull(one)) return true;
    return schema["type"_L1] == "null"_L1;
}

}  // namespace

/// The description is true: the document and the routes say the same, and answers look as it says.
class DocumentsTest : public QObject {
    Q_OBJECT
private:
    std::unique_ptr<ServerRig> rig;
    QJsonObject document;
    std::unique_ptr<ServerRig> writer;  ///< with a model that answers

    void makeWriter() {
        if (writer) return;
        writer = std::make_unique<ServerRig>();
        writer->load(QStringLiteral(MILLM_FIXTURES "/tool-caller"), u"sample"_s);
    }

    /// The schema that a "$ref" means.
    QJsonObject described(const QJsonObject &schema) const {
        const QString name = schema.value("$ref"_L1).toString().section(u'/', -1);
        return name.isEmpty() ? schema : document["components"_L1]["schemas"_L1][name].toObject();
    }

private Q_SLOTS:
    void initTestCase() {
        rig = std::make_unique<ServerRig>();
        const JsonAnswer answer = rig->ask("GET", "/openapi.json");
        QCOMPARE(answer.status, 200);
        QCOMPARE(answer.raw.header("content-type"), "application/json; charset=utf-8");
        document = answer.json;
        QCOMPARE(document.value("openapi"_L1), u"3.1.0"_s);
    }
    void cleanupTestCase() {
        writer.reset();
        rig.reset();
    }

    void describesEveryRouteAndNoOther() {
        QSet<QString> routes, described;
        for (const http::Route &route : rig->parts->server.routes().routes())
            routes.insert(QString::fromLatin1(route.method + ' ' + route.path));
        const QJsonObject paths = document.value("paths"_L1).toObject();
        for (auto path = paths.begin(); path != paths.end(); ++path) {
            const QJsonObject methods = path.value().toObject();
            for (auto method = methods.begin(); method != methods.end(); ++method) {
                if (method.key() != "parameters"_L1) described.insert(method.key().toUpper() + u' ' + path.key());
            }
        }
        QCOMPARE(described - routes, QSet<QString>());
        QCOMPARE(routes - described, QSet<QString>());
    }

    void saysWhereBodiesGo() {
        for (const http::Route &route : rig->parts->server.routes().routes()) {
            const QJsonObject operation = document.value("paths"_L1)
                                              .toObject()
                                              .value(QString::fromLatin1(route.path))
                                              .toObject()
                                              .value(QString::fromLatin1(route.method.toLower()))
                                              .toObject();
            const QJsonValue body = operation.value("requestBody"_L1);
            QCOMPARE(body.isObject(), route.body != http::Body::None);
            if (body.isObject())
                QCOMPARE(body.toObject().value("required"_L1).toBool(), route.body != http::Body::OptionalJson);
            QVERIFY(!operation.value("summary"_L1).toString().isEmpty() &&
                    !operation.value("operationId"_L1).toString().isEmpty());
        }
    }

    void resolvesItsReferences() {
        const QStringList all = references(document);
        QVERIFY(all.size() > 30);
        for (const QString &reference : all) {
            QJsonValue target = document;
            for (const QString &key : reference.mid(2).split(u'/')) target = target.toObject().value(key);
            QVERIFY2(target.isObject(), qPrintable(reference));
        }
    }

    void knowsEveryQuantizationAndStatus() {
        const QJsonObject schemas = document.value("components"_L1).toObject().value("schemas"_L1).toObject();
        QJsonArray schemes;
        for (const engine::SchemeInfo &info : engine::schemes()) schemes.append(QString::fromStdString(std::string(info.id)));
        QCOMPARE(schemas.value("Quantization"_L1).toObject().value("enum"_L1).toArray(), schemes);
    }

    void describesModelsAsTheyAre() {
        const qint64 id = rig->load(QStringLiteral(MILLM_SAMPLE_MODEL), u"sample"_s);
        const QJsonObject model = rig->ask("GET", "/api/models/" + QByteArray::number(id)).data().toObject();
        const QJsonObject schema =
            document.value("components"_L1).toObject().value("schemas"_L1).toObject().value("Model"_L1).toObject();
        for (const QJsonValue &field : schema.value("required"_L1).toArray())
            QVERIFY2(model.contains(field.toString()), qPrintable(field.toString()));
        for (const QString &field : model.keys())
            QVERIFY2(schema.value("properties"_L1).toObject().contains(field), qPrintable(field));
        const QJsonObject system = rig->ask("GET", "/api/system").data().toObject();
        const QJsonObject fields = document.value("components"_L1)
                                       .toObject()
                                       .value("schemas"_L1)
                                       .toObject()
                                       .value("System"_L1)
                                       .toObject()
                                       .value("properties"_L1)
                                       .toObject();
        QCOMPARE(system.keys(), fields.keys());
        QCOMPARE(system.value("loaded_model"_L1).toObject().keys(),
                 fields.value("loaded_model"_L1).toObject().value("properties"_L1).toObject().keys());
    }

    /// What the document requires must be there, and no list that it wants filled empty; what it lets be null counts as absent.
    void requestsAreAsDescribed_data() {
        QTest::addColumn<QJsonObject>("body");
        const QJsonArray messages{QJsonObject{{u"role"_s, u"user"_s}, {u"content"_s, u"Hello"_s}}};
        const QJsonObject options{{u"num_predict"_s, 1}}, model{{u"model"_s, u"sample"_s}};
        const auto row = [&](const char *path, QJsonObject body) {
            for (auto it = model.begin(); it != model.end(); ++it) body.insert(it.key(), it.value());
            QTest::newRow(path) << body;
        };
        row("/v1/chat/completions", {{u"messages"_s, messages}, {u"max_completion_tokens"_s, 1}});
        row("/v1/completions", {{u"prompt"_s, u"Once"_s}, {u"max_completion_tokens"_s, 1}});
        row("/v1/responses", {{u"input"_s, u"Hello"_s}, {u"max_output_tokens"_s, 16}});
        row("/v1/messages", {{u"messages"_s, messages}, {u"max_tokens"_s, 1}});
        row("/v1/messages/count_tokens", {{u"messages"_s, messages}});
        row("/v1/embeddings", {{u"input"_s, u"one"_s}});
        row("/api/chat", {{u"messages"_s, messages}, {u"options"_s, options}});
        row("/api/generate", {{u"prompt"_s, u"Once"_s}, {u"options"_s, options}});
        row("/api/embed", {{u"input"_s, u"one"_s}});
        row("/api/embeddings", {{u"prompt"_s, u"one"_s}});
        QTest::newRow("/tokenize") << QJsonObject{{u"prompt"_s, u"Hello"_s}};
        QTest::newRow("/detokenize") << QJsonObject{{u"tokens"_s, QJsonArray{1, 2}}};
    }
    void requestsAreAsDescribed() {
        QFETCH(QJsonObject, body);
        makeWriter();
        const QString path = QString::fromLatin1(QTest::currentDataTag());
        QCOMPARE(writer->ask("POST", path.toLatin1(), body).status, 200);
        const QJsonObject written = document["paths"_L1][path]["post"_L1]["requestBody"_L1]["content"_L1]["application/json"_L1]
                                            ["schema"_L1]
                                                .toObject(),
                          schema = described(written);
        QJsonArray required = schema.value("required"_L1).toArray();
        for (const QJsonValue &field : written.value("required"_L1).toArray())
            if (!required.contains(field)) required.append(field);
        QVERIFY(!required.isEmpty() || path == "/tokenize"_L1);
        for (const QJsonValue &field : std::as_const(required)) {
            QJsonObject less = body;
            less.remove(field.toString());
            const JsonAnswer refused = writer->ask("POST", path.toLatin1(), less);
            QCOMPARE(refused.status, 400);
            QVERIFY2(refused.raw.body.contains(field.toString().toUtf8()), refused.raw.body);
        }
        const QJsonObject properties = schema.value("properties"_L1).toObject();
        for (auto it = properties.begin(); it != properties.end(); ++it) {
            QJsonObject more = body;
            if (it.value()["minItems"_L1].toInt() > 0 && body.contains(it.key())) {
                more.insert(it.key(), QJsonArray());
                QCOMPARE(writer->ask("POST", path.toLatin1(), more).status, 400);
            }
            if (required.contains(it.key()) || body.contains(it.key())) continue;
            QVERIFY2(mayBeNull(it.value()), qPrintable(it.key()));
            more.insert(it.key(), QJsonValue());
            const JsonAnswer answer = writer->ask("POST", path.toLatin1(), more);
            QVERIFY2(answer.status == 200, qPrintable(it.key() + u' ' + QString::fromUtf8(answer.raw.body)));
        }
    }

    /// What lies deeper is looked at as well, where it is read.
    void innerFieldsHaveTypes_data() {
        QTest::addColumn<QByteArray>("path");
        QTest::addColumn<QByteArray>("body");
        QTest::addColumn<QByteArray>("field");
        const auto row = [](const char *path, const QByteArray &body, const char *field) {
            QTest::newRow(body.constData())
                << QByteArray(path) << QByteArray("{\"model\":\"sample\"," + body + "}") << QByteArray(field);
        };
        const auto message = [&](const QByteArray &role, const QByteArray &block, const char *field) {
            row("/v1/messages",
                "\"max_tokens\":1,\"messages\":[{\"role\":\"" + role + "\",\"content\":[{\"type\":" + block + "}]}]", field);
        };
        message("user", "\"text\"", "messages[0].content[0].text");
        message("user", "\"text\",\"text\":5", "messages[0].content[0].text");
        message("assistant", "\"thinking\",\"thinking\":[]", "messages[0].content[0].thinking");
        message("assistant", "\"tool_use\",\"id\":\"a\",\"name\":\"b\",\"input\":\"c\"", "messages[0].content[0].input");
        row("/v1/responses", "\"input\":\"x\",\"text\":{\"format\":\"json\"}", "text.format");
        row("/v1/responses", "\"input\":\"x\",\"text\":{\"format\":{\"schema\":{}}}", "text.format.type");
        row("/v1/responses", "\"input\":\"x\",\"reasoning\":{\"effort\":1}", "reasoning.effort");
        row("/v1/chat/completions", "\"messages\":[{\"role\":\"user\",\"content\":\"x\",\"name\":{}}]", "messages[0].name");
        row("/v1/chat/completions",
            "\"messages\":[{\"role\":\"assistant\",\"tool_calls\":[{\"id\":5,\"function\":{\"name\":\"a\",\"arguments\":\"{}\"}"
            "}]}]",
            "messages[0].tool_calls[0].id");
    }
    void innerFieldsHaveTypes() {
        QFETCH(QByteArray, path);
        QFETCH(QByteArray, body);
        QFETCH(QByteArray, field);
        const JsonAnswer answer = rig->ask("POST", path, QJsonDocument::fromJson(body).object());
        QCOMPARE(answer.status, 400);
        QVERIFY2(answer.raw.body.contains("'" + field + "'"), answer.raw.body);
    }

    void nullsAreRepeatedAsWhatTheyMean() {
        makeWriter();
        const QJsonObject answer = writer
                                       ->ask("POST", "/v1/responses",
                                             {{u"model"_s, u"sample"_s},
                                              {u"input"_s, u"Hello"_s},
                                              {u"max_output_tokens"_s, 16},
                                              {u"tools"_s, QJsonValue()},
                                              {u"tool_choice"_s, QJsonValue()},
                                              {u"parallel_tool_calls"_s, QJsonValue()},
                                              {u"temperature"_s, QJsonValue()}})
                                       .json;
        QCOMPARE(answer["tools"_L1], QJsonArray());
        QCOMPARE(answer["tool_choice"_L1], u"auto"_s);
        QCOMPARE(answer["parallel_tool_calls"_L1], true);
        QCOMPARE(answer["temperature"_L1], 1.0);
    }

    void describesPreviewsAsTheyAre() {
        rig->hub.addRepository(u"somebody/sample"_s, QStringLiteral(MILLM_SAMPLE_MODEL));
        const JsonAnswer preview = rig->ask("POST", "/api/models/preview", {{u"repo_id"_s, u"somebody/sample"_s}});
        const QJsonObject
            seen = preview.data().toObject(),
            schema = document.value("components"_L1).toObject().value("schemas"_L1).toObject().value("Preview"_L1).toObject();
        const QJsonObject properties = schema.value("properties"_L1).toObject();
        QCOMPARE(seen.keys(), properties.keys());
        const auto keysOf = [&](QLatin1StringView name) {
            return properties.value(name).toObject().value("properties"_L1).toObject().keys();
        };
        for (const auto name : {"tokenizer"_L1, "kv_cache"_L1}) QCOMPARE(seen.value(name).toObject().keys(), keysOf(name));
        const QJsonObject sizes = seen.value("estimated_sizes"_L1).toObject(),
                          size = properties.value("estimated_sizes"_L1).toObject().value("additionalProperties"_L1).toObject(),
                          type = properties.value("stored_types"_L1).toObject().value("items"_L1).toObject();
        for (const QString &scheme : sizes.keys())
            QCOMPARE(sizes.value(scheme).toObject().keys(), size.value("properties"_L1).toObject().keys());
        QCOMPARE(seen.value("stored_types"_L1).toArray().first().toObject().keys(),
                 type.value("properties"_L1).toObject().keys());
    }

    void showsAPageThatNeedsNothingElse() {
        const RawAnswer page = rig->ask("GET", "/docs").raw;
        QCOMPARE(page.status, 200);
        QCOMPARE(page.header("content-type"), "text/html; charset=utf-8");
        QVERIFY(!page.body.contains("http://") && !page.body.contains("https://") && !page.body.contains(" src="));
        const qsizetype begin = page.body.indexOf("<script>") + 8;
        const QByteArray script = page.body.sliced(begin, page.body.indexOf("</script>") - begin);
        QVERIFY(page.header("content-security-policy")
                    .contains("'sha256-" + QCryptographicHash::hash(script, QCryptographicHash::Sha256).toBase64() + "'"));
    }

    /// Times of a generation, by upper bounds that rise.
    void timesGenerations() {
        const QStringList names{u"millm_time_to_first_token_seconds"_s, u"millm_time_between_tokens_seconds"_s,
                                u"millm_queue_seconds"_s, u"millm_prefill_seconds"_s};
        const auto counts = [&] {
            const QString text = QString::fromUtf8(rig->ask("GET", "/metrics").raw.body);
            QHash<QString, qint64> found;
            for (const QString &name : names) {
                const QRegularExpression line(u"^%1_(bucket\\{le=\"([^\"]+)\"\\}|sum|count) (\\S+)$"_s.arg(name),
                                              QRegularExpression::MultilineOption);
                qint64 before = 0, last = -1, total = -2;
                double sum = -1;
                for (const auto &match : line.globalMatch(text)) {
                    if (match.captured(1) == "sum"_L1) {
                        sum = match.captured(3).toDouble();
                    } else if (match.captured(1) == "count"_L1) {
                        total = match.captured(3).toLongLong();
                    } else {
                        if (match.captured(3).toLongLong() < before) qFatal("%s falls", qPrintable(match.captured()));
                        before = match.captured(3).toLongLong();
                        if (match.captured(2) == "+Inf"_L1) last = before;
                    }
                }
                if (last != total || (total > 0 && sum <= 0 && name != "millm_queue_seconds"_L1))
                    qFatal("%s: %lld, %lld, %g", qPrintable(name), last, total, sum);
                found.insert(name, total);
            }
            return found;
        };
        const auto none = counts();
        for (const QString &name : names) QCOMPARE(none.value(name), 0);
        rig->load(QStringLiteral(MILLM_FIXTURES "/tool-caller"), u"timed"_s);
        for (int i = 0; i < 2; ++i) {
            const JsonAnswer answer = rig->ask(
                "POST", "/v1/completions",
                {{u"model"_s, u"timed"_s}, {u"prompt"_s, u"Once upon"_s}, {u"max_tokens"_s, 5}, {u"ignore_eos"_s, true}});
            QCOMPARE(answer.status, 200);
        }
        const auto some = counts();
        QCOMPARE(some.value(names[0]), 2);
        QCOMPARE(some.value(names[1]), 8);
        QCOMPARE(some.value(names[2]), 2);
        QCOMPARE(some.value(names[3]), 2);
    }

    /// The dashboard asks for nothing that is not there, and shows all that is.
    void dashboardShowsWhatThereIs() {
        QSet<QString> families, histograms;
        for (const QByteArray &line : rig->ask("GET", "/metrics").raw.body.split('\n')) {
            if (!line.startsWith("# TYPE ")) continue;
            const QString name = QString::fromUtf8(line.split(' ').value(2));
            families.insert(name);
            if (line.endsWith(" histogram")) histograms.insert(name);
        }
        QFile file(QStringLiteral(MILLM_DASHBOARD));
        QVERIFY(file.open(QIODevice::ReadOnly));
        const QJsonObject dashboard = QJsonDocument::fromJson(file.readAll()).object();
        QStringList asked;
        for (const QJsonValue panel : dashboard["panels"_L1].toArray())
            for (const QJsonValue target : panel["targets"_L1].toArray()) asked += target["expr"_L1].toString();
        for (const QJsonValue variable : dashboard["templating"_L1]["list"_L1].toArray())
            asked += variable["query"_L1].toString();
        QVERIFY(asked.size() > 20);
        static const QRegularExpression metric(u"\\b((?:millm|process)_[a-z0-9_]+)"_s);
        QSet<QString> shown;
        for (const auto &match : metric.globalMatch(asked.join(u'\n'))) {
            QString name = match.captured(1);
            for (const QLatin1StringView part : {"_bucket"_L1, "_sum"_L1, "_count"_L1})
                if (name.endsWith(part) && histograms.contains(name.chopped(part.size()))) name.chop(part.size());
            QVERIFY2(families.contains(name), qPrintable(name));
            shown.insert(name);
        }
        QCOMPARE(families - shown, QSet<QString>());
    }

    void countsForPrometheus() {
        rig->ask("GET", "/api/models");
        rig->ask("GET", "/made/up/by/a/stranger");
        const RawAnswer metrics = rig->ask("GET", "/metrics").raw;
        QVERIFY(metrics.header("content-type").startsWith("text/plain; version=0.0.4"));
        static const QRegularExpression sample(
            u"^[a-zA-Z_:][a-zA-Z0-9_:]*(\\{[a-z_]+=\"[^\"]*\"(,[a-z_]+=\"[^\"]*\")*\\})? [0-9.e+-]+$"_s);
        QSet<QByteArray> families;
        for (const QByteArray &line : metrics.body.trimmed().split('\n')) {
            if (line.startsWith("# TYPE "))
                families.insert(line.split(' ').value(2));
            else if (!line.startsWith('#'))
                QVERIFY2(sample.match(QString::fromUtf8(line)).hasMatch(), line);
        }
        for (const QByteArray &family : QList<QByteArray>{"millm_http_requests_total", "millm_pending_requests", "millm_models",
                                                          "millm_completion_tokens_total", "millm_http_connections"})
            QVERIFY2(families.contains(family), family);
        QVERIFY(metrics.body.contains("millm_http_requests_total{method=\"GET\",route=\"/api/models\",status=\"200\"}"));
        QVERIFY(!metrics.body.contains("stranger"));
    }
};

QTEST_GUILESS_MAIN(DocumentsTest)
#include "documents_test.moc"
