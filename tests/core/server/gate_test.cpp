#include "raw_client.h"
#include "test_front.h"

#include <QJsonDocument>
#include <QTest>

using namespace millm::http;

/// Who may ask what: Host, origins, keys, content types.
class GateTest : public QObject {
    Q_OBJECT
private:
    static RawAnswer withHost(TestFront &server, const QByteArray &host) {
        RawClient client(server.port);
        return client.ask("GET /hello HTTP/1.1\r\nHost: " + host + "\r\n\r\n");
    }

private Q_SLOTS:
    void knowsItsHosts() {
        millm::Settings settings;
        settings.allowedHosts = {QStringLiteral("my.box:8000")};
        TestFront server({}, settings);
        for (const QByteArray &host :
             QList<QByteArray>{"localhost", "LOCALHOST:1", "127.0.0.1:8000", "[::1]:8000", "my.box", "My.Box:99"})
            QCOMPARE(withHost(server, host).status, 200);
        for (const QByteArray &host :
             QList<QByteArray>{"evil.example", "evil.example:8000", "10.0.0.1", "localhost.evil.example", "", "[::2]"})
            QCOMPARE(withHost(server, host).status, 403);
    }

    void knowsItsHostsOnIpv6() {
        millm::Settings settings;
        settings.host = QStringLiteral("2001:db8::1");
        settings.allowedHosts = {QStringLiteral("fd00:0:0:0:0:0:0:7"), QStringLiteral(":8000"),
                                 QStringLiteral(" box.example ")};
        TestFront server({}, settings);
        for (const QByteArray &host : QList<QByteArray>{"[2001:db8::1]:8000", "[2001:DB8:0::1]", "[fd00::7]", "box.example:1"})
            QCOMPARE(withHost(server, host).status, 200);
        for (const QByteArray &host : QList<QByteArray>{"", ":8000", "2001", "2001:8000", "fd00", "[2001:db8::2]", "[]"})
            QCOMPARE(withHost(server, host).status, 403);
    }

    void saysWhichSettingLetsAHostIn() {
        TestFront server;
        const QByteArray body = withHost(server, "host.docker.internal:8000").body;
        QVERIFY2(body.contains("MILLM_ALLOWED_HOSTS") && body.contains("host.docker.internal"), body);
    }

    void saysWhichSettingLetsAnOriginIn_data() {
        QTest::addColumn<QByteArray>("origin");
        for (const char *origin : {"https://app.example", "app://obsidian.md", "vscode-webview://abc", "null"})
            QTest::newRow(origin) << QByteArray(origin);
    }
    void saysWhichSettingLetsAnOriginIn() {
        QFETCH(QByteArray, origin);
        const QByteArray ask = jsonRequest("POST", "/api/json", "{}", "Origin: " + origin + "\r\n");
        TestFront closed;
        RawClient stranger(closed.port);
        const RawAnswer refused = stranger.ask(ask);
        QCOMPARE(refused.status, 403);
        QVERIFY2(refused.body.contains("MILLM_CORS_ORIGINS") && refused.body.contains('\'' + origin + '\''), refused.body);
        millm::Settings settings;
        settings.corsOrigins = {QString::fromLatin1(origin)};
        TestFront open({}, settings);
        RawClient friendly(open.port);
        QCOMPARE(friendly.ask(ask).status, 200);
    }

    void letsDockerInWhereItIsTold() {
        millm::Settings settings;
        settings.host = QStringLiteral("0.0.0.0");
        TestFront closed({}, settings);
        QCOMPARE(withHost(closed, "host.docker.internal:8000").status, 403);
        QCOMPARE(withHost(closed, "172.17.0.1:8000").status, 200);
        settings.allowedHosts = {QStringLiteral("host.docker.internal")};
        TestFront open({}, settings);
        QCOMPARE(withHost(open, "host.docker.internal:8000").status, 200);
    }

    /// Whatever is to pass says when to come again, in every interface's form.
    void everyPassingErrorSaysWhen() {
        using millm::ErrorCode;
        int passing = 0;
        for (int code = 0; code <= int(ErrorCode::Internal); ++code) {
            for (const ErrorStyle style : {ErrorStyle::Management, ErrorStyle::OpenAi, ErrorStyle::Anthropic,
                                           ErrorStyle::Ollama, ErrorStyle::EngineIo}) {
                for (const int status : {0, 503}) {
                    const Response answer = errorResponse(style, {ErrorCode(code), QStringLiteral("why"), {}}, status);
                    if (answer.status != 429 && answer.status != 503) continue;
                    ++passing;
                    QVERIFY2(
                        std::ranges::any_of(answer.headers,
                                            [](const auto &h) { return h.first == "Retry-After" && h.second.toInt() > 0; }),
                        qPrintable(millm::errorId(ErrorCode(code))));
                }
            }
        }
        QVERIFY(passing > 100);
    }

