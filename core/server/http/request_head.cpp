#include "core/server/http/request_head.h"

#include <algorithm>

namespace millm::http {
namespace {

bool isHex(char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

bool isDigits(QByteArrayView text) {
    return !text.isEmpty() && std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
}

bool isValue(QByteArrayView text) {
    return std::ranges::all_of(text, [](char c) {
        const auto byte = static_cast<unsigned char>(c);
        return byte == '\t' || (byte >= 0x20 && byte != 0x7f);
    });
}

/// Printable ASCII with whole percent escapes, none of them NUL.
bool isTarget(QByteArrayView text) {
    for (qsizetype i = 0; i < text.size(); ++i) {
        const char c = text[i];
        if (c < 0x21 || c > 0x7e || c == '#') return false;
        if (c != '%') continue;
        if (i + 2 >= text.size() || !isHex(text[i + 1]) || !isHex(text[i + 2])) return false;
        if (text[i + 1] == '0' && text[i + 2] == '0') return false;
    }
    return true;
}

bool listContains(const QByteArray &value, QByteArrayView word) {
    const auto parts = value.split(',');
    return std::ranges::any_of(parts,
                               [&](const QByteArray &part) { return part.trimmed().compare(word, Qt::CaseInsensitive) == 0; });
}

BadRequest bad(QString why, int status = 400) {
    return {status, std::move(why)};
}

/// "GET /path?query HTTP/1.1"
std::optional<BadRequest> parseRequestLine(QByteArrayView line, RequestHead &head, const Limits &limits) {
    if (line.size() > limits.requestLine) {
        return bad(QStringLiteral("The request line is longer than %1 bytes.").arg(limits.requestLine), 414);
    }
    const qsizetype first = line.indexOf(' '), last = line.lastIndexOf(' ');
    if (first <= 0 || last == first) return bad(QStringLiteral("The request line is not METHOD, target and version."));
    const QByteArrayView method = line.first(first), version = line.sliced(last + 1);
    QByteArrayView target = line.sliced(first + 1, last - first - 1);
    if (!isToken(method) || method.size() > 32) return bad(QStringLiteral("The method is not a token."));
    if (!version.startsWith("HTTP/") || version.size() != 8 || version[6] != '.') {
        return bad(QStringLiteral("The version is not HTTP/1.0 or HTTP/1.1."));
    }
    if (version[5] != '1' || (version[7] != '0' && version[7] != '1')) {
        return bad(QStringLiteral("Only HTTP/1.0 and HTTP/1.1 are spoken here."), 505);
    }
    head.minor = version[7] - '0';
    if (!isTarget(target))
        return bad(QStringLiteral("The request target has a character or an escape that does not belong there."));
    if (target.startsWith("http://")) {  // as a proxy would send it; the authority is the Host header's business
        const qsizetype slash = target.indexOf('/', 7);
        target = slash < 0 ? QByteArrayView("/") : target.sliced(slash);
    }
    if (!target.startsWith('/') && !(target == "*" && method == "OPTIONS")) {
        return bad(QStringLiteral("The request target does not start with a slash."));
    }
    const qsizetype mark = target.indexOf('?');
    head.method = method.toByteArray();
    head.path = (mark < 0 ? target : target.first(mark)).toByteArray();
    head.query = mark < 0 ? QByteArray() : target.sliced(mark + 1).toByteArray();
    return {};
}

std::optional<BadRequest> parseHeader(QByteArrayView line, RequestHead &head, const Limits &limits) {
    if (line.size() > limits.headerLine) {
        return bad(QStringLiteral("A header is longer than %1 bytes.").arg(limits.headerLine), 431);
    }
    if (head.headers.size() >= limits.headers) {
        return bad(QStringLiteral("There are more than %1 headers.").arg(limits.headers), 431);
    }
    const qsizetype colon = line.indexOf(':');
    if (colon <= 0 || !isToken(line.first(colon))) return bad(QStringLiteral("A header's name is not a token."));
    const QByteArrayView value = line.sliced(colon + 1).trimmed();
    if (!isValue(value)) return bad(QStringLiteral("A header's value has control characters."));
    head.headers.emplaceBack(line.first(colon).toByteArray().toLower(), value.toByteArray());
    return {};
}

/// What the headers say about the body and the connection.
std::optional<BadRequest> readFraming(RequestHead &head) {
    int lengths = 0, encodings = 0, hosts = 0;
    for (const auto &[name, value] : std::as_const(head.headers)) {
        lengths += name == "content-length";
        encodings += name == "transfer-encoding";
        hosts += name == "host";
    }
    if (hosts > 1 || (hosts == 0 && head.minor == 1)) return bad(QStringLiteral("There must be exactly one Host header."));
    if (lengths > 1) return bad(QStringLiteral("There is more than one Content-Length."));
    if (lengths == 1) {
        const QByteArray length = head.value("content-length");
        if (!isDigits(length) || length.size() > 18) return bad(QStringLiteral("Content-Length is not a number of bytes."));
        head.contentLength = length.toLongLong();
    }
    if (encodings > 0) {
        if (lengths > 0) return bad(QStringLiteral("Content-Length and Transfer-Encoding exclude each other."));
        if (encodings > 1 || head.minor == 0) return bad(QStringLiteral("This use of Transfer-Encoding is not understood."));
        if (head.value("transfer-encoding").compare("chunked", Qt::CaseInsensitive) != 0) {
            return bad(QStringLiteral("The only Transfer-Encoding understood here is chunked."), 501);
        }
        head.chunked = true;
    }
    const QByteArray connection = head.value("connection");
    head.keepAlive = head.minor == 1 ? !listContains(connection, "close") : listContains(connection, "keep-alive");
    if (const QByteArray expect = head.value("expect"); !expect.isNull()) {
        if (expect.compare("100-continue", Qt::CaseInsensitive) != 0) {
            return bad(QStringLiteral("The only expectation understood here is 100-continue."), 417);
        }
        head.expectsContinue = head.minor == 1 && head.hasBody();
    }
    head.upgradesToWebSocket = head.minor == 1 && head.method == "GET" && listContains(connection, "upgrade") &&
                               head.value("upgrade").compare("websocket", Qt::CaseInsensitive) == 0;
    if (head.upgradesToWebSocket && head.hasBody()) return bad(QStringLiteral("A WebSocket handshake has no body."));
    return {};
}

}  // namespace

bool isToken(QByteArrayView text) {
    return !text.isEmpty() && std::ranges::all_of(text, [](char c) {
        return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
               QByteArrayView("!#$%&'*+-.^_`|~").contains(c);
    });
}

QByteArray RequestHead::value(QByteArrayView name) const {
    const auto found = std::ranges::find_if(headers, [&](const auto &header) { return header.first == name; });
    if (found == headers.end()) return {};
    return found->second.isNull() ? QByteArray("") : found->second;
}

QList<QByteArray> RequestHead::segments() const {
    QList<QByteArray> parts = path.mid(1).split('/');
    for (QByteArray &part : parts) part = QByteArray::fromPercentEncoding(part);
    return parts;
}

Outcome<RequestHead, BadRequest> parseHead(QByteArrayView bytes, const Limits &limits) {
    RequestHead head;
    bool first = true;
    while (true) {
        const qsizetype end = bytes.indexOf('\n');
        if (end < 1 || bytes[end - 1] != '\r') return bad(QStringLiteral("Lines of a request end in CR LF."));
        const QByteArrayView line = bytes.first(end - 1);
        bytes = bytes.sliced(end + 1);
        if (line.isEmpty() && !first) break;
        const auto wrong = first ? parseRequestLine(line, head, limits) : parseHeader(line, head, limits);
        if (wrong) return *wrong;
        first = false;
    }
    if (const auto wrong = readFraming(head)) return *wrong;
    return head;
}

}  // namespace millm::http
