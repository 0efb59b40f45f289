#pragma once

#include "core/server/http/body_reader.h"
#include "core/server/http/limits.h"
#include "core/server/http/request_head.h"
#include "core/server/http/response.h"

#include <QDeadlineTimer>
#include <QElapsedTimer>
#include <QHash>
#include <QHostAddress>
#include <QSslSocket>
#include <QTcpSocket>

#include <chrono>
#include <functional>
#include <memory>
#include <optional>

namespace millm::http {

/// What is decided about a request when its head is there and its body is not.
struct Admission {
    qint64 bodyLimit = 0;                ///< bytes
    std::optional<Response> answer;      ///< the answer, where no handler is to see the request
    std::chrono::milliseconds delay{0};  ///< it waits so long
    QString client;                      ///< the name of the key that came with it; empty without one
};

class CertificateFiles;

/// A request as a connection hands it on.
struct Incoming {
    RequestHead head;
    QByteArray body;
    std::optional<Response> answer;      ///< as in Admission, or what is wrong with the request
    bool closes = false;                 ///< the connection ends with the answer
    std::chrono::milliseconds delay{0};  ///< as in Admission
    QString client;                      ///< the same
};

/// Bytes of bodies that are not complete yet.
struct HeldBodies {
    qint64 all = 0;
    QHash<QHostAddress, qint64> byPeer;  ///< by networkOf()
};

/// What a listener's connections have in common: limits, and who decides over requests.
struct Policy {
    Limits limits;
    std::shared_ptr<HeldBodies> heldBodies = std::make_shared<HeldBodies>();
    const CertificateFiles *certificate = nullptr;  ///< where connections are to be encrypted; outlives them
    std::function<Admission(const RequestHead &, const QHostAddress &peer)> admit;
    std::function<Response(const BadRequest &, const RequestHead &)> refuse;  ///< the head may be empty
};

/// The socket that QHttpServer gets: it looks like a connected QTcpSocket (the way QSslSocket does), and stands before the
/// real one. It parses each request itself, under Limits, and shows QHttpServer only a head of its own making that names
/// this connection; the request proper is fetched with takeRequest(). So neither limits nor framing depend on QHttpServer's
/// parser, which has none of the first and loses the second on odd input. One request at a time: the next one is read when
/// answered() was called. Where the policy has a certificate the line is TLS, below all of this. Services thread.
class Connection : public QTcpSocket {
    Q_OBJECT
public:
    Connection(qintptr descriptor, quint64 id, std::shared_ptr<const Policy> policy, std::function<void(quint64)> closed,
               QObject *parent = nullptr);
    ~Connection() override;

    /// The header under which QHttpServer is shown id().
    static constexpr const char *idHeader = "x-millm-connection";
    quint64 id() const { return m_id; }

    Incoming takeRequest() { return std::exchange(m_incoming, {}); }
    /// The answer is written: reads the next request, or closes once the client has it all.
    void answered(bool close);
    /// The next answer's body is not sent (HEAD).
    void sendHeadOnly() { m_sending = Sending::Head; }
    /// The next answer's body comes by sendRaw() instead, and its head names no chunks (HTTP/1.0 knows none).
    void sendBodyRaw() { m_sending = Sending::HeadWithoutChunks; }
    void sendRaw(const QByteArray &bytes);

    bool isAnswering() const { return m_phase == Phase::Answering; }  ///< a request is with its handler
    /// Waits for a request's first byte, or for the rest of its head, or of the handshake; since when.
    bool isWaiting() const { return m_phase == Phase::Idle || m_phase == Phase::Head || m_phase == Phase::Handshake; }
    qint64 phaseMilliseconds() const { return m_inPhase.elapsed(); }
    bool isLingering() const { return m_phase == Phase::Lingering; }  ///< the last answer is on its way
    /// Closes once everything written is sent.
    void leave();
    /// Cuts at once.
    void cut();
    /// Looks at the clock; called now and then.
    void tick();

    qint64 bytesAvailable() const override;
    qint64 bytesToWrite() const override;
    bool canReadLine() const override;
    void close() override;
    void disconnectFromHost() override;

protected:
    qint64 readData(char *data, qint64 size) override;
    qint64 writeData(const char *data, qint64 size) override;
    qint64 skipData(qint64 size) override;

private:
    enum class Phase { Handshake, Idle, Head, Body, Answering, Tunnel, Lingering, Closed };
    /// What of the next bytes of QHttpServer's goes out: everything; up to the head's end; nothing more.
    enum class Sending { Everything, Head, HeadWithoutChunks, Nothing };

    void watchLine();
    void advance();
    void shakeHands();
    bool readHead();
    bool readBody();
    void admit(RequestHead head);
    void deliver();
    void refuse(const BadRequest &why);
    void hold(qint64 bytes);
    void linger();
    void leaveTls();
    void discard();
    void keepReading();
    void sendHead();
    void onDisconnected();
    void enter(Phase phase, QDeadlineTimer deadline = QDeadlineTimer::Forever);

    QSslSocket *m_tls = nullptr;  ///< m_plain, where it is encrypted or may be
    QTcpSocket *m_plain;
    int m_bareLine = -1;  ///< what TLS ran over, once that has said goodbye
    const quint64 m_id;
    const std::shared_ptr<const Policy> m_policy;
    const Limits &m_limits;
    std::function<void(quint64)> m_closed;
    Phase m_phase = Phase::Idle;
    Sending m_sending = Sending::Everything;
    QByteArray m_headSoFar;  ///< of an answer whose body is not QHttpServer's
    QByteArray m_raw;        ///< read from the line, not parsed yet
    QByteArray m_in;         ///< what QHttpServer reads
    qsizetype m_scanned = 0;
    RequestHead m_head;
    BodyReader m_reader;
    Incoming m_incoming;
    QString m_client;
    std::chrono::milliseconds m_delay{0};
    QElapsedTimer m_inPhase;
    QDeadlineTimer m_deadline = QDeadlineTimer::Forever, m_writeDeadline = QDeadlineTimer::Forever;
    qint64 m_windowStart = 0, m_lingered = 0;
    const QHostAddress m_network;  ///< of the peer
    qint64 m_held = 0;             ///< bytes of the body that stand in Policy::heldBodies
    bool m_overrun = false;        ///< more came behind the request than is kept: the connection ends with the answer
};

}  // namespace millm::http
