#pragma once

#include "core/engine/result.h"
#include "core/server/http/limits.h"

#include <QByteArray>
#include <QByteArrayView>
#include <QList>
#include <QString>

#include <utility>

namespace millm::http {

/// Why a request is not taken, before any handler sees it.
struct BadRequest {
    int status = 400;
    QString why;
};

/// Is this a method or a header's name as HTTP defines them?
bool isToken(QByteArrayView text);

/// The request line and headers of one request, checked: what is in here is well-formed HTTP/1.x.
struct RequestHead {
    QByteArray method;                                 ///< as sent; methods are case-sensitive
    QByteArray path;                                   ///< still percent-encoded, starts with '/' ("*" for OPTIONS *)
    QByteArray query;                                  ///< still percent-encoded, without the '?'
    int minor = 1;                                     ///< of HTTP/1.minor
    QList<std::pair<QByteArray, QByteArray>> headers;  ///< names in lower case, values trimmed

    // Made of the headers above:
    qint64 contentLength = -1;  ///< bytes; -1 where there is none
    bool chunked = false;
    bool keepAlive = true;
    bool expectsContinue = false;
    bool upgradesToWebSocket = false;

    /// The first header of that (lower-case) name; null where there is none.
    QByteArray value(QByteArrayView name) const;
    bool hasBody() const { return chunked || contentLength > 0; }
    /// The path's segments, decoded each for itself: "/a%2Fb/c" is {"a/b", "c"}.
    QList<QByteArray> segments() const;
};

/// Parses everything up to and including the blank line. Refuses whatever two readers could understand differently: bare LF,
/// folded lines, spaces before the colon, several or odd lengths, length with chunks, controls in values.
Outcome<RequestHead, BadRequest> parseHead(QByteArrayView bytes, const Limits &limits);

}  // namespace millm::http
