#pragma once

#include "core/server/http/request_head.h"

#include <QByteArray>

#include <optional>

namespace millm::http {

/// Collects one request's body, by its length or out of chunks, and leaves what follows it alone.
class BodyReader {
public:
    enum class Status { More, Done, Bad };

    BodyReader() = default;
    /// `limit`: bytes of body taken at most, else 413.
    BodyReader(const RequestHead &head, qint64 limit);

    /// Takes what belongs to the body off the front of `bytes`.
    Status feed(QByteArray &bytes);
    QByteArray take() { return std::exchange(m_body, {}); }
    qint64 received() const { return m_received; }  ///< bytes fed so far, chunk heads included
    const BadRequest &error() const { return m_error; }

private:
    enum class Part { Fixed, ChunkSize, ChunkData, ChunkEnd, Trailer };
    Status feedChunked(QByteArray &bytes);
    Status fail(int status, QString why);
    std::optional<QByteArray> takeLine(QByteArray &bytes);

    Part m_part = Part::Fixed;
    qint64 m_limit = 0, m_left = 0, m_received = 0, m_trailerBytes = 0;
    QByteArray m_body;
    BadRequest m_error;
};

}  // namespace millm::http
