#pragma once

#include "core/base/error.h"
#include "core/base/log_scope.h"
#include "core/server/http/connection.h"
#include "core/server/http/error_response.h"
#include "core/server/http/response.h"

#include <QElapsedTimer>
#include <QFuture>
#include <QFutureWatcher>
#include <QHostAddress>
#include <QHttpServerResponder>
#include <QObject>
#include <QPointer>
#include <QUrlQuery>

#include <optional>

namespace millm::http {

struct Route;

/// One request and its one answer. Lives until the answer is written or the client is gone, then deletes itself: whatever is
/// still under way for it is bound to it as context or child, and ends with it. Services thread.
class Exchange : public QObject {
    Q_OBJECT
public:
    Exchange(Connection &connection, Incoming incoming, QHttpServerResponder responder, QObject *parent);
    ~Exchange() override;

    const RequestHead &head() const { return m_head; }
    const QByteArray &body() const { return m_body; }            ///< while the route's handler runs
    const QJsonObject &json() const { return m_json; }           ///< where the route takes JSON; empty without a body
    QByteArray capture() const { return m_capture; }             ///< what "{id}" stands for, decoded
    QString queryValue(const QString &name) const;               ///< decoded; null where absent
    const QByteArray &requestId() const { return m_requestId; }  ///< the client's X-Request-Id where it is sane, or a new one
    const QHostAddress &peer() const { return m_peer; }          ///< whose connection it is
    const QString &client() const { return m_client; }           ///< the name of the key that came along; empty without one
    const LogFields &logFields() const { return m_logFields; }   ///< what messages about it carry
    const Route *route() const { return m_route; }
    ErrorStyle errorStyle() const { return m_style; }
    bool isAnswered() const { return m_stage != Stage::Open; }

    /// Writes the answer.
    void send(Response response);
    void fail(const Error &error);
    /// Begins an answer of unknown length; write() its pieces, then end() with the last one.
    void beginStream(const QByteArray &contentType);
    void write(const QByteArray &bytes);
    void end(const QByteArray &last);
    /// The same as write(); a client that leaves more than `unsentLimit` bytes unread is cut, so that it costs no memory.
    void writeOrCut(const QByteArray &bytes, qint64 unsentLimit);
    bool isStreaming() const { return m_stage == Stage::Streaming; }
    /// Bytes written that the client has not taken yet.
    qint64 unsent() const;
    /// Cuts the connection in the middle of the answer.
    void cut();
    /// Ends it for this reason: whoever makes the answer may word it (stopAsked), else it is the answer, or a cut.
    void stop(const Error &why);

    /// Calls `done(T)` when the future ends, unless this is gone by then; a future that is cancelled or throws is answered
    /// as an internal error.
    template <class T, class F>
    void when(QFuture<T> future, F done) {
        auto *watcher = new QFutureWatcher<T>(this);
        connect(watcher, &QFutureWatcherBase::finished, this, [this, watcher, done = std::move(done)]() mutable {
            watcher->deleteLater();
            guarded([&] {
                const QFuture<T> future = watcher->future();
                if (future.isCanceled() || future.resultCount() == 0) {
                    fail(Error{ErrorCode::Internal, QStringLiteral("The work was given up."), {}});
                } else {
                    done(future.result());
                }
            });
        });
        watcher->setFuture(future);
    }

    /// Runs a handler: what it throws becomes an answer, since it would end the process otherwise; what it logs is marked.
    template <class F>
    void guarded(F work) {
        const LogScope about(m_logFields);
        try {
            work();
        } catch (const std::exception &problem) {
            threw(problem.what());
        } catch (...) {
            threw("something that is no exception");
        }
    }

Q_SIGNALS:
    void stopAsked(const millm::Error &why);
    // What those who make the answer tell about it on their way.
    void modelNamed(const QString &name);
    void tokensMade(qint64 more);
    /// The client went away before the answer was complete. Comes before the destructor.
    void abandoned();
    /// The answer is written, or the client is gone (status 0). Body bytes without framing.
    void done(int status, qint64 bytes, qint64 milliseconds);
    void streamingChanged(bool streaming);

private:
    friend class Front;
    enum class Stage { Open, Streaming, Done };
    void threw(const char *what);
    QHttpHeaders headers(const Response &response) const;
    void finish(int status);
    void leave();

    QPointer<Connection> m_connection;
    RequestHead m_head;
    QByteArray m_body, m_capture, m_requestId;
    QHostAddress m_peer;
    QString m_client;
    LogFields m_logFields;
    QJsonObject m_json;
    std::optional<QHttpServerResponder> m_responder;
    const Route *m_route = nullptr;
    ErrorStyle m_style = ErrorStyle::Management;
    QList<std::pair<QByteArray, QByteArray>> m_corsHeaders;
    Stage m_stage = Stage::Open;
    bool m_closes = false;
    int m_status = 0;
    qint64 m_bytes = 0;
    QElapsedTimer m_clock;
};

}  // namespace millm::http
