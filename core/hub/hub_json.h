#pragma once

#include "core/hub/hub_failure.h"
#include "core/hub/repository.h"

#include <QByteArray>
#include <QJsonArray>
#include <QJsonObject>
#include <QList>

namespace millm {

/// The files of one page of a tree; directories are left out. Refused, naming the entry's field, where it makes no sense.
HubResult<QList<HubFile>> filesOfTree(const QByteArray &json);

/// A JSON object, or why the answer is none (an HTML page of a captive portal, broken JSON).
HubResult<QJsonObject> jsonObject(const QByteArray &body, const QByteArray &contentType);
/// The same of a list.
HubResult<QJsonArray> jsonArray(const QByteArray &body, const QByteArray &contentType);

/// The licence's name by a repository's card, else by its tags; may be empty.
QString licenseOf(const QJsonObject &card, const QJsonArray &tags);
/// Whether files are given out only to those whom the authors let in: false, "auto" or "manual".
bool gatedOf(const QJsonValue &gated);

/// The fields of a repository's info that the program uses, each checked by its type.
struct RepositoryInfo {
    QString id, commit, license;
    bool gated = false, isPrivate = false, customCode = false;
    QJsonObject config;         ///< what the Hub extracted
    qint64 storedElements = 0;  ///< of safetensors; 0 unknown
};
HubResult<RepositoryInfo> repositoryInfo(const QJsonObject &json);

}  // namespace millm
