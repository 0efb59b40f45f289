#include "core/base/api_keys.h"

#include "core/base/errors.h"
#include "core/engine/input/regular_file.h"

#include <QCryptographicHash>
#include <QFile>

#include <algorithm>

namespace millm {
namespace {

constexpr qsizetype longestName = 64, shortestKey = 8, longestKey = 512;

bool isName(const QByteArray &name) {
    return !name.isEmpty() && name.size() <= longestName && std::ranges::all_of(name, [](char c) {
        return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '.' || c == '_' || c == '-';
    });
}

bool isKey(const QByteArray &key) {
    return key.size() >= shortestKey && key.size() <= longestKey &&
           std::ranges::all_of(key, [](char c) { return c > ' ' && c < '\x7f'; });
}

Error wrongKeys(const QString &why) {
    return errors::invalidRequest(QStringLiteral("api_key_file"), why);
}

}  // namespace

ApiKey apiKey(const QString &name, const QByteArray &key) {
    return {name, QCryptographicHash::hash(key, QCryptographicHash::Sha256), false};
}

Result<QList<ApiKey>> parseApiKeys(const QByteArray &text, const QString &what) {
    QList<ApiKey> keys;
    const QList<QByteArray> lines = text.split('\n');
    for (qsizetype i = 0; i < lines.size(); ++i) {
        const auto wrong = [&](const QString &why) {
            return wrongKeys(QStringLiteral("%1, line %2: %3").arg(what).arg(i + 1).arg(why));
        };
        const QByteArray line = lines[i].trimmed();
        if (line.isEmpty() || line.startsWith('#')) continue;
        const qsizetype colon = line.indexOf(':');
        if (colon < 0) return wrong(QStringLiteral("a line is name:key, and this one has no colon."));
        const QByteArray name = line.first(colon).trimmed(), key = line.sliced(colon + 1).trimmed();
        if (!isName(name))
            return wrong(QStringLiteral("a name has 1 to %1 letters, digits, '.', '_' or '-'.").arg(longestName));
        if (!isKey(key)) {
            return wrong(QStringLiteral("a key has %1 to %2 visible ASCII characters, this one %3 bytes.")
                             .arg(shortestKey)
                             .arg(longestKey)
                             .arg(key.size()));
        }
        const ApiKey made = apiKey(QString::fromLatin1(name), key);
        for (const ApiKey &other : std::as_const(keys)) {
            if (other.name == made.name) return wrong(QStringLiteral("the name %1 stands there already.").arg(made.name));
            if (other.hash == made.hash) return wrong(QStringLiteral("%1 has the same key.").arg(other.name));
        }
        keys.append(made);
    }
    return keys;
}

Result<QList<ApiKey>> readApiKeys(const QString &file) {
    auto text = engine::read_regular_file(QFile::encodeName(file).toStdString(), 1024 * 1024);
    if (!text) return wrongKeys(QString::fromStdString(text.error().message));
    if (!*text) return wrongKeys(QStringLiteral("there is no file %1.").arg(file));
    auto keys = parseApiKeys(QByteArray::fromStdString(**text), file);
    if (keys)
        for (ApiKey &key : *keys) key.ofFile = true;
    if (keys && keys->isEmpty()) return wrongKeys(QStringLiteral("%1 holds no key; a line is name:key.").arg(file));
    return keys;
}

}  // namespace millm
