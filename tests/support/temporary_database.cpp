#include "tests/support/temporary_database.h"

#include <QDebug>
#include <QUrl>

namespace millm::testing {

TemporaryDatabase::TemporaryDatabase()
    : m_postgresql(qEnvironmentVariable("MILLM_TEST_DATABASE") == QStringLiteral("postgresql")) {}

TemporaryDatabase::~TemporaryDatabase() = default;

QString TemporaryDatabase::url() {
    ++m_count;
    if (!m_postgresql) return QStringLiteral("sqlite://%1/test-%2.db").arg(m_folder.path()).arg(m_count);
    if (!m_server) {
        m_server = std::make_unique<Postgres>();
        if (!m_server->start()) qFatal("PostgreSQL: %s", qPrintable(m_server->errorText()));
    }
    const QString name = QStringLiteral("millm test %1").arg(m_count);
    if (!m_server->createDatabase(name)) qFatal("PostgreSQL: %s", qPrintable(m_server->errorText()));
    return m_server->url(QString::fromLatin1(QUrl::toPercentEncoding(name)));
}

}  // namespace millm::testing
