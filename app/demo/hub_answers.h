#pragma once

#include "app/demo/http_message.h"
#include "app/demo/hub_snapshot.h"

#include <QHash>
#include <QSet>
#include <QString>
#include <QUrl>

#include <optional>

namespace millm {

/// Who may see a served repository.
struct HubAccess {
    bool isPrivate = false, disabled = false;
    QString gated;            ///< "", "auto" or "manual"
    QSet<QByteArray> grants;  ///< tokens that may read its files (and see it, where private)
    bool awaitingReview = false;
};

struct HubAccount {
    QString name;
    bool expired = false;
};

/// What the local Hub knows, and what it says to a request: the Hub's protocol without a socket. The local Hub's thread.
class HubAnswers {
public:
    void setOrigins(const QUrl &hub, const QUrl &cdn);
    /// Serves `folder` as it is now; a second call for the same id moves its main branch. Answers with the commit.
    QByteArray add(const QString &id, const QString &folder);
    void setAccess(const QString &id, const HubAccess &access) { m_repositories[id].access = access; }
    void setPopularity(const QString &id, qint64 downloads, qint64 likes);
    void rename(const QString &from, const QString &to) { m_renamed[from] = to; }
    void addToken(const QByteArray &token, const HubAccount &account) { m_accounts[token] = account; }
    void setPageSize(int entries) { m_pageSize = entries; }
    void setSignatureLifetime(qint64 ms) { m_lifetimeMs = ms; }

    HttpResponse hub(const HttpRequest &request) const;
    HttpResponse cdn(const HttpRequest &request) const;

private:
    struct Repository {
        QHash<QByteArray, HubSnapshot> snapshots;  ///< by commit
        QByteArray head;
        HubAccess access;
        qint64 downloads = 0, likes = 0;
    };
    struct Target {
        QString id;
        const Repository *repository = nullptr;
        QStringList rest;  ///< path segments after the id, decoded
    };

    HttpResponse api(const HttpRequest &request, const QStringList &segments) const;
    static QJsonObject described(const QString &id, const Repository &repository, const HubSnapshot &snapshot);
    HttpResponse info(const HttpRequest &request, const Target &target, const QString &revision) const;
    HttpResponse tree(const HttpRequest &request, const Target &target) const;
    HttpResponse pathsInfo(const HttpRequest &request, const Target &target) const;
    HttpResponse resolve(const HttpRequest &request, const Target &target) const;
    HttpResponse cached(const HttpRequest &request, const Target &target) const;
    HttpResponse raw(const Target &target) const;
    HttpResponse whoAmI(const HttpRequest &request) const;
    HttpResponse search(const HttpRequest &request) const;

    Target targetOf(const QStringList &segments) const;
    /// Nothing where all is well.
    std::optional<HttpResponse> refusal(const HttpRequest &request, const Target &target, bool content) const;
    std::optional<HttpResponse> badToken(const QByteArray &token) const;
    const HubSnapshot *snapshot(const Target &target, const QString &revision) const;
    QByteArray signature(const QByteArray &path, const QByteArray &expires) const;

    QUrl m_hub, m_cdn;
    QHash<QString, Repository> m_repositories;
    QHash<QString, QString> m_renamed;
    QHash<QByteArray, HubAccount> m_accounts;
    int m_pageSize = 1000;
    qint64 m_lifetimeMs = 3'600'000;
};

}  // namespace millm
