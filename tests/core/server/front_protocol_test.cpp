#include "raw_client.h"
#include "test_front.h"

#include <QJsonDocument>
#include <QTest>

using namespace millm::http;

/// HTTP as seen from a raw socket: framing, keep-alive, pipelining, HEAD, methods, handlers that fail.
class FrontProtocolTest : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void answersAndStays() {
        TestFront server;
        RawClient client(server.port);
        for (int i = 0; i < 3; ++i) {
            const RawAnswer answer = client.ask(request("GET", "/hello"));
            QCOMPARE(answer.status, 200);
            QCOMPARE(answer.body, R"({"hello":"you"})");
            QCOMPARE(answer.header("content-type"), "application/json; charset=utf-8");
            QCOMPARE(answer.header("x-content-type-options"), "nosniff");
            QVERIFY(answer.header("date").endsWith("GMT"));
            QVERIFY(!answer.header("x-request-id").isEmpty());
        }
        QCOMPARE(server.front.connections(), 1);
        QVERIFY(client.isConnected());
    }

    void honoursConnectionClose() {
        TestFront server;
        RawClient client(server.port);
        const RawAnswer answer = client.ask(request("GET", "/hello", "Connection: close\r\n"));
        QCOMPARE(answer.status, 200);
        QCOMPARE(answer.header("connection"), "close");
        QVERIFY(client.waitClosed());
        QVERIFY(RawClient::wait([&] { return server.front.connections() == 0; }));
    }

    void speaksHttp10() {
        TestFront server;
        RawClient closing(server.port);
        QCOMPARE(closing.ask("GET /hello HTTP/1.0\r\n\r\n").status, 200);
        QVERIFY(closing.waitClosed());
        RawClient staying(server.port);
        QCOMPARE(staying.ask("GET /hello HTTP/1.0\r\nConnection: keep-alive\r\n\r\n").header("connection"), "keep-alive");
        QVERIFY(staying.isConnected());
    }

    void streamsToHttp10UntilItCloses() {
        TestFront server;
        RawClient client(server.port);
        client.send("GET /api/stream HTTP/1.0\r\nHost: localhost\r\nConnection: keep-alive\r\n\r\n");
        QVERIFY(RawClient::wait([&] { return !server.stream.isNull(); }));
        server.stream->sendText("one");
        server.stream->end("[DONE]");
        QVERIFY(client.waitClosed());
        const RawAnswer answer = client.readAnswer(true);
        QCOMPARE(answer.status, 200);
        QCOMPARE(answer.header("content-type"), "text/event-stream; charset=utf-8");
        QCOMPARE(answer.header("connection"), "close");
        QCOMPARE(answer.header("transfer-encoding"), "");
        QByteArray body = client.rest();
        body.replace(": waiting\n\n", "");
        QCOMPARE(body, "data: one\n\ndata: [DONE]\n\n");
    }

    void answersPipelinedRequestsInOrder() {
        TestFront server;
        RawClient client(server.port);
        QByteArray bytes;
        for (int i = 0; i < 50; ++i)
            bytes += request("GET", "/api/things/" + QByteArray::number(i)) +
                     jsonRequest("POST", "/api/json", "{\"n\":" + QByteArray::number(i) + "}");
        client.send(bytes);
        for (int i = 0; i < 50; ++i) {
            QCOMPARE(client.readAnswer().body, QByteArray::number(i));
            QCOMPARE(client.readAnswer().body, "{\"n\":" + QByteArray::number(i) + "}");
        }
        QCOMPARE(client.rest(), "");
    }

    void waitsForABodyInPieces() {
        TestFront server;
        RawClient client(server.port);
        for (const char byte : jsonRequest("POST", "/api/json", R"({"a": [1, 2]})")) client.send(QByteArray(1, byte));
        QCOMPARE(client.readAnswer().body, R"({"a":[1,2]})");
    }

    void takesChunkedRequests() {
        TestFront server;
        RawClient client(server.port);
        const QByteArray head =
            "POST /api/json HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nTransfer-Encoding: "
            "chunked\r\n\r\n";
        // A trailer that would desynchronise a reader that does not know them, then a further request.
        client.send(head + "5\r\n{\"a\":\r\n3\r\n 1}\r\n0\r\nX-Trailer: GET /x HTTP/1.1\r\n\r\n" + request("GET", "/hello"));
        QCOMPARE(client.readAnswer().body, R"({"a":1})");
        QCOMPARE(client.readAnswer().body, R"({"hello":"you"})");
    }

    void sendsNoBodyToHead() {
        TestFront server;
        RawClient client(server.port);
        const RawAnswer head = client.ask(request("HEAD", "/hello"), true);
        QCOMPARE(head.status, 200);
        QCOMPARE(head.header("content-length"), "15");
        QCOMPARE(client.rest(), "");
        QCOMPARE(client.ask(request("HEAD", "/nowhere"), true).status, 404);
        QCOMPARE(client.rest(), "");
        QCOMPARE(client.ask(request("GET", "/hello")).body, R"({"hello":"you"})");
    }

    void tellsUnknownPathsFromWrongMethods() {
        TestFront server;
        RawClient client(server.port);
        const RawAnswer missing = client.ask(request("GET", "/api/nothing"));
        QCOMPARE(missing.status, 404);
        const QJsonObject error = QJsonDocument::fromJson(missing.body).object();
        QCOMPARE(error.value("success"), false);
        QCOMPARE(error.value("error").toObject().value("code").toString(), "NOT_FOUND");
        const RawAnswer wrong = client.ask(request("PUT", "/api/things/1"));
        QCOMPARE(wrong.status, 405);
        QCOMPARE(wrong.header("allow"), "GET, HEAD, DELETE");
        const RawAnswer openAi = client.ask(request("GET", "/v1/nothing"));
        QCOMPARE(QJsonDocument::fromJson(openAi.body).object().value("error").toObject().value("type").toString(),
                 "invalid_request_error");
        QCOMPARE(client.ask(request("FROBNICATE", "/hello")).status, 405);
        // A body that nobody is to read ends the connection with the answer.
        QCOMPARE(client.ask(jsonRequest("PUT", "/api/things/1", "{}")).status, 405);
        QVERIFY(client.waitClosed());
    }

    void decodesSegmentsEachForItself() {
        TestFront server;
        RawClient client(server.port);
        QCOMPARE(client.ask(request("GET", "/api/things/a%2Fb")).body, "a/b");
        QCOMPARE(client.ask(request("GET", "/api/things/%C3%BC")).body, "ü");
        QCOMPARE(client.ask(request("GET", "/api/things/a/b")).status, 404);
        QCOMPARE(client.ask(request("GET", "/api%2Fthings/a")).status, 404);
        QCOMPARE(client.ask(request("GET", "/api/things/")).status, 404);
        QCOMPARE(client.ask(request("GET", "/%68ello?x=%2F")).status, 200);
    }

    void checksJson() {
        TestFront server;
        RawClient client(server.port);
        for (const QByteArray &body : QList<QByteArray>{"{", "[1]", "nul", "{\"a\": 1} x", "\xff", "3"}) {
            const RawAnswer answer = client.ask(jsonRequest("POST", "/api/json", body));
            QCOMPARE(answer.status, 400);
            const QJsonObject error = QJsonDocument::fromJson(answer.body).object().value("error").toObject();
            QCOMPARE(error.value("code").toString(), "INVALID_REQUEST");
            QCOMPARE(error.value("details").toObject().value("field").toString(), "body");
        }
        QCOMPARE(client.ask(jsonRequest("POST", "/api/json", "")).status, 400);
        QCOMPARE(client.ask(jsonRequest("POST", "/v1/json", "")).status, 200);
    }

    void parsesLargeJsonElsewhere() {
        TestFront server;
        RawClient client(server.port);
        const QByteArray body = "{\"a\":\"" + QByteArray(900 * 1024, 'x') + "\"}";
        QCOMPARE(client.ask(jsonRequest("POST", "/api/json", body)).body, body);
        QCOMPARE(client.ask(jsonRequest("POST", "/api/json", body + "x")).status, 400);
    }

    void survivesHandlersThatFail() {
        TestFront server;
        RawClient client(server.port);
        QTest::ignoreMessage(QtCriticalMsg, "a handler threw on GET /api/throw: thrown on purpose");
        const RawAnswer thrown = client.ask(request("GET", "/api/throw"));
        QCOMPARE(thrown.status, 500);
        QVERIFY(!thrown.body.contains("on purpose"));
        QCOMPARE(client.ask(request("GET", "/api/cancelled")).status, 500);
        QCOMPARE(client.ask(request("GET", "/hello")).status, 200);
    }

    void echoesOnlySaneRequestIds() {
        TestFront server;
        RawClient client(server.port);
        QCOMPARE(client.ask(request("GET", "/hello", "X-Request-Id: abc-1.2_3\r\n")).header("x-request-id"), "abc-1.2_3");
        QVERIFY(client.ask(request("GET", "/hello", "X-Request-Id: a b\r\n")).header("x-request-id").startsWith("req-"));
        QVERIFY(client.ask(request("GET", "/hello", "X-Request-Id: " + QByteArray(100, 'a') + "\r\n"))
                    .header("x-request-id")
                    .startsWith("req-"));
    }

    void tellsClientsToContinue() {
        TestFront server;
        RawClient client(server.port);
        client.send("POST /api/text HTTP/1.1\r\nHost: localhost\r\nContent-Length: 4\r\nExpect: 100-continue\r\n\r\n");
        QVERIFY(RawClient::wait([&] { return client.socket().bytesAvailable() > 0; }));
        QCOMPARE(client.socket().peek(100), "HTTP/1.1 100 Continue\r\n\r\n");
        client.send("abcd");
        QCOMPARE(client.readAnswer().body, "abcd");
    }

    void refusesTheConnectionsOwnHeader() {
        // The header that names a connection to Qt is never a client's.
        TestFront server;
        RawClient parked(server.port);
        parked.send(request("GET", "/api/park"));
        QVERIFY(RawClient::wait([&] { return !server.parked.isNull(); }));
        RawClient client(server.port);
        QCOMPARE(client.ask(request("GET", "/hello", "X-Millm-Connection: 1\r\n")).body, R"({"hello":"you"})");
        server.parked->send(json(200, {{"late", true}}));
        QCOMPARE(parked.readAnswer().body, R"({"late":true})");
    }
};

QTEST_GUILESS_MAIN(FrontProtocolTest)
#include "front_protocol_test.moc"
