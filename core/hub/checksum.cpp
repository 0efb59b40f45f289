#include "core/hub/checksum.h"

#include <QFile>

#include <openssl/evp.h>

namespace millm {

struct Checksum::State {
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    QByteArray expected;
    ~State() { EVP_MD_CTX_free(context); }
};

Checksum::Checksum(const HubFile &file) : d(std::make_unique<State>()) {
    const bool large = !file.sha256.isEmpty();
    d->expected = large ? file.sha256 : file.gitSha1;
    EVP_DigestInit_ex(d->context, large ? EVP_sha256() : EVP_sha1(), nullptr);
    if (large) return;
    const QByteArray header = "blob " + QByteArray::number(file.size) + '\0';
    add(header.constData(), header.size());
}

Checksum::~Checksum() = default;
Checksum::Checksum(Checksum &&) noexcept = default;

void Checksum::add(const char *bytes, qsizetype count) {
    EVP_DigestUpdate(d->context, bytes, size_t(count));
}

bool Checksum::matches() {
    unsigned char value[EVP_MAX_MD_SIZE];
    unsigned length = 0;
    EVP_DigestFinal_ex(d->context, value, &length);
    return d->expected == QByteArrayView(value, qsizetype(length));
}

bool Checksum::verify(const QString &path, const HubFile &file, const std::stop_token &stop) {
    QFile source(path);
    if (!source.open(QIODevice::ReadOnly) || source.size() != file.size) return false;
    Checksum sum(file);
    QByteArray block(1 << 20, Qt::Uninitialized);
    for (;;) {
        if (stop.stop_requested()) return false;
        const qint64 count = source.read(block.data(), block.size());
        if (count < 0) return false;
        if (count == 0) return sum.matches();
        sum.add(block.constData(), count);
    }
}

}  // namespace millm
