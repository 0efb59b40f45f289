#pragma once

#include "core/base/error.h"

#include <QByteArray>
#include <QNetworkReply>
#include <QString>

#include <functional>

namespace millm {

/// What a request to the Hub failed with, and what may be done about it.
struct HubFailure {
    enum class Kind {
        Transport,     ///< no answer, a broken or silent connection: may be tried again
        Server,        ///< 408, 500, 502, 503, 504: may be tried again
        RateLimited,   ///< 429: to be tried again after `waitMs`
        Expired,       ///< a signed address is not honoured any more: ask the Hub for a new one
        Resting,       ///< the circuit breaker is open for `waitMs`: nothing was sent
        Absent,        ///< the file is not in the repository
        Gated,         ///< metadata may be read, files may not
        RangeRefused,  ///< 416
        Refused,       ///< anything else: trying again does not help
    };
    Kind kind = Kind::Refused;
    Error error;
    int status = 0;      ///< of HTTP; 0 without an answer
    qint64 waitMs = -1;  ///< what the server asks to wait; -1 where it does not say

    bool worthRetrying() const { return kind <= Kind::Resting; }
};

template <class T>
using HubResult = Outcome<T, HubFailure>;

/// Whom a request was about, for the words of its failure.
struct HubSubject {
    QString repoId;
    QString file;  ///< empty for metadata
    bool withToken = false;
    bool foreign = false;  ///< the answer came from another origin than the Hub's
    QString page;          ///< of the repository, for "request access at …"
};

/// What an answer's status and headers mean. `header` looks a header up; `body` is its first bytes.
HubFailure failureOfAnswer(int status, const std::function<QByteArray(const char *)> &header, const QByteArray &body,
                           const HubSubject &subject);
HubFailure failureOfTransport(QNetworkReply::NetworkError error);
HubFailure refused(const QString &why);     ///< "Download failed: …", not worth retrying
HubFailure flawed(const QString &why);      ///< the repository itself is at fault: UnsupportedModel
HubFailure brokenLine(const QString &why);  ///< the same, worth retrying

}  // namespace millm
