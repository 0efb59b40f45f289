#pragma once

#include "core/base/error.h"
#include "core/engine/generation/options.h"

#include <QJsonArray>
#include <QJsonObject>
#include <QList>
#include <QString>

#include <optional>

namespace millm {
class InferenceService;
}

namespace millm::openai {

/// What all pieces of one answer have in common.
struct AnswerHead {
    QString id;  ///< "chatcmpl-…"
    QString object, model;
    qint64 created = 0;  ///< seconds since 1970

    /// A new one, of now.
    static AnswerHead make(QLatin1StringView idPrefix, QLatin1StringView object, const QString &model);
    QJsonObject json() const;
};

/// Is the model of that name the one in memory, and taking requests? ModelNotLoaded, ModelNotFound or ModelBusy otherwise.
std::optional<Error> checkModel(const InferenceService &inference, const QString &name);

/// "stop", "length" or "timeout" (the server ended it: a model that is unloaded waits only so long).
QString finishReason(engine::FinishReason reason);

/// Tokens of one answer.
struct Usage {
    qint64 prompt = 0, completion = 0;
    qint64 cached = 0;     ///< of the prompt, those that another request had computed
    qint64 reasoning = 0;  ///< of the completion, those that were thought
    QJsonObject json() const;
};
QJsonArray idsJson(const QList<qint32> &ids);

}  // namespace millm::openai
