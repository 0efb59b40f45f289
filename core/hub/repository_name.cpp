#include "core/hub/repository_name.h"

#include "core/base/errors.h"
#include "core/base/pasted_text.h"

#include <QRegularExpression>
#include <QStringList>
#include <QUrl>

#include <algorithm>

namespace millm {
namespace {

constexpr qsizetype longestPart = 96;

/// Why a part of an id is none; empty where it is fine.
QString flaw(const QString &part) {
    static const QRegularExpression allowed(QStringLiteral("\\A[A-Za-z0-9_.-]+\\z"));
    if (part.isEmpty()) return QStringLiteral("it must be owner/name");
    if (part.size() > longestPart) return QStringLiteral("a part has %1 characters, at most 96 are allowed").arg(part.size());
    if (!allowed.match(part).hasMatch()) return QStringLiteral("only letters, digits, '-', '_' and '.' are allowed");
    if (part.contains(QLatin1StringView(".."))) return QStringLiteral("\"..\" is not allowed");
    if (part.contains(QLatin1StringView("--"))) return QStringLiteral("\"--\" is not allowed");
    for (const QChar edge : {part.front(), part.back()}) {
        if (edge == QLatin1Char('-') || edge == QLatin1Char('.'))
            return QStringLiteral("a part must not begin or end with '%1'").arg(edge);
    }
    if (part.endsWith(QLatin1StringView(".git"), Qt::CaseInsensitive)) return QStringLiteral("it must not end in \".git\"");
    return {};
}

/// The path of a pasted address of the Hub, without what follows the id; the text itself where it is no address.
/// `why` is set where it is an address of something else.
QString pathOf(const QString &text, QString &why) {
    QString address = text;
    const bool hasScheme = text.contains(QLatin1StringView("://"));
    if (!hasScheme) {
        const QString host = text.section(QLatin1Char('/'), 0, 0);
        if (!isPublicHub(host)) return text;
        address.prepend(QLatin1StringView("https://"));
    }
    const QUrl url(address, QUrl::StrictMode);
    const bool web = url.scheme() == QLatin1StringView("https") || url.scheme() == QLatin1StringView("http");
    if (!web || !isPublicHub(url.host())) {
        why = QStringLiteral("it is not an address of the Hub");
        return {};
    }
    QStringList parts = url.path().split(QLatin1Char('/'), Qt::SkipEmptyParts);
    if (!parts.isEmpty() && parts.first() == QLatin1StringView("models")) parts.removeFirst();
    const QStringList others = {QStringLiteral("datasets"), QStringLiteral("spaces"), QStringLiteral("collections")};
    if (!parts.isEmpty() && others.contains(parts.first())) {
        why = QStringLiteral("it is an address of %1, not of a model").arg(parts.first());
        return {};
    }
    return parts.mid(0, 2).join(QLatin1Char('/'));
}

}  // namespace

bool isPublicHub(const QString &host) {
    static const QStringList hosts = {QStringLiteral("huggingface.co"), QStringLiteral("www.huggingface.co"),
                                      QStringLiteral("hf.co")};
    return hosts.contains(host, Qt::CaseInsensitive);
}

Result<QString> normaliseRepositoryName(const QString &text) {
    QString trimmed = pasted(text);
    while (trimmed.endsWith(QLatin1Char('/'))) trimmed.chop(1);
    const QString shown = trimmed.left(200);
    QString why;
    const QString path = pathOf(trimmed, why);
    if (!why.isEmpty()) return errors::invalidRepoId(shown, why);
    const QStringList parts = path.split(QLatin1Char('/'));
    if (parts.size() != 2) return errors::invalidRepoId(shown, QStringLiteral("it must be owner/name"));
    for (const QString &part : parts) {
        if (const QString found = flaw(part); !found.isEmpty()) return errors::invalidRepoId(shown, found);
    }
    return path;
}

}  // namespace millm
