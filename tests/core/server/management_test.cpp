#include "server_rig.h"

#include <QRegularExpression>
#include <QTcpServer>
#include <QTest>

using namespace millm;
using namespace millm::testing;
using namespace Qt::StringLiterals;

/// /api against the real services and a Hub on this machine.
class ManagementTest : public QObject {
    Q_OBJECT
private:
    static QJsonObject hubRequest(const QString &repoId, const QString &quantization = u"Q4"_s) {
        return {{u"source"_s, u"huggingface"_s},
                {u"repo_id"_s, repoId},
                {u"quantization"_s, quantization},
                {u"trust_remote_code"_s, false}};
    }
    static QJsonObject localRequest(const QString &path, const QString &quantization = u"FP16"_s) {
        return {{u"source"_s, u"local"_s}, {u"local_path"_s, path}, {u"quantization"_s, quantization}};
    }
    static QByteArray path(qint64 id, const QByteArray &rest = {}) { return "/api/models/" + QByteArray::number(id) + rest; }
    static QJsonObject waitFor(const ServerRig &rig, qint64 id, const QString &status) {
        QJsonObject model;
        RawClient::wait(
            [&] {
                model = rig.ask("GET", path(id)).data().toObject();
                return model.value("status"_L1) == status;
            },
            120000);
        return model;
    }

private Q_SLOTS:
    void startsEmpty() {
        ServerRig rig;
        const JsonAnswer list = rig.ask("GET", "/api/models");
        QCOMPARE(list.status, 200);
        QCOMPARE(list.json.value("success"_L1), true);
        QCOMPARE(list.data(), QJsonArray());
        for (const QByteArray &id : QList<QByteArray>{"1", "0", "-1", "abc", "1.5", "+1", "99999999999999999999", "%201"}) {
            const JsonAnswer missing = rig.ask("GET", "/api/models/" + id);
            QCOMPARE(missing.status, 404);
            QCOMPARE(missing.code(), u"MODEL_NOT_FOUND"_s);
            QCOMPARE(missing.json.value("data"_L1), QJsonValue::Null);
        }
        for (const QByteArray &verb : QList<QByteArray>{"load", "unload", "cancel"})
            QCOMPARE(rig.ask("POST", "/api/models/7/" + verb).code(), u"MODEL_NOT_FOUND"_s);
        QCOMPARE(rig.ask("POST", "/api/models/7/quantize", {{u"quantization"_s, u"Q4"_s}}).code(), u"MODEL_NOT_FOUND"_s);
        QCOMPARE(rig.ask("DELETE", "/api/models/7").code(), u"MODEL_NOT_FOUND"_s);
    }

