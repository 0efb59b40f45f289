#include "app/server_link.h"

#include "app/services.h"
#include "core/base/futures.h"
#include "core/base/logging.h"
#include "ui/server_state.h"

namespace millm {
namespace {

constexpr int stopSeconds = 3;

/// What the server's thread says of it at one moment.
struct ServerFacts {
    Server::State state = Server::State::Stopped;
    QUrl url;
    QString error;
    bool keyed = false;
};

void show(const ServerFacts &facts, ServerState &shown) {
    switch (facts.state) {
        case Server::State::Stopped:
            shown.setStopped();
            break;
        case Server::State::Starting:
            shown.setStarting();
            break;
        case Server::State::Serving:
            shown.setServing(facts.url, facts.keyed);
            break;
        case Server::State::Failed:
            shown.setError(facts.error);
            break;
    }
}

ServerHealth healthOf(Services &parts) {
    ServerHealth health;
    health.connections = parts.server.connections();
    health.upSeconds = parts.server.upSeconds();
    health.pending = parts.inference.pendingRequests();
    health.hubRestSeconds = std::chrono::ceil<std::chrono::seconds>(parts.hub.resting()).count();
    health.hubOffline = parts.hub.offline();
    if (const auto loaded = parts.inference.loaded()) {
        health.model = loaded->name;
        health.device = loaded->device;
        health.computeType = loaded->computeType;
        const engine::StateUse use = parts.inference.stateUse();
        health.kvLimitBytes = qint64(use.limit);
        health.kvUsedBytes = qint64(use.live);
        health.kvKeptBytes = qint64(use.kept);
        health.computing = qint64(use.running);
        health.waiting = qint64(use.waiting);
    }
    return health;
}

}  // namespace

void ServerLink::feed(ServerState &shown) {
    Server &server = m_services.server;
    QObject::connect(&server, &Server::stateChanged, &shown, [&server, &shown] {
        runOn(&server, [&server] {
            return ServerFacts{server.state(), server.url(), server.errorMessage(), server.wantsKey()};
        }).then(&shown, [&shown](const ServerFacts &facts) { show(facts, shown); });
    });
}

QFuture<Result<void>> ServerLink::restart(const ServerAddress &address) {
    hideFromLog(address.key.value_or(QString()));
    return runOn(&m_services.server, [server = &m_services.server, address]() -> Result<void> {
        const auto port = server->restart(address);
        if (!port) return port.error();
        return {};
    });
}

QFuture<void> ServerLink::stop() {
    return runOn(&m_services.server, [server = &m_services.server] { return server->shutDown(stopSeconds); });
}

QFuture<ServerHealth> ServerLink::health() {
    return runOn(&m_services.server, [parts = &m_services] {
        return parts->database.ping().then(&parts->server, [parts](bool answers) {
            ServerHealth health = healthOf(*parts);
            health.database = answers;
            return health;
        });
    });
}

}  // namespace millm
