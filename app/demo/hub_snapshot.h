#pragma once

#include <QByteArray>
#include <QJsonObject>
#include <QList>
#include <QString>

namespace millm {

/// A file of a served repository.
struct HubSnapshotFile {
    QString path;    ///< in the repository
    QString source;  ///< on this machine
    qint64 size = 0;
    bool lfs = false;
    QByteArray oid;     ///< hex: git's sha1 of the content, or of the pointer's text where `lfs`
    QByteArray sha256;  ///< hex, where `lfs`

    QByteArray pointer() const;  ///< the text that git keeps instead of an LFS file
};

/// A folder as one commit of a repository: everything that its answers need, read once.
struct HubSnapshot {
    QByteArray commit;  ///< 40 hex, made from names and contents
    QList<HubSnapshotFile> files;
    QJsonObject config;      ///< what the Hub itself extracts from config.json
    QJsonObject cardData;    ///< README's front matter, as far as the demo needs it: license
    QJsonObject parameters;  ///< elements stored in the safetensors of the model, by their type

    static HubSnapshot of(const QString &folder);
    const HubSnapshotFile *find(const QString &path) const;
};

}  // namespace millm
