#include "tests/support/postgres.h"

#include <QDir>
#include <QFile>
#include <QProcess>
#include <QStandardPaths>

#include <pwd.h>
#include <unistd.h>

namespace millm::testing {

namespace {

const QString superuser = QStringLiteral("millm_test");

}  // namespace

// A socket's path may have 107 characters, so the folder lies in the system's temporary one and has a short name.
Postgres::Postgres() : m_folder(QDir::tempPath() + QStringLiteral("/mpg-XXXXXX")) {
    if (geteuid() != 0) return;
    for (const char *name : {"postgres", "nobody"}) {
        if (const passwd *entry = getpwnam(name)) {
            m_user = QString::fromLatin1(name);
            if (chown(QFile::encodeName(m_folder.path()).constData(), entry->pw_uid, entry->pw_gid) != 0)
                m_error = QStringLiteral("chown failed");
            return;
        }
    }
}

Postgres::~Postgres() {
    if (m_running) shutDown(QStringLiteral("immediate"));  // nobody reads the data again
}

QString Postgres::binaries() {
    const QDir versions(QStringLiteral("/usr/lib/postgresql"));
    const auto names = versions.entryList(QDir::Dirs | QDir::NoDotAndDotDot, QDir::Name | QDir::Reversed);
    for (const auto &name : names) {
        const QString folder = versions.filePath(name + QStringLiteral("/bin"));
        if (QFile::exists(folder + QStringLiteral("/initdb"))) return folder;
    }
    const QString found = QStandardPaths::findExecutable(QStringLiteral("initdb"));
    return found.isEmpty() ? QString() : QFileInfo(found).path();
}

bool Postgres::command(const QString &program, const QStringList &arguments) {
    QProcess process;
    process.setWorkingDirectory(m_folder.path());
    process.setProcessChannelMode(QProcess::MergedChannels);
    // pg_ctl's server inherits the output channel, so it goes to a file: a pipe would never end.
    const QString log = m_folder.filePath(QStringLiteral("log-") + program);
    process.setStandardOutputFile(log);
    const QString path = binaries() + QLatin1Char('/') + program;
    if (m_user.isEmpty())
        process.start(path, arguments);
    else
        process.start(QStringLiteral("runuser"),
                      QStringList{QStringLiteral("-u"), m_user, QStringLiteral("--"), path} + arguments);
    if (process.waitForFinished(120000) && process.exitStatus() == QProcess::NormalExit && process.exitCode() == 0) return true;
    QFile file(log);
    m_error = program + QStringLiteral(" failed: ");
    if (file.open(QIODevice::ReadOnly)) m_error += QString::fromUtf8(file.readAll());
    return false;
}

bool Postgres::start() {
    if (m_running) return true;
    if (binaries().isEmpty()) {
        m_error = QStringLiteral("PostgreSQL is not installed");
        return false;
    }
    const QString data = m_folder.filePath(QStringLiteral("data"));
    if (!m_initialised) {
        if (!command(QStringLiteral("initdb"), {QStringLiteral("-D"), data, QStringLiteral("-A"), QStringLiteral("trust"),
                                                QStringLiteral("-U"), superuser, QStringLiteral("-E"), QStringLiteral("UTF8"),
                                                QStringLiteral("--locale=C.UTF-8"), QStringLiteral("--no-sync")}))
            return false;
        m_initialised = true;
    }
    const QString options =
        QStringLiteral("-c listen_addresses='' -c unix_socket_directories='%1' -c fsync=off").arg(m_folder.path());
    m_running = command(
        QStringLiteral("pg_ctl"),
        {QStringLiteral("-D"), data, QStringLiteral("-w"), QStringLiteral("-t"), QStringLiteral("100"), QStringLiteral("-l"),
         m_folder.filePath(QStringLiteral("server.log")), QStringLiteral("-o"), options, QStringLiteral("start")});
    return m_running;
}

void Postgres::stop() {
    if (m_running) shutDown(QStringLiteral("fast"));
}

void Postgres::shutDown(const QString &mode) {
    command(QStringLiteral("pg_ctl"), {QStringLiteral("-D"), m_folder.filePath(QStringLiteral("data")), QStringLiteral("-w"),
                                       QStringLiteral("-m"), mode, QStringLiteral("stop")});
    m_running = false;
}

QString Postgres::url(const QString &database) const {
    return QStringLiteral("postgresql://%1@/%2?host=%3").arg(superuser, database, m_folder.path());
}

bool Postgres::sql(const QString &statement) {
    return command(QStringLiteral("psql"), {QStringLiteral("-h"), m_folder.path(), QStringLiteral("-U"), superuser,
                                            QStringLiteral("-d"), QStringLiteral("postgres"), QStringLiteral("-v"),
                                            QStringLiteral("ON_ERROR_STOP=1"), QStringLiteral("-c"), statement});
}

bool Postgres::createDatabase(const QString &name) {
    return sql(QStringLiteral("CREATE DATABASE \"%1\"").arg(name));
}

bool Postgres::cutConnections(const QString &database) {
    return sql(QStringLiteral("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '%1'").arg(database));
}

}  // namespace millm::testing
