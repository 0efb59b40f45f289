#include "core/hub/hub_client.h"

#include "core/base/errors.h"
#include "core/base/last_net.h"
#include "core/base/pasted_text.h"
#include "core/base/settings.h"
#include "core/hub/circuit_breaker.h"
#include "core/hub/hub_cache.h"
#include "core/hub/hub_call.h"
#include "core/hub/hub_json.h"
#include "core/hub/origin.h"
#include "core/hub/proxy.h"

#include <QCoreApplication>
#include <QDeadlineTimer>
#include <QRandomGenerator>
#include <QSysInfo>

namespace millm {
namespace {

constexpr qint64 infoLimit = 50'000'000;
constexpr qint64 searchLimit = 20'000'000;
constexpr qint64 treePageLimit = 50'000'000;
constexpr qint64 smallAnswer = 1'000'000;
constexpr qsizetype mostFiles = 200'000;
constexpr int mostPages = 1'000;  // the Hub's own hold a thousand entries
constexpr qint64 streamBuffer = 4 * 1024 * 1024;

/// Percent-encoded, slashes too: for a revision or an id's part.
QByteArray encoded(const QString &text, const QByteArray &keep = {}) {
    return QUrl::toPercentEncoding(text, keep);
}

}  // namespace

std::chrono::milliseconds HubTiming::pause(qsizetype attempt) const {
    const auto planned = pauses.value(attempt);
    return planned + std::chrono::milliseconds(QRandomGenerator::global()->bounded(qint64(planned.count() / 4 + 1)));
}

class HubClient::Private {
public:
    Private(const Settings &settings, HubClient *client)
        : q(client),
          endpoint(settings.hfEndpoint),
          token(pasted(settings.hfToken)),
          offline(settings.hubOffline),
          cache(settings.hfHubCache),
          breaker(timing.breakerFailures, timing.breakerRest) {
        network.setRedirectPolicy(QNetworkRequest::ManualRedirectPolicy);
        network.setProxyFactory(proxiesOf(settings.proxy).release());
        network.setAutoDeleteReplies(false);
    }

    QUrl address(const QByteArray &path, const QByteArray &query = {}) const {
        return QUrl::fromEncoded(endpoint.toEncoded() + path + (query.isEmpty() ? QByteArray() : '?' + query));
    }

    QByteArray tokenOr(const QString &given) const {
        const QString own = pasted(given);
        return (own.isEmpty() ? token : own).toLatin1();
    }

    HubStream::Request request(const QUrl &url, const QString &repoId, const QString &file, const QString &given) const {
        HubStream::Request request;
        request.first = QNetworkRequest(url);
        const QString version = QCoreApplication::applicationVersion();
        const QString agent = QStringLiteral("miLLM/%1; qt/%2; os/%3")
                                  .arg(version.isEmpty() ? QStringLiteral("dev") : version, QString::fromLatin1(qVersion()),
                                       QSysInfo::productType());
        request.first.setRawHeader("User-Agent", agent.toLatin1());
        request.first.setAttribute(QNetworkRequest::CookieLoadControlAttribute, QNetworkRequest::Manual);
        request.first.setAttribute(QNetworkRequest::CookieSaveControlAttribute, QNetworkRequest::Manual);
        request.first.setAttribute(QNetworkRequest::AuthenticationReuseAttribute, QNetworkRequest::Manual);
        request.endpoint = endpoint;
        request.token = tokenOr(given);
        request.subject = {repoId, file, !request.token.isEmpty(), false, redacted(q->pageOf(repoId))};
        request.patience = timing.answer;
        return request;
    }

    HubStream::Request fileRequest(const HubFileAddress &file, const QByteArray &range, const QString &given) const {
        const QByteArray path =
            '/' + encoded(file.repoId, "/") + "/resolve/" + encoded(file.commit) + '/' + encoded(file.path, "/");
        HubStream::Request result = request(address(path), file.repoId, file.path, given);
        // Compressed answers have no length and may ignore ranges.
        result.first.setRawHeader("Accept-Encoding", "identity");
        if (!range.isEmpty()) result.first.setRawHeader("Range", range);
        // HTTP/2 in Qt takes no notice of a reader that is behind.
        result.first.setAttribute(QNetworkRequest::Http2AllowedAttribute, false);
        return result;
    }

