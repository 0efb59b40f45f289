#include "server_rig.h"

#include "tests/support/hub_faults.h"

#include <QJsonArray>
#include <QTest>

using namespace millm;
using namespace millm::testing;
using namespace Qt::StringLiterals;

/// /api/hub, and what is changed of a model.
class HubApiTest : public QObject {
    Q_OBJECT

    static qint64 addLocal(const ServerRig &rig, const QString &name) {
        return rig.add(QStringLiteral(MILLM_SAMPLE_MODEL), name);
    }
    static QByteArray path(qint64 id) { return "/api/models/" + QByteArray::number(id); }

private Q_SLOTS:
    void searches() {
        ServerRig rig;
        rig.hub.addRepository(u"acme/sample"_s, QStringLiteral(MILLM_SAMPLE_MODEL));
        rig.hub.setPopularity(u"acme/sample"_s, 120, 3);
        const JsonAnswer found = rig.ask("GET", "/api/hub/search?query=Sample&limit=5");
        QCOMPARE(found.status, 200);
        const QJsonArray list = found.data().toArray();
        QCOMPARE(list.size(), 1);
        const QJsonObject model = list.first().toObject();
        QCOMPARE(model.value("repo_id"_L1), u"acme/sample"_s);
        QCOMPARE(model.value("downloads"_L1), 120);
        QCOMPARE(model.value("likes"_L1), 3);
        QCOMPARE(model.value("is_gated"_L1), false);
        QCOMPARE(model.value("supported"_L1), true);
        QCOMPARE(model.value("fits"_L1), true);
        QVERIFY(model.value("weights_mb"_L1).toObject().value("Q4"_L1).toInteger() >= 1);
        QCOMPARE(rig.ask("GET", "/api/hub/search?query=no-such").data(), QJsonArray());

        QCOMPARE(rig.ask("GET", "/api/hub/search").field(), u"query"_s);
        QCOMPARE(rig.ask("GET", "/api/hub/search?query=%20").field(), u"query"_s);
        for (const QByteArray &limit : QList<QByteArray>{"0", "101", "-1", "many", "1.5", "99999999999"})
            QCOMPARE(rig.ask("GET", "/api/hub/search?query=a&limit=" + limit).field(), u"limit"_s);

        rig.hub.addFault({.spoil = faults::brokenJson(), .path = u"/api/models"_s, .count = -1});
        const JsonAnswer broken = rig.ask("GET", "/api/hub/search?query=a");
        QCOMPARE(broken.status, 502);
        QVERIFY(broken.error().value("message"_L1).toString().startsWith("The Hub cannot be searched"_L1));
    }
    void searchesLikeTheDocument() {
        ServerRig rig;
        rig.hub.addRepository(u"acme/sample"_s, QStringLiteral(MILLM_SAMPLE_MODEL));
        const QJsonObject schema = rig.ask("GET", "/openapi.json")
                                       .json.value("components"_L1)
                                       .toObject()
                                       .value("schemas"_L1)
                                       .toObject()
                                       .value("FoundModel"_L1)
                                       .toObject()
                                       .value("properties"_L1)
                                       .toObject();
        QCOMPARE(rig.ask("GET", "/api/hub/search?query=a").data().toArray().first().toObject().keys(), schema.keys());
    }

    void renames() {
        ServerRig rig;
        const qint64 id = addLocal(rig, u"first"_s);
        const JsonAnswer renamed = rig.ask("PATCH", path(id), {{u"name"_s, u"second.v2"_s}});
        QCOMPARE(renamed.status, 200);
        QCOMPARE(renamed.data().toObject().value("name"_L1), u"second.v2"_s);
        QCOMPARE(rig.ask("GET", path(id)).data().toObject().value("name"_L1), u"second.v2"_s);
        QCOMPARE(rig.ask("PATCH", path(id), {{u"name"_s, u"second.v2"_s}}).status, 200);
        for (const QJsonValue &wrong : QList<QJsonValue>{u""_s, u"a b"_s, u"a/b"_s, QString(256, u'a'), 5, QJsonValue::Null}) {
            const JsonAnswer refused = rig.ask("PATCH", path(id), {{u"name"_s, wrong}});
            QCOMPARE(refused.status, 400);
            QCOMPARE(refused.field(), u"name"_s);
        }
        QCOMPARE(rig.ask("PATCH", path(id), {{u"id"_s, 5}}).field(), u"name"_s);
        QCOMPARE(rig.ask("PATCH", path(id), {{u"name"_s, QJsonValue::Null}, {u"context_length"_s, 64}}).field(), u"name"_s);
        QCOMPARE(rig.ask("PATCH", "/api/models/99", {{u"name"_s, u"x"_s}}).code(), u"MODEL_NOT_FOUND"_s);

        // It answers requests by its new name; while it does it keeps it.
        QCOMPARE(rig.ask("POST", path(id) + "/load?wait=true", {{u"force"_s, true}}).status, 200);
        QCOMPARE(rig.ask("GET", "/v1/models/second.v2").status, 200);
        const JsonAnswer busy = rig.ask("PATCH", path(id), {{u"name"_s, u"third"_s}});
        QCOMPARE(busy.status, 409);
        QCOMPARE(busy.code(), u"MODEL_BUSY"_s);
        QCOMPARE(rig.ask("POST", path(id) + "/unload").status, 200);
        QCOMPARE(rig.ask("PATCH", path(id), {{u"name"_s, u"third"_s}}).status, 200);
    }
    /// A name that one local model gave up and another took: each keeps its own link.
    void linksFollowNames() {
        ServerRig rig;
        QTemporaryDir other;
        for (const QFileInfo &file : QDir(QStringLiteral(MILLM_SAMPLE_MODEL)).entryInfoList(QDir::Files))
            QVERIFY(QFile::copy(file.filePath(), other.filePath(file.fileName())));
        const qint64 first = addLocal(rig, u"alpha"_s), second = rig.add(other.path(), u"beta"_s);
        const JsonAnswer taken = rig.ask("PATCH", path(second), {{u"name"_s, u"alpha"_s}});
        QCOMPARE(taken.status, 400);
        QCOMPARE(taken.field(), u"name"_s);
        QCOMPARE(rig.ask("PATCH", path(first), {{u"name"_s, u"gamma"_s}}).status, 200);
        QCOMPARE(rig.ask("PATCH", path(second), {{u"name"_s, u"alpha"_s}}).status, 200);
        const auto target = [&](qint64 id) { return QFileInfo(rig.parts->models.model(id)->cachePath).symLinkTarget(); };
        QTRY_COMPARE(target(first), QFileInfo(QStringLiteral(MILLM_SAMPLE_MODEL)).canonicalFilePath());
        QCOMPARE(target(second), QFileInfo(other.path()).canonicalFilePath());
        const QDir links(rig.settings.modelCacheDir + u"/local"_s);
        QTRY_COMPARE(links.entryList(QDir::Dirs | QDir::NoDotAndDotDot), (QStringList{u"alpha"_s, u"gamma"_s}));
        QCOMPARE(rig.ask("POST", path(second) + "/load?wait=true", {{u"force"_s, true}}).status, 200);
    }
};

QTEST_GUILESS_MAIN(HubApiTest)
#include "hub_test.moc"
