// Engine.IO payloads and the Socket.IO packets in them.
#include "core/server/socketio/socket_packet.h"
#include "core/server/socketio/engine_packet.h"
#include "tests/fuzz/fuzz.h"

namespace millm::fuzz {

namespace {

using namespace socketio;

void run(const Bytes &input) {
    const QByteArray text(input.data(), qsizetype(input.size()));
    const auto packets = parsePayload(text);
    if (!packets) return;
    for (const EnginePacket &packet : *packets) {
        const auto again = parseEnginePacket(encode(packet));
        if (!again || again->data != packet.data || again->binary != packet.binary)
            wrong("an Engine.IO packet that is written as another");
        if (packet.type != EnginePacket::Type::Message || packet.binary) continue;
        const auto socket = parseSocketPacket(packet.data);
        if (!socket) continue;
        if (socket->attachments > 16 || socket->nsp.size() > 256) wrong("a packet past its limits");
        (void)encode(*socket);
    }
}

constexpr std::string_view pieces[] = {"\x1e",
                                       "4",
                                       "40",
                                       "42",
                                       "450-",
                                       "461-",
                                       "2",
                                       "b",
                                       "bAAEC",
                                       "/admin,",
                                       "?",
                                       ",",
                                       "[\"x\"]",
                                       "[\"x\",{}]",
                                       "{\"token\":1}",
                                       "999999999999999",
                                       "9999999999999999999",
                                       "-",
                                       "[[[[[[[[[[",
                                       "]]]]]]]]]]",
                                       "1e999",
                                       "\"\\ud800\"",
                                       "null"};

Bytes mutate(const Bytes &input, Random &random) {
    return mutate_pieces(input, pieces, random);
}

std::vector<Bytes> seeds() {
    return {"40{\"token\":\"x\"}",
            "42[\"subscribe\",{\"id\":5}]\x1e"
            "3probe\x1e"
            "2",
            "42/admin,13[\"event\",\"data\"]",
            "43/admin,7[\"ok\"]",
            "452-/bin,5[\"up\",{\"_placeholder\":true,\"num\":0}]",
            "bAAECAwQ=",
            "41/admin,",
            "44{\"message\":\"no\"}",
            "1",
            "6"};
}

}  // namespace

const Target target{seeds, run, mutate};

}  // namespace millm::fuzz
