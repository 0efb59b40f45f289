#pragma once

#include <QString>
#include <QTemporaryDir>

namespace millm::testing {

/// A PostgreSQL server of this test run's own: on a Unix socket in a temporary folder, nothing on the network, gone with the
/// object. The server refuses to run as root, so there it runs as "postgres", or as "nobody" where that user is missing.
class Postgres {
public:
    Postgres();
    ~Postgres();
    Postgres(const Postgres &) = delete;
    Postgres &operator=(const Postgres &) = delete;

    bool start();  ///< false: errorText() says why
    void stop();   ///< connections are cut; the data stays for the next start()
    QString errorText() const { return m_error; }
    QString url(const QString &database = QStringLiteral("postgres")) const;  ///< for DATABASE_URL
    bool createDatabase(const QString &name);
    /// Ends every session of `database`, as a restart of the server or a lost line would.
    bool cutConnections(const QString &database);

    /// The folder of initdb and pg_ctl; empty where PostgreSQL is not installed.
    static QString binaries();

private:
    bool command(const QString &program, const QStringList &arguments);
    bool sql(const QString &statement);
    void shutDown(const QString &mode);  ///< pg_ctl's: fast or immediate
    QTemporaryDir m_folder;
    QString m_user, m_error;
    bool m_initialised = false, m_running = false;
};

}  // namespace millm::testing
