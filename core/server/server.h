#pragma once

#include "core/base/error.h"
#include "core/base/server_address.h"

#include <QFuture>
#include <QObject>
#include <QUrl>

#include <memory>

namespace millm {

class Database;
class HubClient;
class InferenceService;
class ModelSearch;
class ModelService;
class RequestJournal;
class SystemMonitor;
struct Settings;
namespace http {
class RouteTable;
}

/// The HTTP server: the management API, Socket.IO events, the OpenAI endpoints and their description on one port.
/// Lives in the services thread together with the services it is given; nothing here blocks.
class Server : public QObject {
    Q_OBJECT
public:
    enum class State { Stopped, Starting, Serving, Failed };
    Q_ENUM(State)

    /// What it serves. All outlive it.
    struct Sources {
        ModelService &models;
        ModelSearch &search;
        InferenceService &inference;
        SystemMonitor &system;
        Database &database;
        const HubClient &hub;
        RequestJournal &journal;
    };
    Server(const Settings &settings, const Sources &sources, QObject *parent = nullptr);
    ~Server() override;  ///< cuts whatever is still open

    /// Listens on the settings' host and port; the port in force. Fails (state Failed) where the address is taken or not of
    /// this machine, for an address that is not loopback while the settings have no API key, and where certificate and key
    /// cannot be read or are not each other's.
    Result<quint16> listen();
    /// Listens there instead and asks for that key; what is under way ends as it began. Where that fails and the server served,
    /// it goes on where it was. Also out of Stopped and Failed.
    Result<quint16> restart(const ServerAddress &address);
    /// The one in force, or the one that failed, without the key.
    ServerAddress address() const;
    bool wantsKey() const;  ///< of clients
    /// "http://127.0.0.1:8000", or https, while serving, else empty.
    QUrl url() const;
    State state() const;
    /// Why the state is Failed; empty otherwise.
    QString errorMessage() const;

    /// Everything it answers to: the OpenAPI document is held against it.
    const http::RouteTable &routes() const;

    qint64 upSeconds() const;   ///< since it began to serve here; -1: it does not serve
    int connections() const;    ///< open sockets, WebSockets among them
    int activeStreams() const;  ///< answers under way that arrive piece by piece

    /// Stops accepting, closes idle connections, waits at most `seconds` for requests under way, then cuts them.
    QFuture<void> shutDown(int seconds);

Q_SIGNALS:
    void stateChanged();
    void activityChanged();  ///< connections() or activeStreams() is another number

private:
    class Private;
    std::unique_ptr<Private> d;
};

}  // namespace millm
