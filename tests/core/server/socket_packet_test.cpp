#include "core/server/socketio/socket_packet.h"
#include "core/server/socketio/engine_packet.h"

#include <QRandomGenerator>
#include <QTest>

using namespace millm::socketio;

/// Engine.IO's and Socket.IO's framing, with the protocol documents' own examples.
class SocketPacketTest : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void parsesPayloads() {
        const auto packets = parsePayload(
            "4hello\x1e"
            "2\x1e"
            "4world\x1e"
            "bAQIDBA==");
        QVERIFY(packets);
        QCOMPARE(packets->size(), 4);
        QCOMPARE(packets->at(0).data, "hello");
        QCOMPARE(packets->at(1).type, EnginePacket::Type::Ping);
        QVERIFY(packets->at(3).binary);
        QCOMPARE(packets->at(3).data, QByteArray("\x01\x02\x03\x04"));
        QCOMPARE(encode(packets->at(3)), "bAQIDBA==");
        for (const QByteArray &broken : QList<QByteArray>{"", "\x1e", "4a\x1e", "7", "x", "b!!"})
            QVERIFY2(!parsePayload(broken), broken);
    }

    void parsesPackets_data() {
        QTest::addColumn<QByteArray>("text");
        QTest::addColumn<QByteArray>("again");
        for (const char *text : {"0", "0/admin,{\"sid\":\"x\"}", "2[\"foo\"]", "2/admin,[\"bar\"]", "212[\"foo\"]",
                                 "3/admin,13[\"bar\"]", "4/admin,{\"message\":\"no\"}", "1/admin,"}) {
            QTest::newRow(text) << QByteArray(text) << QByteArray(text);
        }
        QTest::newRow("query") << QByteArray("0/admin?token=1,{}") << QByteArray("0/admin,{}");
        QTest::newRow("no comma") << QByteArray("0/admin") << QByteArray("0/admin,");
    }
    void parsesPackets() {
        QFETCH(QByteArray, text);
        QFETCH(QByteArray, again);
        const auto packet = parseSocketPacket(text);
        QVERIFY(packet);
        QCOMPARE(encode(*packet), again);
    }

    void countsAttachments() {
        const auto packet =
            parseSocketPacket("52-/admin,7[\"x\",{\"_placeholder\":true,\"num\":0},{\"_placeholder\":true,\"num\":1}]");
        QVERIFY(packet);
        QCOMPARE(packet->attachments, 2);
        QCOMPARE(packet->nsp, "/admin");
        QCOMPARE(*packet->ack, 7);
    }

    void refusesWhatIsNoPacket() {
        for (const QByteArray &text :
             QList<QByteArray>{"", "7", "x", "2", "2[]", "2{}", "2[", "2[true]", "0[]", "0\"x\"", "1[]", "3[1]", "5[\"x\"]",
                               "5-[\"x\"]", "599999-[\"x\"]", "2[\"a\"]x", "4", "299999999999999999[\"a\"]"}) {
            QVERIFY2(!parseSocketPacket(text), text);
        }
    }

    void survivesNoise() {
        QRandomGenerator random(7);
        const QByteArray sane = "51-/progress,12[\"name\",{\"_placeholder\":true,\"num\":0}]";
        for (int round = 0; round < 20000; ++round) {
            QByteArray text = sane.left(1 + random.bounded(sane.size()));
            text[random.bounded(text.size())] = static_cast<char>(random.bounded(256));
            if (const auto packet = parseSocketPacket(text)) QVERIFY(packet->attachments <= 16 && packet->nsp.size() <= 256);
        }
    }

    void writesEvents() {
        QCOMPARE(encodeEvent("/progress", QStringLiteral("model:deleted"), {{"model_id", 3}}),
                 R"(2/progress,["model:deleted",{"model_id":3}])");
    }
};

QTEST_GUILESS_MAIN(SocketPacketTest)
#include "socket_packet_test.moc"
