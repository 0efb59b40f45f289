#pragma once

#include "core/base/error.h"
#include "core/storage/database.h"

#include <QSqlDatabase>
#include <QString>

#include <span>

namespace millm {

/// One step of the schema: statements separated by semicolons, in the words of both servers.
struct Migration {
    int version;  ///< 1, 2, 3…
    const char *title, *sqlite, *postgresql;
};

/// All steps in order; the last one's version is what this program knows.
std::span<const Migration> migrations();

/// Brings the database to the last step, each step in a transaction of its own, written down in the table `migrations`.
/// A database that is newer than the program is refused untouched. Database's thread.
Result<void> migrate(QSqlDatabase &connection, Database::Dialect dialect);

}  // namespace millm
