#include "app/demo/http_message.h"

#include <QHash>

namespace millm {
namespace {

QByteArray find(const HttpHeaders &headers, const QByteArray &name) {
    for (const auto &[key, value] : headers) {
        if (key.compare(name, Qt::CaseInsensitive) == 0) return value;
    }
    return {};
}

}  // namespace

QByteArray HttpRequest::header(const QByteArray &name) const {
    return find(headers, name);
}

QByteArray HttpRequest::bearer() const {
    const QByteArray value = header("Authorization");
    return value.startsWith("Bearer ") ? value.mid(7) : QByteArray();
}

QByteArray HttpResponse::header(const QByteArray &name) const {
    return find(headers, name);
}

void HttpResponse::set(const QByteArray &name, const QByteArray &value) {
    remove(name);
    headers.append({name, value});
}

void HttpResponse::remove(const QByteArray &name) {
    headers.removeIf([&](const auto &header) { return header.first.compare(name, Qt::CaseInsensitive) == 0; });
}

QByteArray reasonOf(int status) {
    static const QHash<int, QByteArray> reasons = {
        {200, "OK"},
        {206, "Partial Content"},
        {302, "Found"},
        {307, "Temporary Redirect"},
        {400, "Bad Request"},
        {401, "Unauthorized"},
        {403, "Forbidden"},
        {404, "Not Found"},
        {405, "Method Not Allowed"},
        {416, "Range Not Satisfiable"},
        {429, "Too Many Requests"},
        {500, "Internal Server Error"},
        {503, "Service Unavailable"},
    };
    return reasons.value(status, "Status");
}

}  // namespace millm
