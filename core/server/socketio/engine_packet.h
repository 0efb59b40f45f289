#pragma once

#include <QByteArray>
#include <QList>

#include <optional>

namespace millm::socketio {

/// A packet of Engine.IO protocol 4: one digit and what belongs to it, or raw bytes.
struct EnginePacket {
    enum class Type { Open, Close, Ping, Pong, Message, Upgrade, Noop };
    Type type = Type::Message;
    QByteArray data;
    bool binary = false;  ///< a Message of bytes
};

/// As a text frame or polling has it; nothing where the type is unknown or base64 is broken.
std::optional<EnginePacket> parseEnginePacket(const QByteArray &text);
QByteArray encode(const EnginePacket &packet);

/// A polling body: packets with 0x1e between them. Nothing where one is malformed.
std::optional<QList<EnginePacket>> parsePayload(const QByteArray &body);

}  // namespace millm::socketio
