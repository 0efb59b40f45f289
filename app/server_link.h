#pragma once

#include "ui/server_actions.h"

namespace millm {

struct Services;
class ServerState;

/// The window's end of the HTTP server, which it never meets: here they do, thread to thread. GUI thread; the services outlive
/// it.
class ServerLink : public ServerActions {
public:
    explicit ServerLink(Services &services) : m_services(services) {}

    /// Feeds the window's picture of the server. What is shown goes before this does.
    void feed(ServerState &shown);

    QFuture<Result<void>> restart(const ServerAddress &address) override;
    QFuture<void> stop() override;
    QFuture<ServerHealth> health() override;

private:
    Services &m_services;
};

}  // namespace millm
