#include "core/server/socketio/socket_packet.h"

#include <QJsonDocument>

namespace millm::socketio {
namespace {

constexpr int maxAttachments = 16;
constexpr qsizetype maxNamespace = 256;

/// Digits at the front of `text`, taken off it; -1 where there are none or too many.
qint64 takeNumber(QByteArrayView &text) {
    qsizetype count = 0;
    while (count < text.size() && text[count] >= '0' && text[count] <= '9') ++count;
    if (count == 0 || count > 15) return -1;
    const qint64 number = text.first(count).toLongLong();
    text = text.sliced(count);
    return number;
}

/// Any JSON value; QJsonDocument only knows lists and objects at the top.
std::optional<QJsonValue> parseValue(QByteArrayView text) {
    QJsonParseError problem;
    const QJsonDocument document = QJsonDocument::fromJson('[' + text.toByteArray() + ']', &problem);
    if (problem.error != QJsonParseError::NoError || document.array().size() != 1) return {};
    return document.array().first();
}

bool isSound(const SocketPacket &packet) {
    using Type = SocketPacket::Type;
    switch (packet.type) {
        case Type::Connect:
            return packet.data.isUndefined() || packet.data.isObject();
        case Type::Disconnect:
            return packet.data.isUndefined();
        case Type::ConnectError:
            return packet.data.isString() || packet.data.isObject();
        case Type::Ack:
        case Type::BinaryAck:
            return packet.data.isArray() && packet.ack;
        case Type::Event:
        case Type::BinaryEvent: {
            const QJsonArray list = packet.data.toArray();
            return !list.isEmpty() && (list.first().isString() || list.first().isDouble());
        }
    }
    return false;
}

}  // namespace

std::optional<SocketPacket> parseSocketPacket(const QByteArray &text) {
    QByteArrayView rest = text;
    if (rest.isEmpty() || rest[0] < '0' || rest[0] > '6') return {};
    SocketPacket packet;
    packet.type = static_cast<SocketPacket::Type>(rest[0] - '0');
    rest = rest.sliced(1);
    if (packet.type == SocketPacket::Type::BinaryEvent || packet.type == SocketPacket::Type::BinaryAck) {
        const qint64 count = takeNumber(rest);
        if (count < 0 || count > maxAttachments || !rest.startsWith('-')) return {};
        packet.attachments = static_cast<int>(count);
        rest = rest.sliced(1);
    }
    if (rest.startsWith('/')) {
        const qsizetype comma = rest.indexOf(',');
        packet.nsp = (comma < 0 ? rest : rest.first(comma)).toByteArray();
        packet.nsp = packet.nsp.split('?').first();  // older clients put their query there
        if (packet.nsp.size() > maxNamespace) return {};
        rest = comma < 0 ? QByteArrayView() : rest.sliced(comma + 1);
    }
    if (!rest.isEmpty() && rest[0] >= '0' && rest[0] <= '9') {
        packet.ack = takeNumber(rest);
        if (*packet.ack < 0) return {};
    }
    if (!rest.isEmpty()) {
        auto value = parseValue(rest);
        if (!value) return {};
        packet.data = *std::move(value);
    }
    if (!isSound(packet)) return {};
    return packet;
}

QByteArray encode(const SocketPacket &packet) {
    QByteArray text(1, static_cast<char>('0' + static_cast<int>(packet.type)));
    if (packet.nsp != "/") text += packet.nsp + ',';
    if (packet.ack) text += QByteArray::number(*packet.ack);
    if (packet.data.isObject())
        text += QJsonDocument(packet.data.toObject()).toJson(QJsonDocument::Compact);
    else if (packet.data.isArray())
        text += QJsonDocument(packet.data.toArray()).toJson(QJsonDocument::Compact);
    return text;
}

QByteArray encodeEvent(const QByteArray &nsp, const QString &name, const QJsonObject &payload) {
    return encode(SocketPacket{.type = SocketPacket::Type::Event, .nsp = nsp, .data = QJsonArray{name, payload}});
}

}  // namespace millm::socketio
