#include "core/hub/hub_failure.h"

#include "core/base/errors.h"
#include "core/hub/rate_limit.h"

#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>

namespace millm {
namespace {

using Kind = HubFailure::Kind;

constexpr qsizetype longestMessage = 300;

QString textOf(const QJsonValue &value) {
    if (value.isArray()) return textOf(value.toArray().first());
    if (value.isObject()) return value.toObject().value(QLatin1StringView("message")).toString();
    return value.toString();
}

/// The server's own words, fit to be shown: from the header, else from the JSON body.
QString messageOf(const QByteArray &header, const QByteArray &body) {
    QString text = QString::fromUtf8(header);
    if (text.isEmpty()) {
        const QJsonObject object = QJsonDocument::fromJson(body).object();
        for (const char *key : {"error_description", "error", "errors", "message"}) {
            text = textOf(object.value(QLatin1StringView(key)));
            if (!text.isEmpty()) break;
        }
    }
    for (QChar &c : text) {
        if (!c.isPrint()) c = QLatin1Char(' ');
    }
    return text.simplified().left(longestMessage);
}

HubFailure failure(Kind kind, int status, Error error) {
    return {kind, std::move(error), status, -1};
}

/// Is it the token itself that the Hub does not take?
bool blamesToken(const QString &message) {
    return message.contains(QLatin1StringView("Invalid credentials in Authorization header")) ||
           (message.contains(QLatin1StringView("Token")) && message.contains(QLatin1StringView("expired")));
}

HubFailure ofUnauthorized(const QByteArray &code, const QString &message, const HubSubject &subject) {
    if (blamesToken(message)) return failure(Kind::Refused, 401, errors::invalidToken(subject.repoId, message));
    if (code == "GatedRepo") {
        if (subject.withToken) return failure(Kind::Gated, 401, errors::invalidToken(subject.repoId, message));
        return failure(Kind::Gated, 401, errors::gatedNoToken(subject.repoId));
    }
    if (subject.repoId.isEmpty()) return failure(Kind::Refused, 401, errors::invalidToken({}, message));
    // Anonymous requests for what does not exist, or is private, get this.
    return failure(Kind::Refused, 401, errors::repoNotFound(subject.repoId));
}

HubFailure ofForbidden(const QByteArray &code, const QString &message, const HubSubject &subject) {
    if (message == QLatin1StringView("Access to this resource is disabled."))
        return failure(Kind::Refused, 403, errors::downloadFailed(QStringLiteral("the Hub has disabled this repository.")));
    if (code == "GatedRepo") {
        if (!subject.withToken) return failure(Kind::Gated, 403, errors::gatedNoToken(subject.repoId));
        const QString advice = QStringLiteral("the token has no access; request access at %1 (%2)").arg(subject.page, message);
        return failure(Kind::Gated, 403, errors::invalidToken(subject.repoId, advice));
    }
    if (subject.withToken) {
        const QString words = message.isEmpty() ? QStringLiteral("the Hub refuses it (403)") : message;
        return failure(Kind::Refused, 403, errors::invalidToken(subject.repoId, words));
    }
    return failure(Kind::Refused, 403, errors::downloadFailed(QStringLiteral("the Hub refuses it (403): %1").arg(message)));
}

HubFailure ofNotFound(const QByteArray &code, const QString &message, const HubSubject &subject) {
    if (code == "RepoNotFound") return failure(Kind::Refused, 404, errors::repoNotFound(subject.repoId));
    if (code == "EntryNotFound")
        return failure(Kind::Absent, 404,
                       errors::downloadFailed(QStringLiteral("the repository has no file \"%1\".").arg(subject.file)));
    if (code == "RevisionNotFound")
        return failure(Kind::Refused, 404,
                       errors::downloadFailed(QStringLiteral("the repository has no such revision: %1").arg(message)));
    return failure(Kind::Refused, 404, errors::downloadFailed(QStringLiteral("the server does not answer like a Hub (404).")));
}

}  // namespace

HubFailure failureOfAnswer(int status, const std::function<QByteArray(const char *)> &header, const QByteArray &body,
                           const HubSubject &subject) {
    const QByteArray code = header("X-Error-Code");
    const QString message = messageOf(header("X-Error-Message"), body);
    // A signed address that has run out: 403, or 400 from some stores.
    if (subject.foreign && (status == 401 || status == 403 || status == 400))
        return failure(Kind::Expired, status,
                       errors::downloadFailed(QStringLiteral("the content server refuses the file (%1).").arg(status)));
    switch (status) {
        case 401:
            return ofUnauthorized(code, message, subject);
        case 403:
            return ofForbidden(code, message, subject);
        case 404:
            return ofNotFound(code, message, subject);
        case 416:
            return failure(Kind::RangeRefused, 416, errors::downloadFailed(QStringLiteral("the range is refused (416).")));
        case 429: {
            HubFailure limited = failure(Kind::RateLimited, 429,
                                         errors::downloadFailed(QStringLiteral("the Hub's rate limit is reached (429).")));
            const auto wait = rateLimitWait(header("RateLimit"), header("Retry-After"), header("Date"));
            limited.waitMs = wait.value_or(-1);
            return limited;
        }
        case 408:
        case 500:
        case 502:
        case 503:
        case 504:
            return failure(
                Kind::Server, status,
                errors::downloadFailed(QStringLiteral("the server is in trouble (%1). Please try again later.").arg(status)));
        case 410:
            return failure(Kind::Refused, 410, errors::downloadFailed(QStringLiteral("it is gone for good (410).")));
        case 451:
            return failure(Kind::Refused, 451,
                           errors::downloadFailed(QStringLiteral("it is withheld for legal reasons (451).")));
        default:
            break;
    }
    const QString words = QStringLiteral("the server answered %1. %2").arg(status).arg(message);
    return failure(Kind::Refused, status, errors::downloadFailed(words.trimmed()));
}

HubFailure failureOfTransport(QNetworkReply::NetworkError error) {
    if (error == QNetworkReply::SslHandshakeFailedError)
        return refused(QStringLiteral("the server's certificate is not trusted (TLS)."));
    return failure(Kind::Transport, 0, errors::networkFailed());
}

HubFailure refused(const QString &why) {
    return failure(Kind::Refused, 0, errors::downloadFailed(why));
}

HubFailure flawed(const QString &why) {
    return failure(Kind::Refused, 0, errors::unsupported(why));
}

HubFailure brokenLine(const QString &why) {
    return failure(Kind::Transport, 0, errors::downloadFailed(why));
}

}  // namespace millm
