#pragma once

#include <QtGlobal>

#include <chrono>

namespace millm::http {

/// How much of a stranger's bytes and time the server takes. Plain values, so that tests can make them small.
struct Limits {
    qsizetype requestLine = 8 * 1024;              ///< bytes, else 414
    qsizetype headerLine = 8 * 1024;               ///< bytes, else 431
    qsizetype head = 32 * 1024;                    ///< bytes of request line and headers, else 431
    qsizetype headers = 100;                       ///< else 431
    int connections = 2000;                        ///< open sockets; for further ones waiting ones go, or they are told 503
    qint64 bodies = 256 * 1024 * 1024;             ///< bytes of all bodies that are on their way; a further one is told 503
    qint64 bodiesOfPeer = 160 * 1024 * 1024;       ///< the same of one address
    qint64 readBuffer = 64 * 1024;                 ///< bytes kept of what is not yet asked for
    qint64 unsent = 1024 * 1024;                   ///< bytes a client may leave unread before its stream is cut
    std::chrono::milliseconds headTime{10'000};    ///< from a request's first byte (or the connection) to its blank line
    std::chrono::milliseconds bodyWindow{10'000};  ///< each such time must bring `bodyPace` bytes of body
    qint64 bodyPace = 4 * 1024;                    ///< bytes
    std::chrono::milliseconds idleTime{60'000};    ///< between two requests
    std::chrono::milliseconds writeStall{30'000};  ///< with bytes to send and none taken
    std::chrono::milliseconds lingerTime{2'000};   ///< for the client to close after the last answer
    qint64 lingerBytes = 4 * 1024 * 1024;          ///< thrown away meanwhile, so that the answer is not lost to a reset
};

}  // namespace millm::http
