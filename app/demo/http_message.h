#pragma once

#include <QByteArray>
#include <QList>
#include <QPair>
#include <QString>
#include <QUrlQuery>

namespace millm {

using HttpHeaders = QList<QPair<QByteArray, QByteArray>>;

/// A request as it came, parsed but not judged.
struct HttpRequest {
    QByteArray method, path;  ///< path: still percent-encoded, without the query
    QUrlQuery query;
    HttpHeaders headers;
    QByteArray body;

    QByteArray header(const QByteArray &name) const;  ///< any case; empty where it is not there
    QByteArray bearer() const;                        ///< the token of Authorization, empty without one
};

/// How a server in trouble spoils an answer: the tests' faults. A new one is all well.
struct Tampering {
    qint64 cutAfter = -1;        ///< closes the connection after so many bytes of the body
    qint64 stallAt = -1;         ///< falls silent there…
    int stallMs = 0;             ///< …for so long
    qint64 flipAt = -1;          ///< inverts the byte there
    qint64 declaredLength = -1;  ///< what Content-Length says instead of the truth
    bool withoutLength = false;  ///< no Content-Length: the end of the connection is the end of the body
    bool silent = false;         ///< never answers
    bool hangUp = false;         ///< closes without a word
};

/// An answer: a body from memory, or a range of a file.
struct HttpResponse {
    int status = 200;
    HttpHeaders headers;
    QByteArray body;
    QString file;  ///< where set, `count` bytes of it from `begin` are the body
    qint64 begin = 0, count = 0;
    qint64 bytesPerSecond = 0;  ///< 0: as fast as it goes
    Tampering tampering;

    qint64 length() const { return file.isEmpty() ? body.size() : count; }
    void set(const QByteArray &name, const QByteArray &value);  ///< replaces one of that name
    void remove(const QByteArray &name);
    QByteArray header(const QByteArray &name) const;
};

QByteArray reasonOf(int status);

}  // namespace millm
