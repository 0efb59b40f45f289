#include "core/server/http/request_head.h"
#include "core/server/http/body_reader.h"

#include <QRandomGenerator>
#include <QTest>

using namespace millm::http;

/// The parser of request heads and bodies, by itself.
class RequestHeadTest : public QObject {
    Q_OBJECT
private:
    static int statusOf(const QByteArray &bytes, const Limits &limits = {}) {
        const auto head = parseHead(bytes, limits);
        return head ? 200 : head.error().status;
    }

private Q_SLOTS:
    void readsARequest() {
        const auto head = parseHead(
            "POST /a%2Fb/c?x=1&y=%20 HTTP/1.1\r\nHost: localhost:1\r\nContent-Length:  12 \r\nX-Thing: a b\r\n\r\n", {});
        QVERIFY(head.ok());
        QCOMPARE(head->method, "POST");
        QCOMPARE(head->path, "/a%2Fb/c");
        QCOMPARE(head->query, "x=1&y=%20");
        QCOMPARE(head->segments(), (QList<QByteArray>{"a/b", "c"}));
        QCOMPARE(head->contentLength, 12);
        QCOMPARE(head->value("x-thing"), "a b");
        QVERIFY(head->value("x-other").isNull());
        QVERIFY(head->keepAlive && !head->chunked && head->hasBody());
    }

    void refuses_data() {
        QTest::addColumn<QByteArray>("bytes");
        QTest::addColumn<int>("status");
        const auto row = [](const char *name, const QByteArray &bytes, int status) { QTest::newRow(name) << bytes << status; };
        const auto with = [](const QByteArray &headers) { return "POST / HTTP/1.1\r\nHost: a\r\n" + headers + "\r\n"; };
        row("plain", with(""), 200);
        row("no version", "GET /\r\nHost: a\r\n\r\n", 400);
        row("HTTP/2", "GET / HTTP/2.0\r\nHost: a\r\n\r\n", 505);
        row("HTTP/2 preface", "PRI * HTTP/2.0\r\n\r\n", 505);
        row("HTTP/1.2", "GET / HTTP/1.2\r\nHost: a\r\n\r\n", 505);
        row("lower-case version", "GET / http/1.1\r\nHost: a\r\n\r\n", 400);
        row("bare LF", "GET / HTTP/1.1\nHost: a\n\n", 400);
        row("one bare LF", "GET / HTTP/1.1\r\nHost: a\nX: b\r\n\r\n", 400);
        row("space in target", "GET /a b HTTP/1.1\r\nHost: a\r\n\r\n", 400);
        row("control in target", QByteArray("GET /\x01 HTTP/1.1\r\nHost: a\r\n\r\n"), 400);
        row("half an escape", "GET /%4 HTTP/1.1\r\nHost: a\r\n\r\n", 400);
        row("escape of no hex", "GET /%zz HTTP/1.1\r\nHost: a\r\n\r\n", 400);
        row("escaped NUL", "GET /%00 HTTP/1.1\r\nHost: a\r\n\r\n", 400);
        row("target without slash", "GET api HTTP/1.1\r\nHost: a\r\n\r\n", 400);
        row("absolute target", "GET http://a/x HTTP/1.1\r\nHost: a\r\n\r\n", 200);
        row("method with colon", "GE:T / HTTP/1.1\r\nHost: a\r\n\r\n", 400);
        row("no host", "GET / HTTP/1.1\r\n\r\n", 400);
        row("no host in 1.0", "GET / HTTP/1.0\r\n\r\n", 200);
        row("two hosts", "GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", 400);
        row("space before colon", with("X : b\r\n"), 400);
        row("folded header", with("X: a\r\n b\r\n"), 400);
        row("header without colon", with("X\r\n"), 400);
        row("NUL in value", with(QByteArray("X: a\0b\r\n", 8)), 400);
        row("negative length", with("Content-Length: -1\r\n"), 400);
        row("signed length", with("Content-Length: +1\r\n"), 400);
        row("hexadecimal length", with("Content-Length: 0x10\r\n"), 400);
        row("empty length", with("Content-Length:\r\n"), 400);
        row("absurd length", with("Content-Length: 99999999999999999999\r\n"), 400);
        row("two lengths", with("Content-Length: 1\r\nContent-Length: 1\r\n"), 400);
        row("list of lengths", with("Content-Length: 1, 1\r\n"), 400);
        row("length and chunks", with("Content-Length: 1\r\nTransfer-Encoding: chunked\r\n"), 400);
        row("chunks", with("Transfer-Encoding: chunked\r\n"), 200);
        row("gzip chunks", with("Transfer-Encoding: gzip, chunked\r\n"), 501);
        row("identity", with("Transfer-Encoding: identity\r\n"), 501);
        row("chunks twice", with("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n"), 400);
        row("odd expectation", with("Expect: a-miracle\r\nContent-Length: 1\r\n"), 417);
    }
    void refuses() {
        QFETCH(QByteArray, bytes);
        QFETCH(int, status);
        QCOMPARE(statusOf(bytes), status);
    }

