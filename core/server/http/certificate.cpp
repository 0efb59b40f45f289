#include "core/server/http/certificate.h"

#include "core/base/log_categories.h"
#include "core/engine/input/regular_file.h"

#include <QFile>
#include <QSslCertificate>
#include <QSslKey>

#include <memory>
#include <optional>

#include <openssl/bio.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

namespace millm::http {
namespace {

constexpr quint64 longest = 1024 * 1024;  ///< bytes of a file

template <auto release>
struct Freed {
    template <class T>
    void operator()(T *object) const {
        release(object);
    }
};
using Bio = std::unique_ptr<BIO, Freed<BIO_free_all>>;
using PrivateKey = std::unique_ptr<EVP_PKEY, Freed<EVP_PKEY_free>>;

Error wrongFile(const QString &file, const QString &why) {
    return {ErrorCode::Internal, QStringLiteral("TLS: %1 %2.").arg(file, why), {}};
}

Result<QByteArray> bytesOf(const QString &file) {
    auto text = engine::read_regular_file(QFile::encodeName(file).toStdString(), longest);
    if (!text) return Error{ErrorCode::Internal, QStringLiteral("TLS: ") + QString::fromStdString(text.error().message), {}};
    if (!*text) return wrongFile(file, QStringLiteral("does not exist"));
    return QByteArray::fromStdString(**text);
}

/// A password is never asked for: nobody sits at a server.
int noPassword(char *, int, int, void *asked) {
    *static_cast<bool *>(asked) = true;
    return -1;
}

/// Whether a key is the certificate's is a question to OpenSSL: Qt has none such.
std::optional<Error> check(const QSslCertificate &certificate, EVP_PKEY &key, const QString &chainFile,
                           const QString &keyFile) {
    const auto *shown = static_cast<X509 *>(certificate.handle());
    if (!shown || X509_check_private_key(shown, &key) == 1) return {};
    return wrongFile(keyFile, QStringLiteral("is not the key of the first certificate in %1").arg(chainFile));
}

}  // namespace

Result<Certificate> readCertificate(const QString &chainFile, const QString &keyFile) {
    const auto chainText = bytesOf(chainFile), keyText = bytesOf(keyFile);
    if (!chainText) return chainText.error();
    if (!keyText) return keyText.error();
    const QList<QSslCertificate> chain = QSslCertificate::fromData(*chainText, QSsl::Pem);
    if (chain.isEmpty()) return wrongFile(chainFile, QStringLiteral("holds no certificate in PEM form"));

    const Bio source(BIO_new_mem_buf(keyText->constData(), static_cast<int>(keyText->size())));
    bool encrypted = false;
    PrivateKey key(PEM_read_bio_PrivateKey(source.get(), nullptr, noPassword, &encrypted));
    if (encrypted) return wrongFile(keyFile, QStringLiteral("is encrypted: a server cannot ask for its password"));
    if (!key) return wrongFile(keyFile, QStringLiteral("holds no private key in PEM form"));
    if (auto wrong = check(chain.first(), *key, chainFile, keyFile)) return *std::move(wrong);

    Certificate read;
    read.configuration.setProtocol(QSsl::TlsV1_2OrLater);
    read.configuration.setPeerVerifyMode(QSslSocket::VerifyNone);  // clients show keys, not certificates
    read.configuration.setLocalCertificateChain(chain);
    read.configuration.setPrivateKey(QSslKey(Qt::HANDLE(key.release()), QSsl::PrivateKey));
    read.expires = chain.first().expiryDate();
    return read;
}

CertificateFiles::CertificateFiles(QString chainFile, QString keyFile, std::chrono::milliseconds glance, QObject *parent)
    : QObject(parent),
      m_chainFile(std::move(chainFile)),
      m_keyFile(std::move(keyFile)),
      m_watch({m_chainFile, m_keyFile}, glance, [this, chain = m_chainFile, key = m_keyFile]() -> FileWatch::Then {
          return [this, read = readCertificate(chain, key)] {
              if (read)
                  take(*read);
              else
                  qCWarning(serverLog, "%s The certificate before stays in force.", qUtf8Printable(read.error().message));
          };
      }) {}

Result<void> CertificateFiles::read() {
    m_watch.start();
    const auto certificate = readCertificate(m_chainFile, m_keyFile);
    if (!certificate) return certificate.error();
    take(*certificate);
    return {};
}

void CertificateFiles::take(const Certificate &read) {
    m_current = read;
    const QString until = m_current.expires.toUTC().toString(Qt::ISODate);
    if (m_current.expires < QDateTime::currentDateTimeUtc())
        qCWarning(serverLog, "The certificate in %s expired on %s", qUtf8Printable(m_chainFile), qUtf8Printable(until));
    else
        qCInfo(serverLog, "The certificate in %s is valid until %s", qUtf8Printable(m_chainFile), qUtf8Printable(until));
    Q_EMIT reloaded();
}

}  // namespace millm::http
