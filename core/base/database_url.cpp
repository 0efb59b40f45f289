#include "core/base/database_url.h"

#include "core/base/errors.h"

#include <QStringList>
#include <QUrl>
#include <QUrlQuery>

namespace millm {

namespace {

Error invalid(const QString &why) {
    return errors::invalidRequest(QStringLiteral("database_url"), QStringLiteral("DATABASE_URL %1").arg(why));
}

// libpq's own parameters that may stand in the query; user and password in it would be one more place to star out.
const QStringList passedOn{QStringLiteral("sslmode"), QStringLiteral("sslrootcert"),         QStringLiteral("sslcert"),
                           QStringLiteral("sslkey"),  QStringLiteral("connect_timeout"),     QStringLiteral("application_name"),
                           QStringLiteral("options"), QStringLiteral("target_session_attrs")};

Result<DatabaseUrl> sqlite(const QString &rest) {
    DatabaseUrl parsed;
    parsed.kind = DatabaseUrl::Kind::Sqlite;
    parsed.file = QUrl::fromPercentEncoding(rest.toUtf8());
    if (parsed.file == QStringLiteral("/:memory:")) parsed.file = QStringLiteral(":memory:");
    if (parsed.file.isEmpty() || parsed.file == QStringLiteral("/"))
        return invalid(QStringLiteral("names no file: sqlite:///absolute/path.db is wanted"));
    if (!parsed.file.startsWith(QLatin1Char('/')) && parsed.file != QStringLiteral(":memory:"))
        return invalid(QStringLiteral("needs an absolute path: sqlite:///absolute/path.db has three slashes"));
    return parsed;
}

Result<DatabaseUrl> postgresql(const QString &text) {
    const QUrl url(text, QUrl::StrictMode);
    if (!url.isValid()) return invalid(QStringLiteral("is not a well-formed URL (special characters must be percent-encoded)"));
    DatabaseUrl parsed;
    parsed.kind = DatabaseUrl::Kind::PostgreSql;
    parsed.host = url.host(QUrl::FullyDecoded);
    parsed.port = url.port(-1);
    parsed.user = url.userName(QUrl::FullyDecoded);
    parsed.password = url.password(QUrl::FullyDecoded);
    parsed.database = url.path(QUrl::FullyDecoded).mid(1);
    if (parsed.database.isEmpty()) return invalid(QStringLiteral("names no database"));
    QStringList options;
    const auto items = QUrlQuery(url).queryItems(QUrl::FullyDecoded);
    for (const auto &[key, value] : items) {
        if (key == QStringLiteral("host")) {
            parsed.host = value;
        } else if (key == QStringLiteral("port")) {
            bool ok = false;
            parsed.port = value.toInt(&ok);
            if (!ok || parsed.port < 1 || parsed.port > 65535)
                return invalid(QStringLiteral("has a port that is no number from 1 to 65535"));
        } else if (passedOn.contains(key)) {
            // Qt takes the parameters apart at semicolons again.
            if (value.contains(QLatin1Char(';'))) return invalid(QStringLiteral("has a ';' in its parameter '%1'").arg(key));
            options << key + QLatin1Char('=') + value;
        } else {
            return invalid(QStringLiteral("has the parameter '%1', which is not known").arg(key));
        }
    }
    parsed.options = options.join(QLatin1Char(';'));
    return parsed;
}

}  // namespace

Result<DatabaseUrl> parseDatabaseUrl(const QString &url) {
    if (url.startsWith(QStringLiteral("sqlite://"))) return sqlite(url.mid(9));
    if (url.startsWith(QStringLiteral("postgresql://")) || url.startsWith(QStringLiteral("postgres://")))
        return postgresql(url);
    return invalid(QStringLiteral("must start with sqlite:// or postgresql://"));
}

QString withoutPassword(const QString &url) {
    const qsizetype scheme = url.indexOf(QStringLiteral("://"));
    if (scheme < 0) return QStringLiteral("***");
    const qsizetype end = url.indexOf(QLatin1Char('/'), scheme + 3);
    // The last @ before the path: a password that was not encoded may hold one too.
    const qsizetype at = url.lastIndexOf(QLatin1Char('@'), end < 0 ? -1 : end);
    const qsizetype colon = url.indexOf(QLatin1Char(':'), scheme + 3);
    if (at < 0 || colon < 0 || colon > at) return url;
    return url.left(colon + 1) + QStringLiteral("***") + url.mid(at);
}

}  // namespace millm
