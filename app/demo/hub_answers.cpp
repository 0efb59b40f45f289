#include "app/demo/hub_answers.h"

#include <QCryptographicHash>
#include <QDateTime>
#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QSet>

#include <algorithm>

namespace millm {
namespace {

HttpResponse json(const QJsonValue &value, int status = 200) {
    HttpResponse response;
    response.status = status;
    response.set("Content-Type", "application/json; charset=utf-8");
    response.body = value.isArray() ? QJsonDocument(value.toArray()).toJson(QJsonDocument::Compact)
                                    : QJsonDocument(value.toObject()).toJson(QJsonDocument::Compact);
    return response;
}

HttpResponse refuse(int status, const QByteArray &code, const QString &message) {
    HttpResponse response = json(QJsonObject{{"error", message}}, status);
    if (!code.isEmpty()) response.set("X-Error-Code", code);
    response.set("X-Error-Message", message.toUtf8());
    return response;
}

HttpResponse redirect(int status, const QByteArray &location) {
    HttpResponse response;
    response.status = status;
    response.set("Location", location);
    response.set("Content-Type", "text/plain; charset=utf-8");
    response.body = "Redirecting to " + location;
    return response;
}

/// A file's bytes, or the part that Range asks for.
HttpResponse content(const HttpRequest &request, const HubSnapshotFile &file, const QByteArray &etag) {
    HttpResponse response;
    response.file = file.source;
    response.count = file.size;
    response.set("Content-Type", file.path.endsWith(".json") ? "application/json" : "application/octet-stream");
    response.set("ETag", '"' + etag + '"');
    response.set("Accept-Ranges", "bytes");
    const QByteArray range = request.header("Range");
    if (!range.startsWith("bytes=") || range.contains(',')) return response;
    const QList<QByteArray> ends = range.mid(6).split('-');
    if (ends.size() != 2) return response;
    qint64 first = ends[0].toLongLong(), last = file.size - 1;
    if (ends[0].isEmpty()) {
        first = qMax<qint64>(0, file.size - ends[1].toLongLong());
    } else if (!ends[1].isEmpty()) {
        last = qMin(last, ends[1].toLongLong());
    }
    if (first >= file.size || last < first) {
        response = refuse(416, {}, QStringLiteral("The range is outside the file"));
        response.set("Content-Range", "bytes */" + QByteArray::number(file.size));
        return response;
    }
    response.status = 206;
    response.begin = first;
    response.count = last - first + 1;
    response.set("Content-Range",
                 "bytes " + QByteArray::number(first) + '-' + QByteArray::number(last) + '/' + QByteArray::number(file.size));
    return response;
}

QJsonObject entryOf(const HubSnapshotFile &file) {
    QJsonObject entry{{"type", "file"}, {"oid", QString::fromLatin1(file.oid)}, {"size", file.size}, {"path", file.path}};
    if (file.lfs) {
        entry.insert(
            "lfs", QJsonObject{
                       {"oid", QString::fromLatin1(file.sha256)}, {"size", file.size}, {"pointerSize", file.pointer().size()}});
    }
    return entry;
}

/// Only the fields that are asked for, where some are.
QJsonObject expanded(QJsonObject answer, const QUrlQuery &query) {
    const QStringList wanted = query.allQueryItemValues("expand") + query.allQueryItemValues("expand[]");
    if (wanted.isEmpty()) return answer;
    for (const QString &key : answer.keys()) {
        if (key != "_id" && key != "id" && !wanted.contains(key)) answer.remove(key);
    }
    return answer;
}

QStringList decoded(const QByteArray &path) {
    QStringList segments;
    for (const QByteArray &part : path.split('/')) {
        if (!part.isEmpty()) segments.append(QString::fromUtf8(QByteArray::fromPercentEncoding(part)));
    }
    return segments;
}

}  // namespace

void HubAnswers::setOrigins(const QUrl &hub, const QUrl &cdn) {
    m_hub = hub;
    m_cdn = cdn;
}

QByteArray HubAnswers::add(const QString &id, const QString &folder) {
    HubSnapshot snapshot = HubSnapshot::of(folder);
    Repository &repository = m_repositories[id];
    repository.head = snapshot.commit;
    repository.snapshots.insert(snapshot.commit, std::move(snapshot));
    return repository.head;
}

HttpResponse HubAnswers::hub(const HttpRequest &request) const {
    const QStringList segments = decoded(request.path);
    HttpResponse response = refuse(404, {}, QStringLiteral("Not Found"));
    if (segments.value(0) == "api") {
        response = api(request, segments.mid(1));
    } else if (segments.size() >= 3) {
        const Target target = targetOf(segments);
        if (auto refused = refusal(request, target, true)) {
            response = *refused;
        } else if (target.rest.value(0) == "resolve") {
            response = resolve(request, target);
        } else if (target.rest.value(0) == "raw") {
            response = raw(target);
        }
    }
    response.set("RateLimit", "\"api\";r=998;t=212");
    response.set("RateLimit-Policy", "\"fixed window\";\"api\";q=1000;w=300");
    response.set("X-Request-Id", "Root=1-local");
    return response;
}

HttpResponse HubAnswers::api(const HttpRequest &request, const QStringList &segments) const {
    if (segments.value(0) == "whoami-v2") return whoAmI(request);
    if (segments.value(0) == "resolve-cache" && segments.value(1) == "models") {
        const Target target = targetOf(segments.mid(2));
        if (auto refused = refusal(request, target, true)) return *refused;
        return cached(request, target);
    }
    if (segments.value(0) != "models") return refuse(404, {}, QStringLiteral("Not Found"));
    if (segments.size() == 1) return search(request);
    const Target target = targetOf(segments.mid(1));
    const QString verb = target.rest.value(0);
    if (auto refused = refusal(request, target, verb == "auth-check")) return *refused;
    if (verb.isEmpty()) return info(request, target, QStringLiteral("main"));
    if (verb == "revision") return info(request, target, target.rest.value(1));
    if (verb == "tree") return tree(request, target);
    if (verb == "paths-info") return pathsInfo(request, target);
    if (verb == "auth-check") return json(QJsonObject());
    if (verb == "refs") {
        const QJsonObject main{
            {"name", "main"}, {"ref", "refs/heads/main"}, {"targetCommit", QString::fromLatin1(target.repository->head)}};
        return json(QJsonObject{{"branches", QJsonArray{main}}, {"converts", QJsonArray()}, {"tags", QJsonArray()}});
    }
    return refuse(404, {}, QStringLiteral("Not Found"));
}

HubAnswers::Target HubAnswers::targetOf(const QStringList &segments) const {
    static const QSet<QString> verbs = {"resolve",    "raw",        "revision", "tree",
                                        "auth-check", "paths-info", "refs",     "xet-read-token"};
    Target target;
    const bool bare = segments.size() == 1 || verbs.contains(segments.value(1));
    target.id = bare ? segments.value(0) : segments.value(0) + '/' + segments.value(1);
    target.rest = segments.mid(bare ? 1 : 2);
    const auto found = m_repositories.constFind(target.id);
    if (found != m_repositories.constEnd()) target.repository = &*found;
    return target;
}

std::optional<HttpResponse> HubAnswers::badToken(const QByteArray &token) const {
    if (token.isEmpty()) return {};
    const auto account = m_accounts.constFind(token);
    if (account == m_accounts.constEnd()) return refuse(401, {}, QStringLiteral("Invalid credentials in Authorization header"));
    if (account->expired) return refuse(401, {}, QStringLiteral("User Access Token \"%1\" is expired").arg(account->name));
    return {};
}

std::optional<HttpResponse> HubAnswers::refusal(const HttpRequest &request, const Target &target, bool content) const {
    const QByteArray token = request.bearer();
    if (auto bad = badToken(token)) return bad;
    if (const QString moved = m_renamed.value(target.id); !moved.isEmpty()) {
        QByteArray path = request.path;
        path.replace(target.id.toUtf8(), moved.toUtf8());
        const QString query = request.query.toString(QUrl::FullyEncoded);
        return redirect(307, query.isEmpty() ? path : path + '?' + query.toLatin1());
    }
    const Repository *repository = target.repository;
    const bool granted = repository && !token.isEmpty() && repository->access.grants.contains(token);
    if (!repository || (repository->access.isPrivate && !granted)) {
        if (token.isEmpty()) return refuse(401, "RepoNotFound", QStringLiteral("Invalid username or password."));
        return refuse(404, "RepoNotFound", QStringLiteral("Repository not found"));
    }
    if (repository->access.disabled) return refuse(403, {}, QStringLiteral("Access to this resource is disabled."));
    if (!content || repository->access.gated.isEmpty() || granted) return {};
    const QString start = QStringLiteral("Access to model %1 is restricted").arg(target.id);
    if (token.isEmpty()) {
        return refuse(401, "GatedRepo",
                      start + ". You must have access to it and be authenticated to access it. Please log in.");
    }
    if (repository->access.awaitingReview) {
        return refuse(
            403, "GatedRepo",
            QStringLiteral("Your request to access model %1 is awaiting a review from the repo authors.").arg(target.id));
    }
    return refuse(
        403, "GatedRepo",
        start + " and you are not in the authorized list. Visit " + m_hub.toString() + '/' + target.id + " to ask for access.");
}

const HubSnapshot *HubAnswers::snapshot(const Target &target, const QString &revision) const {
    const QByteArray commit = revision == "main" || revision == "HEAD" ? target.repository->head : revision.toLatin1();
    const auto found = target.repository->snapshots.constFind(commit);
    return found == target.repository->snapshots.constEnd() ? nullptr : &*found;
}

void HubAnswers::setPopularity(const QString &id, qint64 downloads, qint64 likes) {
    m_repositories[id].downloads = downloads;
    m_repositories[id].likes = likes;
}

/// What the Hub tells of a repository, but for its files.
QJsonObject HubAnswers::described(const QString &id, const Repository &repository, const HubSnapshot &snapshot) {
    const HubAccess &access = repository.access;
    QJsonArray tags{"transformers"};
    if (!snapshot.parameters.isEmpty()) tags.append("safetensors");
    if (snapshot.cardData.contains("license")) tags.append("license:" + snapshot.cardData.value("license").toString());
    QJsonObject answer{{"_id", QString::fromLatin1(snapshot.commit.left(24))},
                       {"id", id},
                       {"modelId", id},
                       {"author", id.section('/', 0, -2)},
                       {"sha", QString::fromLatin1(snapshot.commit)},
                       {"lastModified", "2026-01-30T12:00:00.000Z"},
                       {"createdAt", "2026-01-30T12:00:00.000Z"},
                       {"private", access.isPrivate},
                       {"gated", access.gated.isEmpty() ? QJsonValue(false) : QJsonValue(access.gated)},
                       {"disabled", access.disabled},
                       {"downloads", repository.downloads},
                       {"likes", repository.likes},
                       {"library_name", "transformers"},
                       {"pipeline_tag", "text-generation"},
                       {"tags", tags},
                       {"config", snapshot.config},
                       {"cardData", snapshot.cardData}};
    if (!snapshot.parameters.isEmpty()) {
        qint64 total = 0;
        for (const QJsonValue &count : snapshot.parameters) total += count.toInteger();
        answer.insert("safetensors", QJsonObject{{"parameters", snapshot.parameters}, {"total", total}});
    }
    return answer;
}

HttpResponse HubAnswers::info(const HttpRequest &request, const Target &target, const QString &revision) const {
    const HubSnapshot *snapshot = this->snapshot(target, revision);
    if (!snapshot) return refuse(404, "RevisionNotFound", QStringLiteral("Invalid rev id: %1").arg(revision));
    const bool blobs = request.query.queryItemValue("blobs") == "true";
    QJsonArray siblings;
    for (const HubSnapshotFile &file : snapshot->files) {
        QJsonObject sibling{{"rfilename", file.path}};
        if (blobs) {
            sibling.insert("size", file.size);
            sibling.insert("blobId", QString::fromLatin1(file.oid));
            if (file.lfs) {
                sibling.insert("lfs", QJsonObject{{"sha256", QString::fromLatin1(file.sha256)},
                                                  {"size", file.size},
                                                  {"pointerSize", file.pointer().size()}});
            }
        }
        siblings.append(sibling);
    }
    QJsonObject answer = described(target.id, *target.repository, *snapshot);
    answer.insert("siblings", siblings);
    return json(expanded(answer, request.query));
}

HttpResponse HubAnswers::tree(const HttpRequest &request, const Target &target) const {
    const QString revision = target.rest.value(1);
    const HubSnapshot *snapshot = this->snapshot(target, revision);
    if (!snapshot) return refuse(404, "RevisionNotFound", QStringLiteral("Invalid rev id: %1").arg(revision));
    const QString folder = target.rest.mid(2).join('/');
    const bool recursive = request.query.queryItemValue("recursive") == "true";
    QJsonArray entries;
    QSet<QString> folders;
    for (const HubSnapshotFile &file : snapshot->files) {
        if (!folder.isEmpty() && !file.path.startsWith(folder + '/')) continue;
        const QString below = folder.isEmpty() ? file.path : file.path.mid(folder.size() + 1);
        const QStringList parts = below.split('/');
        for (qsizetype depth = 1; depth < parts.size() && (recursive || depth == 1); ++depth) {
            const QString name = (folder.isEmpty() ? QString() : folder + '/') + parts.first(depth).join('/');
            if (folders.contains(name)) continue;
            folders.insert(name);
            entries.append(QJsonObject{{"type", "directory"}, {"oid", QString(40, '0')}, {"size", 0}, {"path", name}});
        }
        if (recursive || parts.size() == 1) entries.append(entryOf(file));
    }
    if (entries.isEmpty() && !folder.isEmpty())
        return refuse(404, "EntryNotFound", QStringLiteral("%1 does not exist").arg(folder));
    const int asked = request.query.queryItemValue("limit").toInt();
    const int page = asked > 0 ? qMin(asked, m_pageSize) : m_pageSize;
    const QString cursor = request.query.queryItemValue("cursor");
    bool number = true;
    const qsizetype begin = cursor.isEmpty() ? 0 : cursor.toInt(&number);
    if (!number || begin < 0 || begin > entries.size()) return refuse(400, {}, QStringLiteral("Invalid cursor"));
    QJsonArray part;
    for (qsizetype i = begin; i < qMin(begin + page, entries.size()); ++i) part.append(entries[i]);
    HttpResponse response = json(part);
    if (begin + page < entries.size()) {
        QUrlQuery query = request.query;
        query.removeAllQueryItems("cursor");
        query.addQueryItem("cursor", QString::number(begin + page));
        response.set("Link", '<' + m_hub.toEncoded() + request.path + '?' + query.toString(QUrl::FullyEncoded).toLatin1() +
                                 ">; rel=\"next\"");
    }
    return response;
}

HttpResponse HubAnswers::pathsInfo(const HttpRequest &request, const Target &target) const {
    const HubSnapshot *snapshot = this->snapshot(target, target.rest.value(1));
    if (!snapshot) return refuse(404, "RevisionNotFound", QStringLiteral("Invalid rev id"));
    QStringList paths;
    if (request.header("Content-Type").contains("json")) {
        const QJsonArray wanted = QJsonDocument::fromJson(request.body).object().value("paths").toArray();
        for (const QJsonValue &path : wanted) paths.append(path.toString());
    } else {
        paths = QUrlQuery(QString::fromUtf8(request.body)).allQueryItemValues("paths", QUrl::FullyDecoded);
    }
    QJsonArray entries;
    for (const QString &path : std::as_const(paths)) {
        if (const HubSnapshotFile *file = snapshot->find(path)) entries.append(entryOf(*file));
    }
    return json(entries);
}

HttpResponse HubAnswers::resolve(const HttpRequest &request, const Target &target) const {
    const HubSnapshot *snapshot = this->snapshot(target, target.rest.value(1));
    if (!snapshot) return refuse(404, "RevisionNotFound", QStringLiteral("Invalid rev id: %1").arg(target.rest.value(1)));
    const QString path = target.rest.mid(2).join('/');
    const HubSnapshotFile *file = snapshot->find(path);
    HttpResponse response;
    if (!file) {
        response = refuse(404, "EntryNotFound", QStringLiteral("Entry not found"));
    } else if (!file->lfs) {
        const QByteArray encoded = QUrl::toPercentEncoding(path, "/");
        const QByteArray own = '/' + target.id.toUtf8() + "/resolve/" + snapshot->commit + '/' + encoded;
        response = redirect(307, "/api/resolve-cache/models/" + target.id.toUtf8() + '/' + snapshot->commit + '/' + encoded +
                                     '?' + QUrl::toPercentEncoding(QString::fromUtf8(own)) + "=&etag=%22" + file->oid + "%22");
    } else {
        const QByteArray place = "/xet-bridge/" + snapshot->commit.left(24) + '/' + file->sha256;
        const QByteArray expires = QByteArray::number(QDateTime::currentMSecsSinceEpoch() + m_lifetimeMs);
        response = redirect(302, m_cdn.toEncoded() + place + "?Expires=" + expires + "&Signature=" + signature(place, expires) +
                                     "&Key-Pair-Id=LOCAL");
        response.set("X-Linked-Size", QByteArray::number(file->size));
        response.set("X-Linked-Etag", '"' + file->sha256 + '"');
        response.set("X-Xet-Hash", file->sha256.mid(8) + file->sha256.left(8));
        response.set("Accept-Ranges", "bytes");
    }
    response.set("X-Repo-Commit", snapshot->commit);
    Q_UNUSED(request);
    return response;
}

HttpResponse HubAnswers::cached(const HttpRequest &request, const Target &target) const {
    const HubSnapshot *snapshot = this->snapshot(target, target.rest.value(0));
    const HubSnapshotFile *file = snapshot ? snapshot->find(target.rest.mid(1).join('/')) : nullptr;
    if (!file || file->lfs) return refuse(404, "EntryNotFound", QStringLiteral("Entry not found"));
    HttpResponse response = content(request, *file, file->oid);
    response.set("X-Repo-Commit", snapshot->commit);
    response.set("Content-Disposition", "inline; filename*=UTF-8''" + QUrl::toPercentEncoding(file->path.section('/', -1)));
    return response;
}

HttpResponse HubAnswers::raw(const Target &target) const {
    const HubSnapshot *snapshot = this->snapshot(target, target.rest.value(1));
    const HubSnapshotFile *file = snapshot ? snapshot->find(target.rest.mid(2).join('/')) : nullptr;
    if (!file) return refuse(404, "EntryNotFound", QStringLiteral("Entry not found"));
    HttpResponse response;
    response.set("Content-Type", "text/plain; charset=utf-8");
    if (file->lfs) {
        response.body = file->pointer();
    } else {
        response.file = file->source;
        response.count = file->size;
    }
    return response;
}

HttpResponse HubAnswers::whoAmI(const HttpRequest &request) const {
    const QByteArray token = request.bearer();
    if (token.isEmpty()) return refuse(401, {}, QStringLiteral("Invalid credentials in Authorization header"));
    if (auto bad = badToken(token)) return *bad;
    const QString name = m_accounts.value(token).name;
    const QJsonObject access{{"displayName", "local"}, {"role", "read"}, {"createdAt", "2026-01-30T12:00:00.000Z"}};
    return json(QJsonObject{{"type", "user"},
                            {"id", "0"},
                            {"name", name},
                            {"fullname", name},
                            {"isPro", false},
                            {"orgs", QJsonArray()},
                            {"auth", QJsonObject{{"type", "access_token"}, {"accessToken", access}}}});
}

HttpResponse HubAnswers::search(const HttpRequest &request) const {
    const QByteArray token = request.bearer();
    if (auto bad = badToken(token)) return *bad;
    const QStringList words = request.query.queryItemValue("search", QUrl::FullyDecoded).split(' ', Qt::SkipEmptyParts);
    const QString limit = request.query.queryItemValue("limit");
    QList<std::pair<QString, const Repository *>> found;
    for (auto repository = m_repositories.begin(); repository != m_repositories.end(); ++repository) {
        const bool holds = std::all_of(words.begin(), words.end(), [&](const QString &word) {
            return repository.key().contains(word, Qt::CaseInsensitive);
        });
        const HubAccess &access = repository->access;
        if (holds && !access.disabled && (!access.isPrivate || access.grants.contains(token)))
            found.append({repository.key(), &*repository});
    }
    std::sort(found.begin(), found.end(), [](const auto &a, const auto &b) {
        return a.second->downloads != b.second->downloads ? a.second->downloads > b.second->downloads : a.first < b.first;
    });
    QJsonArray answer;
    for (const auto &[id, repository] : std::as_const(found)) {
        if (!limit.isEmpty() && answer.size() >= limit.toInt()) break;
        if (const auto snapshot = repository->snapshots.constFind(repository->head);
            snapshot != repository->snapshots.constEnd())
            answer.append(expanded(described(id, *repository, *snapshot), request.query));
    }
    return json(answer);
}

QByteArray HubAnswers::signature(const QByteArray &path, const QByteArray &expires) const {
    return QCryptographicHash::hash("local hub " + path + expires, QCryptographicHash::Sha256).toHex().left(32);
}

HttpResponse HubAnswers::cdn(const HttpRequest &request) const {
    const QByteArray expires = request.query.queryItemValue("Expires").toLatin1();
    const bool valid = request.query.queryItemValue("Signature").toLatin1() == signature(request.path, expires);
    if (!request.header("Authorization").isEmpty())
        return refuse(400, {}, QStringLiteral("Only one authentication mechanism is allowed"));
    if (!valid || expires.toLongLong() < QDateTime::currentMSecsSinceEpoch())
        return refuse(403, {}, QStringLiteral("The signature is not valid or has expired"));
    const QByteArray wanted = request.path.mid(request.path.lastIndexOf('/') + 1);
    for (const Repository &repository : m_repositories) {
        for (const HubSnapshot &snapshot : repository.snapshots) {
            for (const HubSnapshotFile &file : snapshot.files) {
                // The real one's ETag names the stored object, never the content's sha256.
                if (file.lfs && file.sha256 == wanted) return content(request, file, "xet-" + wanted.right(32));
            }
        }
    }
    return refuse(404, {}, QStringLiteral("No such object"));
}

}  // namespace millm