    void namesTheFieldThatIsWrong() {
        ServerRig rig;
        const auto field = [&](QJsonObject body, const QString &name, const QJsonValue &value,
                               const QByteArray &where = "/api/models") {
            if (value.isUndefined())
                body.remove(name);
            else
                body.insert(name, value);
            const JsonAnswer answer = rig.ask("POST", where, body);
            return answer.status == 400 && answer.code() == "INVALID_REQUEST"_L1
                       ? answer.field()
                       : u"%1 %2"_s.arg(answer.status).arg(answer.code());
        };
        const QJsonValue none = QJsonValue::Undefined;
        const QJsonObject hub = hubRequest(u"a/b"_s), local = localRequest(u"/nowhere"_s);
        QCOMPARE(field(hub, u"source"_s, none), u"source"_s);
        QCOMPARE(field(hub, u"source"_s, u"ftp"_s), u"source"_s);
        QCOMPARE(field(hub, u"source"_s, 1), u"source"_s);
        QCOMPARE(field(hub, u"repo_id"_s, none), u"repo_id"_s);
        QCOMPARE(field(hub, u"repo_id"_s, 5), u"repo_id"_s);
        QCOMPARE(field(hub, u"quantization"_s, none), u"quantization"_s);
        QCOMPARE(field(hub, u"quantization"_s, u"Q5"_s), u"quantization"_s);
        QCOMPARE(field(hub, u"quantization"_s, u"q4"_s), u"quantization"_s);
        QCOMPARE(field(hub, u"trust_remote_code"_s, u"yes"_s), u"trust_remote_code"_s);
        QCOMPARE(field(hub, u"hf_token"_s, 5), u"hf_token"_s);
        QCOMPARE(field(hub, u"hf_token"_s, u"a\r\nX: b"_s), u"hf_token"_s);
        QCOMPARE(field(hub, u"custom_name"_s, u"a b"_s), u"custom_name"_s);
        QCOMPARE(field(hub, u"custom_name"_s, u""_s), u"custom_name"_s);
        QCOMPARE(field(hub, u"custom_name"_s, QString(256, u'a')), u"custom_name"_s);
        QCOMPARE(field(local, u"local_path"_s, none), u"local_path"_s);
        QCOMPARE(field(local, u"local_path"_s, QJsonArray()), u"local_path"_s);
        QCOMPARE(field({}, u"repo_id"_s, none, "/api/models/preview"), u"repo_id"_s);
        QCOMPARE(rig.ask("POST", "/api/models", hubRequest(u"not-an-id"_s)).code(), u"INVALID_REPO_ID"_s);
        QCOMPARE(rig.ask("POST", "/api/models", localRequest(u"/nowhere/at/all"_s)).code(), u"INVALID_LOCAL_PATH"_s);
        QCOMPARE(rig.ask("POST", "/api/models", localRequest(u"relative"_s)).status, 400);
        QCOMPARE(rig.ask("GET", "/api/models").data(), QJsonArray());
    }

    void loadsAndUnloadsALocalModel() {
        ServerRig rig;
        const QString folder = QStringLiteral(MILLM_SAMPLE_MODEL);
        const JsonAnswer added = rig.ask("POST", "/api/models", localRequest(folder));
        QCOMPARE(added.status, 201);
        const QJsonObject model = added.data().toObject();
        const qint64 id = model.value("id"_L1).toInteger();
        QCOMPARE(model.value("status"_L1), u"ready"_s);
        QCOMPARE(model.value("source"_L1), u"local"_s);
        QCOMPARE(model.value("local_path"_L1), folder);
        QVERIFY(model.value("repo_id"_L1).isNull());
        QCOMPARE(model.value("quantization"_L1), u"FP16"_s);
        QVERIFY(model.value("disk_size_mb"_L1).toInteger() >= 1 && model.value("estimated_memory_mb"_L1).toInteger() >= 1);
        static const QRegularExpression time(u"^\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\.\\d{3}Z$"_s);
        QVERIFY(time.match(model.value("created_at"_L1).toString()).hasMatch());
        for (const auto field : {"download_progress"_L1, "error_message"_L1, "loaded_at"_L1}) QVERIFY(!model.contains(field));
        const JsonAnswer again = rig.ask("POST", "/api/models", localRequest(folder));
        QCOMPARE(again.status, 409);
        QCOMPARE(again.code(), u"MODEL_ALREADY_EXISTS"_s);

        QCOMPARE(rig.ask("POST", path(id, "/unload")).code(), u"MODEL_NOT_LOADED"_s);
        QCOMPARE(rig.ask("POST", path(id, "/load"), {{u"force"_s, u"yes"_s}}).field(), u"force"_s);
        QCOMPARE(rig.ask("POST", path(id, "/load?wait=maybe")).field(), u"wait"_s);
        const JsonAnswer loading = rig.ask("POST", path(id, "/load"), {{u"force"_s, true}});
        QCOMPARE(loading.status, 202);
        QCOMPARE(loading.data().toObject().value("status"_L1), u"loading"_s);
        const QJsonObject loaded = waitFor(rig, id, u"loaded"_s);
        QVERIFY(time.match(loaded.value("loaded_at"_L1).toString()).hasMatch());
        const JsonAnswer twice = rig.ask("POST", path(id, "/load"));
        QCOMPARE(twice.status, 400);
        QCOMPARE(twice.code(), u"MODEL_ALREADY_LOADED"_s);
        const JsonAnswer busy = rig.ask("DELETE", path(id));
        QCOMPARE(busy.status, 409);
        QCOMPARE(busy.code(), u"MODEL_BUSY"_s);
        const QJsonObject system = rig.ask("GET", "/api/system").data().toObject();
        QCOMPARE(system.value("loaded_model"_L1).toObject().value("id"_L1).toInteger(), id);
        const JsonAnswer unloaded = rig.ask("POST", path(id, "/unload"));
        QCOMPARE(unloaded.status, 200);
        QCOMPARE(unloaded.data().toObject().value("status"_L1), u"ready"_s);
        QVERIFY(!unloaded.data().toObject().contains("loaded_at"_L1));
        const JsonAnswer waited = rig.ask("POST", path(id, "/load?wait=true"), {{u"force"_s, true}});
        QCOMPARE(waited.status, 200);
        QCOMPARE(waited.data().toObject().value("status"_L1), u"loaded"_s);
        QCOMPARE(rig.ask("POST", path(id, "/unload")).status, 200);
        const JsonAnswer gone = rig.ask("DELETE", path(id));
        QCOMPARE(gone.status, 200);
        QVERIFY(gone.data().isNull());
        QCOMPARE(rig.ask("GET", path(id)).status, 404);
        QVERIFY(QFile::exists(folder + u"/model.safetensors"_s));
    }

