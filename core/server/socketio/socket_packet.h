#pragma once

#include <QByteArray>
#include <QJsonArray>
#include <QJsonObject>
#include <QJsonValue>

#include <optional>

namespace millm::socketio {

/// A packet of Socket.IO protocol 5, as an Engine.IO message carries it.
struct SocketPacket {
    enum class Type { Connect, Disconnect, Event, Ack, ConnectError, BinaryEvent, BinaryAck };
    Type type = Type::Event;
    QByteArray nsp = "/";
    std::optional<qint64> ack;
    int attachments = 0;  ///< binary messages that follow
    QJsonValue data = QJsonValue::Undefined;
};

/// Nothing where the text is not a packet: unknown type, broken JSON, an event that is no list beginning with a name.
std::optional<SocketPacket> parseSocketPacket(const QByteArray &text);
QByteArray encode(const SocketPacket &packet);

/// ["name", payload] for a namespace.
QByteArray encodeEvent(const QByteArray &nsp, const QString &name, const QJsonObject &payload);

}  // namespace millm::socketio
