// A request as it comes over a socket: its head, then its body by length or in chunks, in pieces of any size.
#include "core/server/http/body_reader.h"
#include "core/server/http/request_head.h"
#include "tests/fuzz/fuzz.h"

namespace millm::fuzz {

namespace {

using namespace http;

void run(const Bytes &input) {
    const QByteArray all(input.data(), qsizetype(input.size()));
    const qsizetype end = all.indexOf("\r\n\r\n");
    if (end < 0) return;
    const auto head = parseHead(QByteArrayView(all).first(end + 4), Limits{});
    if (!head) return;
    (void)head->segments();
    if (head->chunked && head->contentLength >= 0) wrong("a body with two ends");
    constexpr qint64 limit = 4096;
    QByteArray whole;
    for (const qsizetype step : {qsizetype(1), qsizetype(7), all.size()}) {
        BodyReader reader(*head, limit);
        QByteArray pending, body;
        auto status = BodyReader::Status::More;
        for (qsizetype at = end + 4; at < all.size() && status == BodyReader::Status::More; at += step) {
            pending += all.mid(at, step);
            status = reader.feed(pending);
        }
        body = reader.take();
        if (body.size() > limit) wrong("a body past its limit");
        if (step == 1) whole = status == BodyReader::Status::Done ? body : QByteArray();
        if (status == BodyReader::Status::Done && body != whole) wrong("a body that depends on its pieces");
    }
}

constexpr std::string_view pieces[] = {"\r\n",
                                       "\n",
                                       "\r",
                                       " ",
                                       "\t",
                                       ":",
                                       "%2F",
                                       "%00",
                                       "%",
                                       "..",
                                       "?",
                                       "HTTP/1.1",
                                       "HTTP/1.0",
                                       "HTTP/2",
                                       "GET",
                                       "POST",
                                       "Content-Length: 5\r\n",
                                       "Content-Length: 9999999999999999999\r\n",
                                       "Transfer-Encoding: chunked\r\n",
                                       "Transfer-Encoding: gzip\r\n",
                                       "Connection: close, keep-alive\r\n",
                                       "Expect: 100-continue\r\n",
                                       "Upgrade: websocket\r\n",
                                       "Host: a\r\n",
                                       "0\r\n\r\n",
                                       "5\r\nhello\r\n",
                                       "ffffffffffffffff\r\n",
                                       "7fffffffffffff\r\n",
                                       ";x=y",
                                       "\x80",
                                       "*"};

Bytes mutate(const Bytes &input, Random &random) {
    return mutate_pieces(input, pieces, random);
}

std::vector<Bytes> seeds() {
    return {
        "GET /api/models?x=1 HTTP/1.1\r\nHost: localhost:8000\r\nConnection: keep-alive\r\n\r\n",
        "POST /v1/chat/completions HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nContent-Type: application/json\r\n\r\nhelloGET",
        "POST /a%2Fb/c HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nExpect: "
        "100-continue\r\n\r\n5;x=y\r\nhello\r\n3\r\nabc\r\n0\r\nT: x\r\n\r\nrest",
        "GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n",
        "OPTIONS * HTTP/1.0\r\n\r\n",
    };
}

}  // namespace

const Target target{seeds, run, mutate};

}  // namespace millm::fuzz
