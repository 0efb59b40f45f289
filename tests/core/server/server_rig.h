#pragma once

#include "app/services.h"
#include "raw_client.h"
#include "tests/support/hub_emulator.h"
#include "tests/support/test_settings.h"
#include "tests/support/waiting.h"

#include <QJsonDocument>
#include <QTemporaryDir>

namespace millm::testing {

/// `object` with more members, or others of the same name.
inline QJsonObject with(QJsonObject object, const QJsonObject &more) {
    for (auto it = more.begin(); it != more.end(); ++it) object.insert(it.key(), it.value());
    return object;
}

/// An answer's status and its JSON.
struct JsonAnswer {
    int status = 0;
    QJsonObject json;
    RawAnswer raw;
    QJsonValue data() const { return json.value(QLatin1StringView("data")); }
    QJsonObject error() const { return json.value(QLatin1StringView("error")).toObject(); }
    QString code() const { return error().value(QLatin1StringView("code")).toString(); }
    QString field() const {
        return error().value(QLatin1StringView("details")).toObject().value(QLatin1StringView("field")).toString();
    }
};

/// The program's services and its server in this thread, with a Hub on this machine.
class ServerRig {
public:
    /// `key`: wanted of clients, and sent by load().
    explicit ServerRig(const std::function<void(Settings &)> &change = {}, QByteArray key = {}) : m_key(std::move(key)) {
        settings = settingsIn(m_folder.path(), hub.endpoint());
        if (!m_key.isEmpty()) settings.apiKeys = {apiKey(QStringLiteral("test"), m_key)};
        if (change) change(settings);
        parts = std::make_unique<Services>(settings);
        if (!answer(parts->database.open())) qFatal("the database does not open");
        if (!answer(parts->models.start())) qFatal("the models do not start");
        parts->system.start();
        const auto listening = parts->server.listen();
        if (!listening) qFatal("%s", qPrintable(listening.error().message));
        port = *listening;
    }
    ~ServerRig() {
        wait(parts->server.shutDown(1));
        wait(parts->models.shutDown());
    }

    JsonAnswer ask(const QByteArray &method, const QByteArray &path, const QJsonObject &body = {},
                   const QByteArray &headers = {}) const {
        RawClient client(port);
        client.send(method == "GET" || (method != "POST" && body.isEmpty())
                        ? request(method, path, headers)
                        : jsonRequest(method, path, QJsonDocument(body).toJson(QJsonDocument::Compact), headers));
        JsonAnswer result;
        result.raw = client.readAnswer(false, 240000);
        result.status = result.raw.status;
        result.json = QJsonDocument::fromJson(result.raw.body).object();
        return result;
    }

    /// Registers a folder; its id.
    qint64 add(const QString &folder, const QString &name) const {
        const JsonAnswer added = ask("POST", "/api/models",
                                     {{QStringLiteral("source"), QStringLiteral("local")},
                                      {QStringLiteral("local_path"), folder},
                                      {QStringLiteral("quantization"), QStringLiteral("FP16")},
                                      {QStringLiteral("custom_name"), name}},
                                     key());
        if (added.status != 201) qFatal("not added: %s", added.raw.body.constData());
        return added.data().toObject().value(QLatin1StringView("id")).toInteger();
    }

    /// And loads it.
    qint64 load(const QString &folder, const QString &name) const {
        const qint64 id = add(folder, name);
        const JsonAnswer loaded =
            ask("POST", "/api/models/" + QByteArray::number(id) + "/load?wait=true", {{QStringLiteral("force"), true}}, key());
        if (loaded.status != 200) qFatal("not loaded: %s", loaded.raw.body.constData());
        return id;
    }

    HubEmulator hub;
    Settings settings;
    /// For another server over the same services.
    Server::Sources sources() const {
        return {parts->models, parts->search, parts->inference, parts->system, parts->database, parts->hub, parts->requests};
    }

    std::unique_ptr<Services> parts;
    quint16 port = 0;

private:
    QByteArray key() const { return m_key.isEmpty() ? QByteArray() : "X-Api-Key: " + m_key + "\r\n"; }

    const QByteArray m_key;
    QTemporaryDir m_folder;
};

}  // namespace millm::testing
