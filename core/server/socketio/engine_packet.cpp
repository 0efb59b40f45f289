#include "core/server/socketio/engine_packet.h"

namespace millm::socketio {

namespace {
constexpr char separator = '\x1e';
}

std::optional<EnginePacket> parseEnginePacket(const QByteArray &text) {
    if (text.isEmpty()) return {};
    if (text[0] == 'b') {
        auto bytes = QByteArray::fromBase64Encoding(text.sliced(1), QByteArray::AbortOnBase64DecodingErrors);
        if (!bytes) return {};
        return EnginePacket{EnginePacket::Type::Message, std::move(bytes.decoded), true};
    }
    if (text[0] < '0' || text[0] > '6') return {};
    return EnginePacket{static_cast<EnginePacket::Type>(text[0] - '0'), text.sliced(1)};
}

QByteArray encode(const EnginePacket &packet) {
    if (packet.binary) return 'b' + packet.data.toBase64();
    return static_cast<char>('0' + static_cast<int>(packet.type)) + packet.data;
}

std::optional<QList<EnginePacket>> parsePayload(const QByteArray &body) {
    QList<EnginePacket> packets;
    for (const QByteArray &part : body.split(separator)) {
        auto packet = parseEnginePacket(part);
        if (!packet) return {};
        packets.append(*std::move(packet));
    }
    return packets;
}

}  // namespace millm::socketio
