#include "core/hub/hub_stream.h"

#include "core/base/errors.h"
#include "core/base/log_categories.h"

namespace millm {

namespace {

constexpr qsizetype longestErrorBody = 64 * 1024;

bool isRedirect(int status) {
    return status == 301 || status == 302 || status == 303 || status == 307 || status == 308;
}

/// What of the Hub's own answers matters after a redirect.
constexpr const char *remembered[] = {"x-repo-commit", "x-linked-etag", "x-linked-size", "etag", "ratelimit"};

}  // namespace

HubStream::HubStream(QNetworkAccessManager &network, Request request, QObject *parent)
    : QObject(parent), m_network(network), m_request(std::move(request)), m_secret(m_request.token) {
    m_silence.setSingleShot(true);
    m_silence.setInterval(m_request.patience);
    connect(&m_silence, &QTimer::timeout, this, &HubStream::onSilence);
    send(m_request.first.url());
}

HubStream::~HubStream() {
    if (!m_reply) return;
    m_reply->disconnect(this);
    m_reply->abort();
    m_reply->deleteLater();
}

void HubStream::send(const QUrl &url) {
    QNetworkRequest request = m_request.first;  // a fresh one a hop: nothing of the last one's Authorization is left in it
    request.setUrl(url);
    if (!sameOrigin(url, m_request.endpoint)) {
        m_request.subject.foreign = true;
        m_request.token.clear();
    } else {
        m_request.subject.foreign = false;
    }
    if (!m_request.token.isEmpty()) request.setRawHeader("Authorization", "Bearer " + m_request.token);
    m_headSeen = false;
    m_reply = m_network.get(request);
    if (m_request.readBuffer > 0) m_reply->setReadBufferSize(m_request.readBuffer);
    connect(m_reply, &QNetworkReply::metaDataChanged, this, &HubStream::onHead);
    connect(m_reply, &QNetworkReply::readyRead, this, [this] {
        onHead();
        if (!m_behind) m_silence.start();
        if (m_open) {
            Q_EMIT readyRead();
        } else if (m_headSeen) {
            collectBody();
        }
    });
    connect(m_reply, &QNetworkReply::finished, this, &HubStream::onFinished);
    m_silence.start();
}

void HubStream::onHead() {
    if (m_headSeen || !m_reply || m_done) return;
    const int status = m_reply->attribute(QNetworkRequest::HttpStatusCodeAttribute).toInt();
    if (status < 200) return;
    m_headSeen = true;
    m_status = status;
    if (!m_behind) m_silence.start();
    if (!m_request.subject.foreign) {
        for (const char *name : remembered) {
            const QByteArray value = m_reply->rawHeader(name);
            if (!value.isEmpty() && !m_hubHeaders.contains(name)) m_hubHeaders.insert(name, value);
        }
    }
    if (status < 400 && !m_request.subject.foreign) Q_EMIT hubAnswered();
    if (isRedirect(status)) {
        redirect();
    } else if (status < 300) {
        const QByteArray encoding = header("Content-Encoding").toLower();
        if (!encoding.isEmpty() && encoding != "identity" && m_request.first.hasRawHeader("Accept-Encoding")) {
            fail(brokenLine(QStringLiteral("the server compressed a file (%1) that was asked for as it is.")
                                .arg(QString::fromLatin1(encoding.left(20)))));
            return;
        }
        m_open = true;
        Q_EMIT opened();
    }
}

void HubStream::redirect() {
    const QUrl from = m_reply->url();
    // In a mirror's answers the public Hub's own name means the mirror.
    QByteArray location = m_reply->rawHeader("Location");
    const QUrl named = QUrl::fromEncoded(location, QUrl::StrictMode);
    const QUrl mirrored = throughMirror(named, m_request.endpoint);
    if (mirrored != named) location = mirrored.toEncoded();
    auto next = m_trail.follow(from, location);
    m_reply->disconnect(this);
    // Its short body may end by itself, so that the connection can be used again; a long one is cut.
    QNetworkReply *old = m_reply;
    m_reply = nullptr;
    connect(old, &QNetworkReply::finished, old, &QObject::deleteLater);
    QTimer::singleShot(0, old, [old] {
        bool known = false;
        const qint64 length = old->rawHeader("Content-Length").toLongLong(&known);
        if (old->isRunning() && (!known || length > longestErrorBody)) old->abort();
        if (old->isFinished()) old->deleteLater();
    });
    QTimer::singleShot(m_request.patience, old, [old] { old->abort(); });
    if (!next) {
        fail(refused(QStringLiteral("the server sent %1.").arg(next.error())));
        return;
    }
    qCDebug(hubLog).noquote() << m_status << redacted(from) << "->" << redacted(*next);
    send(*next);
}

void HubStream::collectBody() {
    m_errorBody += m_reply->readAll();
    if (m_errorBody.size() > longestErrorBody) {
        m_errorBody.truncate(longestErrorBody);
        fail(failureOfAnswer(m_status, [this](const char *name) { return header(name); }, m_errorBody, m_request.subject));
    }
}

void HubStream::onFinished() {
    if (!m_reply || m_done) return;
    onHead();
    if (!m_reply || m_done) return;
    m_silence.stop();
    const QNetworkReply::NetworkError error = m_reply->error();
    qCDebug(hubLog).noquote() << m_status << redacted(m_reply->url()) << (error ? m_reply->errorString() : QString());
    if (m_open) {
        if (error != QNetworkReply::NoError) {
            Q_EMIT readyRead();  // what has come before the break counts
            fail(failureOfTransport(error));
            return;
        }
        m_done = true;
        Q_EMIT ended();
        return;
    }
    if (!m_headSeen) {
        fail(failureOfTransport(error));
        return;
    }
    m_errorBody += m_reply->read(longestErrorBody);
    HubSubject subject = m_request.subject;
    fail(failureOfAnswer(m_status, [this](const char *name) { return header(name); }, m_errorBody, subject));
}

void HubStream::onSilence() {
    qCInfo(hubLog) << "no byte for" << m_request.patience.count() << "ms";
    fail({HubFailure::Kind::Transport, errors::networkFailed(), 0, -1});
}

void HubStream::fail(HubFailure failure) {
    if (m_done) return;
    m_done = true;
    m_silence.stop();
    if (!m_secret.isEmpty()) failure.error.message.replace(QString::fromLatin1(m_secret), QStringLiteral("***"));
    if (m_reply) {
        m_reply->disconnect(this);
        if (m_reply->isRunning()) m_reply->abort();
    }
    Q_EMIT failed(failure);
}

QByteArray HubStream::header(const char *name) const {
    return m_reply ? m_reply->rawHeader(name) : QByteArray();
}

QByteArray HubStream::hubHeader(const char *name) const {
    return m_hubHeaders.value(QByteArray(name).toLower());
}

qint64 HubStream::contentLength() const {
    bool number = false;
    const qint64 length = header("Content-Length").toLongLong(&number);
    return number && length >= 0 ? length : -1;
}

qint64 HubStream::bytesAvailable() const {
    return m_reply ? m_reply->bytesAvailable() : 0;
}

QByteArray HubStream::read(qint64 most) {
    return m_reply ? m_reply->read(most) : QByteArray();
}

void HubStream::setReadBuffer(qint64 bytes) {
    m_request.readBuffer = bytes;
    if (m_reply) m_reply->setReadBufferSize(bytes);
}

void HubStream::setReaderBehind(bool behind) {
    if (behind == m_behind || m_done) return;
    m_behind = behind;
    if (behind) {
        m_silence.stop();
    } else {
        m_silence.start();
    }
}

}  // namespace millm
