#pragma once

#include "core/server/http/error_response.h"

#include <QByteArray>
#include <QList>

#include <functional>

namespace millm::http {

class Exchange;

/// What a route does with a request's body.
enum class Body {
    None,          ///< takes none; one that comes is ignored
    OptionalJson,  ///< an object, or nothing
    Json,          ///< an object
    Text,          ///< as it is (Engine.IO's polling)
};

/// One row of the route table. A path is literal but for one "{id}" segment.
struct Route {
    QByteArray method, path;
    Body body = Body::None;
    std::function<void(Exchange &)> handler;
    bool webSocket = false;  ///< may also be upgraded
};

/// What all paths under a prefix have in common. The longest prefix counts.
struct Area {
    QByteArray prefix;  ///< "/api": the path itself and all below
    ErrorStyle errors = ErrorStyle::Management;
    bool needsKey = true;
    qint64 bodyLimit = 64 * 1024;  ///< bytes
};

/// A path looked up: `route` with its capture, or the methods that the path does know.
struct RouteMatch {
    const Route *route = nullptr;
    QByteArray capture;
    QList<QByteArray> allowed;  ///< empty where there is no such path
};

/// The routes of a server, and 404, 405 and areas out of them.
class RouteTable {
public:
    RouteTable() = default;
    RouteTable(QList<Area> areas, QList<Route> routes) : m_areas(std::move(areas)), m_routes(std::move(routes)) {}

    /// HEAD is taken for GET.
    RouteMatch match(const QByteArray &method, const QList<QByteArray> &segments) const;
    /// By decoded segments, so that no spelling of a path escapes its area.
    const Area &area(const QList<QByteArray> &segments) const;
    const QList<Route> &routes() const { return m_routes; }

private:
    QList<Area> m_areas;
    QList<Route> m_routes;
};

}  // namespace millm::http