    void tellsMemoryInPartsAndTakesAContext() {
        ServerRig rig;
        const JsonAnswer added = rig.ask("POST", "/api/models", localRequest(QStringLiteral(MILLM_SAMPLE_MODEL)));
        const QJsonObject model = added.data().toObject();
        const qint64 id = model.value("id"_L1).toInteger();
        const auto part = [](const QJsonObject &of, QLatin1StringView side, QLatin1StringView name) {
            return of.value("memory"_L1).toObject().value(side).toObject().value(name).toInteger();
        };
        QVERIFY(model.value("memory"_L1).toObject().value("actual"_L1).isNull());
        QVERIFY(model.value("context_length"_L1).isNull());
        QCOMPARE(part(model, "estimated"_L1, "total_mb"_L1), model.value("estimated_memory_mb"_L1).toInteger());
        for (const QJsonValue &wrong :
             {QJsonValue(0), QJsonValue(-5), QJsonValue(1'000'000'000), QJsonValue(u"long"_s), QJsonValue(1.5)}) {
            const JsonAnswer refused = rig.ask("POST", path(id, "/load"), {{u"context_length"_s, wrong}});
            QCOMPARE(refused.status, 400);
            QCOMPARE(refused.field(), u"context_length"_s);
        }
        QCOMPARE(rig.ask("POST", path(id, "/load"), {{u"device"_s, u"cuda:9"_s}}).field(), u"device"_s);
        const JsonAnswer loading =
            rig.ask("POST", path(id, "/load?wait=true"), {{u"context_length"_s, 128}, {u"device"_s, u"cpu"_s}});
        QVERIFY2(loading.status == 200, loading.raw.body);
        const QJsonObject loaded = rig.ask("GET", path(id)).data().toObject();
        QCOMPARE(loaded.value("context_length"_L1).toInteger(), 128);
        for (const auto side : {"estimated"_L1, "actual"_L1}) QCOMPARE(part(loaded, side, "context_length"_L1), 128);
        for (const auto name : {"weights_mb"_L1, "kv_cache_mb"_L1})
            QCOMPARE(part(loaded, "actual"_L1, name), part(loaded, "estimated"_L1, name));
        QVERIFY(part(loaded, "actual"_L1, "total_mb"_L1) >= part(loaded, "actual"_L1, "weights_mb"_L1));
        const QJsonObject shown = rig.ask("GET", "/api/system").data().toObject().value("loaded_model"_L1).toObject();
        QCOMPARE(shown.value("memory"_L1), loaded.value("memory"_L1));
        QCOMPARE(shown.value("memory_mb"_L1).toInteger(), part(loaded, "actual"_L1, "total_mb"_L1));
        const QJsonArray served = rig.ask("GET", "/v1/models").data().toArray();
        QCOMPARE(served.first().toObject().value("max_model_len"_L1).toInteger(), 128);
        QCOMPARE(rig.ask("POST", path(id, "/unload")).status, 200);
        // Back to what fits, with a name besides.
        const JsonAnswer back = rig.ask("PATCH", path(id), {{u"context_length"_s, QJsonValue::Null}, {u"name"_s, u"other"_s}});
        QVERIFY2(back.status == 200, back.raw.body);
        QVERIFY(back.data().toObject().value("context_length"_L1).isNull());
        QCOMPARE(back.data().toObject().value("name"_L1), u"other"_s);
        QVERIFY(part(back.data().toObject(), "estimated"_L1, "context_length"_L1) > 128);
        QCOMPARE(
            rig.ask("PATCH", path(id), {{u"context_length"_s, 64}}).data().toObject().value("context_length"_L1).toInteger(),
            64);
    }

    void quantizesIntoAnotherModel() {
        ServerRig rig;
        const JsonAnswer added = rig.ask("POST", "/api/models", localRequest(QStringLiteral(MILLM_SAMPLE_MODEL)));
        const qint64 id = added.data().toObject().value("id"_L1).toInteger();
        for (const QJsonObject &wrong :
             {QJsonObject{}, QJsonObject{{u"quantization"_s, u"Q5"_s}}, QJsonObject{{u"quantization"_s, u"FP16"_s}}}) {
            const JsonAnswer refused = rig.ask("POST", path(id, "/quantize"), wrong);
            QCOMPARE(refused.status, 400);
            QCOMPARE(refused.field(), u"quantization"_s);
        }
        const QJsonObject four{{u"quantization"_s, u"Q4"_s}};
        const JsonAnswer begun = rig.ask("POST", path(id, "/quantize"), four);
        QVERIFY2(begun.status == 202, begun.raw.body);
        const qint64 made = begun.data().toObject().value("id"_L1).toInteger();
        QVERIFY(made != id);
        QCOMPARE(begun.data().toObject().value("status"_L1), u"downloading"_s);
        const QJsonObject ready = waitFor(rig, made, u"ready"_s);
        QCOMPARE(ready.value("quantization"_L1), u"Q4"_s);
        QCOMPARE(ready.value("name"_L1), u"sample-model-q4"_s);
        QVERIFY(ready.value("disk_size_mb"_L1).toInteger() < added.data().toObject().value("disk_size_mb"_L1).toInteger());
        const JsonAnswer again = rig.ask("POST", path(id, "/quantize"), four);
        QCOMPARE(again.status, 409);
        QCOMPARE(again.code(), u"MODEL_ALREADY_EXISTS"_s);
        QCOMPARE(again.error().value("details"_L1).toObject().value("model_id"_L1).toInteger(), made);
        QCOMPARE(rig.ask("POST", path(made, "/quantize"), {{u"quantization"_s, u"Q8"_s}}).code(), u"INVALID_REQUEST"_s);
        QCOMPARE(rig.ask("GET", "/api/models").data().toArray().size(), 2);
    }

    void previewsAndDownloads() {
        ServerRig rig;
        rig.hub.addRepository(u"somebody/Sample-Model"_s, QStringLiteral(MILLM_SAMPLE_MODEL));
        const JsonAnswer preview = rig.ask("POST", "/api/models/preview", {{u"repo_id"_s, u"somebody/Sample-Model"_s}});
        // As they come out of a clipboard.
        for (const QString &id :
             {u" somebody/Sample-Model\n"_s, u"somebody/Sample-Model/"_s, u"\u00a0somebody/\u200bSample-Model\ufeff"_s})
            QCOMPARE(rig.ask("POST", "/api/models/preview", {{u"repo_id"_s, id}}).data(), preview.data());
        QCOMPARE(preview.status, 200);
        const QJsonObject seen = preview.data().toObject();
        for (const auto field :
             {"name"_L1, "params"_L1, "architecture"_L1, "requires_trust_remote_code"_L1, "is_gated"_L1, "estimated_sizes"_L1,
              "license"_L1, "context_length"_L1, "supported"_L1, "unsupported_reason"_L1}) {
            QVERIFY2(seen.contains(field), field.data());
        }
        QCOMPARE(seen.value("architecture"_L1), u"LlamaForCausalLM"_s);
        QVERIFY(seen.value("supported"_L1).toBool());
        const QJsonObject sizes = seen.value("estimated_sizes"_L1).toObject();
        const auto disk = [&](const QString &id) { return sizes.value(id).toObject().value("disk_mb"_L1).toInteger(); };
        QVERIFY(disk(u"Q4"_s) >= 1 && disk(u"Q4"_s) <= disk(u"Q8"_s) && disk(u"Q8"_s) <= disk(u"FP16"_s));
        QCOMPARE(rig.ask("GET", "/api/models").data(), QJsonArray());

        const JsonAnswer missing = rig.ask("POST", "/api/models", hubRequest(u"somebody/nothing"_s));
        QCOMPARE(missing.status, 404);
        QCOMPARE(missing.code(), u"REPO_NOT_FOUND"_s);
        const JsonAnswer started = rig.ask("POST", "/api/models", hubRequest(u"somebody/Sample-Model"_s));
        QCOMPARE(started.status, 202);
        QCOMPARE(started.data().toObject().value("status"_L1), u"downloading"_s);
        QVERIFY(started.data().toObject().contains("download_progress"_L1));
        const qint64 id = started.data().toObject().value("id"_L1).toInteger();
        const QJsonObject ready = waitFor(rig, id, u"ready"_s);
        QCOMPARE(ready.value("name"_L1), u"Sample-Model"_s);
        QVERIFY(!ready.contains("download_progress"_L1));
        QCOMPARE(rig.ask("POST", "/api/models", hubRequest(u"Somebody/sample-model"_s)).code(), u"MODEL_ALREADY_EXISTS"_s);
        QCOMPARE(rig.ask("POST", path(id, "/cancel")).code(), u"MODEL_NOT_DOWNLOADING"_s);
        QVERIFY(rig.ask("GET", "/api/system").data().toObject().value("cache_size_mb"_L1).toInteger() >= 1);
        QCOMPARE(rig.ask("DELETE", path(id)).status, 200);
    }

    void cancelsDownloads() {
        ServerRig rig;
        rig.hub.addRepository(u"somebody/slow"_s, QStringLiteral(MILLM_SAMPLE_MODEL));
        rig.hub.setThrottle(256 * 1024);
        const JsonAnswer started = rig.ask("POST", "/api/models", hubRequest(u"somebody/slow"_s, u"FP16"_s));
        QCOMPARE(started.status, 202);
        const qint64 id = started.data().toObject().value("id"_L1).toInteger();
        QCOMPARE(rig.ask("DELETE", path(id)).code(), u"MODEL_BUSY"_s);
        QCOMPARE(rig.ask("POST", path(id, "/load")).code(), u"MODEL_BUSY"_s);
        QCOMPARE(rig.ask("GET", "/api/system").data().toObject().value("downloads"_L1).toArray().size(), 1);
        const JsonAnswer cancelled = rig.ask("POST", path(id, "/cancel"));
        QCOMPARE(cancelled.status, 200);
        QVERIFY(cancelled.data().isNull());
        QCOMPARE(rig.ask("GET", path(id)).status, 404);
    }

    void asksForTokensOfGatedModels() {
        ServerRig rig;
        rig.hub.addRepository(u"somebody/gated"_s, QStringLiteral(MILLM_SAMPLE_MODEL));
        HubAccess access;
        access.gated = u"manual"_s;
        access.grants = {"hf_granted"};
        rig.hub.addToken("hf_granted");
        rig.hub.setAccess(u"somebody/gated"_s, access);
        const JsonAnswer refused = rig.ask("POST", "/api/models", hubRequest(u"somebody/gated"_s));
        QCOMPARE(refused.status, 401);
        QCOMPARE(refused.code(), u"GATED_MODEL_NO_TOKEN"_s);
        QJsonObject body = hubRequest(u"somebody/gated"_s);
        body.insert(u"hf_token"_s, u"hf_wrong"_s);
        const JsonAnswer wrong = rig.ask("POST", "/api/models", body);
        QCOMPARE(wrong.code(), u"INVALID_HF_TOKEN"_s);
        QVERIFY(!wrong.raw.body.contains("hf_wrong"));
        for (const QString &pasted :
             {u" hf_granted"_s, u"hf_granted\r\n"_s, u"\ufeffhf_granted\u00a0"_s, u"hf_gr\u200banted"_s}) {
            const QJsonObject asked{{u"repo_id"_s, u"somebody/gated"_s}, {u"hf_token"_s, pasted}};
            const JsonAnswer opened = rig.ask("POST", "/api/models/preview", asked);
            QVERIFY2(opened.data().toObject().value("context_length"_L1).toInteger() > 0,
                     opened.raw.body);  // its files were read
        }
        QVERIFY(rig.ask("POST", "/api/models/preview", {{u"repo_id"_s, u"somebody/gated"_s}})
                    .data()
                    .toObject()
                    .value("is_gated"_L1)
                    .toBool());
    }

    void tellsOfTheMachine() {
        ServerRig rig;
        QCOMPARE(rig.ask("GET", "/api/health").status, 200);
        QCOMPARE(rig.ask("GET", "/api/health/ready").status, 200);
        QJsonObject system;
        QVERIFY(RawClient::wait([&] {
            system = rig.ask("GET", "/api/system").data().toObject();
            return system.value("ram"_L1).toObject().value("total_mb"_L1).toInteger() > 16;
        }));
        for (const auto field : {"cpu"_L1, "ram"_L1, "gpus"_L1, "device"_L1, "loaded_model"_L1, "cache_size_mb"_L1,
                                 "disk_free_mb"_L1, "downloads"_L1, "pending_requests"_L1}) {
            QVERIFY2(system.contains(field), field.data());
        }
        QVERIFY(system.value("loaded_model"_L1).isNull());
        QCOMPARE(system.value("device"_L1), u"cpu"_s);
    }

    void listensOnBothAddressesOfLocalhost() {
        ServerRig rig([](Settings &settings) { settings.host = u"localhost"_s; });
        QCOMPARE(rig.parts->server.url(), QUrl(u"http://localhost:%1"_s.arg(rig.port)));
        for (const QString &address : {u"127.0.0.1"_s, u"::1"_s}) {
            QTcpServer probe;
            if (!probe.listen(QHostAddress(address))) continue;  // a machine without IPv6
            RawClient client(rig.port, address);
            QCOMPARE(client.ask(request("GET", "/api/health")).status, 200);
        }
        // What another program has on one of them is not the server's.
        QTcpServer other;
        if (!other.listen(QHostAddress(u"::1"_s))) return;
        Settings taken = rig.settings;
        taken.port = other.serverPort();
        Server second(taken, rig.sources());
        QTest::ignoreMessage(QtCriticalMsg, QRegularExpression(u"Cannot listen on localhost port"_s));
        QVERIFY(!second.listen().ok());
        QVERIFY(QTcpServer().listen(QHostAddress::LocalHost, other.serverPort()));
    }

    void refusesToListenInTheOpen() {
        ServerRig rig;
        Settings open = rig.settings;
        open.host = u"0.0.0.0"_s;
        Server server(open, rig.sources());
        QTest::ignoreMessage(QtCriticalMsg, QRegularExpression(u"without an API key"_s));
        QVERIFY(!server.listen().ok());
        QCOMPARE(server.state(), Server::State::Failed);
        QVERIFY(server.url().isEmpty());
        Settings taken = rig.settings;
        taken.port = rig.port;
        Server second(taken, rig.sources());
        QTest::ignoreMessage(QtCriticalMsg, QRegularExpression(u"Cannot listen on 127.0.0.1 port"_s));
        const auto refused = second.listen();
        QVERIFY(!refused.ok());
        QVERIFY(refused.error().message.contains(QString::number(rig.port)));
        QCOMPARE(rig.parts->server.url(), QUrl(u"http://127.0.0.1:%1"_s.arg(rig.port)));
        QCOMPARE(rig.parts->server.state(), Server::State::Serving);
    }
};

QTEST_GUILESS_MAIN(ManagementTest)
#include "management_test.moc"
