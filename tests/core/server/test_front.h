#pragma once

#include "core/base/settings.h"
#include "core/server/http/event_stream.h"
#include "core/server/http/exchange.h"
#include "core/server/http/front.h"

#include <QPointer>

#include <stdexcept>

/// A Front with a few routes that do what a test needs.
struct TestFront {
    explicit TestFront(const millm::http::Limits &limits = {}, const millm::Settings &settings = {},
                       const millm::http::CertificateFiles *certificate = nullptr,
                       const millm::http::WrongKeyLimits &wrongKeys = {})
        : routes(makeRoutes()),
          gate(std::make_shared<millm::http::Gate>(settings, routes, wrongKeys)),
          front(routes, gate, limits, certificate) {
        port = front.listen(QHostAddress::LocalHost, 0);
    }

    std::shared_ptr<millm::http::RouteTable> makeRoutes() {
        using namespace millm::http;
        return std::make_shared<RouteTable>(
            QList<Area>{{"/api", ErrorStyle::Management, true, 1024 * 1024},
                        {"/v1", ErrorStyle::OpenAi, true, 2 * 1024 * 1024},
                        {"/", ErrorStyle::Management, false}},
            QList<Route>{
                {"GET", "/hello", Body::None, [](Exchange &x) { x.send(json(200, {{"hello", "you"}})); }},
                {"GET", "/api/things/{id}", Body::None,
                 [](Exchange &x) { x.send({.contentType = "text/plain", .body = x.capture()}); }},
                {"DELETE", "/api/things/{id}", Body::None, [](Exchange &x) { x.send(json(200, {})); }},
                {"POST", "/api/json", Body::Json, [](Exchange &x) { x.send(json(200, x.json())); }},
                {"POST", "/v1/json", Body::OptionalJson, [](Exchange &x) { x.send(json(200, x.json())); }},
                {"POST", "/api/text", Body::Text, [](Exchange &x) { x.send({.contentType = "text/plain", .body = x.body()}); }},
                {"GET", "/api/throw", Body::None, [](Exchange &) { throw std::runtime_error("thrown on purpose"); }},
                {"GET", "/api/park", Body::None,
                 [this](Exchange &x) {
                     parked = &x;
                     QObject::connect(&x, &Exchange::abandoned, &front, [this] { ++abandoned; });
                 }},
                {"GET", "/api/cancelled", Body::None,
                 [](Exchange &x) {
                     QPromise<int> promise;
                     promise.start();
                     QFuture<int> future = promise.future();
                     future.cancel();
                     promise.finish();
                     x.when(future, [](int) {});
                 }},
                {"GET", "/api/stream", Body::None,
                 [this](Exchange &x) {
                     stream = new EventStream(x, 256 * 1024, std::chrono::milliseconds(50));
                     parked = &x;
                     QObject::connect(&x, &Exchange::abandoned, &front, [this] { ++abandoned; });
                 }},
                {"GET", "/api/large", Body::None,
                 [](Exchange &x) { x.send({.contentType = "text/plain", .body = QByteArray(8 * 1024 * 1024, 'x')}); }},
            });
    }

    QPointer<millm::http::Exchange> parked;
    QPointer<millm::http::EventStream> stream;
    int abandoned = 0;
    std::shared_ptr<millm::http::RouteTable> routes;
    std::shared_ptr<millm::http::Gate> gate;
    millm::http::Front front;
    quint16 port = 0;
};
