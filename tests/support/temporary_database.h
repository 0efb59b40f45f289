#pragma once

#include "tests/support/postgres.h"

#include <QString>
#include <QTemporaryDir>

#include <memory>

namespace millm::testing {

/// Empty databases for one test program, of the kind that the environment variable MILLM_TEST_DATABASE names: "sqlite"
/// (default) or "postgresql", so that one suite runs on both. The PostgreSQL server starts with the first url().
class TemporaryDatabase {
public:
    TemporaryDatabase();
    ~TemporaryDatabase();
    bool isPostgreSql() const { return m_postgresql; }
    /// The URL of a new, empty database. Ends the program where PostgreSQL does not start.
    QString url();
    Postgres *server() const { return m_server.get(); }  ///< null for SQLite

private:
    bool m_postgresql = false;
    int m_count = 0;
    QTemporaryDir m_folder;
    std::unique_ptr<Postgres> m_server;
};

}  // namespace millm::testing