    /// A stream for this request, unless the breaker is open.
    Outcome<HubStream *, std::chrono::milliseconds> stream(const HubStream::Request &request, QObject *parent) {
        const auto rest = breaker.admit(CircuitBreaker::Clock::now());
        if (rest.count() > 0) return rest;
        auto *stream = new HubStream(network, request, parent);
        // What becomes of a stream elsewhere, at the content servers, is not the Hub's fault.
        QObject::connect(stream, &HubStream::hubAnswered, q, [this] { breaker.succeeded(); });
        QObject::connect(stream, &HubStream::failed, q,
                         [this, stream, begun = CircuitBreaker::Clock::now()](const HubFailure &failure) {
                             using Kind = HubFailure::Kind;
                             if (stream->foreign()) return;
                             if (failure.kind == Kind::Transport || failure.kind == Kind::Server)
                                 breaker.failed(begun, CircuitBreaker::Clock::now());
                             else if (failure.status > 0)
                                 breaker.succeeded();  // it answers, though not what was hoped for
                         });
        return stream;
    }

    void call(QObject *context, HubStream::Request request, HubCall::Size size,
              std::function<void(HubResult<HubCall::Answer>)> then) {
        if (offline) {
            then(refused(QStringLiteral("offline mode is on (HF_HUB_OFFLINE).")));
            return;
        }
        // Whoever asked gets an answer, even where the first attempt to take it failed.
        auto taken = [then = std::move(then)](const HubResult<HubCall::Answer> &answer) {
            if (ran("an answer of the Hub", [&] { then(answer); })) return;
            ran("an answer of the Hub", [&] { then(HubFailure{HubFailure::Kind::Refused, errors::internal(faultWords())}); });
        };
        new HubCall(*q, [this, request](QObject *parent) { return stream(request, parent); }, size, std::move(taken), context);
    }

    /// A file list under way.
    struct Tree {
        QString repoId, token;
        QDeadlineTimer deadline;
        QList<HubFile> files = {};
        int pages = 0;
    };

    void treePage(QObject *context, const QUrl &url, std::shared_ptr<Tree> tree, Then<QList<HubFile>> then) {
        // Pages that never end may each be quick, and empty.
        if (++tree->pages > mostPages || tree->deadline.hasExpired())
            return then(refused(QStringLiteral("the file list does not end (%1 pages, %2 files).")
                                    .arg(tree->pages - 1)
                                    .arg(tree->files.size())));
        HubStream::Request question = request(url, tree->repoId, {}, tree->token);
        question.first.setRawHeader("Accept", "application/json");
        call(context, question, {treePageLimit}, [=, this](HubResult<HubCall::Answer> answer) {
            if (!answer) return then(answer.error());
            auto page = filesOfTree(answer->body);
            if (!page) return then(page.error());
            tree->files += *page;
            if (tree->files.size() > mostFiles)
                return then(flawed(QStringLiteral("the repository has more than %1 files.").arg(mostFiles)));
            const QUrl link = nextPage(answer->link);
            if (link.isEmpty()) return then(tree->files);
            const QUrl next = throughMirror(url.resolved(link), endpoint);
            // A link elsewhere would carry nothing secret, but a Hub does not send one; the same page again would never end.
            if (!sameOrigin(next, endpoint) || next == url)
                return then(refused(QStringLiteral("the file list goes on at a wrong address (%1).").arg(redacted(next))));
            treePage(context, next, tree, then);
        });
    }

