#include "core/server/http/body_reader.h"

#include <algorithm>

namespace millm::http {
namespace {
constexpr qsizetype maxChunkLine = 512, maxTrailers = 8 * 1024;
}

BodyReader::BodyReader(const RequestHead &head, qint64 limit)
    : m_part(head.chunked ? Part::ChunkSize : Part::Fixed), m_limit(limit), m_left(std::max<qint64>(head.contentLength, 0)) {}

BodyReader::Status BodyReader::fail(int status, QString why) {
    m_error = {status, std::move(why)};
    return Status::Bad;
}

BodyReader::Status BodyReader::feed(QByteArray &bytes) {
    const qsizetype before = bytes.size();
    Status status = Status::More;
    if (m_part == Part::Fixed) {
        if (m_left > m_limit)
            return fail(413, QStringLiteral("The body has %1 bytes, the limit is %2.").arg(m_left).arg(m_limit));
        const qsizetype count = std::min<qint64>(m_left, bytes.size());
        m_body.append(bytes.first(count));
        bytes.remove(0, count);
        m_left -= count;
        status = m_left == 0 ? Status::Done : Status::More;
    } else {
        status = feedChunked(bytes);
    }
    m_received += before - bytes.size();
    return status;
}

std::optional<QByteArray> BodyReader::takeLine(QByteArray &bytes) {
    const qsizetype end = bytes.indexOf("\r\n");
    if (end < 0) return {};
    QByteArray line = bytes.first(end);
    bytes.remove(0, end + 2);
    return line;
}

BodyReader::Status BodyReader::feedChunked(QByteArray &bytes) {
    while (true) {
        switch (m_part) {
            case Part::ChunkSize: {
                const auto line = takeLine(bytes);
                if (!line)
                    return bytes.size() > maxChunkLine ? fail(400, QStringLiteral("A chunk's head is too long."))
                                                       : Status::More;
                const qsizetype semicolon = line->indexOf(';');
                const QByteArray digits = semicolon < 0 ? *line : line->first(semicolon);
                bool ok =
                    !digits.isEmpty() && digits.size() <= 15 && line->size() <= maxChunkLine &&
                    std::ranges::all_of(digits, [](char c) { return QByteArrayView("0123456789abcdefABCDEF").contains(c); });
                m_left = ok ? digits.toLongLong(&ok, 16) : 0;
                if (!ok || line->contains('\n'))
                    return fail(400, QStringLiteral("A chunk's size is not a hexadecimal number."));
                if (m_body.size() + m_left > m_limit) {
                    return fail(413, QStringLiteral("The body has more than %1 bytes.").arg(m_limit));
                }
                m_part = m_left == 0 ? Part::Trailer : Part::ChunkData;
                break;
            }
            case Part::ChunkData: {
                const qsizetype count = std::min<qint64>(m_left, bytes.size());
                m_body.append(bytes.first(count));
                bytes.remove(0, count);
                m_left -= count;
                if (m_left > 0) return Status::More;
                m_part = Part::ChunkEnd;
                break;
            }
            case Part::ChunkEnd:
                if (bytes.size() < 2)
                    return bytes.isEmpty() || bytes[0] == '\r'
                               ? Status::More
                               : fail(400, QStringLiteral("A chunk does not end where its size says."));
                if (!bytes.startsWith("\r\n")) return fail(400, QStringLiteral("A chunk does not end where its size says."));
                bytes.remove(0, 2);
                m_part = Part::ChunkSize;
                break;
            case Part::Trailer: {
                const auto line = takeLine(bytes);
                if (!line)
                    return bytes.size() > maxTrailers ? fail(431, QStringLiteral("The trailers are too long.")) : Status::More;
                if (line->isEmpty()) return Status::Done;
                m_trailerBytes += line->size();
                if (m_trailerBytes > maxTrailers || line->contains('\n'))
                    return fail(431, QStringLiteral("The trailers are too long or malformed."));
                break;  // nothing here reads trailers
            }
            case Part::Fixed:
                Q_UNREACHABLE();
        }
    }
}

}  // namespace millm::http
