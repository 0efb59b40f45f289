#pragma once

#include "core/hub/hub_client.h"
#include "core/hub/hub_stream.h"

#include <functional>

namespace millm {

/// One question with a small answer: tries again as HubTiming says. Deletes itself after its answer. Services thread.
class HubCall : public QObject {
    Q_OBJECT
public:
    struct Answer {
        int status = 0;
        QByteArray body, contentType, link;
    };
    /// A new stream for the next try, or the time that the circuit breaker rests.
    using Open = std::function<Outcome<HubStream *, std::chrono::milliseconds>(QObject *parent)>;

    /// Where a body is longer than `limit`: Prefix keeps its beginning, Whole refuses it.
    enum class Body { Whole, Prefix };
    struct Size {
        qint64 limit = 0;
        Body body = Body::Whole;
    };

    HubCall(HubClient &hub, Open open, Size size, std::function<void(HubResult<Answer>)> then, QObject *context);

private:
    void attempt();
    void take();
    void ended();
    void succeed();
    void failed(const HubFailure &failure);
    void answer(HubResult<Answer> result);

    HubClient &m_hub;
    Open m_open;
    Size m_size;
    std::function<void(HubResult<Answer>)> m_then;
    HubStream *m_stream = nullptr;
    QByteArray m_body;
    int m_tries = 0;
};

}  // namespace millm
