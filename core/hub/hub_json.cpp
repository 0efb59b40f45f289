#include "core/hub/hub_json.h"

#include "core/base/errors.h"
#include "core/hub/repository_name.h"

#include <QJsonDocument>
#include <QRegularExpression>

namespace millm {
namespace {

bool isHex(const QString &text, qsizetype digits) {
    static const QRegularExpression hex(QStringLiteral("\\A[0-9a-f]*\\z"));
    return text.size() == digits && hex.match(text).hasMatch();
}

HubFailure nonsense(const QString &what) {
    return refused(QStringLiteral("the Hub's answer makes no sense: %1.").arg(what));
}

HubFailure notJson(const QByteArray &body, const QByteArray &contentType) {
    if (contentType.startsWith("text/html") || body.trimmed().left(15).toLower().startsWith("<"))
        return refused(QStringLiteral("a web page came instead of the Hub's answer. Is this network behind a sign-in page?"));
    return nonsense(QStringLiteral("it is no valid JSON"));
}

HubResult<HubFile> fileOf(const QJsonObject &entry) {
    HubFile file;
    file.path = entry.value(QLatin1StringView("path")).toString();
    const QString shown = file.path.left(120);
    if (file.path.isEmpty()) return nonsense(QStringLiteral("a file without a path"));
    QJsonObject lfs = entry.value(QLatin1StringView("lfs")).toObject();
    const QJsonValue size = lfs.isEmpty() ? entry.value(QLatin1StringView("size")) : lfs.value(QLatin1StringView("size"));
    file.size = size.toInteger(-1);
    if (!size.isDouble() || file.size < 0 || file.size > largestHubFile)
        return nonsense(QStringLiteral("\"size\" of \"%1\" is %2").arg(shown, size.toVariant().toString().left(40)));
    // The sha256 is called "oid" here and "sha256" in the list of siblings.
    QString sha256 = lfs.value(QLatin1StringView("oid")).toString();
    if (sha256.isEmpty()) sha256 = lfs.value(QLatin1StringView("sha256")).toString();
    if (!lfs.isEmpty()) {
        if (!isHex(sha256, 64)) return nonsense(QStringLiteral("\"lfs.oid\" of \"%1\"").arg(shown));
        file.sha256 = QByteArray::fromHex(sha256.toLatin1());
        return file;
    }
    const QString oid = entry.value(QLatin1StringView("oid")).toString();
    if (!isHex(oid, 40)) return nonsense(QStringLiteral("\"oid\" of \"%1\"").arg(shown));
    file.gitSha1 = QByteArray::fromHex(oid.toLatin1());
    return file;
}

}  // namespace

HubResult<QJsonObject> jsonObject(const QByteArray &body, const QByteArray &contentType) {
    const QJsonDocument document = QJsonDocument::fromJson(body);
    if (!document.isObject()) return notJson(body, contentType);
    return document.object();
}

HubResult<QJsonArray> jsonArray(const QByteArray &body, const QByteArray &contentType) {
    const QJsonDocument document = QJsonDocument::fromJson(body);
    if (!document.isArray()) return notJson(body, contentType);
    return document.array();
}

QString licenseOf(const QJsonObject &card, const QJsonArray &tags) {
    const QJsonValue license = card.value(QLatin1StringView("license"));
    QStringList names;
    for (const QJsonValue &name : license.toArray()) names.append(name.toString());
    QString text = license.isArray() ? names.join(QLatin1StringView(", ")) : license.toString();
    // "other" says nothing; the card then has the license's own name.
    if (text == QLatin1StringView("other")) text = card.value(QLatin1StringView("license_name")).toString(text);
    for (const QJsonValue &tag : tags) {
        if (text.isEmpty() && tag.toString().startsWith(QLatin1StringView("license:"))) text = tag.toString().mid(8);
    }
    return text.left(200);
}

bool gatedOf(const QJsonValue &gated) {
    return gated.isBool() ? gated.toBool() : gated.isString();
}

HubResult<QList<HubFile>> filesOfTree(const QByteArray &json) {
    const auto entries = jsonArray(json, {});
    if (!entries) return entries.error();
    QList<HubFile> files;
    for (const QJsonValue &value : *entries) {
        const QJsonObject entry = value.toObject();
        const QString type = entry.value(QLatin1StringView("type")).toString();
        if (type == QLatin1StringView("directory")) continue;
        if (type != QLatin1StringView("file")) return nonsense(QStringLiteral("\"type\" is \"%1\"").arg(type.left(40)));
        auto file = fileOf(entry);
        if (!file) return file.error();
        files.append(*file);
    }
    return files;
}

HubResult<RepositoryInfo> repositoryInfo(const QJsonObject &json) {
    RepositoryInfo info;
    const auto id = normaliseRepositoryName(json.value(QLatin1StringView("id")).toString());
    if (!id) return nonsense(QStringLiteral("\"id\" of the repository"));
    info.id = *id;
    info.commit = json.value(QLatin1StringView("sha")).toString();
    if (!isHex(info.commit, 40)) return nonsense(QStringLiteral("\"sha\" of the repository"));
    info.gated = gatedOf(json.value(QLatin1StringView("gated")));
    info.isPrivate = json.value(QLatin1StringView("private")).toBool();
    if (json.value(QLatin1StringView("disabled")).toBool())
        return refused(QStringLiteral("the Hub has disabled this repository."));
    const QJsonArray tags = json.value(QLatin1StringView("tags")).toArray();
    info.license = licenseOf(json.value(QLatin1StringView("cardData")).toObject(), tags);
    info.config = json.value(QLatin1StringView("config")).toObject();
    info.customCode = tags.contains(QStringLiteral("custom_code")) || info.config.contains(QLatin1StringView("auto_map")) ||
                      json.value(QLatin1StringView("transformersInfo")).toObject().contains(QLatin1StringView("custom_class"));
    const qint64 stored =
        json.value(QLatin1StringView("safetensors")).toObject().value(QLatin1StringView("total")).toInteger(0);
    info.storedElements = stored > 0 && stored <= largestHubFile ? stored : 0;
    return info;
}

}  // namespace millm
