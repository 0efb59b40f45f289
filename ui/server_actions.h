#pragma once

#include "core/base/error.h"
#include "core/base/server_address.h"

#include <QFuture>
#include <QString>

namespace millm {

/// How the server and what it stands on fare, at one moment.
struct ServerHealth {
    int connections = 0, pending = 0;  ///< open sockets; generations that wait or run
    qint64 upSeconds = -1;             ///< since it began to serve; -1: it does not
    bool database = false;             ///< it answers
    qint64 hubRestSeconds = 0;         ///< that the Hub is not asked, since it failed over and over; 0: it is asked
    bool hubOffline = false;
    QString model, device, computeType;                         ///< the loaded model's; empty without one
    qint64 kvLimitBytes = 0, kvUsedBytes = 0, kvKeptBytes = 0;  ///< what requests may remember, do, and left to others
    qint64 computing = 0, waiting = 0;                          ///< sequences
};

/// What the window may do with the HTTP server. The program implements it; answers come in the GUI thread.
class ServerActions {
public:
    virtual ~ServerActions() = default;
    /// The server's own rules hold: see Server::restart.
    virtual QFuture<Result<void>> restart(const ServerAddress &address) = 0;
    /// Ends what is under way within seconds.
    virtual QFuture<void> stop() = 0;
    virtual QFuture<ServerHealth> health() = 0;
};

}  // namespace millm
