#include "app/demo/hub_snapshot.h"

#include <openssl/evp.h>
#include <QDir>
#include <QDirIterator>
#include <QFile>
#include <QJsonArray>
#include <QJsonDocument>
#include <QtEndian>

#include <algorithm>
#include <memory>

namespace millm {
namespace {

/// OpenSSL's digest in hex, over a prefix and a file's content.
QByteArray digest(const EVP_MD *kind, const QByteArray &prefix, const QString &file) {
    const std::unique_ptr<EVP_MD_CTX, void (*)(EVP_MD_CTX *)> context(EVP_MD_CTX_new(), EVP_MD_CTX_free);
    EVP_DigestInit_ex(context.get(), kind, nullptr);
    EVP_DigestUpdate(context.get(), prefix.constData(), size_t(prefix.size()));
    QFile source(file);
    if (!file.isEmpty() && source.open(QIODevice::ReadOnly)) {
        QByteArray block(1 << 20, Qt::Uninitialized);
        for (qint64 n; (n = source.read(block.data(), block.size())) > 0;)
            EVP_DigestUpdate(context.get(), block.constData(), size_t(n));
    }
    unsigned char value[EVP_MAX_MD_SIZE];
    unsigned length = 0;
    EVP_DigestFinal_ex(context.get(), value, &length);
    return QByteArray(reinterpret_cast<const char *>(value), length).toHex();
}

QByteArray gitSha1(const QByteArray &content) {
    return digest(EVP_sha1(), "blob " + QByteArray::number(content.size()) + '\0' + content, {});
}

bool keptByLfs(const QString &path, qint64 size) {
    static const QStringList endings = {".safetensors", ".bin", ".pt", ".pth", ".gguf", ".onnx", ".h5", ".msgpack"};
    return size > 10'000'000 || std::any_of(endings.begin(), endings.end(), [&](const QString &e) { return path.endsWith(e); });
}

QJsonObject extractedConfig(const QString &folder) {
    QFile file(folder + "/config.json");
    if (!file.open(QIODevice::ReadOnly)) return {};
    const QJsonObject config = QJsonDocument::fromJson(file.readAll()).object();
    QJsonObject result;
    for (const char *key : {"architectures", "model_type", "auto_map", "quantization_config"}) {
        if (config.contains(QLatin1String(key))) result.insert(QLatin1String(key), config.value(QLatin1String(key)));
    }
    return result;
}

QJsonObject frontMatter(const QString &folder) {
    QFile file(folder + "/README.md");
    if (!file.open(QIODevice::ReadOnly) || file.readLine().trimmed() != "---") return {};
    QJsonObject result;
    while (!file.atEnd()) {
        const QByteArray line = file.readLine().trimmed();
        if (line == "---") break;
        if (line.startsWith("license:")) result.insert("license", QString::fromUtf8(line.mid(8).trimmed()));
    }
    return result;
}

void countElements(const HubSnapshotFile &file, HubSnapshot &snapshot) {
    QFile source(file.source);
    if (!file.path.startsWith("model") || !file.path.endsWith(".safetensors") || !source.open(QIODevice::ReadOnly)) return;
    const QByteArray first = source.read(8);
    if (first.size() != 8) return;
    const quint64 length = qFromLittleEndian<quint64>(first.constData());
    if (length > 100'000'000) return;
    const QJsonObject header = QJsonDocument::fromJson(source.read(qint64(length))).object();
    for (auto tensor = header.begin(); tensor != header.end(); ++tensor) {
        if (tensor.key() == "__metadata__") continue;
        const QJsonObject entry = tensor.value().toObject();
        qint64 elements = 1;
        for (const QJsonValue &size : entry.value("shape").toArray()) elements *= size.toInteger();
        const QString type = entry.value("dtype").toString();
        snapshot.parameters.insert(type, snapshot.parameters.value(type).toInteger() + elements);
    }
}

}  // namespace

QByteArray HubSnapshotFile::pointer() const {
    return "version https://git-lfs.github.com/spec/v1\noid sha256:" + sha256 + "\nsize " + QByteArray::number(size) + "\n";
}

HubSnapshot HubSnapshot::of(const QString &folder) {
    HubSnapshot snapshot;
    const QDir root(folder);
    QDirIterator walk(folder, QDir::Files | QDir::Hidden, QDirIterator::Subdirectories);
    while (walk.hasNext()) {
        const QFileInfo info = walk.nextFileInfo();
        HubSnapshotFile file;
        file.path = root.relativeFilePath(info.filePath());
        file.source = info.absoluteFilePath();
        file.size = info.size();
        file.lfs = keptByLfs(file.path, file.size);
        if (file.lfs) {
            file.sha256 = digest(EVP_sha256(), {}, file.source);
            file.oid = gitSha1(file.pointer());
        } else {
            file.oid = digest(EVP_sha1(), "blob " + QByteArray::number(file.size) + '\0', file.source);
        }
        snapshot.files.append(file);
    }
    std::sort(snapshot.files.begin(), snapshot.files.end(), [](const auto &a, const auto &b) { return a.path < b.path; });
    QByteArray all;
    for (const HubSnapshotFile &file : std::as_const(snapshot.files)) {
        all += file.path.toUtf8() + ' ' + file.oid + '\n';
        countElements(file, snapshot);
    }
    snapshot.commit = gitSha1(all);
    snapshot.config = extractedConfig(folder);
    snapshot.cardData = frontMatter(folder);
    return snapshot;
}

const HubSnapshotFile *HubSnapshot::find(const QString &path) const {
    const auto found = std::find_if(files.begin(), files.end(), [&](const HubSnapshotFile &file) { return file.path == path; });
    return found == files.end() ? nullptr : &*found;
}

}  // namespace millm
