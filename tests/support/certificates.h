#pragma once

#include <QDir>
#include <QProcess>
#include <QString>

namespace millm::testing {

/// A certificate for localhost that signs itself, and its key, made with openssl.
struct CertificatePair {
    QString certificate, key;

    /// `name`: of the files in `folder`, and the certificate's own. `form`: what openssl is to make ("rsa:2048", "ed25519"…).
    static CertificatePair make(const QDir &folder, const QString &name, const QString &form = QStringLiteral("rsa:2048"),
                                const QStringList &more = {QStringLiteral("-noenc")}) {
        const CertificatePair pair{folder.filePath(name + QStringLiteral(".pem")),
                                   folder.filePath(name + QStringLiteral(".key"))};
        const QStringList arguments{QStringLiteral("req"),     QStringLiteral("-x509"),
                                    QStringLiteral("-newkey"), form,
                                    QStringLiteral("-days"),   QStringLiteral("2"),
                                    QStringLiteral("-subj"),   QStringLiteral("/CN=") + name,
                                    QStringLiteral("-addext"), QStringLiteral("subjectAltName=DNS:localhost,IP:127.0.0.1"),
                                    QStringLiteral("-out"),    pair.certificate,
                                    QStringLiteral("-keyout"), pair.key};
        QProcess openssl;
        openssl.setProcessChannelMode(QProcess::MergedChannels);
        openssl.start(QStringLiteral("openssl"), arguments + more);
        if (!openssl.waitForFinished(120000) || openssl.exitCode() != 0) qFatal("openssl: %s", openssl.readAll().constData());
        return pair;
    }

    /// Puts this pair's files in the place of another's, as programs that renew certificates do.
    void replace(const CertificatePair &other, bool certificateToo = true, bool keyToo = true) const {
        if (certificateToo) put(certificate, other.certificate);
        if (keyToo) put(key, other.key);
    }

private:
    static void put(const QString &from, const QString &to) {
        QFile::remove(to + QStringLiteral(".new"));
        if (!QFile::copy(from, to + QStringLiteral(".new"))) qFatal("cannot copy %s", qPrintable(from));
        if (::rename(QFile::encodeName(to + QStringLiteral(".new")).constData(), QFile::encodeName(to).constData()) != 0)
            qFatal("cannot replace %s", qPrintable(to));
    }
};

}  // namespace millm::testing
