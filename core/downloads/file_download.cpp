#include "core/downloads/file_download.h"

#include "core/base/errors.h"
#include "core/base/log_categories.h"
#include "core/downloads/bandwidth.h"
#include "core/downloads/disk.h"
#include "core/downloads/file_sink.h"
#include "core/hub/hub_stream.h"

#include <QRegularExpression>
#include <QThread>
#include <QTimer>

#include <algorithm>

namespace millm {

namespace {

constexpr qint64 block = 1024 * 1024;
constexpr qint64 mostUnderWay = 8 * block;                         // between the network's thread and the disk's
constexpr qint64 leastBuffer = 16 * 1024, mostBuffer = 4 * block;  // of a limited stream: what comes unasked is not limited
constexpr int mostLimits = 20;                                     // rate limits in a row before giving up

/// `W/"abc"`, `"abc"` and `abc` are one.
QByteArray plainTag(QByteArray tag) {
    tag = tag.trimmed();
    if (tag.startsWith("W/")) tag.remove(0, 2);
    tag.replace('"', "");
    return tag.toLower();
}

}  // namespace

FileDownload::FileDownload(HubClient &hub, Bandwidth &bandwidth, QObject *worker, Order order, QObject *parent)
    : QObject(parent), m_hub(hub), m_bandwidth(bandwidth), m_worker(worker), m_order(std::move(order)) {
    connect(&m_bandwidth, &Bandwidth::replenished, this, [this] {
        if (std::exchange(m_limited, false)) pump();
    });
}

FileDownload::~FileDownload() {
    if (m_sink) m_sink->deleteLater();
}

void FileDownload::start() {
    makeSink();
    if (m_order.file.size == 0) {
        complete();
    } else {
        attempt();
    }
}

void FileDownload::restart() {
    m_received = m_written = 0;
    m_tries = 0;
    Q_EMIT received(0);
    start();
}

void FileDownload::makeSink() {
    if (m_sink) m_sink->deleteLater();
    FileSink *sink = m_sink = new FileSink(m_order.path, m_order.file, m_order.durable);
    sink->moveToThread(m_worker->thread());
    // What an older sink still has to say is not listened to.
    connect(sink, &FileSink::written, this, [this, sink](qint64 bytes) {
        if (sink != m_sink) return;
        m_written += bytes;
        Q_EMIT written(m_written);
        pump();
    });
    connect(sink, &FileSink::finished, this, [this, sink](bool matches) {
        if (sink == m_sink) checked(matches);
    });
    connect(sink, &FileSink::failed, this, [this, sink](int error) {
        if (sink == m_sink) fail(disk::writingFailed(error, m_order.path, m_order.required));
    });
    QMetaObject::invokeMethod(sink, [sink] { sink->open(); }, Qt::QueuedConnection);
}

void FileDownload::attempt() {
    auto opened = m_hub.open({m_order.repoId, m_order.commit, m_order.file.path}, m_received, m_order.token, this);
    if (!opened) return waitFor(opened.error());
    m_skip = 0;
    m_ended = m_limited = false;
    m_stream = *opened;
    if (m_bandwidth.limit() > 0) m_stream->setReadBuffer(std::clamp<qint64>(m_bandwidth.limit() / 4, leastBuffer, mostBuffer));
    connect(m_stream, &HubStream::opened, this, &FileDownload::check);
    connect(m_stream, &HubStream::readyRead, this, &FileDownload::pump);
    connect(m_stream, &HubStream::ended, this, [this] {
        m_ended = true;
        pump();
    });
    connect(m_stream, &HubStream::failed, this, &FileDownload::streamFailed);
}

/// Why the Hub's own words about this file are not what was planned; empty where they are.
QString FileDownload::flawOfHubHeaders() const {
    const HubFile &file = m_order.file;
    const QByteArray commit = m_stream->hubHeader("X-Repo-Commit");
    if (!commit.isEmpty() && commit != m_order.commit.toLatin1())
        return QStringLiteral("it is at commit %1 now").arg(QString::fromLatin1(commit.left(40)));
    const QByteArray size = m_stream->hubHeader("X-Linked-Size");
    if (!size.isEmpty() && size.toLongLong() != file.size)
        return QStringLiteral("%1 bytes instead of %2").arg(QString::fromLatin1(size.left(20))).arg(file.size);
    // The content server's own ETag names something else: only the Hub's word counts.
    QByteArray tag = plainTag(m_stream->hubHeader("X-Linked-Etag"));
    if (tag.isEmpty() && !m_stream->foreign()) tag = plainTag(m_stream->header("ETag"));
    const bool otherContent = (tag.size() == 64 && !file.sha256.isEmpty() && tag != file.sha256.toHex()) ||
                              (tag.size() == 40 && !file.gitSha1.isEmpty() && tag != file.gitSha1.toHex());
    return otherContent ? QStringLiteral("another checksum") : QString();
}

void FileDownload::check() {
    const HubFile &file = m_order.file;
    if (const QString flaw = flawOfHubHeaders(); !flaw.isEmpty())
        return fail(errors::downloadFailed(
            QStringLiteral("\"%1\" has changed on the server during the download (%2). Please try again.")
                .arg(file.path, flaw)));
    const bool page = m_stream->header("Content-Type").startsWith("text/html");
    if (page && m_stream->hubHeader("X-Repo-Commit").isEmpty())
        return fail(errors::downloadFailed(
            QStringLiteral("a web page came instead of \"%1\". Is this network behind a sign-in page?").arg(file.path)));
    if (m_stream->status() == 206) {
        static const QRegularExpression form(QStringLiteral("\\Abytes (\\d+)-(\\d+)/(\\d+|\\*)\\z"));
        const auto range = form.match(QString::fromLatin1(m_stream->header("Content-Range")));
        const bool right = range.hasMatch() && range.captured(1).toLongLong() == m_received &&
                           (range.captured(3) == QLatin1StringView("*") || range.captured(3).toLongLong() == file.size);
        if (!right)
            return streamFailed(brokenLine(QStringLiteral("the server sent another range of \"%1\" than byte %2 of %3 on (%4).")
                                               .arg(file.path)
                                               .arg(m_received)
                                               .arg(file.size)
                                               .arg(range.captured(0).left(80))));
    } else {
        m_skip = m_received;
    }
}

void FileDownload::pump() {
    const HubFile &file = m_order.file;
    m_limited = false;
    while (m_stream && m_received < file.size && m_received - m_written < mostUnderWay && m_stream->bytesAvailable() > 0) {
        const qint64 wanted = std::min({block, mostUnderWay - (m_received - m_written), m_stream->bytesAvailable()});
        const qint64 allowed = m_bandwidth.take(wanted);
        m_limited = allowed == 0;
        if (m_limited) break;
        QByteArray bytes = m_stream->read(allowed);
        m_bandwidth.giveBack(allowed - bytes.size());
        const qint64 skipped = std::min<qint64>(m_skip, bytes.size());
        m_skip -= skipped;
        bytes.remove(0, skipped);
        if (bytes.isEmpty()) continue;
        if (m_received == 0 && file.size > 1024 && bytes.startsWith("version https://git-lfs"))
            return fail(errors::downloadFailed(
                QStringLiteral("the server sent a Git LFS pointer instead of the content of \"%1\".").arg(file.path)));
        // More than the file has is not looked at: whether what came is right, the checksum says.
        bytes.truncate(std::min<qint64>(bytes.size(), file.size - m_received));
        m_received += bytes.size();
        m_tries = m_limits = 0;
        FileSink *sink = m_sink;
        QMetaObject::invokeMethod(sink, [sink, bytes] { sink->append(bytes); }, Qt::QueuedConnection);
        Q_EMIT received(m_received);
    }
    if (!m_stream) return;
    m_stream->setReaderBehind(m_limited || m_received - m_written >= mostUnderWay);
    if (m_received == file.size || (m_ended && m_stream->bytesAvailable() == 0)) streamEnded();
}

void FileDownload::streamEnded() {
    if (m_received < m_order.file.size)
        return streamFailed(brokenLine(QStringLiteral("only %1 of the %2 bytes of \"%3\" came.")
                                           .arg(m_received)
                                           .arg(m_order.file.size)
                                           .arg(m_order.file.path)));
    // It may end by itself, so that its connection serves the next file.
    HubStream *stream = m_stream;
    stream->disconnect(this);
    stream->setReaderBehind(false);
    connect(stream, &HubStream::ended, stream, &QObject::deleteLater);
    connect(stream, &HubStream::failed, stream, &QObject::deleteLater);
    QTimer::singleShot(m_ended ? 0 : 1000, stream, &QObject::deleteLater);
    m_stream.clear();
    complete();
}

void FileDownload::streamFailed(const HubFailure &failure) {
    if (m_done) return;
    dropStream();
    if (m_received == m_order.file.size) return complete();
    retry(failure);
}

void FileDownload::retry(const HubFailure &failure) {
    using Kind = HubFailure::Kind;
    const HubTiming &timing = m_hub.timing();
    qCInfo(hubLog).noquote() << "download of" << m_order.file.path << "stopped at" << m_received << "of" << m_order.file.size
                             << "bytes:" << failure.error.message;
    if (failure.kind == Kind::RangeRefused) return startOver(failure.error);
    if (!failure.worthRetrying()) return fail(failure.error);
    const int last = int(timing.pauses.size()) - 1;
    if (failure.kind == Kind::RateLimited) {
        auto pause = timing.pause(std::min(m_limits, last));
        if (failure.waitMs >= 0) pause = std::chrono::milliseconds(failure.waitMs);
        if (++m_limits > mostLimits || pause > timing.longestFileWait) return fail(failure.error);
        return waitFor(pause);
    }
    if (m_tries > last) return fail(failure.error);
    // A new signed address costs no pause the first time.
    const bool atOnce = failure.kind == Kind::Expired && m_tries == 0;
    const auto pause = timing.pause(m_tries++);
    if (atOnce) {
        attempt();
    } else {
        waitFor(pause);
    }
}

void FileDownload::waitFor(std::chrono::milliseconds pause) {
    Q_EMIT waiting(pause.count());
    QTimer::singleShot(pause, this, [this] {
        if (m_done) return;
        Q_EMIT resumed();
        attempt();
    });
}

void FileDownload::complete() {
    FileSink *sink = m_sink;
    QMetaObject::invokeMethod(sink, [sink] { sink->finish(); }, Qt::QueuedConnection);
}

void FileDownload::checked(bool matches) {
    if (m_done) return;
    if (matches) {
        m_done = true;
        Q_EMIT finished();
        return;
    }
    startOver(
        errors::downloadFailed(QStringLiteral("the checksum of \"%1\" is wrong, twice in a row.").arg(m_order.file.path)));
}

/// Everything once more from the first byte, but only once.
void FileDownload::startOver(const Error &otherwise) {
    if (m_restarts++ > 0) return fail(otherwise);
    qCWarning(hubLog).noquote() << "the bytes of" << m_order.file.path << "are wrong; fetching it anew";
    Q_EMIT restartNeeded();
}

void FileDownload::dropStream() {
    if (!m_stream) return;
    m_stream->disconnect(this);
    m_stream->deleteLater();
    m_stream.clear();
}

void FileDownload::fail(const Error &error) {
    if (m_done) return;
    m_done = true;
    dropStream();
    Q_EMIT failed(error);
}

}  // namespace millm
