#pragma once

#include "core/base/error.h"
#include "core/hub/hub_failure.h"
#include "core/hub/repository.h"
#include "core/hub/search_results.h"

#include <QByteArray>
#include <QJsonObject>
#include <QList>
#include <QNetworkAccessManager>
#include <QObject>
#include <QUrl>

#include <chrono>
#include <functional>
#include <memory>

namespace millm {

struct Settings;
class HubCache;
class HubStream;

/// How patient the client is. Tests shorten it.
struct HubTiming {
    std::chrono::milliseconds answer{10'000};  ///< longest silence of a request for metadata
    std::chrono::milliseconds whole{120'000};  ///< longest time of such a request, tries and pauses included
    std::chrono::milliseconds tree{120'000};   ///< longest time of a whole file list
    std::chrono::milliseconds stall{30'000};   ///< longest silence of a file's stream
    /// Pauses before the second, third… try of what may succeed when tried again; pause() makes them up to a quarter longer, by
    /// chance, so that clients that failed together do not come back together.
    QList<std::chrono::milliseconds> pauses{std::chrono::milliseconds(1000), std::chrono::milliseconds(2000),
                                            std::chrono::milliseconds(4000)};
    std::chrono::milliseconds longestMetadataWait{20'000};  ///< a rate limit's wait past this fails a question at once
    std::chrono::milliseconds longestFileWait{600'000};     ///< the same for a file
    int breakerFailures = 5;                                ///< transport failures and 5xx in a row that open the breaker
    std::chrono::milliseconds breakerRest{30'000};

    std::chrono::milliseconds pause(qsizetype attempt) const;
};

/// A file of a repository at a commit (or revision).
struct HubFileAddress {
    QString repoId, commit, path;
};

/// The Hub's protocol. Redirects by hand, the token only to the Hub's own origin, JSON capped, rate limits obeyed.
/// Services thread. Answers go to `then` there, unless `context` is gone by then.
class HubClient : public QObject {
    Q_OBJECT
public:
    explicit HubClient(const Settings &settings, QObject *parent = nullptr);
    ~HubClient() override;

    template <class T>
    using Then = std::function<void(HubResult<T>)>;

    QUrl endpoint() const;
    bool offline() const;
    QString defaultToken() const;
    void setDefaultToken(const QString &token);  ///< in place of the settings'
    void setProxy(const QString &setting);       ///< of requests to come; Settings::proxy
    QUrl pageOf(const QString &repoId) const;    ///< for a person
    const HubCache &cache() const;               ///< the official clients' files on this machine
    /// How long nothing is sent, since the Hub was found down too often: the circuit breaker is open. Zero where it is closed.
    std::chrono::milliseconds resting() const;
    const HubTiming &timing() const;
    void setTiming(const HubTiming &timing);

    /// `GET /api/models/{id}`: the JSON as it is. Every `token` below: empty means the settings'.
    void info(QObject *context, const QString &repoId, const QString &token, Then<QJsonObject> then);
    /// The repositories whose names hold `words`, at most `most`, those with the most downloads first.
    void search(QObject *context, const QString &words, int most, const QString &token, Then<QList<FoundRepository>> then);
    /// All pages of the tree at a commit.
    void tree(QObject *context, const QString &repoId, const QString &commit, const QString &token, Then<QList<HubFile>> then);
    /// May the token read the repository's files?
    void checkAccess(QObject *context, const QString &repoId, const QString &token, Then<bool> then);
    /// Whose token it is: the account's name.
    void whoAmI(QObject *context, const QString &token, Then<QString> then);
    /// `count` bytes of a file from `begin`, or fewer where it ends before; the whole file (at most `count`) from 0.
    void read(QObject *context, const HubFileAddress &file, qint64 begin, qint64 count, const QString &token,
              Then<QByteArray> then);

    /// A file's stream from `offset`, or the wait (milliseconds) while the circuit breaker is open.
    Outcome<HubStream *, std::chrono::milliseconds> open(const HubFileAddress &file, qint64 offset, const QString &token,
                                                         QObject *parent);

private:
    class Private;
    std::unique_ptr<Private> d;
};

}  // namespace millm
