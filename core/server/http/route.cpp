#include "core/server/http/route.h"

namespace millm::http {
namespace {

bool fits(const Route &route, const QList<QByteArray> &segments, QByteArray &capture) {
    const QList<QByteArray> pattern = route.path.sliced(1).split('/');
    if (pattern.size() != segments.size()) return false;
    for (qsizetype i = 0; i < pattern.size(); ++i) {
        if (pattern[i] == "{id}") {
            if (segments[i].isEmpty()) return false;
            capture = segments[i];
        } else if (pattern[i] != segments[i]) {
            return false;
        }
    }
    return true;
}

}  // namespace

RouteMatch RouteTable::match(const QByteArray &method, const QList<QByteArray> &segments) const {
    RouteMatch result;
    const QByteArray wanted = method == "HEAD" ? QByteArray("GET") : method;
    bool captured = false;
    for (const Route &route : m_routes) {
        QByteArray capture;
        if (!fits(route, segments, capture)) continue;
        if (!result.allowed.isEmpty() && captured != route.path.contains("{id}")) continue;  // literal rows stand first
        captured = route.path.contains("{id}");
        result.allowed.append(route.method);
        if (route.method == "GET") result.allowed.append("HEAD");
        if (route.method == wanted && !result.route) {
            result.route = &route;
            result.capture = capture;
        }
    }
    return result;
}

const Area &RouteTable::area(const QList<QByteArray> &segments) const {
    const QByteArray path = '/' + segments.join('/');
    static const Area none{};
    const Area *best = &none;
    for (const Area &area : m_areas) {
        if (!path.startsWith(area.prefix)) continue;
        const bool whole = path.size() == area.prefix.size() || area.prefix.endsWith('/') || path[area.prefix.size()] == '/';
        if (whole && area.prefix.size() >= best->prefix.size()) best = &area;
    }
    return *best;
}

}  // namespace millm::http