    HubClient *q;
    QUrl endpoint;
    QString token;
    bool offline;
    HubCache cache;
    HubTiming timing;
    CircuitBreaker breaker;
    QNetworkAccessManager network;
};

HubClient::HubClient(const Settings &settings, QObject *parent)
    : QObject(parent), d(std::make_unique<Private>(settings, this)) {}

HubClient::~HubClient() {
    // Calls and streams use the network manager: they go before it.
    qDeleteAll(findChildren<HubCall *>(Qt::FindDirectChildrenOnly));
}

QUrl HubClient::endpoint() const {
    return d->endpoint;
}
bool HubClient::offline() const {
    return d->offline;
}
QString HubClient::defaultToken() const {
    return d->token;
}
void HubClient::setDefaultToken(const QString &token) {
    d->token = pasted(token);
}
void HubClient::setProxy(const QString &setting) {
    d->network.setProxyFactory(proxiesOf(setting).release());
}
QUrl HubClient::pageOf(const QString &repoId) const {
    return d->address('/' + encoded(repoId, "/"));
}
const HubCache &HubClient::cache() const {
    return d->cache;
}
std::chrono::milliseconds HubClient::resting() const {
    return d->breaker.resting(CircuitBreaker::Clock::now());
}
const HubTiming &HubClient::timing() const {
    return d->timing;
}

void HubClient::setTiming(const HubTiming &timing) {
    d->timing = timing;
    d->breaker = CircuitBreaker(timing.breakerFailures, timing.breakerRest);
}

void HubClient::info(QObject *context, const QString &repoId, const QString &token, Then<QJsonObject> then) {
    HubStream::Request question = d->request(d->address("/api/models/" + encoded(repoId, "/")), repoId, {}, token);
    question.first.setRawHeader("Accept", "application/json");
    d->call(context, question, {infoLimit}, [then = std::move(then)](HubResult<HubCall::Answer> answer) {
        if (!answer) return then(answer.error());
        then(jsonObject(answer->body, answer->contentType));
    });
}

void HubClient::search(QObject *context, const QString &words, int most, const QString &token,
                       Then<QList<FoundRepository>> then) {
    QByteArray query = "search=" + encoded(words) + "&limit=" + QByteArray::number(most) + "&sort=downloads";
    for (const char *field : searchedFields) query += QByteArray("&expand=") + field;
    HubStream::Request question = d->request(d->address("/api/models", query), {}, {}, token);
    question.first.setRawHeader("Accept", "application/json");
    d->call(context, question, {searchLimit}, [most, then = std::move(then)](HubResult<HubCall::Answer> answer) {
        if (!answer) return then(answer.error());
        then(foundRepositories(answer->body, answer->contentType, most));
    });
}

void HubClient::tree(QObject *context, const QString &repoId, const QString &commit, const QString &token,
                     Then<QList<HubFile>> then) {
    const QUrl url =
        d->address("/api/models/" + encoded(repoId, "/") + "/tree/" + encoded(commit), "recursive=true&expand=false");
    d->treePage(context, url, std::make_shared<Private::Tree>(repoId, token, QDeadlineTimer(d->timing.tree)), std::move(then));
}

void HubClient::checkAccess(QObject *context, const QString &repoId, const QString &token, Then<bool> then) {
    const QUrl url = d->address("/api/models/" + encoded(repoId, "/") + "/auth-check");
    d->call(context, d->request(url, repoId, {}, token), {smallAnswer},
            [then = std::move(then)](HubResult<HubCall::Answer> answer) {
                if (!answer) return then(answer.error());
                then(true);
            });
}

void HubClient::whoAmI(QObject *context, const QString &token, Then<QString> then) {
    d->call(context, d->request(d->address("/api/whoami-v2"), {}, {}, token), {smallAnswer},
            [then = std::move(then)](HubResult<HubCall::Answer> answer) {
                if (!answer) return then(answer.error());
                auto json = jsonObject(answer->body, answer->contentType);
                if (!json) return then(json.error());
                then(json->value(QLatin1StringView("name")).toString());
            });
}

void HubClient::read(QObject *context, const HubFileAddress &file, qint64 begin, qint64 count, const QString &token,
                     Then<QByteArray> then) {
    const QByteArray range = "bytes=" + QByteArray::number(begin) + '-' + QByteArray::number(begin + count - 1);
    d->call(context, d->fileRequest(file, range, token), {begin + count, HubCall::Body::Prefix},
            [begin, count, then = std::move(then)](HubResult<HubCall::Answer> answer) {
                if (!answer) return then(answer.error());
                // 200 is the whole file, whatever range was asked for.
                if (answer->status == 200) return then(answer->body.mid(begin, count));
                then(answer->body);
            });
}

Outcome<HubStream *, std::chrono::milliseconds> HubClient::open(const HubFileAddress &file, qint64 offset, const QString &token,
                                                                QObject *parent) {
    HubStream::Request request =
        d->fileRequest(file, offset > 0 ? "bytes=" + QByteArray::number(offset) + '-' : QByteArray(), token);
    request.patience = d->timing.stall;
    request.readBuffer = streamBuffer;
    return d->stream(request, parent);
}

}  // namespace millm
