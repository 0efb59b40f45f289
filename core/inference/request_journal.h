#pragma once

#include <QDateTime>
#include <QElapsedTimer>
#include <QList>
#include <QObject>
#include <QString>

#include <atomic>
#include <deque>
#include <map>
#include <mutex>

namespace millm {

/// A request of another program, or of the window's own chat, as people are shown it.
struct RequestRecord {
    quint64 id = 0;           ///< of the journal
    bool ofWindow = false;    ///< its chat's: it has neither client nor call then
    QString client;           ///< its address, behind the name of its key where it has one
    QString program;          ///< as it calls itself; may be empty
    QString call;             ///< "POST /v1/chat/completions"
    QString model;            ///< empty: it names none
    qint64 tokens = 0;        ///< made so far
    QDateTime began;          ///< UTC
    qint64 milliseconds = 0;  ///< that it took, or takes so far
    bool ended = false;
    int status = 0;  ///< HTTP's, once it has ended; 0: the client left before the answer, or the window stopped it
};

/// What is asked of the model, by other programs and in the window: the requests under way and the last ones that ended. Any
/// thread. Lives as long as the services.
class RequestJournal : public QObject {
    Q_OBJECT
public:
    static constexpr std::size_t mostEnded = 100;
    using QObject::QObject;

    /// The record's number. `record`: its client and its call.
    quint64 begin(RequestRecord record);
    void nameModel(quint64 id, const QString &model);
    void addTokens(quint64 id, qint64 tokens);
    /// What is not under way is passed over.
    void end(quint64 id, int status);

    /// By age, the newest first.
    struct Snapshot {
        QList<RequestRecord> underWay, ended;
    };
    Snapshot snapshot() const;
    /// Another number after each change but that of ages.
    quint64 revision() const { return m_revision; }
    /// Asks that it ends, by stopAsked().
    void stop(quint64 id) { Q_EMIT stopAsked(id); }

Q_SIGNALS:
    void stopAsked(quint64 id);

private:
    struct UnderWay {
        RequestRecord record;
        QElapsedTimer clock;
    };
    std::atomic<quint64> m_revision = 0;
    mutable std::mutex m_mutex;  ///< over what follows
    std::map<quint64, UnderWay> m_underWay;
    std::deque<RequestRecord> m_ended;  ///< the newest first
    quint64 m_last = 0;
};

}  // namespace millm
