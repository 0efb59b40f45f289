#pragma once

#include "core/base/error.h"

#include <QString>

namespace millm {

/// DATABASE_URL taken apart.
struct DatabaseUrl {
    enum class Kind { Sqlite, PostgreSql };
    Kind kind = Kind::Sqlite;
    QString file;  ///< SQLite: absolute path, or ":memory:"
    QString host;  ///< PostgreSQL: a name, an address, or the folder of its socket; empty: the driver's default
    int port = -1;
    QString database, user, password;
    QString options;  ///< further libpq parameters for the driver: "sslmode=require;connect_timeout=5"
};

/// Reads "sqlite:///absolute/path.db" and "postgresql://user:password@host:port/database?host=/socket/dir&sslmode=…" (also
/// "postgres://"); parts may be percent-encoded. InvalidRequest with field "database_url" otherwise; the words never hold the
/// URL, since it may hold a password.
Result<DatabaseUrl> parseDatabaseUrl(const QString &url);

/// The URL with its password starred, for a log.
QString withoutPassword(const QString &url);

}  // namespace millm
