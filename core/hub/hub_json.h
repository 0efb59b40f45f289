#pragma once

#include "core/hub/hub_failure.h"
#include "core/hub/repository.h"

#include <QByteArray>
#include <QJsonObject>
#include <QList>

namespace millm {

/// The files of one page of a tree; directories are left out. Refused, naming the entry's field, where it makes no sense.
HubResult<QList<HubFile>> filesOfTree(const QByteArray &json);

/// A JSON object, or why the answer is none (an HTML page of a captive portal, broken JSON).
HubResult<QJsonObject> jsonObject(const QByteArray &body, const QByteArray &contentType);

/// The fields of a repository's info that the program uses, each checked by its type.
struct RepositoryInfo {
    QString id, commit, license;
    bool gated = false, isPrivate = false, customCode = false;
    QJsonObject config;         ///< what the Hub extracted
    qint64 storedElements = 0;  ///< of safetensors; 0 unknown
};
HubResult<RepositoryInfo> repositoryInfo(const QJsonObject &json);

}  // namespace millm
