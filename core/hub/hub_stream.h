#pragma once

#include "core/hub/hub_failure.h"
#include "core/hub/origin.h"

#include <QByteArray>
#include <QHash>
#include <QNetworkAccessManager>
#include <QNetworkRequest>
#include <QObject>
#include <QPointer>
#include <QTimer>

#include <chrono>

namespace millm {

/// One GET past all its redirects: opened() once a body begins, then readyRead() until ended(), or failed() at any time and
/// once. The token goes along only while an address is of the Hub's origin, and never again after leaving it. Destroying it
/// ends the request. Services thread.
class HubStream : public QObject {
    Q_OBJECT
public:
    struct Request {
        QNetworkRequest first;  ///< with all headers but Authorization
        QUrl endpoint;
        QByteArray token;  ///< empty: none
        HubSubject subject;
        std::chrono::milliseconds patience{10'000};  ///< longest silence
        qint64 readBuffer = 0;                       ///< bytes kept for a slow reader; 0: all
    };
    HubStream(QNetworkAccessManager &network, Request request, QObject *parent);
    ~HubStream() override;

    int status() const { return m_status; }
    QByteArray header(const char *name) const;     ///< of the answer that has the body
    QByteArray hubHeader(const char *name) const;  ///< of the Hub's own answers, redirects among them; the first one counts
    bool foreign() const { return m_request.subject.foreign; }
    qint64 contentLength() const;  ///< -1 where the server does not say
    qint64 bytesAvailable() const;
    QByteArray read(qint64 most);
    void setReadBuffer(qint64 bytes);  ///< kept for a slow reader from now on; the rest waits at the server
    /// While the reader is behind, silence is not the server's fault.
    void setReaderBehind(bool behind);

Q_SIGNALS:
    void hubAnswered();  ///< the Hub itself, with what was asked for or where it is
    void opened();
    void readyRead();
    void ended();
    void failed(const millm::HubFailure &failure);

private:
    void send(const QUrl &url);
    void onHead();
    void onFinished();
    void onSilence();
    void redirect();
    void fail(HubFailure failure);
    void collectBody();

    QNetworkAccessManager &m_network;
    Request m_request;
    QByteArray m_secret;  ///< the token, to be kept out of what a server says
    RedirectTrail m_trail;
    QPointer<QNetworkReply> m_reply;
    QHash<QByteArray, QByteArray> m_hubHeaders;
    QByteArray m_errorBody;
    QTimer m_silence;
    int m_status = 0;
    bool m_headSeen = false, m_open = false, m_done = false, m_behind = false;
};

}  // namespace millm
