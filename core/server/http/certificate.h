#pragma once

#include "core/base/error.h"
#include "core/base/file_watch.h"

#include <QDateTime>
#include <QObject>
#include <QSslConfiguration>
#include <QString>

#include <chrono>

namespace millm::http {

/// A certificate chain with its private key, as the server shows it.
struct Certificate {
    QSslConfiguration configuration;
    QDateTime expires;
};

/// Reads a PEM chain (the server's own certificate first) and a PEM key. What is wrong names the file: missing, unreadable, no
/// PEM, encrypted, not each other's. Blocks.
Result<Certificate> readCertificate(const QString &chainFile, const QString &keyFile);

/// The certificate of two files, read again when they change. A pair that is wrong, or half written, is said in the log, and
/// the one before stays in force; connections keep what they began with. Services thread; later versions are read on a thread
/// of its own.
class CertificateFiles : public QObject {
    Q_OBJECT
public:
    /// `glance`: how often the files are looked at.
    CertificateFiles(QString chainFile, QString keyFile, std::chrono::milliseconds glance = std::chrono::seconds(2),
                     QObject *parent = nullptr);

    /// The first time, which blocks; afterwards the files are watched.
    Result<void> read();
    /// For the next connection.
    const QSslConfiguration &configuration() const { return m_current.configuration; }

Q_SIGNALS:
    void reloaded();

private:
    void take(const Certificate &read);

    const QString m_chainFile, m_keyFile;
    Certificate m_current;
    FileWatch m_watch;
};

}  // namespace millm::http