    void takesAnyAddressWhereItListensOnAll() {
        millm::Settings settings;
        settings.host = QStringLiteral("0.0.0.0");
        TestFront server({}, settings);
        QCOMPARE(withHost(server, "192.168.1.5:8000").status, 200);
        QCOMPARE(withHost(server, "evil.example").status, 403);
    }

    void refusesForeignPages() {
        TestFront server;
        const auto status = [&](const QByteArray &bytes) {
            RawClient client(server.port);
            return client.ask(bytes).status;
        };
        const QByteArray evil = "Origin: http://evil.example\r\n";
        QCOMPARE(status(jsonRequest("POST", "/api/json", "{}", evil)), 403);
        QCOMPARE(status(request("DELETE", "/api/things/1", evil)), 403);
        QCOMPARE(status(jsonRequest("POST", "/api/json", "{}", "Origin: null\r\n")), 403);
        QCOMPARE(status(jsonRequest("POST", "/api/json", "{}", "Sec-Fetch-Site: cross-site\r\n")), 403);
        QCOMPARE(status(jsonRequest("POST", "/api/json", "{}", "Origin: http://localhost\r\n")), 200);
        // Its own page, seen through a proxy that ends TLS: the scheme differs, or a browser's word stands for all of it.
        QCOMPARE(status(jsonRequest("POST", "/api/json", "{}", "Origin: https://localhost\r\n")), 200);
        QCOMPARE(status(jsonRequest("POST", "/api/json", "{}", "Origin: https://localhost:443\r\n")), 200);
        QCOMPARE(
            status(jsonRequest("POST", "/api/json", "{}", "Origin: https://llm.example\r\nSec-Fetch-Site: same-origin\r\n")),
            200);
        QCOMPARE(status(jsonRequest("POST", "/api/json", "{}", "Origin: https://localhost:444\r\n")), 403);
        QCOMPARE(status(jsonRequest("POST", "/api/json", "{}", "Origin: https://llm.example\r\nSec-Fetch-Site: same-site\r\n")),
                 403);
        RawClient reading(server.port);
        QVERIFY(reading.ask(request("GET", "/hello", evil)).header("access-control-allow-origin").isEmpty());
    }

    void answersConfiguredOriginsOnly() {
        millm::Settings settings;
        settings.corsOrigins = {QStringLiteral("https://app.example")};
        TestFront server({}, settings);
        RawClient client(server.port);
        const QByteArray ours = "Origin: https://app.example\r\n", ask = "Access-Control-Request-Method: POST\r\n";
        const RawAnswer preflight = client.ask(request("OPTIONS", "/api/json", ours + ask));
        QCOMPARE(preflight.status, 200);
        QCOMPARE(preflight.header("access-control-allow-origin"), "https://app.example");
        QCOMPARE(preflight.header("access-control-allow-methods"), "POST");
        QVERIFY(preflight.header("access-control-allow-headers").contains("content-type"));
        const RawAnswer answer = client.ask(jsonRequest("POST", "/api/json", "{}", ours));
        QCOMPARE(answer.status, 200);
        QCOMPARE(answer.header("access-control-allow-origin"), "https://app.example");
        QCOMPARE(answer.header("vary"), "Origin");
        // Errors must be readable too, and those of the gate itself.
        QCOMPARE(client.ask(request("GET", "/nowhere", ours)).header("access-control-allow-origin"), "https://app.example");
        const RawAnswer foreign = client.ask(request("OPTIONS", "/api/json", "Origin: https://evil.example\r\n" + ask));
        QVERIFY(foreign.header("access-control-allow-origin").isEmpty());
        QVERIFY(foreign.header("access-control-allow-methods").isEmpty());
        QCOMPARE(client.ask(request("OPTIONS", "/hello")).header("allow"), "GET, HEAD, OPTIONS");
        QCOMPARE(client.ask(request("OPTIONS", "/nowhere")).status, 404);
    }

    void echoesTheHeadersThatAConfiguredOriginAsksFor() {
        millm::Settings settings;
        settings.corsOrigins = {QStringLiteral("https://app.example")};
        TestFront server({}, settings);
        RawClient client(server.port);
        const auto headersFor = [&](const QByteArray &origin, const QByteArray &asked) {
            const QByteArray lines = "Access-Control-Request-Method: POST\r\nAccess-Control-Request-Headers: " + asked + "\r\n";
            return client.ask(request("OPTIONS", "/api/json", "Origin: " + origin + "\r\n" + lines))
                .header("access-control-allow-headers");
        };
        QCOMPARE(headersFor("https://app.example", "authorization,content-type,x-stainless-os, x-stainless-timeout"),
                 "authorization, content-type, x-stainless-os, x-stainless-timeout");
        QCOMPARE(headersFor("https://app.example", "x-a,,sp ace,x-b:1"), "x-a");
        QVERIFY(headersFor("https://app.example", "").contains("content-type"));
        QCOMPARE(headersFor("https://evil.example", "x-stainless-os"), "");
    }