    void keepsLimits() {
        Limits limits;
        limits.requestLine = 100;
        limits.headerLine = 50;
        limits.headers = 3;
        QCOMPARE(statusOf("GET /" + QByteArray(200, 'a') + " HTTP/1.1\r\nHost: a\r\n\r\n", limits), 414);
        QCOMPARE(statusOf("GET / HTTP/1.1\r\nHost: a\r\nX: " + QByteArray(60, 'a') + "\r\n\r\n", limits), 431);
        QCOMPARE(statusOf("GET / HTTP/1.1\r\nHost: a\r\nA: 1\r\nB: 1\r\n\r\n", limits), 200);
        QCOMPARE(statusOf("GET / HTTP/1.1\r\nHost: a\r\nA: 1\r\nB: 1\r\nC: 1\r\n\r\n", limits), 431);
    }

    void saysWhetherTheConnectionStays() {
        const auto stays = [](const QByteArray &line, const QByteArray &header) {
            return parseHead(line + "\r\nHost: a\r\n" + header + "\r\n", {})->keepAlive;
        };
        QVERIFY(stays("GET / HTTP/1.1", ""));
        QVERIFY(!stays("GET / HTTP/1.1", "Connection: close\r\n"));
        QVERIFY(!stays("GET / HTTP/1.1", "Connection: Upgrade, Close\r\n"));
        QVERIFY(!stays("GET / HTTP/1.0", ""));
        QVERIFY(stays("GET / HTTP/1.0", "Connection: Keep-Alive\r\n"));
    }

    void survivesNoise() {
        QRandomGenerator random(20260130);
        const QByteArray sane = "POST /a/b?c=d HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\nConnection: close\r\n\r\n";
        for (int round = 0; round < 20000; ++round) {
            QByteArray bytes = sane;
            for (int change = 0; change < 3; ++change)
                bytes[random.bounded(bytes.size() - 4)] = static_cast<char>(random.bounded(256));
            const auto head = parseHead(bytes, {});
            if (head)
                QVERIFY(head->contentLength >= -1 && head->path.startsWith('/') && !head->path.contains('\0'));
            else
                QVERIFY(head.error().status >= 400 && !head.error().why.isEmpty());
        }
    }

    void readsBodies_data() {
        QTest::addColumn<QByteArray>("bytes");
        QTest::addColumn<int>("expected");
        QTest::addColumn<QByteArray>("body");
        const int more = int(BodyReader::Status::More), done = int(BodyReader::Status::Done),
                  bad = int(BodyReader::Status::Bad);
        const auto row = [](const char *name, const QByteArray &bytes, int expected, const QByteArray &body = {}) {
            QTest::newRow(name) << bytes << expected << body;
        };
        row("two chunks", "3\r\nabc\r\nA\r\n0123456789\r\n0\r\n\r\n", done, "abc0123456789");
        row("extension", "3;x=\"y\"\r\nabc\r\n0\r\n\r\n", done, "abc");
        row("trailers", "1\r\na\r\n0\r\nX: y\r\nZ: q\r\n\r\n", done, "a");
        row("unfinished", "5\r\nab", more);
        row("size not hexadecimal", "g\r\n", bad);
        row("signed size", "-1\r\n", bad);
        row("size with space", " 1\r\na\r\n", bad);
        row("0x", "0x1\r\na\r\n", bad);
        row("no size", "\r\n", bad);
        row("absurd size", "ffffffffffffffff\r\n", bad);
        row("too large", "7ffffff\r\n", bad);
        row("longer than said", "1\r\nabc\r\n", bad);
        row("bare LF after the size", "1\na\r\n0\r\n\r\n", bad);
        row("endless size line", "1;" + QByteArray(2000, 'x'), bad);
        row("endless trailers", "0\r\n" + QByteArray(20000, 'x'), bad);
    }
    void readsBodies() {
        QFETCH(QByteArray, bytes);
        QFETCH(int, expected);
        QFETCH(QByteArray, body);
        RequestHead head;
        head.chunked = true;
        // All at once, then byte by byte: where packets are cut must not matter.
        for (const qsizetype step : {bytes.size(), qsizetype(1)}) {
            BodyReader reader(head, 1000);
            QByteArray buffer;
            auto status = BodyReader::Status::More;
            for (qsizetype at = 0; at < bytes.size() && status == BodyReader::Status::More; at += step) {
                buffer += bytes.mid(at, step);
                status = reader.feed(buffer);
            }
            QCOMPARE(int(status), expected);
            if (expected == int(BodyReader::Status::Done)) QCOMPARE(reader.take(), body);
        }
    }

    void leavesTheNextRequest() {
        RequestHead head;
        head.contentLength = 3;
        BodyReader reader(head, 10);
        QByteArray bytes = "abcGET /";
        QCOMPARE(reader.feed(bytes), BodyReader::Status::Done);
        QCOMPARE(reader.take(), "abc");
        QCOMPARE(bytes, "GET /");
    }
};

QTEST_GUILESS_MAIN(RequestHeadTest)
#include "request_head_test.moc"
