#include "tests/support/hub_faults.h"

#include <QFile>
#include <QHash>
#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>

namespace millm::testing::faults {
namespace {

/// A body from memory, whatever it came from before.
void replaceBody(HttpResponse &response, const QByteArray &bytes) {
    response.file.clear();
    response.body = bytes;
}

QByteArray wholeBody(const HttpResponse &response) {
    if (response.file.isEmpty()) return response.body;
    QFile file(response.file);
    if (!file.open(QIODevice::ReadOnly) || !file.seek(response.begin)) return {};
    return file.read(response.count);
}

void refuse(HttpResponse &response, int code, const QByteArray &words) {
    response.status = code;
    response.headers.clear();
    response.set("Content-Type", "application/json");
    replaceBody(response, "{\"error\":\"" + words + "\"}");
}

/// The table of what the server program's --fault knows. Append a row.
const QHash<QString, std::function<HubSpoiler(const QString &)>> &table() {
    static const QHash<QString, std::function<HubSpoiler(const QString &)>> rows = {
        {"drop", [](const QString &value) { return drop(value.toDouble()); }},
        {"stall", [](const QString &value) { return stall(value.toInt()); }},
        {"silence", [](const QString &) { return silence(); }},
        {"hang-up", [](const QString &) { return hangUp(); }},
        {"status", [](const QString &value) { return status(value.toInt()); }},
        {"retry-after", [](const QString &value) { return retryAfter(value.toLatin1()); }},
        {"rate-limit", [](const QString &value) { return rateLimit(value.toInt()); }},
        {"short-body", [](const QString &value) { return shortBody(value.toLongLong()); }},
        {"long-body", [](const QString &value) { return longBody(value.toLongLong()); }},
        {"declared-length", [](const QString &value) { return declaredLength(value.toLongLong()); }},
        {"flip", [](const QString &value) { return flip(value.toDouble()); }},
        {"redirect", [](const QString &value) { return redirectTo(value.toLatin1()); }},
        {"redirect-loop", [](const QString &) { return redirectToItself(); }},
        {"ignore-range", [](const QString &) { return ignoreRange(); }},
        {"wrong-range", [](const QString &) { return wrongRange(); }},
        {"not-satisfiable", [](const QString &) { return notSatisfiable(); }},
        {"expired", [](const QString &) { return expired(); }},
        {"gzip", [](const QString &) { return gzip(); }},
        {"pointer", [](const QString &) { return pointer(); }},
        {"portal", [](const QString &) { return portal(); }},
        {"broken-json", [](const QString &) { return brokenJson(); }},
        {"list-file", [](const QString &value) { return listFile(value); }},
    };
    return rows;
}

}  // namespace

HubSpoiler drop(double fraction) {
    return [fraction](const HttpRequest &, HttpResponse &response) {
        response.tampering.cutAfter = qint64(double(response.length()) * fraction);
    };
}

HubSpoiler stall(int ms) {
    return [ms](const HttpRequest &, HttpResponse &response) {
        response.tampering.stallAt = response.length() / 2;
        response.tampering.stallMs = ms;
    };
}

HubSpoiler silence() {
    return [](const HttpRequest &, HttpResponse &response) { response.tampering.silent = true; };
}

HubSpoiler hangUp() {
    return [](const HttpRequest &, HttpResponse &response) { response.tampering.hangUp = true; };
}

HubSpoiler status(int code) {
    return [code](const HttpRequest &, HttpResponse &response) { refuse(response, code, "made to fail"); };
}

HubSpoiler retryAfter(const QByteArray &value) {
    return [value](const HttpRequest &, HttpResponse &response) {
        refuse(response, 429, "too many requests");
        if (!value.isEmpty()) response.set("Retry-After", value);
    };
}

HubSpoiler rateLimit(int seconds) {
    return [seconds](const HttpRequest &, HttpResponse &response) {
        refuse(response, 429, "too many requests");
        response.set("RateLimit", "\"resolvers\";r=0;t=" + QByteArray::number(seconds));
        response.set("RateLimit-Policy", "\"fixed window\";\"resolvers\";q=3000;w=300");
    };
}

HubSpoiler declaredLength(qint64 difference) {
    return [difference](const HttpRequest &, HttpResponse &response) {
        response.tampering.declaredLength = response.length() + difference;
    };
}

HubSpoiler shortBody(qint64 missing) {
    return [missing](const HttpRequest &, HttpResponse &response) {
        QByteArray bytes = wholeBody(response);
        bytes.chop(missing);
        replaceBody(response, bytes);
    };
}

HubSpoiler longBody(qint64 more) {
    return [more](const HttpRequest &, HttpResponse &response) {
        replaceBody(response, wholeBody(response) + QByteArray(more, 'x'));
    };
}

HubSpoiler flip(double fraction) {
    return [fraction](const HttpRequest &, HttpResponse &response) {
        response.tampering.flipAt = qint64(double(response.length() - 1) * fraction);
    };
}

HubSpoiler header(const QByteArray &name, const QByteArray &value) {
    return [name, value](const HttpRequest &, HttpResponse &response) {
        if (value.isEmpty()) {
            response.remove(name);
        } else {
            response.set(name, value);
        }
    };
}

HubSpoiler redirectTo(const QByteArray &location, int code) {
    return [location, code](const HttpRequest &, HttpResponse &response) {
        refuse(response, code, "elsewhere");
        response.set("Location", location);
    };
}

HubSpoiler redirectToItself() {
    return [](const HttpRequest &request, HttpResponse &response) {
        refuse(response, 302, "round and round");
        response.set("Location", request.path);
    };
}

HubSpoiler ignoreRange() {
    return [](const HttpRequest &, HttpResponse &response) {
        if (response.status != 206) return;
        response.status = 200;
        response.remove("Content-Range");
        response.begin = 0;
        response.count = QFile(response.file).size();
    };
}

HubSpoiler wrongRange() {
    return [](const HttpRequest &, HttpResponse &response) {
        if (response.status != 206) return;
        const QByteArray whole = QByteArray::number(QFile(response.file).size());
        response.set("Content-Range", "bytes 1-" + QByteArray::number(response.count) + '/' + whole);
    };
}

HubSpoiler notSatisfiable() {
    return [](const HttpRequest &, HttpResponse &response) {
        const qint64 whole = QFile(response.file).size();
        refuse(response, 416, "no such range");
        response.set("Content-Range", "bytes */" + QByteArray::number(whole));
    };
}

HubSpoiler expired() {
    return status(403);
}

HubSpoiler gzip() {
    return [](const HttpRequest &, HttpResponse &response) {
        response.set("Content-Encoding", "gzip");
        response.tampering.withoutLength = true;
    };
}

HubSpoiler pointer() {
    return [](const HttpRequest &, HttpResponse &response) {
        const QByteArray sha(64, 'a');
        response.status = 200;
        response.remove("Content-Range");
        replaceBody(response, "version https://git-lfs.github.com/spec/v1\noid sha256:" + sha + "\nsize 12345\n");
    };
}

HubSpoiler portal() {
    return [](const HttpRequest &, HttpResponse &response) {
        response.status = 200;
        response.headers.clear();
        response.set("Content-Type", "text/html; charset=utf-8");
        replaceBody(response, "<!DOCTYPE html><html><body>Welcome to the hotel. Please sign in.</body></html>");
    };
}

HubSpoiler brokenJson() {
    return body("{\"id\": \"half of an answ");
}

HubSpoiler body(const QByteArray &bytes) {
    return [bytes](const HttpRequest &, HttpResponse &response) { replaceBody(response, bytes); };
}

HubSpoiler listFile(const QString &path, qint64 size) {
    return [path, size](const HttpRequest &, HttpResponse &response) {
        QJsonArray entries = QJsonDocument::fromJson(response.body).array();
        entries.append(QJsonObject{{"type", "file"}, {"oid", QString(40, QLatin1Char('0'))}, {"size", size}, {"path", path}});
        response.body = QJsonDocument(entries).toJson(QJsonDocument::Compact);
    };
}

HubSpoiler then(HubSpoiler first, HubSpoiler second) {
    return [first, second](const HttpRequest &request, HttpResponse &response) {
        first(request, response);
        second(request, response);
    };
}

HubSpoiler byName(const QString &text) {
    const auto row = table().constFind(text.section(QLatin1Char(':'), 0, 0));
    return row == table().constEnd() ? HubSpoiler() : (*row)(text.section(QLatin1Char(':'), 1));
}

QStringList names() {
    QStringList all = table().keys();
    all.sort();
    return all;
}

}  // namespace millm::testing::faults