    void takesOriginsAsPeopleWriteThem_data() {
        QTest::addColumn<QString>("setting");
        QTest::addColumn<QByteArray>("origin");
        QTest::newRow("slash at its end") << "https://app.example/" << QByteArray("https://app.example");
        QTest::newRow("capitals") << "HTTPS://App.Example" << QByteArray("https://app.example");
        QTest::newRow("the scheme's own port") << "https://app.example:443/" << QByteArray("https://app.example");
        QTest::newRow("http's own port") << "http://app.example:80" << QByteArray("http://app.example");
        QTest::newRow("another port") << "http://app.example:5173" << QByteArray("http://app.example:5173");
        QTest::newRow("an editor's page") << "app://obsidian.md" << QByteArray("app://obsidian.md");
        QTest::newRow("a page from a file") << "null" << QByteArray("null");
    }

    void takesOriginsAsPeopleWriteThem() {
        QFETCH(QString, setting);
        QFETCH(QByteArray, origin);
        millm::Settings settings;
        settings.corsOrigins = {setting};
        TestFront server({}, settings);
        RawClient client(server.port);
        const RawAnswer answer = client.ask(jsonRequest("POST", "/api/json", "{}", "Origin: " + origin + "\r\n"));
        QCOMPARE(answer.status, 200);
        QCOMPARE(answer.header("access-control-allow-origin"), origin);
    }

    void wantsItsKey() {
        millm::Settings settings;
        settings.apiKeys = {millm::apiKey(QStringLiteral("one"), "s3cret")};
        TestFront server({}, settings);
        RawClient client(server.port);
        QCOMPARE(client.ask(request("GET", "/hello")).status, 200);
        const RawAnswer refused = client.ask(request("GET", "/api/things/1"));
        QCOMPARE(refused.status, 401);
        QCOMPARE(refused.header("www-authenticate"), "Bearer");
        for (const QByteArray &header : QList<QByteArray>{"Authorization: Bearer s3cret", "authorization: bearer s3cret",
                                                          "X-Api-Key: s3cret", "Api-Key: s3cret"}) {
            QCOMPARE(client.ask(request("GET", "/api/things/1", header + "\r\n")).status, 200);
        }
        for (const QByteArray &header :
             QList<QByteArray>{"Authorization: Bearer s3cre", "Authorization: Bearer s3cret2", "Authorization: Basic s3cret",
                               "Authorization: Bearer", "X-Api-Key: "}) {
            QCOMPARE(client.ask(request("GET", "/api/things/1", header + "\r\n")).status, 401);
        }
        // No spelling of the path gets around it, and nobody learns which paths there are.
        for (const QByteArray &path : QList<QByteArray>{"/%61pi/things/1", "/api%2Fthings", "/api/nowhere", "/api"})
            QCOMPARE(client.ask(request("GET", path)).status, 401);
        const RawAnswer openAi = client.ask(jsonRequest("POST", "/v1/json", "{}"));
        QCOMPARE(openAi.status, 401);
        QCOMPARE(QJsonDocument::fromJson(openAi.body).object().value("error").toObject().value("code").toString(),
                 "invalid_api_key");
    }

    void refusesBodiesBeforeTheyCome() {
        millm::Settings settings;
        settings.apiKeys = {millm::apiKey(QStringLiteral("one"), "s3cret")};
        TestFront server({}, settings);
        RawClient client(server.port);
        QCOMPARE(client
                     .ask("POST /api/json HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: "
                          "1000000\r\n\r\n")
                     .status,
                 401);
        QVERIFY(client.waitClosed());
    }

    void wantsJsonTypes() {
        TestFront server;
        const auto status = [&](const QByteArray &type) {
            RawClient client(server.port);
            return client.ask(request("POST", "/v1/json", type, "{}")).status;
        };
        QCOMPARE(status("Content-Type: application/json\r\n"), 200);
        QCOMPARE(status("Content-Type: Application/JSON; charset=UTF-8\r\n"), 200);
        for (const QByteArray &type :
             QList<QByteArray>{"text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x",
                               "application/json; charset=latin1", "application/jsonp"}) {
            QCOMPARE(status("Content-Type: " + type + "\r\n"), 415);
        }
        QCOMPARE(status(""), 415);
        RawClient empty(server.port);
        QCOMPARE(empty.ask(request("POST", "/v1/json")).status, 200);
        QCOMPARE(empty.ask(request("POST", "/v1/json", "Content-Type: text/plain\r\n")).status, 415);
        QCOMPARE(empty.ask(request("DELETE", "/api/things/1", "Content-Type: text/plain\r\n")).status, 415);
    }

    void refusesWebSocketsElsewhere() {
        TestFront server;
        RawClient client(server.port);
        QCOMPARE(client
                     .ask(request("GET", "/hello",
                                  "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: "
                                  "13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"))
                     .status,
                 400);
    }
};

QTEST_GUILESS_MAIN(GateTest)
#include "gate_test.moc"
