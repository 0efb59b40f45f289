#include "core/hub/hub_call.h"

#include "core/base/errors.h"
#include "core/base/log_categories.h"

#include <QTimer>

namespace millm {

HubCall::HubCall(HubClient &hub, Open open, Size size, std::function<void(HubResult<Answer>)> then, QObject *context)
    : QObject(&hub), m_hub(hub), m_open(std::move(open)), m_size(size), m_then(std::move(then)) {
    // Whoever asked may be gone before the answer.
    connect(context, &QObject::destroyed, this, [this] { delete this; });
    QTimer::singleShot(0, this, &HubCall::attempt);
    // An answer that drips is never silent.
    QTimer::singleShot(m_hub.timing().whole, this, [this] {
        answer(brokenLine(QStringLiteral("the Hub did not answer within %1 s.").arg(m_hub.timing().whole.count() / 1000)));
    });
}

void HubCall::attempt() {
    auto opened = m_open(this);
    if (!opened && m_tries > 0 && opened.error() <= m_hub.timing().longestMetadataWait) {
        QTimer::singleShot(opened.error(), this, &HubCall::attempt);  // somebody else's failures do not take its tries away
        return;
    }
    if (!opened) {
        const qint64 seconds = (opened.error().count() + 999) / 1000;
        answer(HubFailure{HubFailure::Kind::Resting,
                          errors::downloadFailed(
                              QStringLiteral("the Hub failed several times in a row; it is asked again in %1 s.").arg(seconds)),
                          0, opened.error().count()});
        return;
    }
    m_body.clear();
    m_stream = *opened;
    connect(m_stream, &HubStream::readyRead, this, &HubCall::take);
    connect(m_stream, &HubStream::ended, this, &HubCall::ended);
    connect(m_stream, &HubStream::failed, this, &HubCall::failed);
}

void HubCall::take() {
    if (!m_stream) return;
    m_body += m_stream->read(m_size.limit + 1 - m_body.size());
    if (m_body.size() <= m_size.limit) return;
    if (m_size.body == Body::Prefix) {
        m_body.truncate(m_size.limit);
        succeed();
    } else {
        answer(refused(QStringLiteral("the Hub's answer is longer than %1 bytes.").arg(m_size.limit)));
    }
}

void HubCall::ended() {
    take();
    if (m_stream) succeed();
}

void HubCall::succeed() {
    answer(Answer{m_stream->status(), m_body, m_stream->header("Content-Type"), m_stream->header("Link")});
}

void HubCall::failed(const HubFailure &failure) {
    if (!m_stream) return;
    m_stream->deleteLater();
    m_stream = nullptr;
    const HubTiming &timing = m_hub.timing();
    if (!failure.worthRetrying() || m_tries >= timing.pauses.size()) {
        answer(failure);
        return;
    }
    std::chrono::milliseconds pause = timing.pause(m_tries++);
    if (failure.waitMs >= 0) pause = std::chrono::milliseconds(failure.waitMs);
    if (pause > timing.longestMetadataWait) {
        HubFailure limited = failure;
        limited.error = errors::downloadFailed(
            QStringLiteral("the Hub's rate limit is reached; try again in %1 s.").arg((pause.count() + 999) / 1000));
        answer(limited);
        return;
    }
    qCInfo(hubLog) << "asking the Hub again in" << pause.count() << "ms, status" << failure.status;
    QTimer::singleShot(pause, this, &HubCall::attempt);
}

void HubCall::answer(HubResult<Answer> result) {
    if (m_stream) {
        m_stream->disconnect(this);
        m_stream->deleteLater();
    }
    m_stream = nullptr;
    deleteLater();
    // Moved out first: the handler may destroy the context, and this with it.
    const auto then = std::move(m_then);
    m_then = nullptr;
    if (then) then(std::move(result));
}

}  // namespace millm
